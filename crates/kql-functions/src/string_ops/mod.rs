//! The operators that look into strings: `has`, `contains`, `startswith`, …, `matches regex`, `in`, `has_any`.

mod membership;
mod needle;

use arrow::array::BooleanArray;
use serde::{Deserialize, Serialize};

use crate::Arg;
use crate::column::{Strings, rows_of};
use crate::compare::same_ignoring_case;
use crate::dynamic::{Kind, elements, kind, text_of};
use crate::pattern::Patterns;

pub use membership::{ConstantSet, is_member};
pub use needle::Needle;

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
    let rows = rows_of(&[left.clone(), right.clone()], rows);
    let (texts, needles) = (Strings::of(left), Strings::of(right));
    let holds: Box<dyn Fn(usize) -> bool> = match op.kind {
        StringOpKind::MatchesRegex => regex_test(texts, needles),
        StringOpKind::In | StringOpKind::HasAny | StringOpKind::HasAll => list_test(op, texts, needles),
        kind => match needles.constant().map(|text| Needle::new(kind, text, op.is_case_sensitive)) {
            Some(needle) => Box::new(move |row| needle.is_in(texts.text(row))),
            None => {
                Box::new(move |row| Needle::new(kind, needles.text(row), op.is_case_sensitive).is_in(texts.text(row)))
            }
        },
    };
    (0..rows).map(|row| Some(holds(row) != op.is_negated)).collect()
}

fn regex_test(texts: Strings, patterns: Strings) -> Box<dyn Fn(usize) -> bool> {
    let compiled = Patterns::default();
    Box::new(move |row| compiled.get(patterns.text(row)).is_some_and(|regex| regex.is_match(texts.text(row))))
}

fn list_test(op: StringOp, texts: Strings, lists: Strings) -> Box<dyn Fn(usize) -> bool> {
    match lists.constant().map(|list| Terms::of_json(op, list)) {
        Some(terms) => Box::new(move |row| terms.hold_in(texts.text(row))),
        None => Box::new(move |row| Terms::of_json(op, lists.text(row)).hold_in(texts.text(row))),
    }
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
        let terms: Vec<_> = match kind(json) {
            Kind::Array => elements(json).map(text_of).collect(),
            _ if json.is_empty() => Vec::new(),
            _ => vec![text_of(json)],
        };
        Terms::new(op, terms.iter().map(AsRef::as_ref))
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

/// Applies `in`, `has_any` or `has_all` with constant terms.
pub fn eval_terms(terms: &Terms, left: &Arg, rows: usize) -> BooleanArray {
    let rows = rows_of(std::slice::from_ref(left), rows);
    let texts = Strings::of(left);
    (0..rows).map(|row| Some(terms.hold_in(texts.text(row)) != terms.op.is_negated)).collect()
}

/// Whether a text passes one of the plain tests, for callers without a constant needle.
pub(crate) fn equals(text: &str, other: &str, is_case_sensitive: bool) -> bool {
    if is_case_sensitive { text == other } else { same_ignoring_case(text, other) }
}

#[cfg(test)]
mod tests;
