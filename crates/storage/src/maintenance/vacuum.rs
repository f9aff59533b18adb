//! Removes files that no reader needs any more.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, DirEntry};
use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Maintenance, log_trimming};
use crate::delta_log::DeltaLog;
use crate::layout::{self, DAY_COLUMN};
use crate::{StorageError, data_file, recovery, replayed_log, terms};

/// Files that left their tables less than this long ago are never removed: a query of another process may read them. Longer than any
/// query may run.
const SHORTEST_AGE: TimeDelta = TimeDelta::hours(1);

/// When files may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VacuumOptions {
    /// How long ago a file must have left its table. At least an hour.
    pub minimum_age: TimeDelta,
}

impl Default for VacuumOptions {
    /// A day: longer than a copy of the workspace's folder by other means takes.
    fn default() -> Self {
        Self { minimum_age: TimeDelta::days(1) }
    }
}

/// What a run removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vacuumed {
    /// Data files.
    pub files: u64,
    /// Size of what was removed, in bytes.
    pub bytes: u64,
    /// Files of terms of data files, and files that were begun and never finished.
    pub other_files: u64,
    /// Entries of logs, and checkpoints, that later checkpoints stand for.
    pub log_entries: u64,
    /// Data files that have left their tables and stay for now: a reader may need them.
    pub waiting: u64,
}

/// What decides whether a file of one table may go.
struct TableFolder<'a> {
    path: &'a Path,
    /// The data files of the visible version, below the folder.
    visible: HashSet<String>,
    /// Files that left the table: at which version, and when (ms since 1970).
    removed: BTreeMap<String, (u64, i64)>,
    /// The oldest version that readers of this process need.
    oldest_in_use: Option<u64>,
    /// Of the last complete change: files of later ones may belong to one that is under way.
    sequence: u64,
    /// What is older may go.
    before: DateTime<Utc>,
}

impl Maintenance {
    /// Removes data files that left their tables long enough ago and that no snapshot of this process shows, files of terms without a data file,
    /// files that were never finished, and log entries that checkpoints stand for.
    pub async fn vacuum(&self, options: &VacuumOptions, now: DateTime<Utc>) -> Result<Vacuumed, StorageError> {
        let _one_job = self.workspace.maintenance_lock.lock().await;
        let before = now - options.minimum_age.max(SHORTEST_AGE);
        {
            let _one_at_a_time = self.workspace.commit_lock.lock().await;
            recovery::roll_forward(&self.workspace).await?;
        }
        let versions = self.versions()?;
        let mut done = Vacuumed::default();
        for (name, version) in &versions.tables {
            let log = DeltaLog::open(&self.workspace, name)?;
            let path = layout::table_folder(&self.workspace.path, name);
            let table = TableFolder {
                path: &path,
                visible: log.files(version.version).await?.into_iter().map(|file| file.path).collect(),
                removed: replayed_log::removals(&path),
                oldest_in_use: self.workspace.open_snapshots.oldest(name),
                sequence: versions.sequence,
                before,
            };
            table.clean(&mut done).map_err(StorageError::io("clean", &path))?;
            let oldest = table.oldest_in_use.unwrap_or(version.version).min(version.version);
            done.log_entries += log_trimming::trim(&log, &path, oldest, before).await?;
        }
        let journal = self.workspace.journal();
        remove_staged(&journal, before, &mut done).map_err(StorageError::io("clean", &journal))?;
        Ok(done)
    }
}

impl TableFolder<'_> {
    fn clean(&self, done: &mut Vacuumed) -> std::io::Result<()> {
        let mut kept = HashSet::new();
        for folder in entries(self.path)? {
            let day = folder.file_name().to_string_lossy().into_owned();
            if !day.starts_with(DAY_COLUMN) {
                continue;
            }
            for file in entries(&folder.path())? {
                let name = file.file_name().to_string_lossy().into_owned();
                let path = format!("{day}/{name}");
                if self.may_go(&path, &file, done) {
                    remove(&file.path(), &mut done.files, &mut done.bytes)?;
                    remove(&terms::path_of(self.path, &path), &mut done.other_files, &mut done.bytes)?;
                } else {
                    kept.insert(terms::path_of(self.path, &path));
                }
            }
        }
        for file in entries(&self.path.join(terms::FOLDER))? {
            let name = file.file_name().to_string_lossy().into_owned();
            let is_ours = data_file::sequence_of(&name).is_some_and(|sequence| sequence <= self.sequence);
            if is_ours && !kept.contains(&file.path()) && is_older(&file, self.before) {
                remove(&file.path(), &mut done.other_files, &mut done.bytes)?;
            }
        }
        remove_staged(&self.path.join("_delta_log"), self.before, done)
    }

    fn may_go(&self, path: &str, file: &DirEntry, done: &mut Vacuumed) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_complete = data_file::sequence_of(name).is_some_and(|sequence| sequence <= self.sequence);
        if self.visible.contains(path) || !is_complete || !data_file::is_name_of_ours(path) {
            return false;
        }
        let may_go = match self.removed.get(path) {
            Some((version, removed)) => {
                let is_needed = self.oldest_in_use.is_some_and(|oldest| oldest < *version);
                !is_needed && *removed < self.before.timestamp_millis()
            }
            // Its removal is no longer in the log, or it belongs to a change that never was.
            None => is_older(file, self.before),
        };
        done.waiting += u64::from(!may_go);
        may_go
    }
}

/// A folder that is not there has no files.
fn entries(folder: &Path) -> std::io::Result<Vec<DirEntry>> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
        Ok(entries) => entries.collect(),
    }
}

fn is_older(file: &DirEntry, before: DateTime<Utc>) -> bool {
    let written = file.metadata().and_then(|metadata| metadata.modified());
    written.is_ok_and(|written| written < SystemTime::from(before))
}

/// No sync: a removal that power loss undoes is done again.
fn remove(path: &Path, files: &mut u64, bytes: &mut u64) -> std::io::Result<()> {
    let size = fs::metadata(path).map_or(0, |metadata| metadata.len());
    match fs::remove_file(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    }
    *files += 1;
    *bytes += size;
    Ok(())
}

/// Files that were being written when the process ended: a name, `#` and digits (see `durable`).
fn remove_staged(folder: &Path, before: DateTime<Utc>, done: &mut Vacuumed) -> std::io::Result<()> {
    for file in entries(folder)? {
        let name = file.file_name().to_string_lossy().into_owned();
        let is_staged = name
            .rsplit_once('#')
            .is_some_and(|(_, end)| !end.is_empty() && end.bytes().all(|byte| byte.is_ascii_digit()));
        if is_staged && is_older(&file, before) {
            remove(&file.path(), &mut done.other_files, &mut done.bytes)?;
        }
    }
    Ok(())
}
