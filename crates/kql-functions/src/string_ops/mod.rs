//! The operators that look into strings: `has`, `contains`, `startswith`, …, `matches regex`, `in`, `has_any`.

mod membership;
mod needle;
mod sought;
mod text_search;
mod view_cache;
mod view_memo;
mod view_test;

use arrow::array::BooleanArray;
use arrow::buffer::BooleanBuffer;
use serde::{Deserialize, Serialize};

use crate::Arg;
use crate::column::{Strings, rows_of};
use crate::compare::same_ignoring_case;
use crate::dynamic::{Kind, elements, kind, text_of};
use crate::pattern::Patterns;
pub(crate) use view_cache::ViewCache;
use view_memo::answers;

pub use membership::{ConstantSet, is_member};
pub use needle::Needle;
pub use sought::{SearchedText, Sought};
pub use text_search::{TextSearch, TextSearches};

/// What a string operator looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the operator of its name")]
pub enum StringOpKind {
    Equals,
    Has,
    HasPrefix,
    HasSuffix,
    Contains,
    StartsWith,
    EndsWith,
    MatchesRegex,
    /// The right side is a dynamic array.
    In,
    /// The right side is a dynamic array.
    HasAny,
    /// The right side is a dynamic array.
    HasAll,
}

/// A string operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StringOp {
    /// What it looks for.
    pub kind: StringOpKind,
    /// Whether case counts: the `_cs` forms, `in` as opposed to `in~`.
    pub is_case_sensitive: bool,
    /// `!has` and its kin.
    pub is_negated: bool,
}

/// Applies an operator to rows of strings; for `In`, `HasAny` and `HasAll` the right side is JSON text.
/// Two scalars give one row. The result has no nulls.
pub fn eval_string_op(op: StringOp, left: &Arg, right: &Arg, rows: usize) -> BooleanArray {
    if right.is_scalar() {
        return TextSearch::new(op, Strings::of(right).text(0)).eval(left);
    }
    let (texts, needles) = (Strings::of(left), Strings::of(right));
    let rows = rows_of(&[left.clone(), right.clone()], rows);
    let found = match op.kind {
        StringOpKind::Equals => {
            let is_same = |row| equals(texts.text(row), needles.text(row), op.is_case_sensitive);
            BooleanBuffer::collect_bool(rows, is_same)
        }
        StringOpKind::MatchesRegex => {
            let patterns = Patterns::default();
            let matches = |row| {
                let pattern = patterns.get(needles.text(row));
                pattern.is_some_and(|regex| regex.is_match(texts.text(row)))
            };
            BooleanBuffer::collect_bool(rows, matches)
        }
        _ => search_each(op, &texts, &needles, rows),
    };
    answers(found, op.is_negated)
}

fn search_each(op: StringOp, texts: &Strings, needles: &Strings, rows: usize) -> BooleanBuffer {
    // Neighbours often have the same right side.
    let mut last: Option<TextSearch> = None;
    BooleanBuffer::collect_bool(rows, |row| {
        let right = needles.text(row);
        let search = match last.take() {
            Some(search) if search.is(op, right) => search,
            _ => TextSearch::new(op, right),
        };
        let holds = search.holds_in(texts.text(row));
        last = Some(search);
        holds
    })
}

/// The constants of `in`, `has_any` or `has_all`, made ready once.
#[derive(Debug)]
pub struct Terms {
    op: StringOp,
    set: ConstantSet,
    needles: Vec<Needle>,
}

impl Terms {
    /// Takes the terms as texts.
    pub fn new<'a>(op: StringOp, terms: impl Iterator<Item = &'a str>) -> Self {
        let mut made = Terms { op, set: ConstantSet::new(!op.is_case_sensitive), needles: Vec::new() };
        for term in terms {
            if op.kind == StringOpKind::In {
                made.set.insert(term);
            } else {
                made.needles.push(Needle::new(StringOpKind::Has, term, op.is_case_sensitive));
            }
        }
        made
    }

    /// Takes the terms from a JSON array; a scalar is the only term.
    pub fn of_json(op: StringOp, json: &str) -> Self {
        Terms::new(op, Terms::texts_of_json(json).iter().map(AsRef::as_ref))
    }

    /// The constants of a list in JSON, as the operators read them.
    pub fn texts_of_json(json: &str) -> Vec<String> {
        match kind(json) {
            Kind::Array => elements(json).map(|element| text_of(element).into_owned()).collect(),
            _ if json.is_empty() => Vec::new(),
            _ => vec![text_of(json).into_owned()],
        }
    }

    /// The constants of `in`; none of the other operators.
    pub(super) fn set(&self) -> &ConstantSet {
        &self.set
    }

    /// Whether a text passes, leaving negation aside.
    pub fn hold_in(&self, text: &str) -> bool {
        match self.op.kind {
            StringOpKind::In => self.set.contains(text),
            StringOpKind::HasAll => self.needles.iter().all(|needle| needle.is_in(text)),
            _ => self.needles.iter().any(|needle| needle.is_in(text)),
        }
    }
}

/// Whether a text passes one of the plain tests, for callers without a constant needle.
pub(crate) fn equals(text: &str, other: &str, is_case_sensitive: bool) -> bool {
    if is_case_sensitive { text == other } else { same_ignoring_case(text, other) }
}

#[cfg(test)]
mod tests;
