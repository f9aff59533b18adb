//! Times in CEF extensions.

use chrono::{DateTime, TimeDelta, Utc};

use crate::cef::event::CefEvent;
use crate::syslog::{SyslogTime, named_month_time};
use crate::time::parse_time;

/// The least number of digits of a time in milliseconds, microseconds and nanoseconds since 1970; fewer are seconds, at least
/// [`SECONDS_DIGITS`].
const MILLISECONDS_DIGITS: usize = 12;
const MICROSECONDS_DIGITS: usize = 15;
const NANOSECONDS_DIGITS: usize = 18;
const SECONDS_DIGITS: usize = 9;

/// The difference of the device's zone from UTC, as the key `dtz` gives it. Zones by name are taken as UTC: there is no list of them
/// here.
pub(super) fn device_zone(event: &CefEvent) -> TimeDelta {
    let zone = event.get("dtz").or_else(|| event.get("deviceTimeZone")).unwrap_or("");
    let offset = zone.trim_start_matches("UTC").trim_start_matches("GMT");
    let (sign, digits) = match offset.as_bytes().first() {
        Some(b'+') => (1, &offset[1..]),
        Some(b'-') => (-1, &offset[1..]),
        _ => return TimeDelta::zero(),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None => (digits, "0"),
    };
    match (hours.parse::<i64>(), minutes.parse::<i64>()) {
        (Ok(hours @ 0..24), Ok(minutes @ 0..60)) => TimeDelta::minutes(sign * (hours * 60 + minutes)),
        _ => TimeDelta::zero(),
    }
}

/// Reads a time: since 1970 in any unit, ISO 8601, or with the month's name, without a year too. A time without a zone is one of `zone`.
pub(super) fn device_time(text: &str, zone: TimeDelta, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if text.len() >= SECONDS_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return since_1970(text);
    }
    if let Some(time) = named_month_time(text).and_then(|time: SyslogTime| time.resolve(now)) {
        return time.checked_sub_signed(zone);
    }
    let has_zone = text.get(10..).is_none_or(|clock| clock.ends_with(['Z', 'z']) || clock.contains(['+', '-']));
    let time = parse_time(text)?;
    if has_zone { Some(time) } else { time.checked_sub_signed(zone) }
}

fn since_1970(digits: &str) -> Option<DateTime<Utc>> {
    let number: i64 = digits.parse().ok()?;
    match digits.len() {
        NANOSECONDS_DIGITS.. => Some(DateTime::from_timestamp_nanos(number)),
        MICROSECONDS_DIGITS.. => DateTime::from_timestamp_micros(number),
        MILLISECONDS_DIGITS.. => DateTime::from_timestamp_millis(number),
        _ => DateTime::from_timestamp_secs(number),
    }
}

/// The first of these keys that holds a time.
pub(super) fn time_of(event: &CefEvent, keys: &[&str], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let zone = device_zone(event);
    keys.iter().find_map(|key| device_time(event.get(key)?, zone, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_devices_are_read() {
        let now = parse_time("2024-01-01").unwrap();
        let expected = parse_time("2021-02-28T18:20:54Z").unwrap();
        for text in [
            "1614536454",
            "1614536454000",
            "1614536454000000",
            "1614536454000000000",
            "2021-02-28T18:20:54Z",
            "2021-02-28 18:20:54",
            "Feb 28 2021 18:20:54",
            "Sun Feb 28 18:20:54 2021",
        ] {
            assert_eq!(device_time(text, TimeDelta::zero(), now), Some(expected), "{text}");
        }
        let zone = TimeDelta::hours(2);
        assert_eq!(device_time("Feb 28 2021 20:20:54", zone, now), Some(expected));
        assert_eq!(device_time("2021-02-28T20:20:54", zone, now), Some(expected));
        assert_eq!(device_time("2021-02-28T18:20:54Z", zone, now), Some(expected));
        for text in ["", "null", "12345", "Feb", "99999999999999999999"] {
            assert_eq!(device_time(text, zone, now), None, "{text}");
        }
    }

    #[test]
    fn zones_of_devices_are_read() {
        let cases = [("+02:00", 120), ("-0530", -330), ("UTC", 0), ("UTC+2", 120), ("Europe/Prague", 0), ("+99:00", 0)];
        for (zone, minutes) in cases {
            let fields = format!("V|P|1|c|n|5|dtz={zone}");
            let event = CefEvent::parse(&fields).unwrap();
            assert_eq!(device_zone(&event), TimeDelta::minutes(minutes), "{zone}");
        }
    }
}
