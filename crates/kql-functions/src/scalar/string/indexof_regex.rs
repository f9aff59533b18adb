//! `indexof_regex`: the place of a match, in characters from 0.

use crate::Type::{Long, String as Text};
use crate::column::{Strings, long_results, longs, result_rows};
use crate::definition::Definition;
use crate::pattern::Patterns;
use crate::signature::{any, fixed};

pub(super) static INDEXOF_REGEX: Definition = Definition::new(
    "indexof_regex",
    |args| fixed(&any(args, &[0, 1]), &[Text, Text, Long, Long, Long], 2, Long),
    |args, _, ctx| {
        let (texts, patterns) = (Strings::of(&args[0]), Strings::of(&args[1]));
        let options: Vec<_> = args[2..].iter().map(longs).collect();
        let compiled = Patterns::default();
        long_results(result_rows(args, ctx), |row| {
            let option = |at: usize, default| options.get(at).map_or(Some(default), |column| column.get(row));
            let regex = compiled.get(patterns.text(row))?;
            find(&regex, texts.text(row), option(0, 0)?, option(1, -1)?, option(2, 1)?)
        })
    },
);

/// -1 when absent; null for options out of range. Matches do not overlap.
fn find(regex: &regex::Regex, text: &str, start: i64, length: i64, occurrence: i64) -> Option<i64> {
    let occurrence = usize::try_from(occurrence).ok().filter(|n| *n > 0)?;
    let start = usize::try_from(start).ok()?;
    if length < -1 {
        return None;
    }
    let offset = |index: usize| text.char_indices().nth(index).map_or(text.len(), |(at, _)| at);
    let from = offset(start);
    let to = usize::try_from(length).map_or(text.len(), |length| offset(start.saturating_add(length)));
    match regex.find_iter(&text[from..to.max(from)]).nth(occurrence - 1) {
        Some(found) => i64::try_from(text[..from + found.start()].chars().count()).ok(),
        None => Some(-1),
    }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};
    use crate::{Type, Value, Value::Long};

    #[test]
    fn matches_are_found_by_their_characters() {
        check("indexof_regex", &[text("abcabc"), text("a.c")], Long(0));
        check("indexof_regex", &[text("äbcabcdefg"), text("[aä].c"), Long(0), Long(9), Long(2)], Long(3));
        check("indexof_regex", &[text("abcabc"), text("a.c"), Long(1), Long(-1), Long(2)], Long(-1));
        check("indexof_regex", &[text("ababaa"), text("a.a"), Long(0), Long(-1), Long(2)], Long(-1));
        check("indexof_regex", &[text("abcabc"), text("a|ab"), Long(-1)], Value::Null(Type::Long));
    }
}
