//! Reading timespans: `1d`, `2.5h`, `1tick`, `1.02:03:04.5`, and a bare number of days.

use crate::datetime::{TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND};

/// Longer texts are no timespan in any form.
const MAX_LENGTH: usize = 64;

/// The ticks of a text; `None` when it is no timespan.
pub fn parse_timespan(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_LENGTH || !text.is_ascii() {
        return None;
    }
    let (is_negative, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let ticks = if magnitude.contains(':') { clock_form(magnitude)? } else { unit_form(magnitude)? };
    i64::try_from(if is_negative { -ticks } else { ticks }).ok()
}

/// `[d.]hh:mm[:ss[.fffffff]]`.
fn clock_form(text: &str) -> Option<i128> {
    let (head, rest) = text.split_once(':')?;
    let (days, hours) = match head.split_once('.') {
        Some((days, hours)) => (whole(days, 8)?, whole(hours, 2)?),
        None => (0, whole(head, 2)?),
    };
    let (minutes, seconds, fraction) = match rest.split_once(':') {
        None => (whole(rest, 2)?, 0, 0),
        Some((minutes, seconds)) => match seconds.split_once('.') {
            None => (whole(minutes, 2)?, whole(seconds, 2)?, 0),
            Some((seconds, fraction)) => (whole(minutes, 2)?, whole(seconds, 2)?, fraction_ticks(fraction)?),
        },
    };
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let ticks = |amount: i128, unit: i64| amount * i128::from(unit);
    Some(
        ticks(days, TICKS_PER_DAY)
            + ticks(hours, TICKS_PER_HOUR)
            + ticks(minutes, TICKS_PER_MINUTE)
            + ticks(seconds, TICKS_PER_SECOND)
            + fraction,
    )
}

fn whole(text: &str, max_digits: usize) -> Option<i128> {
    let is_number = !text.is_empty() && text.len() <= max_digits && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// Digits after the second's point, as ticks.
fn fraction_ticks(text: &str) -> Option<i128> {
    let mut ticks = whole(text, 7)?;
    (text.len()..7).for_each(|_| ticks *= 10);
    Some(ticks)
}

/// `2.5h`; without a unit, days.
fn unit_form(text: &str) -> Option<i128> {
    let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, unit) = text.split_at(digits);
    scaled(number, unit_ticks(unit.trim_start())?)
}

fn unit_ticks(unit: &str) -> Option<i128> {
    Some(match unit {
        "" | "d" | "day" | "days" => TICKS_PER_DAY.into(),
        "h" | "hr" | "hrs" | "hour" | "hours" => TICKS_PER_HOUR.into(),
        "m" | "min" | "minute" | "minutes" => TICKS_PER_MINUTE.into(),
        "s" | "sec" | "second" | "seconds" => TICKS_PER_SECOND.into(),
        "ms" | "milli" | "millis" | "millisecond" | "milliseconds" => 10_000,
        "micro" | "micros" | "microsecond" | "microseconds" => 10,
        "tick" | "ticks" => 1,
        _ => return None,
    })
}

/// A decimal number times a unit, exactly, cut to whole ticks.
fn scaled(number: &str, unit: i128) -> Option<i128> {
    let (integer, fraction) = number.split_once('.').unwrap_or((number, ""));
    if integer.is_empty() && fraction.is_empty() {
        return None;
    }
    let integer = if integer.is_empty() { 0 } else { whole(integer, 19)? };
    let mut ticks = integer * unit;
    if !fraction.is_empty() {
        let digits = &fraction[..fraction.len().min(15)];
        let scale = 10_i128.pow(u32::try_from(digits.len()).ok()?);
        ticks += whole(digits, 15)? * unit / scale;
        fraction.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
    }
    Some(ticks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_literal_form_is_read() {
        for (text, ticks) in [
            ("1d", TICKS_PER_DAY),
            ("2", 2 * TICKS_PER_DAY),
            ("2.5h", TICKS_PER_HOUR * 5 / 2),
            ("0.5h", TICKS_PER_HOUR / 2),
            ("30m", 30 * TICKS_PER_MINUTE),
            ("5min", 5 * TICKS_PER_MINUTE),
            ("10s", 10 * TICKS_PER_SECOND),
            ("100ms", TICKS_PER_SECOND / 10),
            ("1microsecond", 10),
            ("1tick", 1),
            ("15 seconds", 15 * TICKS_PER_SECOND),
            ("-1d", -TICKS_PER_DAY),
            ("0.12:34:56.7", 12 * TICKS_PER_HOUR + 34 * TICKS_PER_MINUTE + 56 * TICKS_PER_SECOND + 7_000_000),
            ("1.02:03:04.5", TICKS_PER_DAY + 2 * TICKS_PER_HOUR + 3 * TICKS_PER_MINUTE + 45_000_000),
            ("01:30", TICKS_PER_HOUR + 30 * TICKS_PER_MINUTE),
            ("-00:00:01", -TICKS_PER_SECOND),
        ] {
            assert_eq!(parse_timespan(text), Some(ticks), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_timespan() {
        for text in ["", "d", "1w", "25:00:00", "00:60", "1:2:3:4", "1..2", "--1d", "99999999999999d", "1.5.5h", "NaN"]
        {
            assert_eq!(parse_timespan(text), None, "{text}");
        }
    }
}
