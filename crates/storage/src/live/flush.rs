//! Moving rows to Delta.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::core::Core;
use super::live_workspace::lock;
use super::run::in_columns;
use super::writer::Message;
use super::{FlushSummary, FreshTable, LiveWorkspace, View};
use crate::append::Append;
use crate::crash_point::CrashAt;
use crate::{CommitInfo, StorageError, recovery};

/// What a flush by size leaves in memory of the size at which it begins: largest tables go first, so that small ones get few files.
const LEFT_SHARE: u64 = 4;

/// Part of the most that the log may take from which on all tables are moved: a table with few rows would keep segments of others.
const LOG_SHARE: u64 = 2;

/// How long after a failed flush the next is tried: one writes up to `flush_bytes` before it fails.
const RETRY_AFTER_FAILURE: Duration = Duration::from_secs(10);

impl LiveWorkspace {
    /// Moves all rows that are visible now to Delta.
    pub async fn flush(&self) -> Result<FlushSummary, StorageError> {
        self.flush_chosen(|view| view.fresh.tables().map(|table| table.table.name.as_str()).collect()).await
    }

    /// Moves what is due by size or age to Delta. Called about each second. Failures are in the status and in the program's log; rows
    /// stay where they are, and a later tick tries again.
    pub async fn tick(&self, now: Instant) {
        if lock(&self.shared.schedule).not_before.is_some_and(|time| now < time) {
            return;
        }
        let is_anything_due =
            self.shared.core.workspace.live.load().is_some_and(|view| !self.due(&view, now).is_empty());
        if is_anything_due && self.flush_chosen(|view| self.due(view, now)).await.is_err() {
            lock(&self.shared.schedule).not_before = Some(now + RETRY_AFTER_FAILURE);
        }
    }

    /// The tables to move at this time.
    fn due(&self, view: &View, now: Instant) -> Vec<&'static str> {
        let core = &self.shared.core;
        let options = &core.options;
        let mut schedule = lock(&self.shared.schedule);
        schedule.since.retain(|name, _| view.fresh.table(name).is_some());
        for table in view.fresh.tables() {
            schedule.since.entry(table.table.name.as_str()).or_insert(now);
        }
        let log_bytes = core.log_bytes.load(std::sync::atomic::Ordering::Relaxed);
        let oldest = view.fresh.first_needed();
        let is_long = log_bytes > options.log_bytes / LOG_SHARE
            || (view.fresh.sequence + 1).saturating_sub(oldest) >= options.log_records;
        if is_long || oldest <= schedule.replayed {
            return schedule.since.keys().copied().collect();
        }
        let is_old = |name: &str| {
            let since = schedule.since.get(name);
            since.is_some_and(|since| now.saturating_duration_since(*since) >= options.flush_age)
        };
        let mut tables: Vec<&Arc<FreshTable>> = view.fresh.tables().collect();
        tables.sort_by_key(|table| std::cmp::Reverse(table.bytes()));
        let mut left: u64 = tables.iter().map(|table| table.bytes()).sum();
        let is_full = left >= options.flush_bytes;
        let mut due = Vec::new();
        for table in tables {
            let name = table.table.name.as_str();
            if is_old(name) || is_full && left > options.flush_bytes / LEFT_SHARE {
                left -= table.bytes();
                due.push(name);
            }
        }
        due
    }

    async fn flush_chosen(
        &self,
        choose: impl FnOnce(&View) -> Vec<&'static str>,
    ) -> Result<FlushSummary, StorageError> {
        let started = Instant::now();
        let core = &self.shared.core;
        let result = async {
            let _commit = core.workspace.commit_lock.lock().await;
            self.rotate().await;
            flush(core, choose, CrashAt::default()).await
        }
        .await;
        match &result {
            Ok(summary) if summary.tables.is_empty() => {}
            Ok(_) => core.count(|status| {
                status.flushes += 1;
                status.flush_time += started.elapsed();
                status.flush_error = None;
            }),
            Err(error) => {
                tracing::error!(%error, "fresh rows could not be moved to Delta");
                core.count(|status| {
                    status.failed_flushes += 1;
                    status.flush_error = Some(error.to_string());
                });
            }
        }
        result
    }

    /// Begins a new segment, so that those before can go.
    async fn rotate(&self) {
        let (done, is_done) = tokio::sync::oneshot::channel();
        // Without a writer there is no open segment.
        if self.send(Message::Rotate(done)).is_ok() {
            let _ = is_done.await;
        }
    }
}

/// Moves the rows of the chosen tables to Delta. The caller holds the commit lock.
pub(crate) async fn flush(
    core: &Arc<Core>,
    choose: impl FnOnce(&View) -> Vec<&'static str>,
    crash_at: CrashAt,
) -> Result<FlushSummary, StorageError> {
    let workspace = &core.workspace;
    // A flush before may have been decided and cut off.
    recovery::roll_forward(workspace).await?;
    let view = workspace.live.load().ok_or_else(|| core.closed_error())?;
    let names = choose(&view);
    let sealed = workspace.live.change_fresh(|fresh| (fresh.seal(&names), fresh.sequence));
    let (tables, position) = sealed.ok_or_else(|| core.closed_error())?;
    let before = view.versions.as_ref().clone();
    let mut summary = FlushSummary { sequence: before.sequence, log_position: position, ..FlushSummary::default() };
    if !tables.is_empty() {
        let append = Append::of_log(Arc::clone(workspace), before, position, crash_at);
        let write = move || -> Result<Append, StorageError> {
            for table in &tables {
                write_table(&append, table)?;
            }
            Ok(append)
        };
        let interrupted = |_| StorageError::Interrupted { path: workspace.path.clone() };
        let append = tokio::task::spawn_blocking(write).await.map_err(interrupted)??;
        let info = CommitInfo { command: "flush".to_owned(), ..CommitInfo::default() };
        let committed = append.commit_locked(info).await?;
        summary.sequence = committed.sequence;
        summary.tables = committed.tables;
    }
    trim(core).await?;
    Ok(summary)
}

async fn trim(core: &Arc<Core>) -> Result<(), StorageError> {
    let of_thread = Arc::clone(core);
    let trimmed = tokio::task::spawn_blocking(move || of_thread.trim()).await;
    trimmed.map_err(|_| StorageError::Interrupted { path: core.folder.clone() })?
}

fn write_table(append: &Append, fresh: &FreshTable) -> Result<(), StorageError> {
    let schema = fresh.table.arrow_schema();
    for run in &fresh.runs {
        let rows = in_columns(&run.batch, &schema)
            .map_err(|source| StorageError::Rows { table: fresh.table.name.clone(), source: Box::new(source) })?;
        append.write(fresh.table, rows)?;
    }
    Ok(())
}
