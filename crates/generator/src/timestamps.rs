//! The ways in which the different exports write a moment. Moments have a resolution of 100 ns, as in the sign-in logs.
//! Each function appends to a text.

use chrono::{DateTime, Datelike, Timelike, Utc};

/// `2026-01-05T09:30:00`: unified audit, which names no zone and means UTC.
pub(crate) fn seconds(text: &mut String, time: DateTime<Utc>) {
    date(text, time);
    text.push('T');
    clock(text, time);
}

/// `2026-01-05 09:30:00`: NXLog's `EventTime`.
pub(crate) fn seconds_spaced(text: &mut String, time: DateTime<Utc>) {
    date(text, time);
    text.push(' ');
    clock(text, time);
}

/// `2026-01-05T09:30:00Z`: Microsoft Graph.
pub(crate) fn seconds_utc(text: &mut String, time: DateTime<Utc>) {
    seconds(text, time);
    text.push('Z');
}

/// `2026-01-05T09:30:00.123Z`: the Elastic agents.
pub(crate) fn milliseconds(text: &mut String, time: DateTime<Utc>) {
    seconds(text, time);
    text.push('.');
    digits(text, time.nanosecond() / 1_000_000, 3);
    text.push('Z');
}

/// `2026-01-05T09:30:00.1234567Z`: `time` of the diagnostic settings.
pub(crate) fn ticks(text: &mut String, time: DateTime<Utc>) {
    fraction(text, time);
    text.push('Z');
}

/// `2026-01-05T09:30:00.1234567+00:00`: `createdDateTime` and `activityDateTime` of the diagnostic settings.
pub(crate) fn ticks_offset(text: &mut String, time: DateTime<Utc>) {
    fraction(text, time);
    text.push_str("+00:00");
}

/// `1/5/2026, 9:30:00.123 AM`: the portal's CSV export of Log Analytics.
pub(crate) fn portal(text: &mut String, time: DateTime<Utc>) {
    american_date(text, time);
    text.push_str(", ");
    half_day_clock(text, time);
    text.push('.');
    digits(text, time.nanosecond() / 1_000_000, 3);
    text.push_str(half_day(time));
}

/// `1/5/2026 9:30:00 AM`: `CreationDate` of Search-UnifiedAuditLog, `PasswordLastSet` of Windows.
pub(crate) fn american(text: &mut String, time: DateTime<Utc>) {
    american_date(text, time);
    text.push(' ');
    half_day_clock(text, time);
    text.push_str(half_day(time));
}

/// `2026-01-05`.
pub(crate) fn date(text: &mut String, time: DateTime<Utc>) {
    digits(text, time.year().unsigned_abs(), 4);
    text.push('-');
    digits(text, time.month(), 2);
    text.push('-');
    digits(text, time.day(), 2);
}

/// The text that `write` appends, on its own.
pub(crate) fn text(write: fn(&mut String, DateTime<Utc>), time: DateTime<Utc>) -> String {
    let mut text = String::new();
    write(&mut text, time);
    text
}

fn fraction(text: &mut String, time: DateTime<Utc>) {
    seconds(text, time);
    text.push('.');
    digits(text, time.nanosecond() / 100, 7);
}

fn clock(text: &mut String, time: DateTime<Utc>) {
    digits(text, time.hour(), 2);
    text.push(':');
    digits(text, time.minute(), 2);
    text.push(':');
    digits(text, time.second(), 2);
}

fn american_date(text: &mut String, time: DateTime<Utc>) {
    text.push_str(&format!("{}/{}/{}", time.month(), time.day(), time.year()));
}

fn half_day_clock(text: &mut String, time: DateTime<Utc>) {
    text.push_str(&format!("{}:{:02}:{:02}", time.hour12().1, time.minute(), time.second()));
}

fn half_day(time: DateTime<Utc>) -> &'static str {
    if time.hour12().0 { " PM" } else { " AM" }
}

/// `value` with leading zeros to `count` digits.
fn digits(text: &mut String, value: u32, count: u32) {
    for place in (0..count).rev() {
        let digit = value / 10u32.pow(place) % 10;
        text.push(char::from(b'0' + digit as u8));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_written_as_its_export_writes_it() {
        let time: DateTime<Utc> = "2026-01-05T13:04:05.0067008Z".parse().expect("a time");
        assert_eq!(text(seconds, time), "2026-01-05T13:04:05");
        assert_eq!(text(seconds_spaced, time), "2026-01-05 13:04:05");
        assert_eq!(text(seconds_utc, time), "2026-01-05T13:04:05Z");
        assert_eq!(text(milliseconds, time), "2026-01-05T13:04:05.006Z");
        assert_eq!(text(ticks, time), "2026-01-05T13:04:05.0067008Z");
        assert_eq!(text(ticks_offset, time), "2026-01-05T13:04:05.0067008+00:00");
        assert_eq!(text(portal, time), "1/5/2026, 1:04:05.006 PM");
        assert_eq!(text(american, time), "1/5/2026 1:04:05 PM");
    }
}
