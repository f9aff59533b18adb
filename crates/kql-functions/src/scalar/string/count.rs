//! `countof`: occurrences of a text, overlapping ones included, or of a pattern.

use crate::Type::{Long, String as Text};
use crate::column::{Strings, long_results, result_rows};
use crate::definition::Definition;
use crate::pattern::Patterns;
use crate::signature::fixed;

pub(super) static COUNTOF: Definition = Definition::new(
    "countof",
    |args| fixed(args, &[Text, Text, Text], 2, Long),
    |args, _, ctx| {
        let (texts, needles) = (Strings::of(&args[0]), Strings::of(&args[1]));
        let kinds = args.get(2).map(Strings::of);
        let patterns = Patterns::default();
        long_results(result_rows(args, ctx), |row| {
            let (text, needle) = (texts.text(row), needles.text(row));
            let is_regex = kinds.as_ref().is_some_and(|kinds| kinds.text(row).eq_ignore_ascii_case("regex"));
            let count =
                if is_regex { patterns.get(needle)?.find_iter(text).count() } else { overlapping(text, needle) };
            i64::try_from(count).ok()
        })
    },
);

fn overlapping(text: &str, needle: &str) -> usize {
    if needle.is_empty() {
        return 0;
    }
    let starts = text.char_indices().map(|(at, _)| at);
    starts.filter(|at| text[*at..].starts_with(needle)).count()
}

#[cfg(test)]
mod tests {
    use crate::Value::Long;
    use crate::scalar::testing::{check, text};

    #[test]
    fn texts_may_overlap_and_patterns_do_not() {
        check("countof", &[text("aaa"), text("a")], Long(3));
        check("countof", &[text("aaaa"), text("aa")], Long(3));
        check("countof", &[text("ababa"), text("ab"), text("normal")], Long(2));
        check("countof", &[text("ababa"), text("aba"), text("regex")], Long(1));
        check("countof", &[text("abcabc"), text("a.c"), text("regex")], Long(2));
        check("countof", &[text(""), text("a")], Long(0));
    }
}
