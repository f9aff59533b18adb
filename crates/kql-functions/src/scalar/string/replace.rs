//! `replace_regex`, the older `replace`, `replace_string` and `replace_strings`.

use std::borrow::Cow;

use arrow::array::ArrayRef;
use regex::{Captures, Regex};

use crate::Arg;
use crate::Type::{Dynamic, String as Text};
use crate::column::{Strings, result_rows, written_strings};
use crate::definition::Definition;
use crate::dynamic::{Kind, elements, kind, unquote};
use crate::pattern::Patterns;
use crate::signature::{fixed, plain_text};

pub(super) static REPLACE_REGEX: Definition = Definition::new(
    "replace_regex",
    |args| plain_text(args, &[1, 2]).and_then(|()| fixed(args, &[Text, Text, Text], 3, Text)),
    |args, _, ctx| replace_regex(&args[0], &args[1], &args[2], result_rows(args, ctx)),
);

/// The older function has its arguments in another order: pattern, replacement, text.
pub(super) static REPLACE: Definition = Definition::new(
    "replace",
    |args| plain_text(args, &[0, 1]).and_then(|()| fixed(args, &[Text, Text, Text], 3, Text)),
    |args, _, ctx| replace_regex(&args[2], &args[0], &args[1], result_rows(args, ctx)),
);

fn replace_regex(texts: &Arg, patterns: &Arg, replacements: &Arg, rows: usize) -> ArrayRef {
    let (texts, patterns, replacements) = (Strings::of(texts), Strings::of(patterns), Strings::of(replacements));
    let compiled = Patterns::default();
    written_strings(rows, |row, out| {
        let text = texts.text(row);
        match compiled.get(patterns.text(row)) {
            Some(regex) => write_replaced(out, &regex, text, replacements.text(row)),
            None => out.push_str(text),
        }
    })
}

fn write_replaced(out: &mut String, regex: &Regex, text: &str, replacement: &str) {
    if !replacement.contains('\\') {
        out.push_str(&regex.replace_all(text, regex::NoExpand(replacement)));
        return;
    }
    let mut end = 0;
    for captures in regex.captures_iter(text) {
        let Some(whole) = captures.get(0) else { continue };
        out.push_str(&text[end..whole.start()]);
        expand(out, &captures, replacement);
        end = whole.end();
    }
    out.push_str(&text[end..]);
}

/// `\0` is the whole match, `\1` to `\9` its groups.
fn expand(out: &mut String, captures: &Captures<'_>, replacement: &str) {
    let mut characters = replacement.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some(digit @ '0'..='9') => {
                let group = usize::from(u8::try_from(digit).unwrap_or(b'0') - b'0');
                out.push_str(captures.get(group).map_or("", |found| found.as_str()));
            }
            Some('\\') | None => out.push('\\'),
            Some(other) => out.extend(['\\', other]),
        }
    }
}

pub(super) static REPLACE_STRING: Definition = Definition::new(
    "replace_string",
    |args| fixed(args, &[Text, Text, Text], 3, Text),
    |args, _, ctx| {
        let (texts, needles, replacements) = (Strings::of(&args[0]), Strings::of(&args[1]), Strings::of(&args[2]));
        written_strings(result_rows(args, ctx), |row, out| {
            write_with(out, texts.text(row), needles.text(row), replacements.text(row));
        })
    },
);

fn write_with(out: &mut String, text: &str, needle: &str, replacement: &str) {
    if needle.is_empty() {
        return out.push_str(text);
    }
    let mut end = 0;
    for (at, found) in text.match_indices(needle) {
        out.push_str(&text[end..at]);
        out.push_str(replacement);
        end = at + found.len();
    }
    out.push_str(&text[end..]);
}

pub(super) static REPLACE_STRINGS: Definition = Definition::new(
    "replace_strings",
    |args| fixed(args, &[Text, Dynamic, Dynamic], 3, Text),
    |args, _, ctx| {
        let (texts, needles, replacements) = (Strings::of(&args[0]), Strings::of(&args[1]), Strings::of(&args[2]));
        written_strings(result_rows(args, ctx), |row, out| {
            let is_text = |json: &&str| kind(json) == Kind::String;
            let pairs: Vec<(Cow<'_, str>, Option<Cow<'_, str>>)> = elements(needles.text(row))
                .zip(elements(replacements.text(row)).map(Some).chain(std::iter::repeat(None)))
                .filter(|(needle, _)| is_text(needle))
                .map(|(needle, replacement)| (unquote(needle), replacement.filter(is_text).map(unquote)))
                .filter(|(needle, _)| !needle.is_empty())
                .collect();
            write_with_all(out, texts.text(row), &pairs);
        })
    },
);

/// Replaces matches that do not overlap, at each place of the first needle that fits; one without a replacement
/// stays, and nothing else is replaced in it.
fn write_with_all(out: &mut String, text: &str, pairs: &[(Cow<'_, str>, Option<Cow<'_, str>>)]) {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match pairs.iter().find(|(needle, _)| rest.starts_with(needle.as_ref())) {
            Some((needle, replacement)) => {
                out.push_str(replacement.as_ref().unwrap_or(needle));
                rest = &rest[needle.len()..];
            }
            None => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};

    #[test]
    fn patterns_are_replaced_with_their_groups() {
        let number = || text(r"Number is \1");
        check("replace_regex", &[text("Number is 1"), text(r"is (\d+)"), text(r"was: \1")], text("Number was: 1"));
        check("replace_regex", &[text("a1b22"), text(r"(\d+)"), text("<\\0>")], text("a<1>b<22>"));
        check("replace_regex", &[text("abc"), text("b"), text("$1")], text("a$1c"));
        check("replace_regex", &[text("abc"), text("("), text("x")], text("abc"));
        check("replace", &[text("-"), text(""), text("a-b-c")], text("abc"));
        check("replace_regex", &[text("7"), text(r"(\d)"), number()], text("Number is 7"));
    }

    #[test]
    fn texts_are_replaced_literally() {
        check("replace_string", &[text("a.b.c"), text("."), text("\\1")], text("a\\1b\\1c"));
        check("replace_string", &[text("abc"), text(""), text("x")], text("abc"));
        check("replace_strings", &[text("abc"), json(r#"["a","b"]"#), json(r#"["1","2"]"#)], text("12c"));
    }
}
