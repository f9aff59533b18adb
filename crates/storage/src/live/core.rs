//! What the parts of a live workspace share.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::admission::Waiting;
use super::{LiveOptions, LiveStatus};
use crate::wal::{self, ClosedSegment, RememberedBatches};
use crate::workspace::Inner;
use crate::{SpaceGuard, StorageError, durable};

#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) workspace: Arc<Inner>,
    pub(crate) options: LiveOptions,
    /// Of the log.
    pub(crate) folder: PathBuf,
    pub(crate) waiting: Waiting,
    pub(crate) space: SpaceGuard,
    /// On disk.
    pub(crate) log_bytes: AtomicU64,
    remembered: Mutex<RememberedBatches>,
    /// Oldest first; the one that is written is not among them.
    closed: Mutex<Vec<ClosedSegment>>,
    counters: Mutex<LiveStatus>,
}

impl Core {
    pub(crate) fn new(workspace: Arc<Inner>, options: LiveOptions) -> Result<Self, StorageError> {
        let folder = wal::folder(&workspace.path);
        durable::create_folder(&folder).map_err(StorageError::io("create", &folder))?;
        let mut remembered = RememberedBatches::new(options.remembered_batches, options.remembered_age);
        remembered.load(&folder)?;
        Ok(Self {
            space: SpaceGuard::new(&folder, options.reserve_bytes),
            workspace,
            options,
            folder,
            waiting: Waiting::default(),
            log_bytes: AtomicU64::new(0),
            remembered: Mutex::new(remembered),
            closed: Mutex::default(),
            counters: Mutex::default(),
        })
    }

    /// In ms since 1970.
    pub(crate) fn now(&self) -> i64 {
        (self.options.clock)().timestamp_millis()
    }

    pub(crate) fn remembered(&self) -> MutexGuard<'_, RememberedBatches> {
        lock(&self.remembered)
    }

    pub(crate) fn count(&self, change: impl FnOnce(&mut LiveStatus)) {
        change(&mut lock(&self.counters));
    }

    /// Bytes of rows that are visible and not in Delta.
    pub(crate) fn fresh_bytes(&self) -> u64 {
        self.workspace.live.load().map_or(0, |view| view.fresh.bytes())
    }

    /// Keeps a segment until its rows are in Delta.
    pub(crate) fn keep(&self, segment: ClosedSegment) {
        lock(&self.closed).push(segment);
    }

    /// Removes segments of which no row is needed. Blocks.
    pub(crate) fn trim(&self) -> Result<(), StorageError> {
        let Some(view) = self.workspace.live.load() else { return Ok(()) };
        let needed = view.fresh.first_needed();
        let is_done = |segment: &ClosedSegment| segment.last_sequence < needed;
        if !lock(&self.closed).first().is_some_and(is_done) {
            return Ok(());
        }
        // The ids in those segments first.
        let bytes = self.remembered().to_bytes();
        RememberedBatches::write(&self.folder, &bytes)?;
        loop {
            let Some(oldest) = lock(&self.closed).first().filter(|segment| is_done(segment)).cloned() else { break };
            // One after the other, each durably: a gap would look like lost rows.
            remove(&oldest.path)?;
            lock(&self.closed).remove(0);
            self.log_bytes.fetch_sub(oldest.bytes, Ordering::AcqRel);
        }
        Ok(())
    }

    pub(crate) fn status(&self) -> LiveStatus {
        let mut status = lock(&self.counters).clone();
        status.waiting_requests = self.waiting.requests.load(Ordering::Relaxed);
        status.waiting_bytes = self.waiting.bytes.load(Ordering::Relaxed);
        status.log_bytes = self.log_bytes.load(Ordering::Relaxed);
        status.log_segments += lock(&self.closed).len();
        status.remembered_batches = self.remembered().len();
        status.free_disk_bytes = self.space.space(Instant::now()).ok().map(|space| space.free);
        if let Some(view) = self.workspace.live.load() {
            status.sequence = view.fresh.sequence;
            status.fresh_rows = view.fresh.rows();
            status.fresh_bytes = view.fresh.bytes();
            status.fresh_tables = view.fresh.tables().count();
        }
        status
    }

    /// The error for those who come after the end.
    pub(crate) fn closed_error(&self) -> StorageError {
        StorageError::NotLive { path: self.workspace.path.clone() }
    }

    /// Takes note of a group that was synced.
    pub(crate) fn count_group(&self, rows: u64, bytes: u64, took: Duration) {
        self.count(|status| {
            status.appended_rows += rows;
            status.appended_bytes += bytes;
            status.groups += 1;
            status.group_time += took;
            status.longest_group = status.longest_group.max(took);
        });
    }
}

fn remove(path: &Path) -> Result<(), StorageError> {
    durable::remove(path).map_err(StorageError::io("remove", path))
}

/// A lock whose holder panicked guards plain data.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
