//! Times of syslog headers.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::time::parse_time;

/// How far a clock may run ahead of ours before a time without a year is taken for last year's.
const CLOCK_AHEAD: TimeDelta = TimeDelta::days(1);

/// Years looked back for a 29 February.
const LEAP_YEARS_BACK: i32 = 8;

/// Months as RFC 3164 writes them.
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The time in a syslog header. Times without a zone are taken as UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyslogTime {
    /// A full time.
    At(DateTime<Utc>),
    /// RFC 3164: month (1–12), day and time of day, without a year.
    WithoutYear {
        /// Month, 1 to 12.
        month: u32,
        /// Day of the month.
        day: u32,
        /// Time of day.
        time: NaiveTime,
    },
}

impl SyslogTime {
    /// The time. Without a year, it is the last such time that is not after `now` by more than a day.
    pub fn resolve(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::At(time) => Some(time),
            Self::WithoutYear { month, day, time } => {
                let latest = now + CLOCK_AHEAD;
                (0..=LEAP_YEARS_BACK).find_map(|back| {
                    let date = NaiveDate::from_ymd_opt(latest.year() - back, month, day)?;
                    let time = date.and_time(time).and_utc();
                    (time <= latest).then_some(time)
                })
            }
        }
    }
}

/// Splits off the first word.
pub(super) fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches([' ', '\t']);
    let end = text.find([' ', '\t']).unwrap_or(text.len());
    (&text[..end], &text[end..])
}

/// `Oct 11 22:14:15`, `Oct 11 2018 22:14:15` or `Oct 11 22:14:15 2018`, fraction allowed, at the start of the text; the rest.
pub(super) fn month_first(text: &str) -> Option<(SyslogTime, &str)> {
    let (month, rest) = word(text);
    let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))? as u32 + 1;
    let (day, rest) = word(rest);
    let day = day.parse().ok().filter(|day| (1..=31).contains(day))?;
    let (next, after) = word(rest);
    let (year, clock, rest) = match year(next) {
        Some(year) => {
            let (clock, rest) = word(after);
            (Some(year), clock, rest)
        }
        None => (None, next, after),
    };
    let time = clock_time(clock.trim_end_matches(':'))?;
    let (year, rest) = match (year, word(rest)) {
        (None, (next, after)) => year_or(next, after, rest),
        (year, _) => (year, rest),
    };
    let time = match year {
        Some(year) => SyslogTime::At(NaiveDate::from_ymd_opt(year, month, day)?.and_time(time).and_utc()),
        // A leap year, so that 29 February is a day.
        None => NaiveDate::from_ymd_opt(2000, month, day).map(|_| SyslogTime::WithoutYear { month, day, time })?,
    };
    Some((time, rest))
}

fn year_or<'a>(next: &str, after: &'a str, rest: &'a str) -> (Option<i32>, &'a str) {
    match year(next) {
        Some(year) => (Some(year), after),
        None => (None, rest),
    }
}

fn year(word: &str) -> Option<i32> {
    word.parse().ok().filter(|year| word.len() == 4 && (1970..2100).contains(year))
}

fn clock_time(text: &str) -> Option<NaiveTime> {
    let is_clock = text.len() >= 8 && text.as_bytes()[2] == b':' && text.as_bytes()[5] == b':';
    is_clock.then(|| NaiveTime::parse_from_str(text, "%H:%M:%S%.f").ok())?
}

/// ISO 8601 with a date, `T` and a time at the start of the text, as RFC 5424 has it; the rest.
pub(super) fn iso(text: &str) -> Option<(SyslogTime, &str)> {
    let (stamp, rest) = word(text);
    let is_stamp = stamp.len() >= 19 && stamp.as_bytes()[4] == b'-' && stamp.as_bytes()[10] == b'T';
    is_stamp.then(|| Some((SyslogTime::At(parse_time(stamp)?), rest)))?
}

/// `02-21-2018 16:19:35` (month first, day first where that is no date) or `2018-02-21 16:19:35`, as Kiwi Syslog writes it; the rest.
pub(super) fn kiwi(text: &str) -> Option<(SyslogTime, &str)> {
    let (date, rest) = word(text);
    let (clock, rest) = word(rest);
    let mut parts = date.split('-').map(|part| part.parse::<u32>().ok());
    let (first, second, third) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() {
        return None;
    }
    let date = if first >= 1970 {
        NaiveDate::from_ymd_opt(i32::try_from(first).ok()?, second, third)
    } else {
        let year = i32::try_from(third).ok()?;
        NaiveDate::from_ymd_opt(year, first, second).or_else(|| NaiveDate::from_ymd_opt(year, second, first))
    };
    Some((SyslogTime::At(date?.and_time(clock_time(clock)?).and_utc()), rest))
}

/// A time of a CEF extension that has no ISO form: `Feb 28 2021 18:20:54`, `Mon Aug  1 03:34:23 2022`, with or without a year.
pub(crate) fn named_month_time(text: &str) -> Option<SyslogTime> {
    let (first, rest) = word(text);
    let is_weekday = first.len() == 3 && !MONTHS.iter().any(|month| month.eq_ignore_ascii_case(first));
    month_first(if is_weekday { rest } else { text }).map(|(time, _)| time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, now: &str) -> Option<String> {
        let now = parse_time(now).unwrap();
        Some(named_month_time(text)?.resolve(now)?.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
    }

    #[test]
    fn a_missing_year_is_the_last_that_is_not_ahead_of_the_clock() {
        let cases = [
            ("Oct 11 22:14:15", "2023-11-01", "2023-10-11T22:14:15Z"),
            ("Nov  1 12:00:00", "2023-11-01", "2023-11-01T12:00:00Z"),
            ("Dec 31 23:59:59", "2023-11-01", "2022-12-31T23:59:59Z"),
            ("Jan  1 00:00:01", "2023-12-31", "2023-01-01T00:00:01Z"),
            ("Jan  1 00:00:01", "2023-12-31T20:00:00Z", "2024-01-01T00:00:01Z"),
            ("Feb 29 10:00:00", "2023-05-01", "2020-02-29T10:00:00Z"),
        ];
        for (text, now, expected) in cases {
            assert_eq!(read(text, now).as_deref(), Some(expected), "{text} at {now}");
        }
    }

    #[test]
    fn years_are_read_before_and_after_the_time() {
        for text in ["Feb 28 2021 18:20:54", "Sun Feb 28 18:20:54 2021", "feb 28 18:20:54 2021"] {
            assert_eq!(read(text, "2024-01-01").as_deref(), Some("2021-02-28T18:20:54Z"), "{text}");
        }
        for text in ["", "Feb", "Feb 30 10:00:00", "Feb 28 2021", "Foo 28 10:00:00", "Feb 28 1:2:3", "Feb 28 25:00:00"]
        {
            assert_eq!(read(text, "2024-01-01"), None, "{text}");
        }
    }

    #[test]
    fn kiwi_dates_are_read_with_the_month_or_the_day_first() {
        let read = |text: &str| kiwi(text).and_then(|(time, _)| time.resolve(DateTime::UNIX_EPOCH));
        let expected = parse_time("2018-02-21T16:19:35Z");
        for text in ["02-21-2018 16:19:35 x", "21-02-2018\t16:19:35", "2018-02-21 16:19:35", "002-21-2018 16:19:35"] {
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(read("02-21 16:19:35"), None);
    }
}
