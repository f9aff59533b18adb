//! Why a rule could not be read.

use thiserror::Error;

/// A rule, or the tests beside it, could not be read: where, what, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}: field `{field}`: {problem}")]
pub struct RuleError {
    /// The file, as it was named to the reader.
    pub file: String,
    /// Path of the field, such as `entityMappings[0].entityType`; `.` for the whole file.
    pub field: String,
    /// What is wrong, with the offending value in backticks.
    pub problem: String,
    /// What to do about it; may be empty.
    pub hint: String,
}
