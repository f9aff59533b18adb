//! Replaying the log.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::thread;

use super::core::Core;
use super::flush::flush;
use super::writer::Writer;
use super::{FreshRows, LiveOptions, LiveWorkspace, View};
use crate::crash_point::CrashAt;
use crate::versions::Versions;
use crate::wal::{self, Replay, add};
use crate::workspace::Inner;
use crate::writer_lock::WriterLock;
use crate::{StorageError, disk};

/// Share of the memory for fresh rows, in thirds, from which on a replay moves them to Delta before it goes on. That takes seconds in which nobody
/// is served, while rows that came in since the start have the rest.
const REPLAYED_THIRDS: u64 = 2;

/// Takes up the log where whoever wrote it left off. The caller has completed the journal.
pub(crate) async fn start(
    workspace: &Arc<Inner>,
    lock: WriterLock,
    versions: Versions,
    options: LiveOptions,
) -> Result<LiveWorkspace, StorageError> {
    let replay = Replay::open(&wal::folder(&workspace.path))?;
    start_from(workspace, lock, versions, options, replay).await
}

/// The same with the log as that reads it.
pub(crate) async fn start_from(
    workspace: &Arc<Inner>,
    lock: WriterLock,
    versions: Versions,
    options: LiveOptions,
    log: Replay,
) -> Result<LiveWorkspace, StorageError> {
    let core = Arc::new(Core::new(Arc::clone(workspace), options)?);
    workspace.live.set(Some(View { versions: Arc::new(versions), fresh: Arc::default() }));
    let started = match replay(&core, log).await {
        Ok((next_index, next_sequence)) => {
            spawn(&core, next_index, next_sequence).map(|(sender, thread)| (sender, thread, next_sequence - 1))
        }
        Err(error) => Err(error),
    };
    match started {
        Ok((sender, thread, replayed)) => Ok(LiveWorkspace::new(core, sender, thread, lock, replayed)),
        Err(error) => {
            workspace.live.set(None);
            Err(error)
        }
    }
}

type Started = (mpsc::Sender<super::writer::Message>, thread::JoinHandle<()>);

fn spawn(core: &Arc<Core>, next_index: u64, next_sequence: u64) -> Result<Started, StorageError> {
    let (sender, receiver) = mpsc::channel();
    let writer = Writer::new(Arc::clone(core), next_index, next_sequence);
    let thread = thread::Builder::new()
        .name("write-ahead log".to_owned())
        .spawn(move || writer.run(&receiver))
        .map_err(StorageError::io("write", &core.folder))?;
    Ok((sender, thread))
}

/// Puts the rows of the log that are not in Delta into the view; where they are many, moves them to Delta on the way. Gives the index of the next
/// segment and the place of the next record.
async fn replay(core: &Arc<Core>, mut replay: Replay) -> Result<(u64, u64), StorageError> {
    // What is read may be in the machine's memory only; it is acknowledged again by being there.
    for segment in replay.segments() {
        disk::of(&segment.path).sync_file(&segment.path).map_err(StorageError::io("write", &segment.path))?;
        core.log_bytes.fetch_add(segment.bytes, Ordering::AcqRel);
    }
    if !replay.is_empty() {
        disk::of(&core.folder).sync_folder(&core.folder).map_err(StorageError::io("write", &core.folder))?;
    }
    let mut kept = 0;
    loop {
        let view = core.workspace.live.load().ok_or_else(|| core.closed_error())?;
        let replayed = replay.next(&view.versions)?;
        for segment in replay.closed.drain(..) {
            core.keep(segment);
            kept += 1;
        }
        let Some(replayed) = replayed else { break };
        if let Some(id) = replayed.record.batch {
            core.remembered().add(id, replayed.sequence, replayed.record.at);
        }
        let added = core.workspace.live.change_fresh(|fresh: &mut FreshRows| add(&view, fresh, replayed));
        added.ok_or_else(|| core.closed_error())??;
        if core.fresh_bytes() >= core.options.memory_bytes / 3 * REPLAYED_THIRDS {
            let _commit = core.workspace.commit_lock.lock().await;
            let all = |view: &View| view.fresh.tables().map(|table| table.table.name.as_str()).collect();
            flush(core, all, CrashAt::default()).await?;
        }
    }
    let view = core.workspace.live.load().ok_or_else(|| core.closed_error())?;
    let stored = view.versions.tables.values().map(|table| table.log_position).max().unwrap_or(0);
    let last = replay.last_sequence().unwrap_or(0).max(stored);
    core.workspace.live.change_fresh(|fresh| fresh.sequence = last);
    if kept > 0 {
        tracing::info!(segments = kept, rows = view.fresh.rows(), "the write-ahead log was replayed");
    }
    Ok((replay.next_index(), last + 1))
}
