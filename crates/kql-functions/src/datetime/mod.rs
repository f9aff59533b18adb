//! Datetimes as ticks of 100 ns since 0001-01-01 UTC: calendar arithmetic and text forms.

mod calendar;
mod format;
mod parse;

pub use calendar::{Civil, add_months, civil_from_ticks, days_from_civil, days_in_month, ticks_from_civil};
pub use format::{format_datetime, write_datetime};
pub use parse::parse_datetime;

/// Ticks in a second.
pub const TICKS_PER_SECOND: i64 = 10_000_000;
/// Ticks in a minute.
pub const TICKS_PER_MINUTE: i64 = 60 * TICKS_PER_SECOND;
/// Ticks in an hour.
pub const TICKS_PER_HOUR: i64 = 60 * TICKS_PER_MINUTE;
/// Ticks in a day.
pub const TICKS_PER_DAY: i64 = 24 * TICKS_PER_HOUR;
/// Ticks in a microsecond.
pub const TICKS_PER_MICROSECOND: i64 = 10;
/// The tick of 1970-01-01 UTC.
pub const TICKS_AT_UNIX_EPOCH: i64 = 621_355_968_000_000_000;
/// The last tick of the year 9999.
pub const MAX_TICKS: i64 = 3_155_378_975_999_999_999;

/// Whether a tick is a datetime: from year 1 to 9999.
pub fn is_in_range(ticks: i64) -> bool {
    (0..=MAX_TICKS).contains(&ticks)
}

/// The tick, unless it is outside of years 1 to 9999.
pub fn in_range(ticks: i64) -> Option<i64> {
    is_in_range(ticks).then_some(ticks)
}

/// Microseconds since 1970 of a tick, rounded down.
pub fn ticks_to_micros(ticks: i64) -> i64 {
    ticks.saturating_sub(TICKS_AT_UNIX_EPOCH).div_euclid(TICKS_PER_MICROSECOND)
}

/// The tick of microseconds since 1970, held within years 1 to 9999.
pub fn micros_to_ticks(micros: i64) -> i64 {
    micros.saturating_mul(TICKS_PER_MICROSECOND).saturating_add(TICKS_AT_UNIX_EPOCH).clamp(0, MAX_TICKS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_unix_epoch_is_where_it_should_be() {
        assert_eq!(parse_datetime("1970-01-01"), Some(TICKS_AT_UNIX_EPOCH));
        assert_eq!(parse_datetime("9999-12-31T23:59:59.9999999Z"), Some(MAX_TICKS));
        assert_eq!(ticks_to_micros(TICKS_AT_UNIX_EPOCH - 1), -1);
        assert_eq!(micros_to_ticks(-1), TICKS_AT_UNIX_EPOCH - 10);
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_as_itself(ticks in 0..=MAX_TICKS) {
            prop_assert_eq!(parse_datetime(&format_datetime(ticks)), Some(ticks));
        }

        #[test]
        fn civil_dates_round_trip(ticks in 0..=MAX_TICKS) {
            prop_assert_eq!(ticks_from_civil(&civil_from_ticks(ticks)), Some(ticks));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,40}") {
            if let Some(ticks) = parse_datetime(&text) {
                prop_assert!(is_in_range(ticks));
            }
        }
    }
}
