//! A backup that is being made.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tokio::sync::OwnedMutexGuard;

use super::manifest::{FORMAT, Manifest, ManifestFile};
use super::{APART, BESIDE, WORKSPACE};
use crate::crash_point::CrashAt;
use crate::delta_log::{DeltaLog, LoggedFile};
use crate::live::{View, flush};
use crate::maintenance::Writer;
use crate::open_snapshots::InUse;
use crate::versions::Versions;
use crate::wal::{self, RememberedBatches};
use crate::workspace::{DESCRIPTION_FILE, Inner};
use crate::{Maintenance, StorageError, durable, layout, recovery, terms};

/// A backup that is being made. Maintenance waits until it is finished or dropped; rows may come in meanwhile. Without
/// [`Backup::finish`] the folder is no backup, and `restore` refuses it.
#[derive(Debug)]
pub struct Backup {
    workspace: Arc<Inner>,
    writer: Writer,
    folder: PathBuf,
    created: DateTime<Utc>,
    _one_job: OwnedMutexGuard<()>,
}

/// What a backup has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupSummary {
    /// The number of the last change that it has: a restored workspace shows exactly the rows of this change and those before.
    pub position: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// Files.
    pub files: u64,
    /// Their size in bytes. On the workspace's own disk data files take no space of their own.
    pub bytes: u64,
}

/// The moment of a backup.
struct Moment {
    versions: Arc<Versions>,
    /// The file of the ids of batches whose rows are in the tables by then.
    batches: Vec<u8>,
    _in_use: Arc<InUse>,
}

impl Maintenance {
    /// Begins a backup into a new or an empty folder.
    pub async fn begin_backup(&self, folder: &Path, now: DateTime<Utc>) -> Result<Backup, StorageError> {
        let folder = std::path::absolute(folder).map_err(StorageError::io("resolve", folder))?;
        if folder.starts_with(&self.workspace.path) {
            return Err(StorageError::WithinWorkspace { path: folder });
        }
        durable::create_folder(&folder).map_err(StorageError::io("create", &folder))?;
        let mut entries = fs::read_dir(&folder).map_err(StorageError::io("list", &folder))?;
        if entries.next().is_some() {
            return Err(StorageError::NotEmpty { path: folder });
        }
        let one_job = Arc::clone(&self.workspace.maintenance_lock).lock_owned().await;
        let (workspace, writer) = (Arc::clone(&self.workspace), self.writer.clone());
        Ok(Backup { workspace, writer, folder, created: now, _one_job: one_job })
    }
}

impl Backup {
    /// The folder for what lies beside the workspace's tables and is restored beside them; made by this call.
    pub fn beside(&self) -> Result<PathBuf, StorageError> {
        self.made(BESIDE)
    }

    /// The folder for what is no part of a workspace's folder, such as a service's database in a form of its own; made by this call. It
    /// is checked as all else, and what becomes of it is up to who restores.
    pub fn apart(&self) -> Result<PathBuf, StorageError> {
        self.made(APART)
    }

    fn made(&self, name: &str) -> Result<PathBuf, StorageError> {
        let folder = self.folder.join(name);
        durable::create_folder(&folder).map_err(StorageError::io("create", &folder))?;
        Ok(folder)
    }

    /// Copies the tables as they are now, with all rows that are acknowledged by now, and makes the folder a backup. What the caller puts
    /// into it comes before: what it says of rows, they are in the tables then. Data files, which never change, are linked where both
    /// folders are on one disk; all of it is read once for the checksums.
    pub async fn finish(self) -> Result<BackupSummary, StorageError> {
        let moment = self.moment().await?;
        self.copy(&moment).await?;
        let path = self.folder.clone();
        let interrupted = |_| StorageError::Interrupted { path };
        tokio::task::spawn_blocking(move || self.seal(&moment)).await.map_err(interrupted)?
    }

    /// Moves all rows to tables and holds on to these.
    async fn moment(&self) -> Result<Moment, StorageError> {
        if let Writer::Holds(lock) = &self.writer {
            self.workspace.empty_log(lock).await?;
        }
        let _one_at_a_time = self.workspace.commit_lock.lock().await;
        recovery::roll_forward(&self.workspace).await?;
        let batches = match &self.writer {
            // No flush comes between: of a batch that has rows in several tables all are in this moment or none, and its id with them.
            Writer::IsLive(core) => {
                let all = |view: &View| view.fresh.tables().map(|table| table.table.name.as_str()).collect();
                let flushed = flush(core, all, CrashAt::default()).await?;
                core.remembered().to_bytes_through(flushed.log_position)
            }
            _ => RememberedBatches::read_all(&wal::folder(&self.workspace.path))?.to_bytes(),
        };
        let versions = Arc::new(Versions::read(&self.workspace.journal())?);
        let in_use = self.workspace.open_snapshots.hold(&versions);
        Ok(Moment { versions, batches, _in_use: in_use })
    }

