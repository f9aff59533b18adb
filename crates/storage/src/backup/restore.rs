//! A workspace from a backup, after every file was checked.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::manifest::{FILE, FORMAT, Manifest, ManifestError, ManifestFile};
use super::{APART, BESIDE, WORKSPACE};
use crate::workspace::DESCRIPTION_FILE;
use crate::{StorageError, Workspace, durable};

/// Damaged files that an error names.
const NAMED_FILES: usize = 10;

/// Why a backup was not restored. Nothing is left in the target then.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The folder has no manifest: it is something else, or the backup was not finished.
    #[error("`{}` is not a finished backup: it has no `{FILE}`", path.display())]
    NotABackup {
        /// The folder.
        path: PathBuf,
    },
    /// The manifest is not what was written.
    #[error("`{}` is damaged", path.display())]
    DamagedManifest {
        /// The manifest.
        path: PathBuf,
    },
    /// The backup was made by a newer version of this program.
    #[error("backup `{}` has format {found}, this version restores up to {FORMAT}", path.display())]
    NewerFormat {
        /// The backup.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// Files are missing, or are not what was backed up.
    #[error("backup `{}` is damaged: {}", path.display(), listed(files))]
    Damaged {
        /// The backup.
        path: PathBuf,
        /// Each file, and what is wrong with it.
        files: Vec<(String, String)>,
    },
    /// The target could not be written, or what was restored could not be opened.
    #[error("could not restore into the workspace")]
    Storage {
        /// The cause.
        #[from]
        source: StorageError,
    },
}

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// The workspace.
    pub workspace: Workspace,
    /// The number of the last change that it shows.
    pub position: u64,
    /// Rows of all tables.
    pub rows: u64,
    /// Number of files that lay beside its tables, and do so again.
    pub beside: u64,
    /// The backup's files that have their place elsewhere (see [`super::Backup::apart`]), by their names there. They are whole.
    pub apart: BTreeMap<String, PathBuf>,
}

impl RestoreError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotABackup { .. } => Some("name the folder that `backup` wrote, or use an earlier backup"),
            Self::DamagedManifest { .. } | Self::Damaged { .. } => {
                Some("use another copy of the backup, or an earlier one")
            }
            Self::NewerFormat { .. } => Some("use the version that made it, or a newer one"),
            Self::Storage { source } => source.hint(),
        }
    }
}

fn listed(files: &[(String, String)]) -> String {
    let named = files.iter().take(NAMED_FILES).map(|(path, what)| format!("`{path}` {what}"));
    let more = files.len().saturating_sub(NAMED_FILES);
    let more = (more > 0).then(|| format!("{more} more"));
    named.chain(more).collect::<Vec<_>>().join(", ")
}

/// Makes a workspace in a new or an empty folder. All files are checked before the first is copied.
pub async fn restore(backup: &Path, target: &Path) -> Result<Restored, RestoreError> {
    let target = std::path::absolute(target).map_err(StorageError::io("resolve", target))?;
    let manifest = Manifest::read(backup).map_err(|error| refused(backup, error))?;
    let work = tokio::task::spawn_blocking({
        let (backup, target, manifest) = (backup.to_owned(), target.clone(), manifest.clone());
        move || {
            check(&backup, &manifest)?;
            copy(&backup, &target, &manifest).map_err(RestoreError::from)
        }
    });
    work.await.map_err(|_| StorageError::Interrupted { path: target.clone() })??;
    let workspace = Workspace::open(&target).await?;
    let beside = manifest.files.iter().filter(|file| file.path.starts_with(&format!("{BESIDE}/"))).count() as u64;
    let apart = manifest.files.iter().filter_map(|file| {
        let name = file.path.strip_prefix(APART)?.strip_prefix('/')?;
        Some((name.to_owned(), backup.join(&file.path)))
    });
    Ok(Restored { workspace, position: manifest.position, rows: manifest.rows, beside, apart: apart.collect() })
}

