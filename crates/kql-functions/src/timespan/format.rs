//! Timespans as Kusto prints them.

use std::fmt::Write;

/// Ticks in a second, unsigned: the least timespan has no positive counterpart.
const TICKS_PER_SECOND: u64 = 10_000_000;

/// `[-][d.]hh:mm:ss[.fffffff]`.
pub fn format_timespan(ticks: i64) -> String {
    let mut text = String::with_capacity(26);
    write_timespan(&mut text, ticks);
    text
}

/// Appends what [`format_timespan`] gives.
pub fn write_timespan(out: &mut String, ticks: i64) {
    let magnitude = ticks.unsigned_abs();
    let seconds = magnitude / TICKS_PER_SECOND;
    let fraction = magnitude % TICKS_PER_SECOND;
    let days = seconds / 86_400;
    if ticks < 0 {
        out.push('-');
    }
    // Writing to a string does not fail.
    if days > 0 {
        let _ = write!(out, "{days}.");
    }
    let _ = write!(out, "{:02}:{:02}:{:02}", seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    if fraction > 0 {
        let _ = write!(out, ".{fraction:07}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datetime::{TICKS_PER_DAY, TICKS_PER_SECOND};

    #[test]
    fn days_and_fractions_are_printed_only_when_there_are_any() {
        for (ticks, expected) in [
            (0, "00:00:00"),
            (1, "00:00:00.0000001"),
            (TICKS_PER_DAY, "1.00:00:00"),
            (-TICKS_PER_SECOND, "-00:00:01"),
            (TICKS_PER_DAY + TICKS_PER_SECOND / 2, "1.00:00:00.5000000"),
            (i64::MIN, "-10675199.02:48:05.4775808"),
            (i64::MAX, "10675199.02:48:05.4775807"),
        ] {
            assert_eq!(format_timespan(ticks), expected);
        }
    }
}
