//! The journal: changes that are decided but perhaps not yet in all of their tables' logs.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use deltalake_core::kernel::{Add, Remove, StructType};
use schema::CustomColumn;
use serde::{Deserialize, Serialize};

use crate::archive::ArchiveNote;
use crate::durable::{self, Existing};
use crate::layout::DAY_COLUMN;
use crate::{CommitInfo, StorageError};

/// What a change does to the rows of its tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ChangeKind {
    /// Rows come in.
    #[default]
    Ingest,
    /// The same rows in other files.
    Compaction,
    /// Rows that are past their retention go, or are archived.
    Retention,
}

/// One change, an ingest mostly: everything needed to complete it after a crash.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct JournalEntry {
    /// One more than that of the change before.
    pub(crate) sequence: u64,
    /// Entries of before there were others are ingests.
    #[serde(default)]
    pub(crate) kind: ChangeKind,
    /// What was done, for the tables' histories.
    pub(crate) info: CommitInfo,
    /// Of a flush: the place in the write-ahead log through which it has the rows of its tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) log_position: Option<u64>,
    pub(crate) tables: Vec<TableChange>,
}

/// What a change adds to one table, and takes out of it.
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
    /// Rows of the added files.
    pub(crate) rows: u64,
    /// Earliest time of the added rows, in µs since 1970; `i64::MAX` where none are.
    pub(crate) first: i64,
    /// Latest time of the added rows, in µs since 1970; `i64::MIN` where none are.
    pub(crate) last: i64,
    /// The files that leave the table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) removes: Vec<RemovedFile>,
    /// Earliest and latest time of the table's rows after a change that takes rows out, in the same unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) span_after: Option<(i64, i64)>,
    /// What of the table is archived from then on, where that is decided anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) archive: Option<ArchiveNote>,
}

/// A data file that leaves a table. It stays on disk until no reader can need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RemovedFile {
    /// Below the table's folder.
    pub(crate) path: String,
    /// The value of its partition.
    pub(crate) day: String,
    /// In bytes.
    pub(crate) size: u64,
    pub(crate) rows: u64,
    /// When it was decided, in ms since 1970.
    pub(crate) removed: i64,
}

impl ChangeKind {
    /// Whether the rows of a table are others afterwards; readers of Delta's change feeds skip what is not.
    pub(crate) fn changes_data(self) -> bool {
        self != Self::Compaction
    }
}

impl RemovedFile {
    /// The same in the log's form.
    pub(crate) fn action(&self, changes_data: bool) -> Remove {
        Remove {
            path: self.path.clone(),
            data_change: changes_data,
            deletion_timestamp: Some(self.removed),
            extended_file_metadata: Some(true),
            partition_values: Some(HashMap::from([(DAY_COLUMN.to_owned(), Some(self.day.clone()))])),
            size: Some(i64::try_from(self.size).unwrap_or(i64::MAX)),
            ..Remove::default()
        }
    }
}

impl TableChange {
    /// The size of the added data files.
    pub(crate) fn bytes(&self) -> u64 {
        self.adds.iter().map(|add| u64::try_from(add.size).unwrap_or(0)).sum()
    }
}

impl JournalEntry {
    /// Decides the change: from here on it is completed, by this process or a later one.
    pub(crate) fn write(&self, journal: &Path) -> Result<(), StorageError> {
        let path = self.path(journal);
        let bytes = serde_json::to_vec(self).map_err(|source| StorageError::Damaged { path: path.clone(), source })?;
        durable::write(&path, &[&bytes], Existing::Refuse).map_err(StorageError::io("write", &path))
    }

    /// Forgets a completed change.
    pub(crate) fn remove(&self, journal: &Path) -> Result<(), StorageError> {
        let path = self.path(journal);
        durable::remove(&path).map_err(StorageError::io("remove", &path))
    }

    fn path(&self, journal: &Path) -> PathBuf {
        // Zero-padded, so that names sort as numbers do.
        journal.join(format!("{:020}.json", self.sequence))
    }
}

/// The files of pending changes, oldest first.
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

/// Reads a pending change.
pub(crate) fn read(path: &Path) -> Result<JournalEntry, StorageError> {
    let bytes = fs::read(path).map_err(StorageError::io("read", path))?;
    serde_json::from_slice(&bytes).map_err(|source| StorageError::Damaged { path: path.to_owned(), source })
}
