//! A workspace: a folder with one Delta table a log table.
//!
//! ```text
//! workspace.json                          format version, id, creation time
//! tables/SigninLogs/_delta_log/…          the table's log
//! tables/SigninLogs/_Day=2024-01-01/part-0000000001-….parquet
//! tables/SigninLogs/_terms/part-0000000001-….terms    which words that file has
//! _journal/committed.json                 which version of each table is visible
//! _journal/00000000000000000002.json      an ingest that is decided and not yet complete
//! _journal/writer.lock                    locked by the one writer, holds its process id
//! _wal/00000000000000000001.log           rows that are acknowledged and not yet in tables
//! _wal/batches                            ids of batches stored lately
//! _set_aside/20240101T000000Z/…           damaged files of the log that were set aside
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::durable::{self, Existing};
use crate::live::{LiveOptions, LiveView, LiveWorkspace, start};
use crate::maintenance::Writer;
use crate::open_snapshots::OpenSnapshots;
use crate::read_log::ReadLog;
use crate::table_files::TableCache;
use crate::versions::Versions;
use crate::writer_lock::WriterLock;
use crate::{Append, Maintenance, Snapshot, StorageError, journal, orphans, read_log, recovery, wal};

/// The format of workspaces that this version writes, and the newest that it reads. Version 2 may have a write-ahead log, which a program that does
/// not know of it must not overlook; version 3 may have archived rows, which such a program would show. One of an older version becomes one of
/// this when it first goes live, or when rows of it are first archived.
pub const FORMAT_VERSION: u32 = 3;

pub(crate) const DESCRIPTION_FILE: &str = "workspace.json";

/// A workspace: log tables in a folder on local disk. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Workspace {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// Names this workspace in the transactions of its tables' logs.
    pub(crate) id: String,
    pub(crate) cache: TableCache,
    /// What readers of this process still need.
    pub(crate) open_snapshots: Arc<OpenSnapshots>,
    /// Held while a change is decided and completed, from reading the visible versions to publishing the next ones: flushes and maintenance
    /// of one process never race.
    pub(crate) commit_lock: tokio::sync::Mutex<()>,
    /// Held by the one maintenance job at a time.
    pub(crate) maintenance_lock: Arc<tokio::sync::Mutex<()>>,
    /// What readers see while the workspace is live.
    pub(crate) live: LiveView,
    /// What was read of a log that another process writes.
    read_log: ReadLog,
}

/// The content of `workspace.json`.
#[derive(Debug, Serialize, Deserialize)]
struct Description {
    format: u32,
    id: String,
    created: DateTime<Utc>,
}

impl Workspace {
    /// Makes a workspace in a new or an empty folder.
    pub async fn create(path: impl AsRef<Path>) -> Result<Self, StorageError> {
        // Each new folder is fsynced in its parent, which a bare relative name does not show.
        let path = &std::path::absolute(path.as_ref()).map_err(StorageError::io("resolve", path.as_ref()))?;
        durable::create_folder(path).map_err(StorageError::io("create", path))?;
        let mut entries = fs::read_dir(path).map_err(StorageError::io("list", path))?;
        if entries.next().is_some() {
            return Err(StorageError::NotEmpty { path: path.to_owned() });
        }
        for folder in ["tables", "_journal"].map(|name| path.join(name)) {
            durable::create_folder(&folder).map_err(StorageError::io("create", &folder))?;
        }
        let description =
            Description { format: FORMAT_VERSION, id: format!("vedette-{}", Uuid::new_v4()), created: Utc::now() };
        let file = path.join(DESCRIPTION_FILE);
        let bytes = serde_json::to_vec_pretty(&description).expect("numbers and strings serialize");
        // Last: a folder without it is no workspace.
        durable::write(&file, &[&bytes], Existing::Refuse).map_err(StorageError::io("write", &file))?;
        Self::open(path).await
    }

