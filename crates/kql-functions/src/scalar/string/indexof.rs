//! `indexof`: the place of an occurrence, in characters from 0.

use crate::Type::{Long, String as Text};
use crate::column::{Strings, long_results, longs, result_rows};
use crate::definition::Definition;
use crate::signature::{any, fixed};

pub(super) static INDEXOF: Definition = Definition::new(
    "indexof",
    |args| fixed(&any(args, &[0, 1]), &[Text, Text, Long, Long, Long], 2, Long),
    |args, _, ctx| {
        let (texts, needles) = (Strings::of(&args[0]), Strings::of(&args[1]));
        let options: Vec<_> = args[2..].iter().map(longs).collect();
        long_results(result_rows(args, ctx), |row| {
            let option = |at: usize, default| options.get(at).map_or(Some(default), |column| column.get(row));
            find(texts.text(row), needles.text(row), option(0, 0)?, option(1, -1)?, option(2, 1)?)
        })
    },
);

/// -1 when absent; null for an empty needle or options out of range. The length bounds where a match may start.
fn find(text: &str, needle: &str, start: i64, length: i64, occurrence: i64) -> Option<i64> {
    let occurrence = usize::try_from(occurrence).ok().filter(|n| *n > 0)?;
    if needle.is_empty() || length < -1 {
        return None;
    }
    let characters = i64::try_from(text.chars().count()).ok()?;
    let start = if start < 0 { (characters + start).max(0) } else { start };
    let end = if length < 0 { characters } else { start.saturating_add(length).min(characters) };
    let offset = |index: i64| {
        let index = usize::try_from(index).unwrap_or(0);
        text.char_indices().nth(index).map_or(text.len(), |(at, _)| at)
    };
    if start > end {
        return Some(-1);
    }
    let (from, to) = (offset(start), offset(end));
    let mut starts =
        text[from..to].char_indices().map(|(at, _)| from + at).filter(|at| text[*at..].starts_with(needle));
    match starts.nth(occurrence - 1) {
        Some(at) => i64::try_from(text[..at].chars().count()).ok(),
        None => Some(-1),
    }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};
    use crate::{Type, Value, Value::Long};

    #[test]
    fn places_count_characters_from_zero() {
        check("indexof", &[text("abcdefg"), text("cde")], Long(2));
        check("indexof", &[text("abcdefg"), text("cde"), Long(1), Long(4)], Long(2));
        check("indexof", &[text("abcdefg"), text("cde"), Long(1), Long(2)], Long(2));
        check("indexof", &[text("abcdefg"), text("cde"), Long(0), Long(2)], Long(-1));
        check("indexof", &[text("abcdefg"), text("cde"), Long(3), Long(4)], Long(-1));
        check("indexof", &[text("abcdefg"), text("cde"), Long(-5)], Long(2));
        check("indexof", &[text("abcdefgabcdefg"), text("cde"), Long(0), Long(10), Long(2)], Long(9));
        check("indexof", &[text("abcdefgabcdefg"), text("cde"), Long(0), Long(-1), Long(2)], Long(9));
        check("indexof", &[text("éa"), text("a")], Long(1));
        check("indexof", &[text("abc"), text("")], Value::Null(Type::Long));
    }
}
