//! Datetimes as Kusto prints them.

use std::fmt::Write;

use super::civil_from_ticks;

/// `2024-01-31T14:08:45.2210000Z`: always seven digits and `Z`.
pub fn format_datetime(ticks: i64) -> String {
    let mut text = String::with_capacity(28);
    write_datetime(&mut text, ticks);
    text
}

/// Appends what [`format_datetime`] gives.
pub fn write_datetime(out: &mut String, ticks: i64) {
    let civil = civil_from_ticks(ticks);
    let (year, month, day) = (civil.year, civil.month, civil.day);
    let (hour, minute, second, fraction) = (civil.hour(), civil.minute(), civil.second(), civil.fraction());
    // Writing to a string does not fail.
    let _ = write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:07}Z");
}
