//! `trim`, `trim_start` and `trim_end`: one match of a PATTERN is cut off each end.

use arrow::array::ArrayRef;
use regex::Regex;
use std::ops::Range;
use std::rc::Rc;

use crate::Type::String as Text;
use crate::column::{Strings, result_rows, string_results};
use crate::definition::Definition;
use crate::pattern::Patterns;
use crate::signature::{fixed, plain_text};
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved};

pub(super) static TRIM: Definition = Definition::new("trim", resolve, |args, _, ctx| trim(args, ctx, true, true));

pub(super) static TRIM_START: Definition =
    Definition::new("trim_start", resolve, |args, _, ctx| trim(args, ctx, true, false));

pub(super) static TRIM_END: Definition =
    Definition::new("trim_end", resolve, |args, _, ctx| trim(args, ctx, false, true));

fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    plain_text(args, &[0])?;
    fixed(args, &[Text, Text], 2, Text)
}

fn trim(args: &[Arg], ctx: &EvalContext, at_start: bool, at_end: bool) -> ArrayRef {
    let (patterns, texts) = (Strings::of(&args[0]), Strings::of(&args[1]));
    let (starts, ends) = (Patterns::default(), Patterns::default());
    let anchored = |cache: &Patterns, before: &str, pattern: &str, after: &str| -> Option<Rc<Regex>> {
        cache.get(&format!("{before}(?:{pattern}){after}"))
    };
    let constant =
        patterns.constant().map(|pattern| (anchored(&starts, "^", pattern, ""), anchored(&ends, "", pattern, "$")));
    string_results(result_rows(args, ctx), |row| {
        let (start, end) = constant.clone().unwrap_or_else(|| {
            (anchored(&starts, "^", patterns.text(row), ""), anchored(&ends, "", patterns.text(row), "$"))
        });
        let text = texts.text(row);
        let text = if at_start { cut(text, start.as_deref(), |text, found| &text[found.end..]) } else { text };
        if at_end { cut(text, end.as_deref(), |text, found| &text[..found.start]) } else { text }
    })
}

fn cut<'a>(text: &'a str, regex: Option<&Regex>, rest: fn(&'a str, Range<usize>) -> &'a str) -> &'a str {
    regex.and_then(|regex| regex.find(text)).map_or(text, |found| rest(text, found.range()))
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};

    #[test]
    fn patterns_are_cut_off_the_ends() {
        check("trim", &[text("--"), text("--https://bing.com--")], text("https://bing.com"));
        check("trim", &[text(r"[^\w]+"), text("-  Te st1// $")], text("Te st1"));
        check("trim_start", &[text("https://"), text("https://bing.com")], text("bing.com"));
        check("trim_end", &[text(r"\.com"), text("bing.com")], text("bing"));
        check("trim", &[text(r"\s"), text("  a b  ")], text(" a b "));
        check("trim", &[text("y"), text("yyy")], text("y"));
        check("trim_start", &[text("x"), text("xxabcxx")], text("xabcxx"));
        check("trim", &[text("("), text(" a ")], text(" a "));
    }
}
