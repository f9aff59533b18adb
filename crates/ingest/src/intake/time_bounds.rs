//! Times that are taken as sent.

use chrono::{DateTime, TimeDelta, Utc};

/// Oldest `TimeGenerated` that Azure Monitor takes as sent.
///
/// <https://learn.microsoft.com/azure/azure-monitor/logs/log-standard-columns#timegenerated>
const OLDEST: TimeDelta = TimeDelta::days(2);

/// How far ahead of the clock a `TimeGenerated` may be there.
const AHEAD: TimeDelta = TimeDelta::days(1);

/// The times that rows may have; a row of another gets the time at which it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeBounds {
    /// In microseconds since 1970, as the others.
    first: i64,
    last: i64,
    arrival: i64,
}

impl TimeBounds {
    /// The bounds of Azure Monitor for what arrives now: two days back, one day ahead. Clocks that are wrong by years would otherwise
    /// make days of their own.
    pub fn of_arrival(now: DateTime<Utc>) -> Self {
        let micros = |time: Option<DateTime<Utc>>, otherwise| time.map_or(otherwise, |time| time.timestamp_micros());
        Self {
            first: micros(now.checked_sub_signed(OLDEST), i64::MIN),
            last: micros(now.checked_add_signed(AHEAD), i64::MAX),
            arrival: now.timestamp_micros(),
        }
    }

    /// The time that takes this one's place, in microseconds since 1970; `None` where it stays.
    pub(crate) fn replacement(&self, time: i64) -> Option<i64> {
        (!(self.first..=self.last).contains(&time)).then_some(self.arrival)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::parse_time;

    #[test]
    fn times_out_of_bounds_become_that_of_arrival() {
        let micros = |text: &str| parse_time(text).unwrap().timestamp_micros();
        let bounds = TimeBounds::of_arrival(parse_time("2024-05-10T12:00:00Z").unwrap());
        let arrival = Some(micros("2024-05-10T12:00:00Z"));
        for (time, expected) in [
            ("2024-05-08T12:00:00Z", None),
            ("2024-05-08T11:59:59Z", arrival),
            ("2024-05-11T12:00:00Z", None),
            ("2024-05-11T12:00:01Z", arrival),
            ("1601-01-01", arrival),
        ] {
            assert_eq!(bounds.replacement(micros(time)), expected, "{time}");
        }
    }
}
