//! Damaged parts of the write-ahead log are set aside, so that the workspace can be read and written again.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::live::start_from;
use crate::versions::Versions;
use crate::wal::{self, BATCHES_FILE, LogDamage, PassedOver, RememberedBatches, Replay};
use crate::workspace::Inner;
use crate::{LiveOptions, StorageError, Workspace, durable};

/// The folder in a workspace of what was set aside, with one for each time. Nothing here reads or removes it.
pub(crate) const FOLDER: &str = "_set_aside";

/// What was done about a damaged log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SetAside {
    /// What could not be read; nothing was done where there is none.
    pub damages: Vec<LogDamage>,
    /// The damaged files as they are now: whole, as they were found.
    pub files: Vec<PathBuf>,
    /// Rows that could be read and are in tables now.
    pub kept_rows: u64,
    /// Requests whose rows are lost, as far as it is known.
    pub lost_requests: u64,
    /// Rows that may be lost: as many as there are in as many bytes, or else requests, of what could be read. Absent where nothing could be.
    pub lost_rows: Option<u64>,
    /// Whether the ids of batches before are lost: one that is sent again is then stored again.
    pub lost_batches: bool,
}

impl Workspace {
    /// Sets damaged files of the log aside: they are moved whole into a folder of the workspace, rows that can be read of them and of the others
    /// are moved to tables. Without damage nothing is done.
    ///
    /// # Errors
    /// [`StorageError::Locked`] while the workspace is written; [`StorageError::DamagedLog`] for a record that is whole and holds what this
    /// version does not know. The log is as it was then.
    pub async fn set_aside_damage(&self, now: DateTime<Utc>) -> Result<SetAside, StorageError> {
        let (lock, versions) = self.take_over().await?;
        let inner = self.shared();
        let interrupted = |_| StorageError::Interrupted { path: inner.path.clone() };
        let looked = tokio::task::spawn_blocking({
            let (inner, versions) = (Arc::clone(inner), versions.clone());
            move || look(&inner, &versions)
        });
        let (found, lost_batches) = looked.await.map_err(interrupted)??;
        if found.damages.is_empty() && !lost_batches {
            return Ok(SetAside::default());
        }
        let log = wal::folder(&inner.path);
        // Of a missing segment there is no file.
        let has_file = |damage: &&LogDamage| damage.offset > 0 || damage.bytes > 0;
        let damaged = found.damages.iter().filter(has_file).map(|damage| damage.path.clone());
        let mut damaged: BTreeSet<PathBuf> = damaged.collect();
        damaged.extend(lost_batches.then(|| log.join(BATCHES_FILE)));
        let folder = new_folder(&inner.path.join(FOLDER), now)?;
        // They are there before they go from the log: segments when their rows are in tables, the ids at once.
        let files = damaged.iter().map(|path| kept(path, &folder)).collect::<Result<Vec<_>, _>>()?;
        durable::sync_folder(&folder).map_err(StorageError::io("write", &folder))?;
        if lost_batches {
            let path = log.join(BATCHES_FILE);
            durable::remove(&path).map_err(StorageError::io("remove", &path))?;
        }
        let replay = Replay::passing_over_damage(&log)?;
        start_from(inner, lock, versions, LiveOptions::default(), replay).await?.close().await?;
        Ok(SetAside {
            files,
            kept_rows: found.fresh_rows,
            lost_requests: found.damages.iter().filter_map(|damage| damage.requests).sum(),
            lost_rows: lost_rows(&found),
            damages: found.damages,
            lost_batches,
        })
    }
}

/// What cannot be read, and whether the ids of batches cannot; changes nothing.
fn look(inner: &Inner, versions: &Versions) -> Result<(PassedOver, bool), StorageError> {
    let log = wal::folder(&inner.path);
    let mut replay = Replay::passing_over_damage(&log)?;
    while replay.next(versions)?.is_some() {}
    let lost_batches = match RememberedBatches::read_all(&log) {
        Ok(_) => false,
        Err(StorageError::DamagedLog { .. }) => true,
        Err(error) => return Err(error),
    };
    Ok((replay.found(), lost_batches))
}

fn lost_rows(found: &PassedOver) -> Option<u64> {
    let of_damage = |damage: &LogDamage| {
        let (part, whole) = match damage.requests {
            Some(0) => return Some(0),
            _ if damage.bytes > 0 => (damage.bytes, found.bytes),
            requests => (requests?, found.requests),
        };
        let rows = u128::from(part) * u128::from(found.rows);
        // Rounded up: what is lost is at least a row.
        (whole > 0).then(|| u64::try_from(rows.div_ceil(u128::from(whole))).unwrap_or(u64::MAX))
    };
    found.damages.iter().map(of_damage).sum()
}

/// A folder for this time; a number is added where there is one.
fn new_folder(above: &Path, now: DateTime<Utc>) -> Result<PathBuf, StorageError> {
    let name = now.format("%Y%m%dT%H%M%SZ").to_string();
    let names = std::iter::once(name.clone()).chain((2u32..).map(|number| format!("{name}-{number}")));
    let folder =
        names.map(|name| above.join(name)).find(|folder| !folder.exists()).unwrap_or_else(|| above.join(&name));
    durable::create_folder(&folder).map_err(StorageError::io("create", &folder))?;
    Ok(folder)
}

/// A link to the file, or else a copy.
fn kept(path: &Path, folder: &Path) -> Result<PathBuf, StorageError> {
    let target = folder.join(path.file_name().unwrap_or(path.as_os_str()));
    let linked = fs::hard_link(path, &target).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Err(error),
        _ => fs::copy(path, &target).and_then(|_| fs::File::open(&target)?.sync_all()),
    });
    linked.map_err(StorageError::io("copy", path))?;
    Ok(target)
}
