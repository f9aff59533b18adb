//! Merging small files, removing what is past its retention, and freeing space, where no service does it.

use std::path::PathBuf;

use chrono::Utc;
use serde::Serialize;
use storage::{CompactionOptions, Retention, RetentionOptions, Stop, VacuumOptions, Workspace};

use super::backing_up::{runtime, with_hint};
use crate::Error;

/// What to do.
#[derive(Debug, Clone)]
pub struct MaintenanceRequest {
    /// The folder of the workspace.
    pub workspace: PathBuf,
    /// Days in which queries see rows; for ever without it.
    pub retention_days: Option<u32>,
    /// Days until rows are removed, archived meanwhile; `retention_days` without it.
    pub total_retention_days: Option<u32>,
}

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MaintenanceOutcome {
    /// Files that were merged.
    pub merged_files: u64,
    /// Files that they became.
    pub merged_into: u64,
    /// Merges that were not made, as a file could not be read.
    pub failed: Vec<String>,
    /// Rows that were past their retention.
    pub retired_rows: u64,
    /// Rows that are archived in tables whose archive changed.
    pub archived_rows: u64,
    /// Files that were removed.
    pub removed_files: u64,
    /// Bytes that were freed.
    pub freed_bytes: u64,
    /// Files that are no longer needed and stay until no other process can be reading them.
    pub waiting_files: u64,
}

/// Does it. Queries answer the same afterwards, but for what is past its retention.
pub fn maintain(request: &MaintenanceRequest) -> Result<MaintenanceOutcome, Error> {
    runtime()?.block_on(async {
        let workspace = Workspace::open(&request.workspace).await?;
        let maintenance = workspace.maintain().await.map_err(with_hint)?;
        let now = Utc::now();
        let mut outcome = MaintenanceOutcome::default();
        if request.retention_days.is_some() || request.total_retention_days.is_some() {
            let default =
                Retention { interactive_days: request.retention_days, total_days: request.total_retention_days };
            let options = RetentionOptions { default, ..RetentionOptions::default() };
            let retired = maintenance.retain(&options, now).await.map_err(with_hint)?;
            outcome.retired_rows = retired.tables.values().map(|table| table.rows).sum();
            outcome.archived_rows = retired.archived.values().map(|table| table.rows).sum();
        }
        let options = CompactionOptions { most_merges: usize::MAX, ..CompactionOptions::default() };
        let compacted = maintenance.compact(&options, now, &Stop::default()).await.map_err(with_hint)?;
        let vacuumed = maintenance.vacuum(&VacuumOptions::default(), now).await.map_err(with_hint)?;
        outcome.merged_files = compacted.files_before;
        outcome.merged_into = compacted.files_after;
        outcome.failed = compacted.failed.into_iter().map(|(table, why)| format!("{table}: {why}")).collect();
        outcome.removed_files = vacuumed.files + vacuumed.other_files + vacuumed.log_entries;
        outcome.freed_bytes = vacuumed.bytes;
        outcome.waiting_files = vacuumed.waiting;
        Ok(outcome)
    })
}
