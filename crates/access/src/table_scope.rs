//! The tables that exist for a caller.

use std::collections::BTreeSet;

/// The tables that a caller may read. The others do not exist for it: not in `search`, `union`, functions or metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TableScope {
    /// All tables.
    #[default]
    All,
    /// Only these, by name.
    Only(BTreeSet<String>),
}

impl TableScope {
    /// Whether the table exists for the caller.
    pub fn has(&self, table: &str) -> bool {
        match self {
            TableScope::All => true,
            TableScope::Only(names) => names.contains(table),
        }
    }
}
