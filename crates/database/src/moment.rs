//! Times as the tables keep them.

use chrono::{DateTime, Utc};

/// Microseconds since 1970.
pub fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}

/// The time of so many microseconds since 1970; the end of time for what no calendar has.
pub fn from_micros(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
