//! ISO 8601 durations and the time ranges of Log Analytics' `timespan`.
//!
//! `P1D`, `PT86400.0S`, `start/end`, `start/duration`, `duration/end`.

use kql_functions::datetime::{TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND, parse_datetime};

/// Longer texts are no time range in any form.
const MAX_LENGTH: usize = 128;
/// Days of a year and of a month in a duration, as .NET's `XmlConvert.ToTimeSpan` takes them, which Azure's services read durations with.
const DAYS_OF_YEAR: i64 = 365;
const DAYS_OF_MONTH: i64 = 30;
/// Digits behind a second's point that count: a tick is 100 ns.
const FRACTION_DIGITS: usize = 7;

/// A text that is no time range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no time range\na time range is an ISO 8601 duration such as `PT1H`, `start/end`, `start/duration` or `duration/end`"
)]
pub struct BadTimespan(String);

/// `[start, end)` in ticks. The end that a text names belongs to the range, so a tick is added.
pub fn parse_range(text: &str, now: i64) -> Result<(i64, i64), BadTimespan> {
    let bad = || BadTimespan(text.chars().take(MAX_LENGTH).collect());
    let trimmed = text.trim();
    if trimmed.len() > MAX_LENGTH {
        return Err(bad());
    }
    let range = match trimmed.split_once('/') {
        None => parse_duration(trimmed).and_then(|length| Some((now.checked_sub(length)?, now))),
        Some((start, end)) => match (parse_duration(start), parse_duration(end)) {
            (None, None) => parse_datetime(start).zip(parse_datetime(end)),
            (None, Some(length)) => parse_datetime(start).and_then(|start| Some((start, start.checked_add(length)?))),
            (Some(length), None) => parse_datetime(end).and_then(|end| Some((end.checked_sub(length)?, end))),
            (Some(_), Some(_)) => None,
        },
    };
    range.filter(|(start, end)| start <= end).map(|(start, end)| (start, end.saturating_add(1))).ok_or_else(bad)
}

/// The ticks of `P[nY][nM][nW][nD][T[nH][nM][n[.n]S]]`; `None` for other texts and for what is longer than ticks count.
pub fn parse_duration(text: &str) -> Option<i64> {
    let rest = text.strip_prefix('P').or_else(|| text.strip_prefix('p'))?;
    if rest.is_empty() || !rest.is_ascii() {
        return None;
    }
    let (days, time) = match rest.split_once(['T', 't']) {
        Some((_, "")) => return None,
        Some((days, time)) => (days, time),
        None => (rest, ""),
    };
    let of_days = [
        ('Y', DAYS_OF_YEAR * TICKS_PER_DAY),
        ('M', DAYS_OF_MONTH * TICKS_PER_DAY),
        ('W', 7 * TICKS_PER_DAY),
        ('D', TICKS_PER_DAY),
    ];
    let of_time = [('H', TICKS_PER_HOUR), ('M', TICKS_PER_MINUTE), ('S', TICKS_PER_SECOND)];
    components(days, &of_days)?.checked_add(components(time, &of_time)?)
}

/// The sum of numbers with units, each unit at most once and in order.
fn components(text: &str, units: &[(char, i64)]) -> Option<i64> {
    let (mut rest, mut units, mut sum) = (text, units, 0_i64);
    while !rest.is_empty() {
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(length);
        let unit = tail.chars().next()?.to_ascii_uppercase();
        let at = units.iter().position(|(known, _)| *known == unit)?;
        sum = sum.checked_add(scaled(number, units[at].1)?)?;
        (rest, units) = (&tail[1..], &units[at + 1..]);
    }
    Some(sum)
}

/// A decimal number times a unit, cut to ticks.
fn scaled(number: &str, unit: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(fraction) || number.ends_with('.') {
        return None;
    }
    let mut ticks = whole.parse::<i64>().ok()?.checked_mul(unit)?;
    let mut place = unit;
    for digit in fraction.bytes().take(FRACTION_DIGITS) {
        place /= 10;
        ticks = ticks.checked_add(place * i64::from(digit - b'0'))?;
    }
    Some(ticks)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_read_in_the_forms_that_clients_send() {
        for (text, ticks) in [
            ("P1D", TICKS_PER_DAY),
            ("PT86400.0S", TICKS_PER_DAY),
            ("PT0.5S", TICKS_PER_SECOND / 2),
            ("PT1H30M", TICKS_PER_HOUR * 3 / 2),
            ("P1DT12H", TICKS_PER_DAY * 3 / 2),
            ("P1W", 7 * TICKS_PER_DAY),
            ("P1Y2M", 425 * TICKS_PER_DAY),
            ("PT0S", 0),
        ] {
            assert_eq!(parse_duration(text), Some(ticks), "{text}");
        }
        for text in
            ["", "P", "PT", "P1", "1D", "P1H", "PT1D", "P1D1D", "PT1S1H", "P-1D", "PT1.S", "PT.5S", "P99999999999999D"]
        {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn a_range_has_a_start_and_an_end_whichever_are_given() {
        let day = parse_datetime("2026-01-01").unwrap();
        let now = day + TICKS_PER_DAY;
        for (text, start, end) in [
            ("P1D", day, now),
            ("2026-01-01T00:00:00.000000Z/2026-01-02T00:00:00.000000Z", day, now),
            ("2026-01-01T00:00:00.000000Z/PT86400.0S", day, now),
            ("PT1H/2026-01-01T01:00:00Z", day, day + TICKS_PER_HOUR),
            ("2026-01-01/2026-01-01", day, day),
        ] {
            assert_eq!(parse_range(text, now), Ok((start, end + 1)), "{text}");
        }
        for text in ["", "P1D/P1D", "2026-01-02/2026-01-01", "yesterday", "2026-01-01", "/", "2026-01-01/"] {
            assert!(parse_range(text, now).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "[PT0-9.YMWDHS/:\\-Zé]{0,24}", now: i64) {
            let _ = parse_range(&text, now);
        }
    }
}
