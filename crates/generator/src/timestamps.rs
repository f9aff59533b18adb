//! The ways in which the different exports write a moment. Moments have a resolution of 100 ns, as in the sign-in logs.

use chrono::{DateTime, Datelike, Timelike, Utc};

/// `2026-01-05T09:30:00`: unified audit, which names no zone and means UTC.
pub(crate) fn seconds(time: DateTime<Utc>) -> String {
    format!("{}T{}", date(time), clock(time))
}

/// `2026-01-05 09:30:00`: NXLog's `EventTime`.
pub(crate) fn seconds_spaced(time: DateTime<Utc>) -> String {
    format!("{} {}", date(time), clock(time))
}

/// `2026-01-05T09:30:00Z`: Microsoft Graph.
pub(crate) fn seconds_utc(time: DateTime<Utc>) -> String {
    format!("{}Z", seconds(time))
}

/// `2026-01-05T09:30:00.123Z`: the Elastic agents.
pub(crate) fn milliseconds(time: DateTime<Utc>) -> String {
    format!("{}.{:03}Z", seconds(time), time.nanosecond() / 1_000_000)
}

/// `2026-01-05T09:30:00.1234567Z`: `time` of the diagnostic settings.
pub(crate) fn ticks(time: DateTime<Utc>) -> String {
    format!("{}.{:07}Z", seconds(time), time.nanosecond() / 100)
}

/// `2026-01-05T09:30:00.1234567+00:00`: `createdDateTime` and `activityDateTime` of the diagnostic settings.
pub(crate) fn ticks_offset(time: DateTime<Utc>) -> String {
    format!("{}.{:07}+00:00", seconds(time), time.nanosecond() / 100)
}

/// `1/5/2026, 9:30:00.123 AM`: the portal's CSV export of Log Analytics.
pub(crate) fn portal(time: DateTime<Utc>) -> String {
    let (afternoon, hour) = time.hour12();
    let half = if afternoon { "PM" } else { "AM" };
    let millisecond = time.nanosecond() / 1_000_000;
    format!("{}, {hour}:{:02}:{:02}.{millisecond:03} {half}", american_date(time), time.minute(), time.second())
}

/// `1/5/2026 9:30:00 AM`: `CreationDate` of Search-UnifiedAuditLog, `PasswordLastSet` of Windows.
pub(crate) fn american(time: DateTime<Utc>) -> String {
    let (afternoon, hour) = time.hour12();
    let half = if afternoon { "PM" } else { "AM" };
    format!("{} {hour}:{:02}:{:02} {half}", american_date(time), time.minute(), time.second())
}

/// `2026-01-05`.
pub(crate) fn date(time: DateTime<Utc>) -> String {
    format!("{:04}-{:02}-{:02}", time.year(), time.month(), time.day())
}

fn clock(time: DateTime<Utc>) -> String {
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

fn american_date(time: DateTime<Utc>) -> String {
    format!("{}/{}/{}", time.month(), time.day(), time.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_written_as_its_export_writes_it() {
        let time: DateTime<Utc> = "2026-01-05T13:04:05.0067008Z".parse().expect("a time");
        assert_eq!(seconds(time), "2026-01-05T13:04:05");
        assert_eq!(seconds_spaced(time), "2026-01-05 13:04:05");
        assert_eq!(milliseconds(time), "2026-01-05T13:04:05.006Z");
        assert_eq!(ticks(time), "2026-01-05T13:04:05.0067008Z");
        assert_eq!(ticks_offset(time), "2026-01-05T13:04:05.0067008+00:00");
        assert_eq!(portal(time), "1/5/2026, 1:04:05.006 PM");
        assert_eq!(american(time), "1/5/2026 1:04:05 PM");
    }
}
