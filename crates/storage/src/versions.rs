//! Which versions of the tables are visible: the last complete ingest.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use schema::{CustomColumn, Table};
use serde::{Deserialize, Serialize};

use crate::StorageError;
use crate::archive::Archive;
use crate::durable::{self, Existing};
use crate::journal::{JournalEntry, RemovedFile, TableChange};

/// The file that makes an ingest visible: replacing it is the one step in which all its tables change.
const VERSIONS_FILE: &str = "committed.json";

/// The state of all tables after the change with this sequence number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Versions {
    /// Counts changes, ingests mostly; 0 in a new workspace.
    pub(crate) sequence: u64,
    /// By table name. A table that never had rows is absent; one whose rows are all past their retention is not.
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
    /// The place in the write-ahead log through which the table's rows are in its files.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) log_position: u64,
    /// The files that queries do not see; absent where they see all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) archive: Option<Archive>,
}

/// Totals over some rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) files: u64,
    /// Times of the first and the last row, in µs since 1970.
    pub(crate) first: i64,
    pub(crate) last: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_zero(number: &u64) -> bool {
    *number == 0
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

    /// The custom table of this name, if it has rows or had some.
    pub(crate) fn custom_table(&self, name: &str) -> Option<&'static Table> {
        let version = self.tables.get(name).filter(|_| schema::is_custom_table_name(name))?;
        Some(schema::custom_table(name, &version.custom_columns))
    }

    /// The place in the write-ahead log through which a table's rows are in its files; 0 where none came from there.
    pub(crate) fn log_position(&self, table: &str) -> u64 {
        self.tables.get(table).map_or(0, |table| table.log_position)
    }

    /// Makes these versions the visible ones to those who read them from disk; [`crate::workspace::Inner::publish`] does so for all.
    pub(crate) fn publish(&self, journal: &Path) -> Result<(), StorageError> {
        let path = journal.join(VERSIONS_FILE);
        let bytes = serde_json::to_vec_pretty(self).expect("numbers and strings serialize");
        durable::write(&path, &[&bytes], Existing::Replace).map_err(StorageError::io("write", &path))
    }

    /// The versions after a change, given the Delta version that each of its tables got.
    pub(crate) fn after(&self, entry: &JournalEntry, versions: &[u64]) -> Self {
        let mut next = self.clone();
        next.sequence = entry.sequence;
        for (change, &version) in entry.tables.iter().zip(versions) {
            next.tables.entry(change.table.clone()).or_insert_with(TableVersion::empty).change(change, version);
            if let (Some(position), Some(table)) = (entry.log_position, next.tables.get_mut(&change.table)) {
                table.log_position = table.log_position.max(position);
            }
        }
        next
    }
}

impl TableVersion {
    /// A table that has no rows yet.
    fn empty() -> Self {
        Self { first: i64::MAX, last: i64::MIN, ..Self::default() }
    }

    /// Totals over all rows in files; nothing where there are none.
    pub(crate) fn all(&self) -> Option<Totals> {
        let totals =
            Totals { rows: self.rows, bytes: self.bytes, files: self.files, first: self.first, last: self.last };
        (self.rows > 0).then_some(totals)
    }

    /// Totals over the rows in files that queries see; nothing where there are none.
    pub(crate) fn visible(&self) -> Option<Totals> {
        let all = self.all()?;
        let Some(archive) = &self.archive else { return Some(all) };
        let rows = all.rows.saturating_sub(archive.rows);
        let visible = Totals {
            rows,
            bytes: all.bytes.saturating_sub(archive.bytes),
            files: all.files.saturating_sub(archive.files),
            // Of files of other programs it is not known when their rows are.
            first: if archive.first == i64::MAX { all.first.max(archive.visible_from()) } else { archive.first },
            // Days are visible from the last one back.
            last: all.last,
        };
        (rows > 0).then_some(visible)
    }

    fn change(&mut self, change: &TableChange, version: u64) {
        let removed = |of: fn(&RemovedFile) -> u64| change.removes.iter().map(of).sum::<u64>();
        self.version = version;
        self.rows = (self.rows + change.rows).saturating_sub(removed(|file| file.rows));
        self.bytes = (self.bytes + change.bytes()).saturating_sub(removed(|file| file.size));
        self.files = (self.files + change.adds.len() as u64).saturating_sub(change.removes.len() as u64);
        (self.first, self.last) =
            change.span_after.unwrap_or((self.first.min(change.first), self.last.max(change.last)));
        match (&change.archive, &mut self.archive) {
            (Some(note), archive) => archive.clone_from(&note.after),
            (None, Some(archive)) => archive.change(change),
            (None, None) => {}
        }
        for column in &change.custom_columns {
            if !self.custom_columns.iter().any(|known| known.name == column.name) {
                self.custom_columns.push(column.clone());
            }
        }
    }
}
