//! What was read and what was not.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::limits::ERROR_GROUPS;

/// Stands for all reasons beyond [`ERROR_GROUPS`].
const OTHER_REASONS: &str = "other reasons";

/// How reading a file ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileStatus {
    /// Read to its end.
    Read,
    /// Not read: its content was read before.
    SkippedKnown,
    /// Not read, or not to its end; rows of what could be read are kept.
    Unreadable,
}

impl FileStatus {
    /// As it stands in reports and in `IngestedFiles`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::SkippedKnown => "skipped-known",
            Self::Unreadable => "unreadable",
        }
    }
}

/// One file, or one file inside an archive. Archives have an entry of their own, without records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileReport {
    /// Its path; inside an archive `a.zip!inner.json`.
    pub path: String,
    /// The formats of its records joined by `+`, or what the file is (`json`, `csv`, `zip`, …).
    pub format: String,
    /// Records found, placed or not.
    pub records: u64,
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// Time of the first of its rows; those of `IngestionErrors` do not count.
    pub first_event: Option<DateTime<Utc>>,
    /// Time of the last of its rows.
    pub last_event: Option<DateTime<Utc>>,
    /// Records left out because the same event was read before.
    pub duplicates: u64,
    /// Records that went to `IngestionErrors`.
    pub rejected: u64,
    /// SHA-256 of the file as it lies on disk, or of its content when it lies in an archive. Empty when it is not known.
    pub sha256: String,
    /// Bytes on disk, or of the content when it lies in an archive.
    pub bytes: u64,
    /// How reading it ended.
    pub status: FileStatus,
    /// Why it was not read.
    pub reason: Option<String>,
}

impl FileReport {
    /// A file of which nothing was read yet.
    pub(crate) fn new(path: String, format: &str, sha256: &str, bytes: u64) -> Self {
        Self {
            path,
            format: format.to_owned(),
            records: 0,
            rows: BTreeMap::new(),
            first_event: None,
            last_event: None,
            duplicates: 0,
            rejected: 0,
            sha256: sha256.to_owned(),
            bytes,
            status: FileStatus::Read,
            reason: None,
        }
    }
}

/// Records of one file that were rejected for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorGroup {
    /// The file.
    pub file: String,
    /// The reason, as in `IngestionErrors`.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// A run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IngestReport {
    /// The files in order.
    pub files: Vec<FileReport>,
    /// Rows by table.
    pub tables: BTreeMap<String, u64>,
    /// Records left out because the same event was read before.
    pub duplicates: u64,
    /// What went to `IngestionErrors`, and files that could not be read.
    pub errors: Vec<ErrorGroup>,
}

impl IngestReport {
    /// Whether every file was read.
    pub fn all_files_read(&self) -> bool {
        self.files.iter().all(|file| file.status != FileStatus::Unreadable)
    }
}

/// What became of some records of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub records: u64,
    pub duplicates: u64,
    pub rejected: u64,
    pub rows: BTreeMap<String, u64>,
    /// First and last time of the rows, in microseconds since 1970.
    pub times: Option<(i64, i64)>,
    pub formats: BTreeMap<&'static str, u64>,
    pub errors: BTreeMap<String, u64>,
}

impl Counts {
    /// Counts a rejected record.
    pub fn reject(&mut self, reason: &str) {
        self.rejected += 1;
        let is_new = !self.errors.contains_key(reason);
        let reason = if is_new && self.errors.len() >= ERROR_GROUPS { OTHER_REASONS } else { reason };
        *self.errors.entry(reason.to_owned()).or_default() += 1;
    }

    /// Adds the counts of other records of the same file.
    pub fn add(&mut self, other: Self) {
        self.records += other.records;
        self.duplicates += other.duplicates;
        self.rejected += other.rejected;
        for (table, count) in other.rows {
            *self.rows.entry(table).or_default() += count;
        }
        self.times = match (self.times, other.times) {
            (Some((first, last)), Some((from, to))) => Some((first.min(from), last.max(to))),
            (times, others) => times.or(others),
        };
        for (format, count) in other.formats {
            *self.formats.entry(format).or_default() += count;
        }
        for (reason, count) in other.errors {
            *self.errors.entry(reason).or_default() += count;
        }
    }
}
