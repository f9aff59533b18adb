//! What a workspace holds.

use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{Error, Session};

/// A table of a workspace.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableSummary {
    /// Its name.
    pub name: String,
    /// Rows.
    pub rows: u64,
    /// Data files.
    pub files: u64,
    /// Size of the data files.
    pub bytes: u64,
    /// Time of the first row.
    pub first: Option<DateTime<Utc>>,
    /// Time of the last row.
    pub last: Option<DateTime<Utc>>,
}

/// The tables that hold something, by name.
pub fn tables(workspace: &Path) -> Result<Vec<TableSummary>, Error> {
    let catalog = Session::open(workspace)?.catalog()?;
    let snapshot = catalog.snapshot();
    let summaries = snapshot.table_names().into_iter().filter_map(|name| {
        let statistics = snapshot.statistics(&name)?;
        Some(TableSummary {
            name,
            rows: statistics.rows,
            files: statistics.files,
            bytes: statistics.bytes,
            first: statistics.first,
            last: statistics.last,
        })
    });
    Ok(summaries.collect())
}