fn refused(backup: &Path, error: ManifestError) -> RestoreError {
    let path = backup.to_owned();
    match error {
        ManifestError::Io(error) if error.kind() == io::ErrorKind::NotFound => RestoreError::NotABackup { path },
        ManifestError::Io(error) => StorageError::io("read", path.join(FILE))(error).into(),
        ManifestError::Damaged => RestoreError::DamagedManifest { path: path.join(FILE) },
        ManifestError::Newer(found) => RestoreError::NewerFormat { path, found },
    }
}

fn check(backup: &Path, manifest: &Manifest) -> Result<(), RestoreError> {
    let mut files = Vec::new();
    for file in &manifest.files {
        if let Some(what) = wrong_with(backup, file) {
            files.push((file.path.clone(), what));
        }
    }
    if files.is_empty() { Ok(()) } else { Err(RestoreError::Damaged { path: backup.to_owned(), files }) }
}

fn wrong_with(backup: &Path, file: &ManifestFile) -> Option<String> {
    match ManifestFile::of(backup, file.path.clone()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some("is missing".to_owned()),
        Err(error) => Some(format!("cannot be read ({error})")),
        Ok(found) if found.size != file.size => Some(format!("has {} bytes instead of {}", found.size, file.size)),
        Ok(found) if found.checksum != file.checksum => Some("has another content than was backed up".to_owned()),
        Ok(_) => None,
    }
}

/// Real copies: a workspace must not share its files with a backup of it.
fn copy(backup: &Path, target: &Path, manifest: &Manifest) -> Result<(), StorageError> {
    durable::create_folder(target).map_err(StorageError::io("create", target))?;
    let mut entries = fs::read_dir(target).map_err(StorageError::io("list", target))?;
    if entries.next().is_some() {
        return Err(StorageError::NotEmpty { path: target.to_owned() });
    }
    let result = copy_files(backup, target, manifest);
    if result.is_err() {
        // Best effort, so that it can be tried again; without its description the folder is no workspace.
        for entry in fs::read_dir(target).into_iter().flatten().flatten() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    result
}

fn copy_files(backup: &Path, target: &Path, manifest: &Manifest) -> Result<(), StorageError> {
    let mut folders = vec![target.to_owned(), target.join("tables"), target.join("_journal")];
    for folder in &folders {
        durable::create_folder(folder).map_err(StorageError::io("create", folder))?;
    }
    let description = format!("{WORKSPACE}/{DESCRIPTION_FILE}");
    let (last, others): (Vec<_>, Vec<_>) = manifest.files.iter().partition(|file| file.path == description);
    for file in others {
        let part = |name: &str| file.path.strip_prefix(name)?.strip_prefix('/');
        let Some(below) = part(WORKSPACE).or_else(|| part(BESIDE)) else { continue };
        let path = target.join(below);
        if path.exists() {
            let source = io::Error::from(io::ErrorKind::AlreadyExists);
            return Err(StorageError::io("write", &path)(source));
        }
        let folder = path.parent().unwrap_or(target).to_owned();
        durable::create_folder(&folder).map_err(StorageError::io("create", &folder))?;
        copied(&backup.join(&file.path), &path)?;
        folders.push(folder);
    }
    folders.sort();
    folders.dedup();
    for folder in &folders {
        durable::sync_folder(folder).map_err(StorageError::io("write", folder))?;
    }
    for file in last {
        copied(&backup.join(&file.path), &target.join(DESCRIPTION_FILE))?;
        durable::sync_folder(target).map_err(StorageError::io("write", target))?;
    }
    Ok(())
}

fn copied(source: &Path, target: &Path) -> Result<(), StorageError> {
    fs::copy(source, target).map_err(StorageError::io("copy", source))?;
    File::open(target).and_then(|file| file.sync_all()).map_err(StorageError::io("write", target))
}