    async fn copy(&self, moment: &Moment) -> Result<(), StorageError> {
        let target = self.folder.join(WORKSPACE);
        let journal = target.join("_journal");
        durable::create_folder(&journal).map_err(StorageError::io("create", &journal))?;
        copied(&self.workspace.path.join(DESCRIPTION_FILE), &target.join(DESCRIPTION_FILE))?;
        moment.versions.publish(&journal)?;
        let log = wal::folder(&target);
        durable::create_folder(&log).map_err(StorageError::io("create", &log))?;
        RememberedBatches::write(&log, &moment.batches)?;
        let tables = target.join("tables");
        durable::create_folder(&tables).map_err(StorageError::io("create", &tables))?;
        for (name, version) in &moment.versions.tables {
            let files = DeltaLog::open(&self.workspace, name)?.files(version.version).await?;
            let from = layout::table_folder(&self.workspace.path, name);
            let to = tables.join(name);
            let version = version.version;
            let work = tokio::task::spawn_blocking(move || table(&from, &to, version, &files));
            let interrupted = |_| StorageError::Interrupted { path: self.folder.clone() };
            work.await.map_err(interrupted)??;
        }
        Ok(())
    }

    fn seal(&self, moment: &Moment) -> Result<BackupSummary, StorageError> {
        let failed = || StorageError::io("read", &self.folder);
        let mut paths = Vec::new();
        list(&self.folder, "", &mut paths).map_err(failed())?;
        paths.sort();
        let files = paths.into_iter().map(|path| ManifestFile::of(&self.folder, path)).collect::<io::Result<Vec<_>>>();
        let files = files.map_err(failed())?;
        let rows = moment.versions.tables.values().map(|table| table.rows).sum();
        let summary = BackupSummary {
            position: moment.versions.sequence,
            rows,
            files: files.len() as u64,
            bytes: files.iter().map(|file| file.size).sum(),
        };
        let manifest = Manifest {
            format: FORMAT,
            workspace: self.workspace.id.clone(),
            created: self.created,
            position: summary.position,
            rows,
            files,
        };
        manifest.write(&self.folder).map_err(StorageError::io("write", &self.folder))?;
        Ok(summary)
    }
}

/// One table at one version.
fn table(from: &Path, to: &Path, version: u64, files: &[LoggedFile]) -> Result<(), StorageError> {
    let mut folders: BTreeSet<PathBuf> = BTreeSet::from([to.to_owned()]);
    let mut folder_of = |path: &Path| -> Result<(), StorageError> {
        let folder = path.parent().unwrap_or(to);
        if folders.insert(folder.to_owned()) {
            durable::create_folder(folder).map_err(StorageError::io("create", folder))?;
        }
        Ok(())
    };
    for file in files {
        let (source, target) = (from.join(&file.path), to.join(&file.path));
        folder_of(&target)?;
        linked(&source, &target)?;
        let found = fs::metadata(&target).map_err(StorageError::io("read", &target))?.len();
        if found != file.size {
            return Err(StorageError::WrongSize { path: source, expected: file.size, found });
        }
        let (source, target) = (terms::path_of(from, &file.path), terms::path_of(to, &file.path));
        if source.exists() {
            folder_of(&target)?;
            linked(&source, &target)?;
        }
    }
    for source in log_files(from, version).map_err(StorageError::io("list", from))? {
        let target = to.join(source.strip_prefix(from).unwrap_or(&source));
        folder_of(&target)?;
        copied(&source, &target)?;
    }
    folders.iter().try_for_each(|folder| durable::sync_folder(folder).map_err(StorageError::io("write", folder)))
}

/// What the log has up to a version.
fn log_files(table_folder: &Path, version: u64) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in ["_delta_log", "_files"].map(|name| table_folder.join(name)) {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            other => other?,
        };
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let (number, end) = name.split_once('.').unwrap_or((name, ""));
            let is_numbered = number.len() == 20 && matches!(end, "json" | "checkpoint.parquet");
            let is_older = number.parse::<u64>().is_ok_and(|found| found <= version);
            if is_numbered && is_older || name == "_last_checkpoint" && last_checkpoint(&path)? <= version {
                files.push(path);
            }
        }
    }
    Ok(files)
}

/// Which version the file names. One that names none is left out, as it may be.
fn last_checkpoint(path: &Path) -> io::Result<u64> {
    #[derive(Deserialize)]
    struct LastCheckpoint {
        version: u64,
    }
    let read = serde_json::from_slice::<LastCheckpoint>(&fs::read(path)?);
    Ok(read.map_or(u64::MAX, |read| read.version))
}

/// A file that never changes.
fn linked(source: &Path, target: &Path) -> Result<(), StorageError> {
    match fs::hard_link(source, target) {
        Ok(()) => Ok(()),
        // Another disk, or a file system without links.
        Err(error) if error.kind() != io::ErrorKind::NotFound => copied(source, target),
        Err(error) => Err(StorageError::io("read", source)(error)),
    }
}

fn copied(source: &Path, target: &Path) -> Result<(), StorageError> {
    fs::copy(source, target).map_err(StorageError::io("copy", source))?;
    File::open(target).and_then(|file| file.sync_all()).map_err(StorageError::io("write", target))
}

/// All files below a folder, with `/` in their paths.
fn list(folder: &Path, below: &str, paths: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if entry.path().is_dir() {
            list(&entry.path(), &path, paths)?;
        } else {
            paths.push(path);
        }
    }
    Ok(())
}
