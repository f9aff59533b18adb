//! `substring`: characters from a start, which may count from the end.

use crate::Type::{Long, String as Text};
use crate::column::{Strings, longs, result_rows, string_results};
use crate::definition::Definition;
use crate::signature::{any, fixed};

pub(super) static SUBSTRING: Definition = Definition::new(
    "substring",
    |args| fixed(&any(args, &[0]), &[Text, Long, Long], 2, Text),
    |args, _, ctx| {
        let (texts, starts, lengths) = (Strings::of(&args[0]), longs(&args[1]), args.get(2).map(longs));
        string_results(result_rows(args, ctx), |row| {
            let length = lengths.as_ref().map_or(Some(i64::MAX), |lengths| lengths.get(row));
            match (starts.get(row), length) {
                (Some(start), Some(length)) => part(texts.text(row), start, length),
                _ => "",
            }
        })
    },
);

/// Nothing where the start lies before the text.
fn part(text: &str, start: i64, length: i64) -> &str {
    let count = |value: i64| usize::try_from(value.max(0)).unwrap_or(usize::MAX);
    if text.is_ascii() {
        let Some(start) = from_front(start, text.len()) else { return "" };
        let start = start.min(text.len());
        return &text[start..start.saturating_add(count(length)).min(text.len())];
    }
    let characters = text.chars().count();
    let Some(start) = from_front(start, characters) else { return "" };
    let offset = |text: &str, index| text.char_indices().nth(index).map_or(text.len(), |(at, _)| at);
    let tail = &text[offset(text, start)..];
    &tail[..offset(tail, count(length))]
}

/// A place counted from the front; one before the front is none.
fn from_front(place: i64, length: usize) -> Option<usize> {
    match usize::try_from(place) {
        Ok(place) => Some(place),
        Err(_) => length.checked_sub(usize::try_from(place.unsigned_abs()).ok()?),
    }
}

#[cfg(test)]
mod tests {
    use crate::Value::Long;
    use crate::scalar::testing::{check, text};

    #[test]
    fn a_part_is_taken_by_characters() {
        check("substring", &[text("123456"), Long(1)], text("23456"));
        check("substring", &[text("123456"), Long(2), Long(2)], text("34"));
        check("substring", &[text("ABCD"), Long(0), Long(2)], text("AB"));
        check("substring", &[text("123456"), Long(-2), Long(2)], text("56"));
        check("substring", &[text("äöü"), Long(1), Long(1)], text("ö"));
        check("substring", &[text("äöü"), Long(-1)], text("ü"));
        check("substring", &[text("abc"), Long(9)], text(""));
        check("substring", &[text("abc"), Long(i64::MIN), Long(i64::MAX)], text(""));
        check("substring", &[text("abc"), Long(1), Long(-1)], text(""));
    }
}
