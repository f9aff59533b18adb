//! A column of a built-in table.

use serde::{Deserialize, Serialize};

/// The KQL type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "each is the KQL type of its name")]
pub enum ColumnType {
    Bool,
    Int,
    Long,
    Real,
    Decimal,
    String,
    Guid,
    DateTime,
    TimeSpan,
    Dynamic,
}

/// A column: name, type, and whether `*` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Microsoft's name, or ours with a leading underscore.
    pub name: String,
    /// Its KQL type.
    pub ty: ColumnType,
    /// Addressed by name only: absent from `*`, wildcards and `getschema`.
    pub hidden: bool,
    /// Set where this name is another name of a stored column (`Timestamp` of `TimeGenerated`): it has no storage of its own.
    pub alias_of: Option<String>,
}
