//! Times as logs write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

/// Reads a time: ISO 8601 with any number of fraction digits, `T` or a space, with or without a zone (none means UTC); the US form
/// of Azure exports (`4/28/2021, 2:08:45.221 PM`); `/Date(ms)/`.
pub fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    parse_iso(text).or_else(|| parse_us(text)).or_else(|| parse_epoch_wrapper(text))
}

fn parse_iso(text: &str) -> Option<DateTime<Utc>> {
    let bytes = text.as_bytes();
    if bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' || !text.is_ascii() {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(number(text, 0, 4)? as i32, number(text, 5, 7)?, number(text, 8, 10)?)?;
    if bytes.len() == 10 {
        return Some(date.and_time(NaiveTime::MIN).and_utc());
    }
    if !matches!(bytes[10], b'T' | b't' | b' ') {
        return None;
    }
    let (clock, zone) = split_zone(&text[11..]);
    Some(date.and_time(parse_clock(clock)?).and_utc() - parse_zone(zone)?)
}

fn number(text: &str, from: usize, to: usize) -> Option<u32> {
    let digits = text.get(from..to)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// Splits `10:00:00.12+02:00` before its zone.
fn split_zone(text: &str) -> (&str, &str) {
    let at = text.find(['Z', 'z', '+', '-']).unwrap_or(text.len());
    (text[..at].trim_end(), &text[at..])
}

/// `H:MM`, `H:MM:SS` or `H:MM:SS.fff`; fractions beyond nanoseconds are cut.
fn parse_clock(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':');
    let (hour, minute) = (parts.next()?, parts.next()?);
    let second = parts.next().unwrap_or("0");
    let (whole, fraction) = second.split_once(['.', ',']).unwrap_or((second, ""));
    if parts.next().is_some() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut nanoseconds = 0;
    for position in 0..9 {
        nanoseconds = nanoseconds * 10 + fraction.as_bytes().get(position).map_or(0, |digit| u32::from(digit - b'0'));
    }
    let whole_number = |part: &str| number(part, 0, part.len());
    NaiveTime::from_hms_nano_opt(whole_number(hour)?, whole_number(minute)?, whole_number(whole)?, nanoseconds)
}

/// What to take off a local time of this zone: `Z`, `+02:00`, `-0500`, `+02`, or nothing for UTC.
fn parse_zone(zone: &str) -> Option<TimeDelta> {
    let sign = match zone.as_bytes().first() {
        None | Some(b'Z' | b'z') => return (zone.len() <= 1).then(TimeDelta::zero),
        Some(b'+') => 1,
        Some(_) => -1,
    };
    let digits: String = zone[1..].chars().filter(|character| *character != ':').collect();
    let hours = number(&digits, 0, 2)?;
    let minutes = if digits.len() > 2 { number(&digits, 2, digits.len())? } else { 0 };
    (hours < 24 && minutes < 60).then(|| TimeDelta::minutes(sign * i64::from(hours * 60 + minutes)))
}

/// `M/D/YYYY[,] h:mm:ss[.fff] [AM|PM][ +00:00]`.
fn parse_us(text: &str) -> Option<DateTime<Utc>> {
    if !text.is_ascii() {
        return None;
    }
    let (date, rest) = text.split_once(' ').unwrap_or((text, "0:00:00"));
    let mut parts = date.trim_end_matches(',').split('/');
    let mut next = || parts.next().and_then(|part| number(part, 0, part.len()));
    let (month, day, year) = (next()?, next()?, next()?);
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let mut words = rest.split_whitespace();
    let time = parse_clock(words.next()?)?;
    let (mut shift, mut zone) = (TimeDelta::zero(), TimeDelta::zero());
    for word in words {
        match word {
            "AM" | "am" => shift = if hour(time) == 12 { TimeDelta::hours(-12) } else { TimeDelta::zero() },
            "PM" | "pm" => shift = if hour(time) < 12 { TimeDelta::hours(12) } else { TimeDelta::zero() },
            word => zone = parse_zone(word)?,
        }
    }
    NaiveDateTime::new(date, time).checked_add_signed(shift - zone).map(|time| time.and_utc())
}

fn hour(time: NaiveTime) -> u32 {
    chrono::Timelike::hour(&time)
}

/// `/Date(1621372413000)/`, milliseconds since 1970.
fn parse_epoch_wrapper(text: &str) -> Option<DateTime<Utc>> {
    let milliseconds = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    DateTime::from_timestamp_millis(milliseconds.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_all_forms_are_read() {
        let cases = [
            ("2022-01-24T05:10:08.6816663Z", "2022-01-24T05:10:08.681666300Z"),
            ("2019-10-18T04:45:48.0729893-05:00", "2019-10-18T09:45:48.072989300Z"),
            ("2021-05-18T21:13:33", "2021-05-18T21:13:33Z"),
            ("2021-05-18 21:13:33.5", "2021-05-18T21:13:33.500Z"),
            ("2021-05-18", "2021-05-18T00:00:00Z"),
            ("4/28/2021, 2:08:45.221 PM", "2021-04-28T14:08:45.221Z"),
            ("8/22/2022 6:07:16 PM", "2022-08-22T18:07:16Z"),
            ("12/12/2025 12:03:58 AM", "2025-12-12T00:03:58Z"),
            ("11/3/2020 9:06:42 AM +00:00", "2020-11-03T09:06:42Z"),
            ("/Date(1621372413000)/", "2021-05-18T21:13:33Z"),
        ];
        for (text, expected) in cases {
            let time = parse_time(text).map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
            assert_eq!(time.as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "x",
            "2021",
            "2021-13-01T00:00:00Z",
            "2021-01-01T25:00:00Z",
            "13/45/2020 1:00 PM",
            "2021-01-01T10",
            "ä021-01-01",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}
