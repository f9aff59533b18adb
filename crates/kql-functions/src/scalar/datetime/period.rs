//! The periods that functions name by a string: `'day'`, `'Week_Of_Year'`, ….

use crate::datetime::{
    Civil, TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND, civil_from_ticks, days_from_civil,
};

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Period {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}

impl Period {
    /// The period of a name in any case.
    pub(super) fn of_name(name: &str) -> Option<Period> {
        Some(match name.to_ascii_lowercase().as_str() {
            "year" => Period::Year,
            "quarter" => Period::Quarter,
            "month" => Period::Month,
            "week" => Period::Week,
            "day" => Period::Day,
            "hour" => Period::Hour,
            "minute" => Period::Minute,
            "second" => Period::Second,
            "millisecond" => Period::Millisecond,
            "microsecond" => Period::Microsecond,
            "nanosecond" => Period::Nanosecond,
            _ => return None,
        })
    }

    /// Months in the period, for those that are counted in months.
    pub(super) fn months(self) -> Option<i64> {
        match self {
            Period::Year => Some(12),
            Period::Quarter => Some(3),
            Period::Month => Some(1),
            _ => None,
        }
    }

    /// Ticks in the period; 0 for those counted in months, and for nanoseconds.
    pub(super) fn ticks(self) -> i64 {
        match self {
            Period::Year | Period::Quarter | Period::Month | Period::Nanosecond => 0,
            Period::Week => 7 * TICKS_PER_DAY,
            Period::Day => TICKS_PER_DAY,
            Period::Hour => TICKS_PER_HOUR,
            Period::Minute => TICKS_PER_MINUTE,
            Period::Second => TICKS_PER_SECOND,
            Period::Millisecond => TICKS_PER_SECOND / 1_000,
            Period::Microsecond => TICKS_PER_SECOND / 1_000_000,
        }
    }
}

/// Ticks of the shortest and of the longest stretch of time that the period of that name can be; nothing for names that are
/// no period, and for nanoseconds, of which a tick holds 100.
pub fn period_lengths(name: &str) -> Option<(i64, i64)> {
    let days = |shortest: i64, longest: i64| Some((shortest * TICKS_PER_DAY, longest * TICKS_PER_DAY));
    match Period::of_name(name)? {
        Period::Year => days(365, 366),
        // January to March, and July to September.
        Period::Quarter => days(90, 92),
        Period::Month => days(28, 31),
        Period::Nanosecond => None,
        period => Some((period.ticks(), period.ticks())),
    }
}

/// Days since the last Sunday.
pub(super) fn days_since_sunday(ticks: i64) -> i64 {
    // 0001-01-01 was a Monday.
    (ticks.div_euclid(TICKS_PER_DAY) + 1).rem_euclid(7)
}

/// 1 to 366
pub(super) fn day_of_year(civil: &Civil) -> i64 {
    days_from_civil(civil.year, civil.month, civil.day) - days_from_civil(civil.year, 1, 1) + 1
}

/// The week of ISO 8601, 1 to 53: that of the week's Thursday.
pub(super) fn iso_week(ticks: i64) -> i64 {
    let days = ticks.div_euclid(TICKS_PER_DAY);
    let thursday = days - days.rem_euclid(7) + 3;
    let civil = civil_from_ticks(thursday * TICKS_PER_DAY);
    (day_of_year(&civil) - 1) / 7 + 1
}
