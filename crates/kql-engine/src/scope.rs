//! A bound tabular expression: its plan and what its columns are in KQL.

use std::fmt;
use std::sync::Arc;

use datafusion::common::Column;
use datafusion::logical_expr::{Expr, LogicalPlan, SortExpr};
use kql_functions::Type;

use crate::graph::PropertyGraph;

/// How a datetime is held in Arrow. Other types have one form only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Repr {
    /// As [`Type::arrow`] says; for datetimes, ticks.
    Engine,
    /// `Timestamp(Microsecond, "UTC")`, as stored: what files are pruned by.
    Us,
    /// Nobody knows before the query runs: a column whose name and type come from rows (`bag_unpack`, `pivot`).
    /// Only while a query is checked; the type is written as dynamic, and every use of it is let through.
    Unknown,
}

/// A column of a relation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ScopeColumn {
    /// KQL name.
    pub name: String,
    /// Name in the plan, unique in the query.
    pub plan_name: String,
    /// KQL type.
    pub ty: Type,
    /// Form of a datetime.
    pub repr: Repr,
    /// Whether a value can be null; never for strings.
    pub nullable: bool,
    /// Reached by name only.
    pub hidden: bool,
}

impl ScopeColumn {
    /// A reference to it.
    pub fn expr(&self) -> Expr {
        Expr::Column(Column::new_unqualified(self.plan_name.clone()))
    }
}

/// A bound tabular expression.
#[derive(Clone)]
pub(crate) struct Relation {
    /// How to compute it.
    pub plan: LogicalPlan,
    /// Its columns in order, the hidden ones included.
    pub columns: Vec<ScopeColumn>,
    /// The order that `sort` or `top` gave its rows, in plan columns; kept by operators that keep rows in order.
    pub order: Vec<SortExpr>,
    /// Window functions may look at neighboring rows.
    pub serialized: bool,
    /// What `union withsource=` and `search` call it.
    pub source: Option<String>,
    /// What stands here is a graph: it has no rows, and only the operators on graphs take it.
    pub graph: Option<Arc<PropertyGraph>>,
}

impl fmt::Debug for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relation").field("columns", &self.columns).finish_non_exhaustive()
    }
}

impl Relation {
    /// A relation without order.
    pub fn new(plan: LogicalPlan, columns: Vec<ScopeColumn>) -> Self {
        Self { plan, columns, order: Vec::new(), serialized: false, source: None, graph: None }
    }

    /// A graph in the place of a table.
    pub fn of_graph(graph: Arc<PropertyGraph>) -> Self {
        Self { graph: Some(graph), ..Self::new(LogicalPlan::default(), Vec::new()) }
    }

    /// The column of that exact name.
    pub fn column(&self, name: &str) -> Option<&ScopeColumn> {
        find_column(&self.columns, name)
    }

    /// The hidden column that says that a relation has more columns than are known.
    pub fn open_marker(&self) -> Option<&ScopeColumn> {
        open_marker(&self.columns)
    }

    /// Whether there may be columns that only rows tell.
    pub fn is_open(&self) -> bool {
        self.open_marker().is_some()
    }

    /// The columns that `*` stands for.
    pub fn visible(&self) -> impl Iterator<Item = &ScopeColumn> {
        self.columns.iter().filter(|column| !column.hidden)
    }
}

/// The column of that exact name.
pub(crate) fn find_column<'a>(columns: &'a [ScopeColumn], name: &str) -> Option<&'a ScopeColumn> {
    columns.iter().find(|column| column.name == name)
}

/// The name of the hidden column of relations whose columns depend on rows; no query can write it.
pub(crate) const OPEN: &str = "\u{2}open";

/// The hidden column that says that there are more columns than are known.
pub(crate) fn open_marker(columns: &[ScopeColumn]) -> Option<&ScopeColumn> {
    columns.iter().rev().find(|column| column.hidden && column.name.starts_with(OPEN))
}

/// Whether a name is matched by a pattern in which `*` stands for any run of characters; case matters.
pub fn matches_pattern(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        assert!(matches_pattern("a*", "abc"));
        assert!(matches_pattern("*", ""));
        assert!(matches_pattern("a*c", "abbc"));
        assert!(matches_pattern("*b*", "abc"));
        assert!(!matches_pattern("a*c", "abcd"));
        assert!(!matches_pattern("abc", "ab"));
        assert!(!matches_pattern("ab*ba", "aba"));
    }
}
