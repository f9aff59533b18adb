//! A workspace that takes rows while it is read.

use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use arrow::array::RecordBatch;
use schema::Table;
use tokio::sync::oneshot;

use super::admission::Admitted;
use super::core::Core;
use super::group::Request;
use super::writer::Message;
use super::{AppendError, Appended, BatchId, FlushSummary, LiveOptions, LiveStatus, View};
use crate::buffers::row_bytes;
use crate::maintenance::Writer;
use crate::writer_lock::WriterLock;
use crate::{Maintenance, Snapshot, StorageError, append};

/// A workspace of which this process is the writer: rows are appended through a log, are durable and visible at once, and move to Delta later.
/// Cheap to clone.
///
/// Holds the writer lock until it is closed or its last clone is dropped: [`crate::Workspace::begin`], in this process and in others, fails with
/// [`StorageError::Locked`] meanwhile. Reading needs no lock. Where it is dropped without [`Self::close`], the rows stay in the log, and whoever
/// writes or goes live next moves them.
#[derive(Debug, Clone)]
pub struct LiveWorkspace {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) core: Arc<Core>,
    sender: Mutex<Option<Sender<Message>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    lock: Mutex<Option<WriterLock>>,
    /// What is seen after the end.
    last: Mutex<Option<Arc<View>>>,
    pub(crate) schedule: Mutex<Schedule>,
}

/// When tables' rows are due.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    /// When a tick first found rows of a table.
    pub(crate) since: BTreeMap<&'static str, Instant>,
    /// Rows of the log up to this place were replayed. They are due at once, so that no restart reads them again: else each of several
    /// in a row takes longer than the one before.
    pub(crate) replayed: u64,
    /// After a failure: not before.
    pub(crate) not_before: Option<Instant>,
}

impl LiveWorkspace {
    /// `replayed`: the place of the last record that was in the log.
    pub(crate) fn new(
        core: Arc<Core>,
        sender: Sender<Message>,
        thread: JoinHandle<()>,
        lock: WriterLock,
        replayed: u64,
    ) -> Self {
        let shared = Shared {
            core,
            sender: Mutex::new(Some(sender)),
            thread: Mutex::new(Some(thread)),
            lock: Mutex::new(Some(lock)),
            last: Mutex::default(),
            schedule: Mutex::new(Schedule { replayed, ..Schedule::default() }),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Appends rows of some tables, all or none. They are on disk and visible when it returns; within a table they need no order. Each batch has the
    /// columns of [`Table::arrow_schema`]; one of a custom table may lack columns that the table has by now, or add some.
    ///
    /// `batch` names the rows: of several appends with the same id within the window of remembered ids (see [`LiveOptions`]), whether
    /// at once or after a restart, the first is stored and the others are told so.
    ///
    /// Once begun it is carried out, also where the caller stops waiting.
    ///
    /// # Errors
    /// None of the rows is stored: [`AppendError::Busy`] at a limit of [`LiveOptions`], [`AppendError::Full`] without room on the disk,
    /// [`AppendError::Storage`] for rows that do not fit their tables and for other failures of the disk.
    pub async fn append(
        &self,
        rows: Vec<(&'static Table, RecordBatch)>,
        batch: Option<BatchId>,
    ) -> Result<Appended, AppendError> {
        let core = &self.shared.core;
        let rows: Vec<_> = rows.into_iter().filter(|(_, batch)| batch.num_rows() > 0).collect();
        if rows.is_empty() {
            let sequence = core.workspace.live.load().map_or(0, |view| view.fresh.sequence);
            return Ok(Appended { sequence, rows: 0, is_repeated: false });
        }
        let failed = |error: StorageError| {
            core.count(|status| status.failed_requests += 1);
            AppendError::from(error)
        };
        rows.iter().try_for_each(|(table, batch)| append::check_batch(table, batch)).map_err(failed)?;
        let bytes = rows.iter().map(|(_, batch)| row_bytes(batch) as u64).sum();
        let admitted = Admitted::new(core, bytes).inspect_err(|_| core.count(|status| status.refused_requests += 1))?;
        let (answer, answered) = oneshot::channel();
        let now = core.now();
        let interrupted = || StorageError::Interrupted { path: core.workspace.path.clone() };
        let request = tokio::task::spawn_blocking(move || Request::new(rows, batch, admitted, now, answer))
            .await
            .map_err(|_| failed(interrupted()))?;
        let request = request.map_err(|(error, _)| {
            core.count(|status| status.failed_requests += 1);
            error
        })?;
        self.send(Message::Append(request)).map_err(failed)?;
        answered.await.map_err(|_| failed(interrupted()))?
    }

    /// Whether a batch of this id was stored, within the window of remembered ids.
    pub fn has_batch(&self, batch: &BatchId) -> bool {
        let core = &self.shared.core;
        core.remembered().get(batch, core.now()).is_some()
    }

    pub(crate) fn send(&self, message: Message) -> Result<(), StorageError> {
        let sender = lock(&self.shared.sender);
        let closed = || self.shared.core.closed_error();
        sender.as_ref().ok_or_else(closed)?.send(message).map_err(|_| closed())
    }

    /// All tables at this moment: files and rows that are not in files yet.
    pub fn snapshot(&self) -> Snapshot {
        let core = &self.shared.core;
        let view = core.workspace.live.load().unwrap_or_else(|| lock(&self.shared.last).clone().unwrap_or_default());
        Snapshot::new(Arc::clone(&core.workspace), &view)
    }

    /// The house-keeping of the workspace. It may go on only as long as the workspace is live.
    pub fn maintain(&self) -> Maintenance {
        Maintenance::new(Arc::clone(&self.shared.core.workspace), Writer::IsLive(Arc::clone(&self.shared.core)))
    }

    /// The folder of the workspace.
    pub fn path(&self) -> &std::path::Path {
        &self.shared.core.workspace.path
    }

    /// The limits.
    pub fn options(&self) -> &LiveOptions {
        &self.shared.core.options
    }

    /// Numbers for metrics.
    pub fn status(&self) -> LiveStatus {
        self.shared.core.status()
    }

    /// Moves all rows to Delta and lets go of the workspace. Appends of other clones fail from here on; snapshots stay as they are.
    ///
    /// # Errors
    /// Those of the flush. The workspace is let go of all the same, and rows that are not in Delta stay in the log.
    pub async fn close(self) -> Result<FlushSummary, StorageError> {
        lock(&self.shared.sender).take();
        let thread = lock(&self.shared.thread).take();
        if let Some(thread) = thread {
            // It ends when what was sent is written.
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
        let flushed = self.flush().await;
        *lock(&self.shared.last) = self.shared.core.workspace.live.load();
        self.shared.core.workspace.live.set(None);
        lock(&self.shared.lock).take();
        flushed
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        lock(&self.sender).take();
        if let Some(thread) = lock(&self.thread).take() {
            let _ = thread.join();
            self.core.workspace.live.set(None);
        }
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
