//! Which versions of the tables are visible: the last complete ingest.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use schema::{CustomColumn, Table};
use serde::{Deserialize, Serialize};

use crate::StorageError;
use crate::durable::{self, Existing};
use crate::journal::{JournalEntry, TableChange};

/// The file that makes an ingest visible: replacing it is the one step in which all its tables change.
const VERSIONS_FILE: &str = "committed.json";

/// The state of all tables after the ingest with this sequence number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Versions {
    /// Counts ingests; 0 in a new workspace.
    pub(crate) sequence: u64,
    /// By table name. A table without rows is absent.
    pub(crate) tables: BTreeMap<String, TableVersion>,
}

/// A table's Delta version, and the totals over its rows at that version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TableVersion {
    pub(crate) version: u64,
    pub(crate) rows: u64,
    /// Of the data files.
    pub(crate) bytes: u64,
    pub(crate) files: u64,
    /// Earliest time of a row, in µs since 1970.
    pub(crate) first: i64,
    /// Latest time of a row, in µs since 1970.
    pub(crate) last: i64,
    /// The columns of a custom table beside those that every one has; empty for a built-in table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) custom_columns: Vec<CustomColumn>,
}

impl Versions {
    /// Reads the visible versions; a new workspace has none.
    pub(crate) fn read(journal: &Path) -> Result<Self, StorageError> {
        let path = journal.join(VERSIONS_FILE);
        match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(StorageError::io("read", &path)(error)),
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|source| StorageError::Damaged { path, source }),
        }
    }

    /// The custom table of this name, if it has rows.
    pub(crate) fn custom_table(&self, name: &str) -> Option<&'static Table> {
        let version = self.tables.get(name).filter(|_| schema::is_custom_table_name(name))?;
        Some(schema::custom_table(name, &version.custom_columns))
    }

    /// Makes these versions the visible ones.
    pub(crate) fn publish(&self, journal: &Path) -> Result<(), StorageError> {
        let path = journal.join(VERSIONS_FILE);
        let bytes = serde_json::to_vec_pretty(self).expect("numbers and strings serialize");
        durable::write(&path, &[&bytes], Existing::Replace).map_err(StorageError::io("write", &path))
    }

    /// The versions after an ingest, given the Delta version that each of its tables got.
    pub(crate) fn after(&self, entry: &JournalEntry, versions: &[u64]) -> Self {
        let mut next = self.clone();
        next.sequence = entry.sequence;
        for (change, &version) in entry.tables.iter().zip(versions) {
            next.tables
                .entry(change.table.clone())
                .and_modify(|table| table.add(change, version))
                .or_insert_with(|| TableVersion::new(change, version));
        }
        next
    }
}

impl TableVersion {
    fn new(change: &TableChange, version: u64) -> Self {
        Self {
            version,
            rows: change.rows,
            bytes: change.bytes(),
            files: change.adds.len() as u64,
            first: change.first,
            last: change.last,
            custom_columns: change.custom_columns.clone(),
        }
    }

    fn add(&mut self, change: &TableChange, version: u64) {
        self.version = version;
        self.rows += change.rows;
        self.bytes += change.bytes();
        self.files += change.adds.len() as u64;
        self.first = self.first.min(change.first);
        self.last = self.last.max(change.last);
        for column in &change.custom_columns {
            if !self.custom_columns.iter().any(|known| known.name == column.name) {
                self.custom_columns.push(column.clone());
            }
        }
    }
}