    /// Opens a workspace, completing an ingest that a crash cut off (unless another process writes, which then does it).
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StorageError> {
        let path = path.as_ref();
        let file = path.join(DESCRIPTION_FILE);
        let bytes = match fs::read(&file) {
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Err(StorageError::NotAWorkspace { path: path.to_owned() });
            }
            other => other.map_err(StorageError::io("read", &file))?,
        };
        let id = check_description(&bytes, &file, path)?;
        let path = path.canonicalize().map_err(StorageError::io("resolve", path))?;
        let workspace = Self { inner: Arc::new(Inner::new(path, id)) };
        workspace.recover().await?;
        Ok(workspace)
    }

    /// Opens the workspace, or makes it where there is none.
    pub async fn open_or_create(path: impl AsRef<Path>) -> Result<Self, StorageError> {
        let path = path.as_ref();
        match Self::open(path).await {
            Err(StorageError::NotAWorkspace { .. }) => Self::create(path).await,
            other => other,
        }
    }

    /// The folder, as an absolute path.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// What its clones share.
    pub(crate) fn shared(&self) -> &Arc<Inner> {
        &self.inner
    }

    #[cfg(test)]
    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    async fn recover(&self) -> Result<(), StorageError> {
        let journal = self.inner.journal();
        if journal::pending(&journal)?.is_empty() {
            return Ok(());
        }
        match WriterLock::take(&self.inner.path, &journal) {
            // Readers see the versions of the last complete ingest meanwhile.
            Err(StorageError::Locked { .. }) => Ok(()),
            Err(error) => Err(error),
            Ok(_lock) => recovery::roll_forward(&self.inner).await,
        }
    }

    /// Takes up the house-keeping of the workspace; fails with [`StorageError::Locked`] while it is written. Of a live workspace it is
    /// [`LiveWorkspace::maintain`].
    pub async fn maintain(&self) -> Result<Maintenance, StorageError> {
        let (lock, _) = self.take_over().await?;
        Ok(Maintenance::new(Arc::clone(&self.inner), Writer::Holds(lock)))
    }

    /// Begins an ingest; fails with [`StorageError::Locked`] while another one is under way, or while the workspace is live, in this process or
    /// another. Rows that a live workspace left in its log are moved to tables first.
    pub async fn begin(&self) -> Result<Append, StorageError> {
        let (lock, _) = self.take_over().await?;
        self.inner.empty_log(&lock).await?;
        let versions = Versions::read(&self.inner.journal())?;
        Ok(Append::new(Arc::clone(&self.inner), Some(lock), versions))
    }

    /// Makes this process the writer for as long as the result lives: rows are then appended through a write-ahead log, which is replayed first.
    ///
    /// # Errors
    /// [`StorageError::Locked`] while somebody else writes; [`StorageError::DamagedLog`] where acknowledged rows cannot be read.
    pub async fn go_live(&self, options: LiveOptions) -> Result<LiveWorkspace, StorageError> {
        let (lock, versions) = self.take_over().await?;
        raise_format(&self.inner.path)?;
        start(&self.inner, lock, versions, options).await
    }

    /// Takes the lock and completes what the writer before left undone.
    pub(crate) async fn take_over(&self) -> Result<(WriterLock, Versions), StorageError> {
        let journal = self.inner.journal();
        let lock = WriterLock::take(&self.inner.path, &journal)?;
        recovery::roll_forward(&self.inner).await?;
        let versions = Versions::read(&journal)?;
        orphans::remove_after(&self.inner.path, versions.sequence)?;
        Ok((lock, versions))
    }

    /// The tables as the last complete ingest left them, with the rows that are acknowledged and not yet in tables. Nothing that comes later changes a
    /// snapshot.
    ///
    /// While the workspace is live in this process, it is that of [`LiveWorkspace::snapshot`]. Else the log is read, which another process may be
    /// writing: rows that it is about to acknowledge may show.
    ///
    /// # Errors
    /// [`StorageError::LogTooLong`] where the log of another process holds more rows than should be read beside it.
    pub async fn snapshot(&self) -> Result<Snapshot, StorageError> {
        if let Some(view) = self.inner.live.load() {
            return Ok(Snapshot::new(Arc::clone(&self.inner), &view));
        }
        let view = read_log::view(&self.inner.path, &self.inner.journal(), &self.inner.read_log)?;
        Ok(Snapshot::new(Arc::clone(&self.inner), &view))
    }
}

