//! The journal: ingests that are decided but perhaps not yet in all of their tables' logs.

use std::fs;
use std::path::{Path, PathBuf};

use deltalake_core::kernel::{Add, StructType};
use schema::CustomColumn;
use serde::{Deserialize, Serialize};

use crate::durable::{self, Existing};
use crate::{CommitInfo, StorageError};

/// One ingest: everything needed to complete it after a crash.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct JournalEntry {
    /// One more than that of the ingest before.
    pub(crate) sequence: u64,
    /// What was ingested, for the tables' histories.
    pub(crate) info: CommitInfo,
    pub(crate) tables: Vec<TableChange>,
}

/// What an ingest adds to one table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TableChange {
    pub(crate) table: String,
    /// The table's columns, so that an entry can be completed without asking what the table is.
    pub(crate) columns: StructType,
    /// Those of a custom table with their KQL types, which Delta's types do not tell; empty for a built-in one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) custom_columns: Vec<CustomColumn>,
    /// The value of `delta.dataSkippingStatsColumns`.
    pub(crate) statistics_columns: String,
    pub(crate) adds: Vec<Add>,
    pub(crate) rows: u64,
    /// Earliest time, in µs since 1970.
    pub(crate) first: i64,
    /// Latest time, in µs since 1970.
    pub(crate) last: i64,
}

impl TableChange {
    /// The size of the data files.
    pub(crate) fn bytes(&self) -> u64 {
        self.adds.iter().map(|add| u64::try_from(add.size).unwrap_or(0)).sum()
    }
}

impl JournalEntry {
    /// Decides the ingest: from here on it is completed, by this process or a later one.
    pub(crate) fn write(&self, journal: &Path) -> Result<(), StorageError> {
        let path = self.path(journal);
        let bytes = serde_json::to_vec(self).map_err(|source| StorageError::Damaged { path: path.clone(), source })?;
        durable::write(&path, &[&bytes], Existing::Refuse).map_err(StorageError::io("write", &path))
    }

    /// Forgets a completed ingest.
    pub(crate) fn remove(&self, journal: &Path) -> Result<(), StorageError> {
        let path = self.path(journal);
        durable::remove(&path).map_err(StorageError::io("remove", &path))
    }

    fn path(&self, journal: &Path) -> PathBuf {
        // Zero-padded, so that names sort as numbers do.
        journal.join(format!("{:020}.json", self.sequence))
    }
}

/// The files of pending ingests, oldest first.
pub(crate) fn pending(journal: &Path) -> Result<Vec<PathBuf>, StorageError> {
    let entries = fs::read_dir(journal).map_err(StorageError::io("list", journal))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(StorageError::io("list", journal))?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let is_entry = stem.len() == 20 && stem.bytes().all(|byte| byte.is_ascii_digit());
        if is_entry && path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Reads a pending ingest.
pub(crate) fn read(path: &Path) -> Result<JournalEntry, StorageError> {
    let bytes = fs::read(path).map_err(StorageError::io("read", path))?;
    serde_json::from_slice(&bytes).map_err(|source| StorageError::Damaged { path: path.to_owned(), source })
}
