//! Numbers of a live workspace, and what its operations did.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::TableSummary;

/// What became of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Appended {
    /// The place of the rows in the log, counted from 1; of a batch that was stored before, the place that it has.
    pub sequence: u64,
    /// Rows stored now.
    pub rows: u64,
    /// Whether a batch of this id was stored before, so that nothing was stored now.
    pub is_repeated: bool,
}

/// What a flush moved to Delta.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlushSummary {
    /// The number of the last ingest into Delta.
    pub sequence: u64,
    /// The place in the log through which rows of the tables are in Delta.
    pub log_position: u64,
    /// By table name; only tables that got rows.
    pub tables: BTreeMap<String, TableSummary>,
}

/// Numbers of a live workspace, for metrics. Counters count from when the workspace went live.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LiveStatus {
    /// The place in the log of the last rows that are visible.
    pub sequence: u64,
    /// Requests that wait for the log.
    pub waiting_requests: usize,
    /// Bytes of their rows.
    pub waiting_bytes: u64,
    /// Rows that are visible and not yet in Delta.
    pub fresh_rows: u64,
    /// Bytes of those in memory.
    pub fresh_bytes: u64,
    /// Tables that have such rows.
    pub fresh_tables: usize,
    /// Bytes of the log on disk.
    pub log_bytes: u64,
    /// Segments of the log.
    pub log_segments: usize,
    /// Bytes that the disk has left, where the operating system says.
    pub free_disk_bytes: Option<u64>,
    /// Batch ids remembered.
    pub remembered_batches: usize,
    /// Rows acknowledged.
    pub appended_rows: u64,
    /// Bytes that those took in the log.
    pub appended_bytes: u64,
    /// Batches sent again and not stored again.
    pub repeated_batches: u64,
    /// Requests refused as busy.
    pub refused_requests: u64,
    /// Requests that failed otherwise.
    pub failed_requests: u64,
    /// Groups of requests that shared a sync.
    pub groups: u64,
    /// Time that writing and syncing them took together.
    pub group_time: Duration,
    /// The longest that one took.
    pub longest_group: Duration,
    /// Flushes that moved rows.
    pub flushes: u64,
    /// Time that they took together.
    pub flush_time: Duration,
    /// Flushes that failed.
    pub failed_flushes: u64,
    /// Why the last flush failed, where it did.
    pub flush_error: Option<String>,
}
