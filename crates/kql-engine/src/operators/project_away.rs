//! `project-away` and `project-keep`.

use kql_syntax::NamePattern;

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::scope::{Relation, ScopeColumn, matches_pattern};

impl Binder<'_> {
    /// Drops columns.
    pub(super) fn project_away(&mut self, input: Relation, patterns: &[NamePattern]) -> Bind<Relation> {
        check_patterns(&input, patterns)?;
        Ok(retained(input, |column| column.hidden || !is_named(column, patterns)))
    }

    /// Keeps columns, in the order of the input.
    pub(super) fn project_keep(&mut self, input: Relation, patterns: &[NamePattern]) -> Bind<Relation> {
        check_patterns(&input, patterns)?;
        Ok(retained(input, |column| super::mv_apply::is_carried(column) || is_named(column, patterns)))
    }
}

/// Columns that nothing names any more are dropped when the whole plan is known.
fn retained(mut input: Relation, keeps: impl Fn(&ScopeColumn) -> bool) -> Relation {
    input.columns.retain(keeps);
    Relation { source: None, ..input }
}

fn is_named(column: &ScopeColumn, patterns: &[NamePattern]) -> bool {
    patterns.iter().any(|pattern| {
        if pattern.pattern.contains('*') {
            !column.hidden && matches_pattern(&pattern.pattern, &column.name)
        } else {
            pattern.pattern == column.name
        }
    })
}

/// A plain name must be one of a column; a pattern may match none.
fn check_patterns(input: &Relation, patterns: &[NamePattern]) -> Bind<()> {
    for pattern in patterns {
        if !pattern.pattern.contains('*') && input.column(&pattern.pattern).is_none() {
            let known = input.columns.iter().map(|column| column.name.as_str());
            let problem = codes::unknown(codes::UNKNOWN_NAME, pattern.span, "column", &pattern.pattern, known);
            return Err(problem.into());
        }
    }
    Ok(())
}
