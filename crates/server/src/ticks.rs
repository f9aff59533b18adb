//! Between the clock's time and the engine's ticks.

use chrono::{DateTime, TimeDelta, Utc};

/// 0001-01-01 to 1970-01-01 in ticks of 100 ns.
const TICKS_AT_UNIX_EPOCH: i64 = 621_355_968_000_000_000;

/// Ticks of 100 ns since 0001-01-01 UTC, cut to microseconds as stored times are.
pub(crate) fn to_ticks(time: DateTime<Utc>) -> i64 {
    TICKS_AT_UNIX_EPOCH + time.timestamp_micros() * 10
}

/// The time of a tick, cut to microseconds; nothing where no calendar has it.
pub(crate) fn time_of(ticks: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(ticks.checked_sub(TICKS_AT_UNIX_EPOCH)?.div_euclid(10))
}

/// A length in ticks; the longest there is where it has more.
pub(crate) fn ticks_of(length: TimeDelta) -> i64 {
    length.num_microseconds().map_or(i64::MAX, |microseconds| microseconds.saturating_mul(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unix_epoch_and_a_microsecond_after_it() {
        assert_eq!(to_ticks(DateTime::UNIX_EPOCH), TICKS_AT_UNIX_EPOCH);
        assert_eq!(time_of(TICKS_AT_UNIX_EPOCH + 10), DateTime::from_timestamp_micros(1));
        assert_eq!(to_ticks(DateTime::from_timestamp_micros(1).expect("in range")), TICKS_AT_UNIX_EPOCH + 10);
    }
}
