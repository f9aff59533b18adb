//! Backup and restore.

use std::fs::{self, OpenOptions};
use std::io::{BufReader, BufWriter};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chrono::{DateTime, Utc};
use database::{Database, DatabaseLocation};
use serde::{Deserialize, Serialize};
use storage::{Maintenance, RestoreError, Workspace};
use utoipa::ToSchema;

use super::beside_files;
use crate::Error;

/// The file of the database in a workspace, and in backups of format 1.
pub(super) const DATABASE_FILE: &str = "database.sqlite";

/// The database in a backup, in the form of [`Database::export`].
const EXPORT_FILE: &str = "database.jsonl";

/// The folder of a backup in which that is (`storage::Backup::apart`).
const APART: &str = "apart";

/// What a backup has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    /// Whether users, tokens and settings are in it.
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
    /// Files beside the tables, such as watchlists and functions.
    pub other_files: u64,
    /// Where users, tokens and settings are; absent where the backup has none.
    pub database: Option<String>,
}

/// Where a backup goes, what goes with the tables, and when it is.
pub(crate) struct BackupPlace<'a> {
    /// A new or an empty folder.
    pub(crate) folder: &'a Path,
    /// Users, tokens and settings, where there are some.
    pub(crate) database: Option<&'a Database>,
    /// When it is made.
    pub(crate) now: DateTime<Utc>,
}

/// Backs up a workspace that nobody writes meanwhile, its database with it: the one at the URL, or that in the workspace.
pub fn back_up(workspace: &Path, folder: &Path, database_url: Option<&str>) -> Result<BackupOutcome, Error> {
    runtime()?.block_on(async {
        let opened = Workspace::open(workspace).await?;
        let maintenance = opened.maintain().await.map_err(with_hint)?;
        let has_database = database_url.is_some() || opened.path().join(DATABASE_FILE).exists();
        let database = if has_database {
            let opened = Database::open(&location(database_url, opened.path())?).await;
            Some(opened.map_err(|error| Error::with_causes(&error))?)
        } else {
            None
        };
        let place = BackupPlace { folder, database: database.as_ref(), now: Utc::now() };
        let made = back_up_with(&maintenance, opened.path(), &place).await;
        if let Some(database) = database {
            database.close().await;
        }
        made
    })
}

/// Backs up a workspace and the database of its service.
///
/// The database comes first and the tables last: what the database says was taken in and is not stored yet (queued messages) is stored again
/// by a restored service, and left out where its batch was in the tables by then; the other way round it could be in neither.
pub(crate) async fn back_up_with(
    maintenance: &Maintenance,
    workspace: &Path,
    place: &BackupPlace<'_>,
) -> Result<BackupOutcome, Error> {
    let backup = maintenance.begin_backup(place.folder, place.now).await.map_err(with_hint)?;
    if let Some(database) = place.database {
        export(database, &backup.apart()?.join(EXPORT_FILE)).await?;
    }
    beside_files::copy(workspace, &backup.beside()?)?;
    let summary = backup.finish().await.map_err(with_hint)?;
    Ok(BackupOutcome {
        folder: place.folder.display().to_string(),
        position: summary.position,
        rows: summary.rows,
        files: summary.files,
        bytes: summary.bytes,
        has_database: place.database.is_some(),
    })
}

/// Makes a workspace from a backup in a new or an empty folder, and its database in the one at the URL, which must be empty, or in the
/// workspace.
pub fn restore(backup: &Path, workspace: &Path, database_url: Option<&str>) -> Result<RestoreOutcome, Error> {
    runtime()?.block_on(async {
        location(database_url, workspace)?;
        if database_url.is_some() && !backup.join(APART).join(EXPORT_FILE).exists() {
            let without =
                Error::new(format!("backup `{}` has no database that could be put elsewhere", backup.display()));
            return Err(without.with_hint("leave `--database` out: what the backup has of it comes into the workspace"));
        }
        let restored = storage::restore(backup, workspace).await.map_err(|error| refused(&error))?;
        let location = location(database_url, restored.workspace.path())?;
        let mut database = restored.workspace.path().join(DATABASE_FILE).exists().then(|| location.to_string());
        if let Some(export) = restored.apart.get(EXPORT_FILE) {
            if let Err(error) = import(&location, export).await {
                // As after every other failure: it can be tried again.
                discard(restored.workspace.path());
                return Err(error);
            }
            database = Some(location.to_string());
        }
        Ok(RestoreOutcome {
            workspace: restored.workspace.path().display().to_string(),
            position: restored.position,
            rows: restored.rows,
            other_files: restored.beside,
            database,
        })
    })
}

fn location(database_url: Option<&str>, workspace: &Path) -> Result<DatabaseLocation, Error> {
    DatabaseLocation::new(database_url, workspace).map_err(|error| Error::with_causes(&error))
}

/// What the target had: nothing.
fn discard(workspace: &Path) {
    for entry in fs::read_dir(workspace).into_iter().flatten().flatten() {
        let path = entry.path();
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
}

fn refused(error: &RestoreError) -> Error {
    let refused = Error::with_causes(error);
    match error.hint() {
        Some(hint) => refused.with_hint(hint),
        None => refused,
    }
}

/// All of the state in a file, which holds hashes of secrets, and keys: for its owner alone.
async fn export(database: &Database, file: &Path) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::new(format!("could not write `{}`: {error}", file.display()));
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(failed)?;
    let mut out = BufWriter::new(created);
    database.export(&mut out).await.map_err(|error| Error::with_causes(&error))?;
    out.get_ref().sync_all().map_err(failed)
}

async fn import(location: &DatabaseLocation, export: &Path) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::new(format!("could not read `{}`: {error}", export.display()));
    let mut export = BufReader::new(fs::File::open(export).map_err(failed)?);
    let database =
        Database::open_with_import(location, &mut export).await.map_err(|error| Error::with_causes(&error))?;
    database.close().await;
    Ok(())
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
