//! What is wrong with a query, and where.

use serde::Serialize;

use crate::Span;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The query cannot run.
    Error,
    /// The query runs here and on Kusto's engine, but Microsoft's language service (the editor of the portal) calls it an error.
    Tolerated,
    /// The query runs, but likely not as meant.
    Warning,
}

/// One message about one place of the query.
///
/// Codes are stable: `KQL0xx` syntax, `KQL1xx` binding (names, types, arguments), `KQL2xx` not
/// supported yet, `KQL3xx` limits, `KQL4xx` execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Stable code, such as `KQL001`.
    pub code: &'static str,
    /// Error, tolerated or warning.
    pub severity: Severity,
    /// What failed, the value in backticks, lower-case start and no full stop.
    pub message: String,
    /// Where.
    #[serde(flatten)]
    pub span: Span,
    /// What to do about it, such as "did you mean `SigninLogs`?".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error without hint.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, message: message.into(), span, hint: None }
    }

    /// What is answered although Microsoft's language service refuses it, without hint.
    pub fn tolerated(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Tolerated, ..Self::error(code, span, message) }
    }

    /// A warning without hint.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// The same with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
