//! Why a query has no result.

use datafusion::error::DataFusionError;
use kql_syntax::Diagnostic;

use crate::partial::Partial;

/// Why a query has no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum QueryError {
    /// The text is not a query that can run: at least one diagnostic.
    #[error("{}", list(.0))]
    Invalid(Vec<Diagnostic>),
    /// The query used up more than it may.
    #[error("query needs more than its limit of {limit} {unit}")]
    Limit {
        /// The limit, in `unit`.
        limit: u64,
        /// What of: `seconds`, `bytes of memory`, `rows`, `bytes of result`.
        unit: &'static str,
    },
    /// Its [`crate::CancelToken`] was cancelled.
    #[error("query was cancelled")]
    Cancelled,
    /// The query could be planned but failed when it ran, such as on a damaged file.
    #[error("query failed: {0}")]
    Execution(String),
}

/// The unit of the limit on memory.
pub(crate) const MEMORY: &str = "bytes of memory";

impl From<Partial> for QueryError {
    fn from(Partial { limit, unit }: Partial) -> Self {
        QueryError::Limit { limit, unit }
    }
}

impl QueryError {
    /// What the execution's error means for the caller.
    pub(crate) fn from_execution(error: &DataFusionError, memory_bytes: usize) -> Self {
        match error.find_root() {
            DataFusionError::ResourcesExhausted(_) => QueryError::Limit { limit: memory_bytes as u64, unit: MEMORY },
            root => own(root).unwrap_or_else(|| QueryError::Execution(first_sentence(&root.strip_backtrace()))),
        }
    }
}

/// The error of ours that a plan of DataFusion's failed by.
fn own(root: &DataFusionError) -> Option<QueryError> {
    let DataFusionError::External(error) = root else { return None };
    error.downcast_ref::<QueryError>().cloned()
}

/// What a failure says, without the advice to its own developers that may follow.
fn first_sentence(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let line = line.split("\nThis issue").next().unwrap_or(line);
    line.trim_start_matches("Internal error: ").trim_end_matches('.').to_owned()
}

fn list(diagnostics: &[Diagnostic]) -> String {
    let lines: Vec<String> = diagnostics
        .iter()
        .map(|diagnostic| {
            let hint = diagnostic.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
            let span = diagnostic.span;
            format!("{} at {}..{}: {}{hint}", diagnostic.code, span.start, span.end, diagnostic.message)
        })
        .collect();
    lines.join("\n")
}