impl Inner {
    /// The workspace in a folder, with its format; nothing is completed.
    pub(crate) fn peek(path: &Path) -> Result<(Arc<Self>, u32), StorageError> {
        let file = path.join(DESCRIPTION_FILE);
        let bytes = fs::read(&file).map_err(|_| StorageError::NotAWorkspace { path: path.to_owned() })?;
        let id = check_description(&bytes, &file, path)?;
        let damaged = |source| StorageError::Damaged { path: file.clone(), source };
        let description: Description = serde_json::from_slice(&bytes).map_err(damaged)?;
        let path = path.canonicalize().map_err(StorageError::io("resolve", path))?;
        Ok((Arc::new(Self::new(path, id)), description.format))
    }

    /// Moves the rows that a live workspace left in its log to tables.
    pub(crate) async fn empty_log(self: &Arc<Self>, lock: &WriterLock) -> Result<(), StorageError> {
        if wal::list(&wal::folder(&self.path))?.is_empty() {
            return Ok(());
        }
        let versions = Versions::read(&self.journal())?;
        let live = start(self, lock.clone(), versions, LiveOptions::default()).await?;
        live.close().await.map(drop)
    }

    fn new(path: PathBuf, id: String) -> Self {
        Self {
            path,
            id,
            cache: TableCache::default(),
            open_snapshots: Arc::default(),
            commit_lock: tokio::sync::Mutex::default(),
            maintenance_lock: Arc::default(),
            live: LiveView::default(),
            read_log: ReadLog::default(),
        }
    }

    /// Makes these versions the visible ones, to readers of this process and of others. The caller holds the commit lock.
    pub(crate) fn publish(&self, versions: &Versions) -> Result<(), StorageError> {
        versions.publish(&self.journal())?;
        self.live.publish(versions);
        Ok(())
    }

    /// How many acknowledged rows are not in tables, as a process sees it that does not write.
    pub(crate) fn read_log(&self) -> Result<u64, StorageError> {
        Ok(read_log::view(&self.path, &self.journal(), &self.read_log)?.fresh.rows())
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.path.join("_journal")
    }
}

/// Makes a workspace of an older format one of this.
pub(crate) fn raise_format(path: &Path) -> Result<(), StorageError> {
    let file = path.join(DESCRIPTION_FILE);
    let bytes = fs::read(&file).map_err(StorageError::io("read", &file))?;
    let damaged = |source| StorageError::Damaged { path: file.clone(), source };
    let description: Description = serde_json::from_slice(&bytes).map_err(damaged)?;
    if description.format == FORMAT_VERSION {
        return Ok(());
    }
    let raised = Description { format: FORMAT_VERSION, ..description };
    let bytes = serde_json::to_vec_pretty(&raised).expect("numbers and strings serialize");
    durable::write(&file, &[&bytes], Existing::Replace).map_err(StorageError::io("write", &file))
}

/// The workspace's id, if its format is one that this version reads.
fn check_description(bytes: &[u8], file: &Path, path: &Path) -> Result<String, StorageError> {
    let damaged = |source| StorageError::Damaged { path: file.to_owned(), source };
    // The version is read first: a newer format may have any other content.
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let Format { format } = serde_json::from_slice(bytes).map_err(damaged)?;
    if format > FORMAT_VERSION {
        return Err(StorageError::NewerFormat { path: path.to_owned(), found: format, supported: FORMAT_VERSION });
    }
    let description: Description = serde_json::from_slice(bytes).map_err(damaged)?;
    Ok(description.id)
}
