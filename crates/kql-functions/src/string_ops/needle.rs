//! A text to look for, made ready once and searched in many rows.

use memchr::arch::all::packedpair::Pair;
use memchr::{memchr_iter, memchr2_iter, memmem};

use super::{StringOpKind, equals};
use crate::compare::folded;

/// A prepared search of one of the operators `has`, `hasprefix`, `hassuffix`, `contains`, `startswith`,
/// `endswith`, `==` and their case-insensitive or `_cs` forms.
#[derive(Debug, Clone)]
pub struct Needle {
    kind: StringOpKind,
    /// Folded to lower case when case does not count.
    text: String,
    is_case_sensitive: bool,
    is_ascii: bool,
    /// The place of the byte of the needle that is rarest in texts at large, and its two cases.
    rarest: (usize, u8, u8),
    /// For exact searches; setting one up costs more than a short search.
    finder: Option<memmem::Finder<'static>>,
    /// A term must begin (end) where the match begins (ends); not asked of a needle whose edge is no term character.
    begins_term: bool,
    ends_term: bool,
}

impl Needle {
    /// Prepares the search for a text.
    pub fn new(kind: StringOpKind, text: &str, is_case_sensitive: bool) -> Self {
        let text = if is_case_sensitive { text.to_owned() } else { folded(text).into_owned() };
        let whole_start = matches!(kind, StringOpKind::Has | StringOpKind::HasPrefix);
        let whole_end = matches!(kind, StringOpKind::Has | StringOpKind::HasSuffix);
        let is_exact = is_case_sensitive || !text.is_ascii();
        Needle {
            kind,
            is_case_sensitive,
            is_ascii: text.is_ascii(),
            rarest: rarest_byte(text.as_bytes()),
            finder: is_exact.then(|| memmem::Finder::new(text.as_bytes()).into_owned()),
            begins_term: whole_start && text.chars().next().is_some_and(char::is_alphanumeric),
            ends_term: whole_end && text.chars().next_back().is_some_and(char::is_alphanumeric),
            text,
        }
    }

    /// Whether the operator holds for a text.
    pub fn is_in(&self, text: &str) -> bool {
        if self.is_case_sensitive || self.is_ascii {
            return self.search(text);
        }
        // The needle has letters beyond ASCII: fold the text, which may change its length.
        let folded = folded(text);
        match self.kind {
            StringOpKind::Equals => *folded == *self.text,
            StringOpKind::StartsWith => folded.starts_with(&self.text),
            StringOpKind::EndsWith => folded.ends_with(&self.text),
            _ => self.find_exact(&folded),
        }
    }

    fn search(&self, text: &str) -> bool {
        let length = self.text.len();
        match self.kind {
            StringOpKind::Equals => equals(text, &self.text, self.is_case_sensitive),
            StringOpKind::StartsWith => text.as_bytes().get(..length).is_some_and(|part| self.is_same(part)),
            StringOpKind::EndsWith => {
                let start = text.len().checked_sub(length);
                start.is_some_and(|start| self.is_same(&text.as_bytes()[start..]))
            }
            _ if self.text.is_empty() => true,
            _ if self.is_case_sensitive => self.find_exact(text),
            _ => self.find_ignoring_ascii_case(text),
        }
    }

    fn is_same(&self, part: &[u8]) -> bool {
        if self.is_case_sensitive {
            part == self.text.as_bytes()
        } else {
            part.eq_ignore_ascii_case(self.text.as_bytes())
        }
    }

    fn find_exact(&self, text: &str) -> bool {
        let Some(finder) = &self.finder else { return self.find_ignoring_ascii_case(text) };
        let mut from = 0;
        while let Some(found) = text.as_bytes().get(from..).and_then(|rest| finder.find(rest)) {
            if self.has_boundaries(text, from + found) {
                return true;
            }
            from += found + 1;
        }
        false
    }

    fn find_ignoring_ascii_case(&self, text: &str) -> bool {
        let Some(last_start) = text.len().checked_sub(self.text.len()) else { return false };
        let (place, lower, upper) = self.rarest;
        // Where the rarest byte can be if the whole needle is to fit.
        let part = &text.as_bytes()[place..=last_start + place];
        if lower == upper {
            memchr_iter(lower, part).any(|at| self.is_match(text, at))
        } else {
            memchr2_iter(lower, upper, part).any(|at| self.is_match(text, at))
        }
    }

    fn is_match(&self, text: &str, at: usize) -> bool {
        let found = &text.as_bytes()[at..at + self.text.len()];
        found.eq_ignore_ascii_case(self.text.as_bytes()) && self.has_boundaries(text, at)
    }

    /// Terms are maximal runs of letters and digits.
    fn has_boundaries(&self, text: &str, at: usize) -> bool {
        let end = at + self.text.len();
        !(self.begins_term && ends_with_term_character(text, at)
            || self.ends_term && starts_with_term_character(text, end))
    }
}

/// By the frequencies that `memchr` assumes, which suit text and code alike.
fn rarest_byte(needle: &[u8]) -> (usize, u8, u8) {
    let place = Pair::new(needle).map_or(0, |pair| usize::from(pair.index1()));
    let byte = needle.get(place).copied().unwrap_or(0);
    (place, byte, byte.to_ascii_uppercase())
}

fn ends_with_term_character(text: &str, at: usize) -> bool {
    match at.checked_sub(1).map(|before| text.as_bytes()[before]) {
        None => false,
        Some(byte) if byte.is_ascii() => byte.is_ascii_alphanumeric(),
        Some(_) => text.get(..at).and_then(|head| head.chars().next_back()).is_some_and(char::is_alphanumeric),
    }
}

fn starts_with_term_character(text: &str, at: usize) -> bool {
    match text.as_bytes().get(at) {
        None => false,
        Some(byte) if byte.is_ascii() => byte.is_ascii_alphanumeric(),
        Some(_) => text.get(at..).and_then(|tail| tail.chars().next()).is_some_and(char::is_alphanumeric),
    }
}
