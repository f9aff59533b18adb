//! Checking a query without running it, up to the plan.

use std::fmt;
use std::sync::Arc;

use datafusion::config::ConfigOptions;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::displayable;
use kql_syntax::{Diagnostic, Severity, Span};

use crate::binder::{Binder, Stop};
use crate::catalog::Catalog;
use crate::diagnostics as codes;
use crate::engine::{Engine, result_columns};
use crate::error::QueryError;
use crate::options::QueryOptions;
use crate::planning::{optimized, physical_plan};
use crate::result::ResultColumn;

/// The stages that a query passes before it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Text to tree.
    Parse,
    /// Names, types and arguments.
    Bind,
    /// The optimized plan.
    Plan,
}

impl Stage {
    /// `parse`, `bind` or `plan`.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Parse => "parse",
            Stage::Bind => "bind",
            Stage::Plan => "plan",
        }
    }
}

/// What was found out about a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The stage that failed, or the last one.
    pub stage: Stage,
    /// All that is wrong, what is tolerated, and warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// The result's columns, where the query was bound.
    pub columns: Vec<ResultColumn>,
}

impl Checked {
    /// Whether the query could run.
    pub fn is_ok(&self) -> bool {
        !self.has(Severity::Error)
    }

    /// Whether Microsoft's language service would call something an error that the engine answers.
    pub fn has_tolerated(&self) -> bool {
        self.has(Severity::Tolerated)
    }

    fn has(&self, severity: Severity) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == severity)
    }
}

/// The plans of a query, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The logical plan, optimized.
    pub logical: String,
    /// The physical plan.
    pub physical: String,
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n\n{}", self.logical, self.physical)
    }
}

/// A query that is bound for checking.
struct Draft {
    plan: LogicalPlan,
    columns: Vec<ResultColumn>,
    is_ordered: bool,
}

impl Engine {
    /// The columns that a query would give, or all that is found wrong with it. Nothing runs.
    pub fn check(
        &self,
        text: &str,
        catalog: &dyn Catalog,
        options: &QueryOptions,
    ) -> Result<Vec<ResultColumn>, Vec<Diagnostic>> {
        let parsed = kql_syntax::parse(text);
        if parsed.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            return Err(parsed.diagnostics);
        }
        bound(&parsed.query, catalog, options, self.settings()).map(|(draft, _)| draft.columns)
    }

    /// Parses, binds and plans a query over this catalog. Nothing runs, and no row or file is read: parts that have to run
    /// first are taken to give nothing.
    pub async fn check_plan(&self, text: &str, catalog: &dyn Catalog, options: &QueryOptions) -> Checked {
        let parsed = kql_syntax::parse(text);
        let mut diagnostics = parsed.diagnostics;
        if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            return Checked { stage: Stage::Parse, diagnostics, columns: Vec::new() };
        }
        let draft = match bound(&parsed.query, catalog, options, self.settings()) {
            Ok((draft, warnings)) => {
                diagnostics.extend(warnings);
                draft
            }
            Err(found) => {
                diagnostics.extend(found);
                return Checked { stage: Stage::Bind, diagnostics, columns: Vec::new() };
            }
        };
        if let Err(problem) = self.planned(&draft, options).await {
            let message = format!("query could not be planned: {problem}");
            diagnostics.push(Diagnostic::error(codes::PLAN, Span::default(), message));
        }
        Checked { stage: Stage::Plan, diagnostics, columns: draft.columns }
    }

    /// How a query would be run over this catalog. Nothing runs: parts that have to run first are taken to give nothing.
    pub async fn explain(
        &self,
        text: &str,
        catalog: &dyn Catalog,
        options: &QueryOptions,
    ) -> Result<Explained, QueryError> {
        let prepared = self.prepare(text)?;
        let (draft, _) = bound(prepared.tree(), catalog, options, self.settings()).map_err(QueryError::Invalid)?;
        let state = self.state(draft.is_ordered, options)?;
        let failed = |error| QueryError::from_execution(&error, options.limits.memory_bytes);
        let logical = optimized(&state, &draft.plan).map_err(failed)?;
        let physical = physical_plan(&state, &draft.plan).await.map_err(failed)?;
        Ok(Explained {
            logical: logical.display_indent().to_string(),
            physical: displayable(physical.as_ref()).indent(true).to_string(),
        })
    }

    async fn planned(&self, draft: &Draft, options: &QueryOptions) -> Result<(), String> {
        let state = self.state(draft.is_ordered, options).map_err(|error| error.to_string())?;
        let plan = physical_plan(&state, &draft.plan).await;
        plan.map(drop).map_err(|error| error.strip_backtrace().lines().next().unwrap_or_default().to_owned())
    }
}

/// Binding is one synchronous step, so that nothing of it lives across an await.
fn bound(
    query: &kql_syntax::Query,
    catalog: &dyn Catalog,
    options: &QueryOptions,
    session: Arc<ConfigOptions>,
) -> Result<(Draft, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut binder = Binder::new(catalog, options, &[], true);
    binder.session = Some(session);
    match binder.query(query) {
        Ok(relation) => {
            let columns = result_columns(&relation);
            let draft = Draft { plan: relation.plan, columns, is_ordered: binder.is_ordered };
            Ok((draft, binder.warnings))
        }
        Err(Stop::Invalid(diagnostics)) => Err(diagnostics),
        Err(_) => {
            let message = "query asks for rows while it is only checked";
            Err(vec![Diagnostic::error(codes::PLAN, Span::default(), message)])
        }
    }
}
