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
use super::{BESIDE, WORKSPACE};
use crate::delta_log::{DeltaLog, LoggedFile};
use crate::open_snapshots::InUse;
use crate::versions::Versions;
use crate::workspace::{DESCRIPTION_FILE, Inner};
use crate::{Maintenance, StorageError, durable, layout, recovery, terms};

/// A backup that is being made: all rows of one moment are in it. Maintenance waits until it is finished or dropped; rows may come in
/// meanwhile. Without [`Backup::finish`] the folder is no backup, and `restore` refuses it.
#[derive(Debug)]
pub struct Backup {
    workspace: Arc<Inner>,
    folder: PathBuf,
    versions: Arc<Versions>,
    created: DateTime<Utc>,
    _one_job: OwnedMutexGuard<()>,
    _in_use: Arc<InUse>,
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

impl Maintenance {
    /// Begins a backup into a new or an empty folder: copies the tables as they are now. Data files, which never change, are linked where
    /// both folders are on one disk.
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
        let (versions, in_use) = {
            let _one_at_a_time = self.workspace.commit_lock.lock().await;
            recovery::roll_forward(&self.workspace).await?;
            let versions = Arc::new(self.versions()?);
            let in_use = self.workspace.open_snapshots.hold(&versions);
            (versions, in_use)
        };
        let backup = Backup {
            workspace: Arc::clone(&self.workspace),
            folder,
            versions,
            created: now,
            _one_job: one_job,
            _in_use: in_use,
        };
        backup.copy().await?;
        Ok(backup)
    }
}

impl Backup {
    /// The number of the last change that the backup has.
    pub fn position(&self) -> u64 {
        self.versions.sequence
    }

    /// The folder for what lies beside the workspace, such as a service's database; made by this call. Its files become part of the backup.
    pub fn beside(&self) -> Result<PathBuf, StorageError> {
        let folder = self.folder.join(BESIDE);
        durable::create_folder(&folder).map_err(StorageError::io("create", &folder))?;
        Ok(folder)
    }

    async fn copy(&self) -> Result<(), StorageError> {
        let target = self.folder.join(WORKSPACE);
        let journal = target.join("_journal");
        durable::create_folder(&journal).map_err(StorageError::io("create", &journal))?;
        copied(&self.workspace.path.join(DESCRIPTION_FILE), &target.join(DESCRIPTION_FILE))?;
        self.versions.publish(&journal)?;
        let tables = target.join("tables");
        durable::create_folder(&tables).map_err(StorageError::io("create", &tables))?;
        for (name, version) in &self.versions.tables {
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

    /// Reads all of it once for the checksums and makes it a backup.
    pub async fn finish(self) -> Result<BackupSummary, StorageError> {
        let path = self.folder.clone();
        let interrupted = |_| StorageError::Interrupted { path };
        tokio::task::spawn_blocking(move || self.seal()).await.map_err(interrupted)?
    }

    fn seal(&self) -> Result<BackupSummary, StorageError> {
        let failed = || StorageError::io("read", &self.folder);
        let mut paths = Vec::new();
        list(&self.folder, "", &mut paths).map_err(failed())?;
        paths.sort();
        let files = paths.into_iter().map(|path| ManifestFile::of(&self.folder, path)).collect::<io::Result<Vec<_>>>();
        let files = files.map_err(failed())?;
        let rows = self.versions.tables.values().map(|table| table.rows).sum();
        let summary = BackupSummary {
            position: self.versions.sequence,
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
