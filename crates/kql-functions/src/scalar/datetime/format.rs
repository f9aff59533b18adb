//! `format_datetime` and `format_timespan`: text by a pattern of letters.

use std::fmt::Write;

use crate::Type::{DateTime, String as Text, TimeSpan};
use crate::column::{Strings, longs, result_rows, written_strings};
use crate::datetime::{TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND, civil_from_ticks};
use crate::definition::Definition;
use crate::signature::{fixed, plain_text};
use crate::{ArgumentInfo, FunctionError, Value};

pub(super) static FORMAT_DATETIME: Definition = Definition::new(
    "format_datetime",
    |args| pattern(args, "dfFhHmMsyt").and_then(|()| fixed(args, &[DateTime, Text], 2, Text)),
    |args, _, ctx| {
        let (times, patterns) = (longs(&args[0]), Strings::of(&args[1]));
        written_strings(result_rows(args, ctx), |row, out| {
            if let Some(ticks) = times.get(row) {
                runs(patterns.text(row), longest_run, |letter, length| write_datetime_part(out, ticks, letter, length));
            }
        })
    },
);

pub(super) static FORMAT_TIMESPAN: Definition = Definition::new(
    "format_timespan",
    |args| pattern(args, "dfFhHms").and_then(|()| fixed(args, &[TimeSpan, Text], 2, Text)),
    |args, _, ctx| {
        let (spans, patterns) = (longs(&args[0]), Strings::of(&args[1]));
        written_strings(result_rows(args, ctx), |row, out| {
            if let Some(ticks) = spans.get(row) {
                out.push_str(if ticks < 0 { "-" } else { "" });
                let magnitude = ticks.saturating_abs();
                runs(patterns.text(row), longest_span_run, |letter, length| {
                    write_timespan_part(out, magnitude, letter, length)
                });
            }
        })
    },
);

/// What may stand between the letters of a pattern.
const DELIMITERS: &str = " /-:,._[]";

/// Refuses a constant pattern with other letters than Kusto takes.
fn pattern(args: &[ArgumentInfo], letters: &str) -> Result<(), FunctionError> {
    plain_text(args, &[1])?;
    let Some(Value::String(pattern)) = args.get(1).and_then(|arg| arg.constant.as_ref()) else { return Ok(()) };
    match pattern.chars().find(|letter| !letters.contains(*letter) && !DELIMITERS.contains(*letter)) {
        None => Ok(()),
        Some(letter) => {
            let message = format!("`{letter}` is no letter of a format and no delimiter");
            Err(FunctionError::Other { index: Some(1), message })
        }
    }
}

/// The longest run of a letter that is one element of a format; longer runs are several.
fn longest_run(letter: char) -> usize {
    match letter {
        'f' | 'F' => 7,
        'y' => 4,
        _ => 2,
    }
}

/// The same for timespans, whose days are padded to up to eight digits.
fn longest_span_run(letter: char) -> usize {
    if letter == 'd' { 8 } else { longest_run(letter) }
}

/// The runs of one letter in a pattern.
fn runs(pattern: &str, longest: fn(char) -> usize, mut each: impl FnMut(char, usize)) {
    let mut characters = pattern.chars().peekable();
    while let Some(letter) = characters.next() {
        let mut length = 1;
        while length < longest(letter) && characters.next_if_eq(&letter).is_some() {
            length += 1;
        }
        each(letter, length);
    }
}

fn write_datetime_part(out: &mut String, ticks: i64, letter: char, length: usize) {
    let civil = civil_from_ticks(ticks);
    let hour = civil.hour();
    let half_day_hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    match letter {
        'y' if length <= 2 => padded(out, civil.year % 100, length),
        'y' => padded(out, civil.year, length),
        'M' => padded(out, civil.month, length),
        'd' => padded(out, civil.day, length),
        'H' => padded(out, hour, length),
        'h' => padded(out, half_day_hour, length),
        'm' => padded(out, civil.minute(), length),
        's' => padded(out, civil.second(), length),
        'f' | 'F' => write_fraction(out, civil.fraction(), letter, length),
        't' => out.push_str(if hour < 12 { "AM" } else { "PM" }),
        other => out.extend(std::iter::repeat_n(other, length)),
    }
}

fn write_timespan_part(out: &mut String, ticks: i64, letter: char, length: usize) {
    match letter {
        'd' => padded(out, ticks / TICKS_PER_DAY, length),
        'H' | 'h' => padded(out, ticks % TICKS_PER_DAY / TICKS_PER_HOUR, length),
        'm' => padded(out, ticks % TICKS_PER_HOUR / TICKS_PER_MINUTE, length),
        's' => padded(out, ticks % TICKS_PER_MINUTE / TICKS_PER_SECOND, length),
        'f' | 'F' => write_fraction(out, ticks % TICKS_PER_SECOND, letter, length),
        other => out.extend(std::iter::repeat_n(other, length)),
    }
}

fn padded(out: &mut String, value: i64, width: usize) {
    // Writing to a string does not fail.
    let _ = write!(out, "{value:0width$}");
}

/// The first digits of the second's fraction; `F` leaves them out when they are all zero.
fn write_fraction(out: &mut String, fraction: i64, letter: char, length: usize) {
    let digits = format!("{fraction:07}");
    let shown = &digits[..length.min(7)];
    if letter == 'f' || shown.bytes().any(|digit| digit != b'0') {
        out.push_str(shown);
    }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, span, text, time};
    use crate::{Type, Value};

    #[test]
    fn datetimes_are_written_by_the_pattern() {
        let moment = || time("2017-01-29 09:00:05.1234500");
        for (pattern, expected) in [
            ("yy-MM-dd [HH:mm:ss]", "17-01-29 [09:00:05]"),
            ("yyyy-M-d H:m:s.fffffff", "2017-1-29 9:0:5.1234500"),
            ("yyyy-MM-dd hh:mm:ss tt", "2017-01-29 09:00:05 AM"),
            ("HH:mm.fff", "09:00.123"),
            ("", ""),
        ] {
            check("format_datetime", &[moment(), text(pattern)], text(expected));
        }
        check("format_datetime", &[time("2017-01-29 12:30"), text("h tt F")], text("12 PM "));
        check("format_datetime", &[Value::Null(Type::DateTime), text("yyyy")], text(""));
    }

    #[test]
    fn timespans_are_written_by_the_pattern() {
        let time = || span("29.09:00:05.12345");
        check("format_timespan", &[time(), text("dd.hh:mm:ss:FF")], text("29.09:00:05:12"));
        check("format_timespan", &[time(), text("ddd.h:mm:ss [fffffff]")], text("029.9:00:05 [1234500]"));
        check("format_timespan", &[span("-1h"), text("hh:mm")], text("-01:00"));
    }
}
