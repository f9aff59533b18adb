//! What is wrong with a workspace and what to do.

use std::path::Path;

use chrono::Utc;
use serde::{Deserialize, Serialize};
use storage::{Finding, FindingSeverity};
use utoipa::ToSchema;

use super::backing_up::{runtime, with_hint};
use crate::Error;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FindingSummary {
    /// `notice`, `warning` or `error`.
    pub severity: String,
    /// A table, file or part.
    pub subject: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl FindingSummary {
    /// Whether something gets worse if nothing is done.
    pub fn is_warning(&self) -> bool {
        self.severity == "warning"
    }

    /// Whether rows are lost or refused.
    pub fn is_error(&self) -> bool {
        self.severity == "error"
    }
}

/// Findings in a form to print, the worst first.
pub(crate) fn summaries(findings: Vec<Finding>) -> Vec<FindingSummary> {
    let summary = |finding: Finding| FindingSummary {
        severity: match finding.severity {
            FindingSeverity::Notice => "notice",
            FindingSeverity::Warning => "warning",
            FindingSeverity::Error => "error",
        }
        .to_owned(),
        subject: finding.subject,
        problem: finding.problem,
        remedy: finding.remedy,
    };
    findings.into_iter().map(summary).collect()
}

/// Examines a workspace without changing it; a service may be writing it.
pub fn examine(workspace: &Path) -> Result<Vec<FindingSummary>, Error> {
    let findings = runtime()?.block_on(storage::examine(workspace, Utc::now())).map_err(with_hint)?;
    Ok(summaries(findings))
}
