//! Backup and restore.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use chrono::{DateTime, Utc};
use database::{Database, DatabaseError, DatabaseLocation};
use serde::{Deserialize, Serialize};
use storage::{Maintenance, RestoreError, Workspace};

use super::beside_files;
use crate::Error;

/// The file of the database in a backup, and in a workspace.
pub(super) const DATABASE_FILE: &str = "database.sqlite";

/// What a backup has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupOutcome {
    /// The folder.
    pub folder: String,
    /// The number of the last change of the workspace that it has.
    pub position: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// Files.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// Whether users, tokens and settings are in it. Those of a PostgreSQL server never are: `pg_dump` backs them up.
    pub has_database: bool,
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestoreOutcome {
    /// The folder of the workspace.
    pub workspace: String,
    /// The number of the last change that it shows.
    pub position: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// Files beside the tables: the database, watchlists, functions.
    pub other_files: u64,
}

/// Where a backup goes, and when it is.
pub(crate) struct BackupPlace<'a> {
    /// A new or an empty folder.
    pub(crate) folder: &'a Path,
    /// When it is made.
    pub(crate) now: DateTime<Utc>,
}

/// Backs up a workspace that nobody writes meanwhile, its database with it.
pub fn back_up(workspace: &Path, folder: &Path) -> Result<BackupOutcome, Error> {
    runtime()?.block_on(async {
        let opened = Workspace::open(workspace).await?;
        // Rows that a service left in its log are moved to tables first, as those of a backup are.
        opened.begin().await.map_err(with_hint)?.abort().await;
        let maintenance = opened.maintain().await.map_err(with_hint)?;
        let place = BackupPlace { folder, now: Utc::now() };
        back_up_with(&maintenance, opened.path(), &place).await
    })
}

/// Backs up a workspace whose rows are all in tables, the database of its service with it.
pub(crate) async fn back_up_with(
    maintenance: &Maintenance,
    workspace: &Path,
    place: &BackupPlace<'_>,
) -> Result<BackupOutcome, Error> {
    let backup = maintenance.begin_backup(place.folder, place.now).await.map_err(with_hint)?;
    let beside = backup.beside()?;
    beside_files::copy(workspace, &beside)?;
    let has_database = copy_database(workspace, &beside.join(DATABASE_FILE)).await?;
    let summary = backup.finish().await?;
    Ok(BackupOutcome {
        folder: place.folder.display().to_string(),
        position: summary.position,
        rows: summary.rows,
        files: summary.files,
        bytes: summary.bytes,
        has_database,
    })
}

/// Makes a workspace from a backup in a new or an empty folder.
pub fn restore(backup: &Path, workspace: &Path) -> Result<RestoreOutcome, Error> {
    let restored = runtime()?.block_on(storage::restore(backup, workspace)).map_err(|error| refused(&error))?;
    Ok(RestoreOutcome {
        workspace: restored.workspace.path().display().to_string(),
        position: restored.position,
        rows: restored.rows,
        other_files: restored.beside,
    })
}

fn refused(error: &RestoreError) -> Error {
    let mut message = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        message.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    let refused = Error::new(message);
    match error.hint() {
        Some(hint) => refused.with_hint(hint),
        None => refused,
    }
}

/// The state as of one moment, where it lies in the workspace's folder; a service may be writing it.
async fn copy_database(workspace: &Path, target: &Path) -> Result<bool, Error> {
    if !workspace.join(DATABASE_FILE).exists() {
        return Ok(false);
    }
    let failed = |error: DatabaseError| Error::new(format!("the database was not backed up: {error}"));
    let database = Database::open(&DatabaseLocation::Folder(workspace.to_owned())).await.map_err(failed)?;
    let copied = database.copy_to(target).await;
    database.close().await;
    copied.map_err(failed)?;
    // Hashes of secrets, and keys: for its owner alone, as the database itself.
    let private = fs::Permissions::from_mode(0o600);
    fs::set_permissions(target, private)
        .map_err(|error| Error::new(format!("could not protect `{}`: {error}", target.display())))?;
    Ok(true)
}

/// With what to do where a service holds the workspace.
pub(super) fn with_hint(error: storage::StorageError) -> Error {
    let is_locked = matches!(error, storage::StorageError::Locked { .. });
    let hint = error.hint();
    let error = Error::from(error);
    match hint {
        _ if is_locked => error.with_hint("a running service does this itself: give its address with `--server`"),
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(format!("failed to start threads: {error}")))
}
