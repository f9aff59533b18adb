//! The proleptic Gregorian calendar over ticks.

use super::{TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND, in_range};

/// Days from 0001-01-01 to 1970-01-01.
const DAYS_AT_UNIX_EPOCH: i64 = 719_162;

/// A datetime in its parts, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the calendar field of its name")]
pub struct Civil {
    pub year: i64,
    /// 1 to 12
    pub month: i64,
    /// 1 to 31
    pub day: i64,
    /// Ticks since midnight.
    pub time: i64,
}

impl Civil {
    /// 0 to 23
    pub fn hour(&self) -> i64 {
        self.time / TICKS_PER_HOUR
    }

    /// 0 to 59
    pub fn minute(&self) -> i64 {
        self.time % TICKS_PER_HOUR / TICKS_PER_MINUTE
    }

    /// 0 to 59
    pub fn second(&self) -> i64 {
        self.time % TICKS_PER_MINUTE / TICKS_PER_SECOND
    }

    /// Ticks since the last full second.
    pub fn fraction(&self) -> i64 {
        self.time % TICKS_PER_SECOND
    }
}

/// Days since 0001-01-01 of a date (Howard Hinnant, "chrono-compatible low-level date algorithms").
pub fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468 + DAYS_AT_UNIX_EPOCH
}

/// The calendar date of a tick (same source).
pub fn civil_from_ticks(ticks: i64) -> Civil {
    let days = ticks.div_euclid(TICKS_PER_DAY) - DAYS_AT_UNIX_EPOCH + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Civil { year, month, day, time: ticks.rem_euclid(TICKS_PER_DAY) }
}

/// 28 to 31; 0 for a month that does not exist.
pub fn days_in_month(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    }
}

/// The tick of a date that exists, in years 1 to 9999.
pub fn ticks_from_civil(civil: &Civil) -> Option<i64> {
    let exists = (1..=9999).contains(&civil.year)
        && (1..=days_in_month(civil.year, civil.month)).contains(&civil.day)
        && (0..TICKS_PER_DAY).contains(&civil.time);
    if !exists {
        return None;
    }
    in_range(days_from_civil(civil.year, civil.month, civil.day) * TICKS_PER_DAY + civil.time)
}

/// The same day and time some months away; the day is cut to the month's last.
pub fn add_months(ticks: i64, months: i64) -> Option<i64> {
    let civil = civil_from_ticks(ticks);
    let index = (civil.year * 12 + civil.month - 1).checked_add(months)?;
    let (year, month) = (index.div_euclid(12), index.rem_euclid(12) + 1);
    ticks_from_civil(&Civil { year, month, day: civil.day.min(days_in_month(year, month)), time: civil.time })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datetime::{format_datetime, parse_datetime};

    #[test]
    fn adding_months_keeps_to_the_end_of_short_months() {
        let check = |from: &str, months, to: &str| {
            let ticks = parse_datetime(from).unwrap();
            assert_eq!(add_months(ticks, months).map(format_datetime), parse_datetime(to).map(format_datetime));
        };
        check("2024-01-31", 1, "2024-02-29");
        check("2023-01-31 10:00", 1, "2023-02-28 10:00");
        check("2024-02-29", -12, "2023-02-28");
        check("9999-12-01", 1, "no such month");
        check("0001-01-01", -1, "no such month");
    }
}
