//! What a query's filter asks of texts, and which row groups can have rows that pass.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::datasource::physical_plan::parquet::ParquetAccessPlan;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};

use super::sidecar::{ColumnTerms, TermFile};
use super::split::{SoughtTerm, sought_terms, whole};

/// Most texts of one test that are looked up; longer lists pass everywhere.
const MAX_SOUGHT: usize = 10_000;

/// A text that is looked for in a column, case set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoughtText {
    /// It occurs in the column's text.
    pub text: String,
    /// No letter or digit may precede it there.
    pub starts_term: bool,
    /// No letter or digit may follow it there.
    pub ends_term: bool,
    /// It is all of the column's text.
    pub is_whole: bool,
}

/// A test of texts: a row passes only if what it says holds for one of the columns. For a document it is about the text that is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextTest {
    /// The columns, by name.
    pub columns: Vec<String>,
    /// What is looked for.
    pub texts: Vec<SoughtText>,
    /// Whether a column must have all of the texts, or one.
    pub all: bool,
}

/// Reads a test of texts from a part of a filter that is neither `and` nor `or`, where it is one: storage does not know the functions
/// of the query language.
pub type ReadTextTest = fn(&FilterPart) -> Option<TextTest>;

/// A part of a filter, as the query engine plans it.
pub type FilterPart = Expr;

/// What a filter asks of texts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TextCondition {
    /// Nothing that filters can tell.
    Anything,
    And(Vec<TextCondition>),
    Or(Vec<TextCondition>),
    /// One of the columns has one (all) of these.
    Test {
        columns: Vec<String>,
        texts: Vec<Vec<Asked>>,
        all: bool,
    },
}

/// What a filter is asked about one text; all must be there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Asked {
    Term(SoughtTerm),
    Whole(u64),
}

impl TextCondition {
    /// What all these filters ask together.
    pub(crate) fn of(filters: &[Expr], read: Option<ReadTextTest>) -> Self {
        and(filters.iter().map(|filter| Self::of_expr(filter, read)))
    }

    fn of_expr(expr: &Expr, read: Option<ReadTextTest>) -> Self {
        match expr {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
                and([left, right].into_iter().map(|side| Self::of_expr(side, read)))
            }
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
                or([left, right].into_iter().map(|side| Self::of_expr(side, read)))
            }
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq | Operator::IsNotDistinctFrom, right }) => {
                let sides = column_and_text(left, right).or_else(|| column_and_text(right, left));
                sides.map_or(Self::Anything, |(column, text)| Self::equals(column, vec![text]))
            }
            Expr::InList(InList { expr, list, negated: false }) => {
                let texts: Option<Vec<String>> = list.iter().map(text_of).collect();
                match (expr.as_ref(), texts) {
                    (Expr::Column(column), Some(texts)) => Self::equals(&column.name, texts),
                    _ => Self::Anything,
                }
            }
            Expr::IsTrue(inner) => Self::of_expr(inner, read),
            other => read.and_then(|read| read(other)).map_or(Self::Anything, Self::of_test),
        }
    }

    fn equals(column: &str, texts: Vec<String>) -> Self {
        let sought = |text| SoughtText { text, starts_term: true, ends_term: true, is_whole: true };
        let texts = texts.into_iter().map(sought).collect();
        Self::of_test(TextTest { columns: vec![column.to_owned()], texts, all: false })
    }

    pub(super) fn of_test(test: TextTest) -> Self {
        if test.texts.len() > MAX_SOUGHT {
            return Self::Anything;
        }
        let texts: Vec<Vec<Asked>> = test.texts.iter().map(asked).collect();
        let tells_nothing = if test.all { texts.iter().all(Vec::is_empty) } else { texts.iter().any(Vec::is_empty) };
        if tells_nothing {
            return Self::Anything;
        }
        Self::Test { columns: test.columns, texts, all: test.all }
    }

    /// Whether a row can pass where the columns have these filters.
    fn may_hold(&self, filter_of: &mut impl FnMut(&str) -> Option<Arc<ColumnTerms>>) -> bool {
        match self {
            Self::Anything => true,
            Self::And(parts) => parts.iter().all(|part| part.may_hold(filter_of)),
            Self::Or(parts) => parts.iter().any(|part| part.may_hold(filter_of)),
            Self::Test { columns, texts, all } => columns.iter().any(|column| {
                let Some(terms) = filter_of(column) else { return true };
                let mut has = texts.iter().map(|asked| asked.iter().all(|asked| asked.may_be_in(&terms)));
                if *all { has.all(|has| has) } else { has.any(|has| has) }
            }),
        }
    }
}

impl Asked {
    fn may_be_in(&self, column: &ColumnTerms) -> bool {
        match self {
            Asked::Term(term) => term.is_numeric && column.has_reals || column.filter.may_have(term.hash),
            Asked::Whole(hash) => column.is_json || column.filter.may_have(*hash),
        }
    }
}

fn asked(sought: &SoughtText) -> Vec<Asked> {
    let terms = sought_terms(&sought.text, sought.starts_term, sought.ends_term);
    let whole = if sought.is_whole { whole(&sought.text) } else { None };
    terms.into_iter().map(Asked::Term).chain(whole.map(Asked::Whole)).collect()
}

fn and(parts: impl Iterator<Item = TextCondition>) -> TextCondition {
    let mut parts: Vec<TextCondition> = parts.filter(|part| *part != TextCondition::Anything).collect();
    match parts.len() {
        0 => TextCondition::Anything,
        1 => parts.remove(0),
        _ => TextCondition::And(parts),
    }
}

fn or(parts: impl Iterator<Item = TextCondition>) -> TextCondition {
    let parts: Vec<TextCondition> = parts.collect();
    if parts.contains(&TextCondition::Anything) { TextCondition::Anything } else { TextCondition::Or(parts) }
}

fn column_and_text<'a>(column: &'a Expr, text: &Expr) -> Option<(&'a str, String)> {
    let Expr::Column(column) = column else { return None };
    Some((&column.name, text_of(text)?))
}

fn text_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Literal(ScalarValue::Utf8View(Some(text)) | ScalarValue::Utf8(Some(text)), _) => Some(text.clone()),
        _ => None,
    }
}

/// Which row groups of a file can have rows that pass; `None` where all can, or the file has no filters.
///
/// Reads the few KiB of the columns that are asked about, without waiting on other tasks: they are part of planning.
pub(crate) fn access_plan(condition: &TextCondition, mut file: TermFile) -> Option<ParquetAccessPlan> {
    let groups = file.groups();
    let mut plan = ParquetAccessPlan::new_all(groups);
    for group in 0..groups {
        let mut known: HashMap<String, Option<Arc<ColumnTerms>>> = HashMap::new();
        let mut filter_of = |column: &str| match known.get(column) {
            Some(known) => known.clone(),
            None => {
                let read = file.column(group, column).map(Arc::new);
                known.insert(column.to_owned(), read.clone());
                read
            }
        };
        if !condition.may_hold(&mut filter_of) {
            plan.skip(group);
        }
    }
    (plan.row_group_indexes().len() < groups).then_some(plan)
}
