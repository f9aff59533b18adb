//! Compiled regular expressions: once for a constant pattern, a bounded cache for patterns that change by row.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use regex::{Regex, RegexBuilder};

/// Largest compiled size of one pattern, in bytes.
const SIZE_LIMIT: usize = 4 << 20;
/// Most patterns that one call keeps; then the cache starts over.
const CACHE_LIMIT: usize = 64;

/// Compiles a pattern in KQL's syntax, which is that of the regex crate; `Err` explains why it is none.
///
/// Braces that enclose no count and brackets within brackets are plain characters, as in RE2, for which many public
/// rules were written.
///
/// # Errors
///
/// The reason in the regex crate's words.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    let built = |pattern: &str| RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build();
    built(pattern).or_else(|error| built(&with_plain_brackets(pattern)).map_err(|_| error)).map_err(|error| {
        let message = error.to_string();
        message.lines().last().unwrap_or("invalid").trim_start_matches("error: ").trim_end_matches('.').to_owned()
    })
}

/// The pattern with a backslash before `{`, `}` that are no count and before `[` inside of a class.
fn with_plain_brackets(pattern: &str) -> String {
    let mut escaped = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(next) = rest.chars().next() {
        let mut taken = next.len_utf8();
        match next {
            '\\' => {
                // An escape, with the braces of `\p{..}` and `\x{..}`.
                let after = rest[1..].chars().next();
                taken += after.map_or(0, char::len_utf8);
                if matches!(after, Some('p' | 'P' | 'x' | 'u' | 'U')) && rest[taken..].starts_with('{') {
                    taken += rest[taken..].find('}').map_or(0, |end| end + 1);
                }
            }
            '[' if in_class && !rest.starts_with("[:") => escaped.push('\\'),
            '[' if !in_class => {
                in_class = true;
                // A bracket that closes at once is the first character of the class.
                let negated = usize::from(rest[1..].starts_with('^'));
                taken += negated + usize::from(rest[1 + negated..].starts_with(']'));
            }
            '[' => taken += rest.find(":]").map_or(0, |end| end + 1),
            ']' => in_class = false,
            '{' if !in_class => match count_length(rest) {
                Some(length) => taken = length,
                None => escaped.push('\\'),
            },
            '}' if !in_class => escaped.push('\\'),
            _ => {}
        }
        escaped.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    escaped
}

/// The length of `{n}`, `{n,}` or `{n,m}` at the start of a text.
fn count_length(text: &str) -> Option<usize> {
    let end = text.find('}')?;
    let inner = &text[1..end];
    let (low, high) = inner.split_once(',').unwrap_or((inner, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (!low.is_empty() && is_number(low) && is_number(high)).then_some(end + 1)
}

/// The patterns that one kernel call has met; a pattern that does not compile is `None` and matches nothing.
#[derive(Default)]
pub(crate) struct Patterns {
    known: RefCell<HashMap<String, Option<Rc<Regex>>>>,
    last: RefCell<Option<(String, Option<Rc<Regex>>)>>,
}

impl Patterns {
    pub(crate) fn get(&self, pattern: &str) -> Option<Rc<Regex>> {
        if let Some((text, regex)) = &*self.last.borrow()
            && text == pattern
        {
            return regex.clone();
        }
        let mut known = self.known.borrow_mut();
        if known.len() >= CACHE_LIMIT && !known.contains_key(pattern) {
            known.clear();
        }
        let compiled = || compile(pattern).ok().map(Rc::new);
        let regex = known.entry(pattern.to_owned()).or_insert_with(compiled).clone();
        *self.last.borrow_mut() = Some((pattern.to_owned(), regex.clone()));
        regex
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_that_enclose_no_count_are_plain_characters() {
        assert!(compile(r"(\\{|%7B)x|}").unwrap().is_match(r"\{x"));
        assert!(compile("a{1-3}").unwrap().is_match("a{1-3}"));
        assert!(compile("[[]x").unwrap().is_match("[x"));
        assert!(compile("[^]a]{2}").unwrap().is_match("bb"));
        assert!(compile(r"\p{Lu}+{").unwrap().is_match("AB{"));
        assert!(compile("[[:digit:][]").unwrap().is_match("["));
        assert!(compile("(").is_err());
    }
}
