//! A string operator with a constant right side, made ready once for all batches of a query.

use std::hash::{Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use arrow::array::{BooleanArray, StringViewArray};
use arrow::datatypes::DataType;
use regex::Regex;

use super::view_memo::{ViewMemo, answers, test_each};
use super::view_test::ViewTest;
use super::{Needle, StringOp, StringOpKind, Terms, eval_string_op};
use crate::Arg;
use crate::column::{Strings, concrete};
use crate::pattern::compile;

/// `text op constant`, prepared, with what it found in texts that come again.
#[derive(Debug)]
pub struct TextSearch {
    op: StringOp,
    right: String,
    test: Test,
    /// What the test needs of a text's view.
    view_test: Option<ViewTest>,
    /// Absent where a test costs no more than remembering it.
    memo: Option<ViewMemo>,
}

/// Prepared searches between two batches of a query; the threads that run it share them. It is no part of what a
/// function is: any two are equal.
#[derive(Debug, Default)]
pub struct TextSearches(Mutex<Vec<TextSearch>>);

/// Searches kept between batches: one a thread of a usual query. Each may hold some MiB.
const KEPT_SEARCHES: usize = 16;

#[derive(Debug)]
enum Test {
    Needle(Box<Needle>),
    Terms(Terms),
    Regex(Regex),
    /// A pattern that is none matches nothing.
    Never,
}

impl TextSearch {
    /// Prepares the operator; for `In`, `HasAny` and `HasAll` the right side is JSON text.
    pub fn new(op: StringOp, right: &str) -> Self {
        let test = match op.kind {
            StringOpKind::MatchesRegex => compile(right).map_or(Test::Never, Test::Regex),
            StringOpKind::In | StringOpKind::HasAny | StringOpKind::HasAll => Test::Terms(Terms::of_json(op, right)),
            kind => Test::Needle(Box::new(Needle::new(kind, right, op.is_case_sensitive))),
        };
        let view_test = view_test(op, right, &test);
        let is_cheap = matches!(op.kind, StringOpKind::Equals | StringOpKind::StartsWith | StringOpKind::EndsWith)
            || matches!(view_test, Some(ViewTest::Views(_)));
        TextSearch { op, right: right.to_owned(), test, view_test, memo: (!is_cheap).then(ViewMemo::default) }
    }

    /// Whether it is this operator with this right side.
    pub fn is(&self, op: StringOp, right: &str) -> bool {
        self.op == op && self.right == right
    }

    /// Whether a text passes, leaving negation aside.
    pub fn holds_in(&self, text: &str) -> bool {
        self.test.holds_in(text)
    }

    /// Applies the operator to rows of strings, null as `""`. A scalar gives one row. The result has no nulls.
    pub fn eval(&self, left: &Arg) -> BooleanArray {
        let texts: StringViewArray = concrete(left.array(), &DataType::Utf8View);
        let by_view = self.view_test.as_ref().and_then(|views| views.test(&texts, |text| self.test.holds_in(text)));
        let found = by_view.unwrap_or_else(|| test_each(&texts, |text| self.test.holds_in(text)));
        answers(found, self.op.is_negated)
    }

    /// The same, remembering what it finds: for a column of which more batches follow.
    pub fn eval_remembering(&mut self, left: &Arg) -> BooleanArray {
        let TextSearch { op, test, view_test, memo, .. } = self;
        let Some(memo) = memo else { return self.eval(left) };
        let texts: StringViewArray = concrete(left.array(), &DataType::Utf8View);
        let found = match view_test {
            Some(views) => memo.test(&texts, |view| views.may_pass(view), |text| test.holds_in(text)),
            None => memo.test(&texts, |_| true, |text| test.holds_in(text)),
        };
        answers(found, op.is_negated)
    }
}

impl TextSearches {
    /// Applies an operator as [`eval_string_op`] does, with what is left of the batches before. The left side is always the same
    /// column where texts are to be remembered.
    pub fn eval(&self, op: StringOp, left: &Arg, right: &Arg, rows: usize, remember: bool) -> BooleanArray {
        if !right.is_scalar() || left.is_scalar() {
            return eval_string_op(op, left, right, rows);
        }
        let mut search = self.take(op, Strings::of(right).text(0));
        let found = if remember { search.eval_remembering(left) } else { search.eval(left) };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT_SEARCHES {
            kept.push(search);
        }
        found
    }

    fn take(&self, op: StringOp, right: &str) -> TextSearch {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.iter().rposition(|search| search.is(op, right)) {
            Some(found) => kept.swap_remove(found),
            None => TextSearch::new(op, right),
        }
    }
}

impl PartialEq for TextSearches {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for TextSearches {}

impl Hash for TextSearches {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// What views tell of texts that must be the same as the right side. Case may be set aside only for a needle of ASCII, which no text of
/// another length is the same as.
fn view_test(op: StringOp, right: &str, test: &Test) -> Option<ViewTest> {
    match (op.kind, test) {
        (StringOpKind::Equals, _) if op.is_case_sensitive || right.is_ascii() => {
            Some(ViewTest::one_of(std::iter::once(right.as_bytes()), op.is_case_sensitive))
        }
        (StringOpKind::In, Test::Terms(terms)) if op.is_case_sensitive => {
            Some(ViewTest::one_of(terms.set().texts(), true))
        }
        _ => None,
    }
}

impl Test {
    fn holds_in(&self, text: &str) -> bool {
        match self {
            Test::Needle(needle) => needle.is_in(text),
            Test::Terms(terms) => terms.hold_in(text),
            Test::Regex(regex) => regex.is_match(text),
            Test::Never => false,
        }
    }
}
