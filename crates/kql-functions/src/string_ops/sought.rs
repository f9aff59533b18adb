//! What must be in a text for a string operator to hold, as plain data for whoever keeps an index of terms.

use super::{StringOp, StringOpKind, Terms};

/// A text that must occur, case set aside. Terms are maximal runs of letters and digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchedText {
    /// The text.
    pub text: String,
    /// Its beginning is no middle of a term.
    pub starts_term: bool,
    /// Its end is no middle of a term.
    pub ends_term: bool,
    /// It is all there is.
    pub is_whole: bool,
}

/// What an operator needs: all of the texts, or one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// The texts.
    pub texts: Vec<SearchedText>,
    /// Whether all of them are needed.
    pub all: bool,
}

impl Sought {
    /// What `op` with this constant right side needs, for `In`, `HasAny` and `HasAll` a JSON text. `None` where terms cannot tell: of a negation
    /// or a regular expression.
    pub fn of(op: StringOp, right: &str) -> Option<Self> {
        if op.is_negated {
            return None;
        }
        let sought =
            |text: String, starts_term, ends_term| SearchedText { text, starts_term, ends_term, is_whole: false };
        let one = |starts, ends| vec![sought(right.to_owned(), starts, ends)];
        let list = || Terms::texts_of_json(right).into_iter().map(|text| sought(text, true, true)).collect();
        let mut texts: Vec<SearchedText> = match op.kind {
            StringOpKind::Equals | StringOpKind::Has => one(true, true),
            StringOpKind::HasPrefix | StringOpKind::StartsWith => one(true, false),
            StringOpKind::HasSuffix | StringOpKind::EndsWith => one(false, true),
            StringOpKind::Contains => one(false, false),
            StringOpKind::In | StringOpKind::HasAny | StringOpKind::HasAll => list(),
            StringOpKind::MatchesRegex => return None,
        };
        let is_whole = matches!(op.kind, StringOpKind::Equals | StringOpKind::In);
        texts.iter_mut().for_each(|text| text.is_whole = is_whole);
        Some(Sought { texts, all: op.kind == StringOpKind::HasAll })
    }
}
