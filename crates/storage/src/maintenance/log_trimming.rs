//! Removes the entries of a table's log that a checkpoint stands for.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};

use crate::delta_log::{DeltaLog, LoggedFile};
use crate::{StorageError, replayed_log};

/// Removes entries and checkpoints before the newest checkpoint that nobody reads past: it is not newer than `oldest`, the oldest version
/// that is needed, and older than `before`, so that no other process reads an earlier version. Returns how many files went.
///
/// Does nothing where the checkpoint does not say what the log before it says.
pub(crate) async fn trim(
    log: &DeltaLog,
    table_folder: &Path,
    oldest: u64,
    before: DateTime<Utc>,
) -> Result<u64, StorageError> {
    let folder = table_folder.join("_delta_log");
    let files = listed(&folder).map_err(StorageError::io("list", &folder))?;
    let usable = |file: &&LogFile| file.is_checkpoint && file.version <= oldest && is_older(&file.path, before);
    let Some(newest) = files.iter().filter(usable).map(|file| file.version).max() else { return Ok(0) };
    let superseded: Vec<&LogFile> = files.iter().filter(|file| file.version < newest).collect();
    if superseded.is_empty() || !agrees(log, table_folder, newest).await {
        return Ok(0);
    }
    for file in &superseded {
        fs::remove_file(&file.path).map_err(StorageError::io("remove", &file.path))?;
    }
    Ok(superseded.len() as u64)
}

struct LogFile {
    version: u64,
    is_checkpoint: bool,
    path: PathBuf,
}

fn listed(folder: &Path) -> std::io::Result<Vec<LogFile>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some((version, end)) = name.split_once('.') else { continue };
        let is_numbered = version.len() == 20 && version.bytes().all(|byte| byte.is_ascii_digit());
        let is_checkpoint = end == "checkpoint.parquet";
        let Some(version) = version.parse().ok().filter(|_| is_numbered && (is_checkpoint || end == "json")) else {
            continue;
        };
        files.push(LogFile { version, is_checkpoint, path });
    }
    Ok(files)
}

/// Whether the checkpoint, as `deltalake` reads it, has the files that the entries tell.
async fn agrees(log: &DeltaLog, table_folder: &Path, version: u64) -> bool {
    let Some(mut replayed) = replayed_log::files(table_folder, version) else { return false };
    let Ok(mut read) = log.files_of_any_log(version).await else { return false };
    let by_path = |left: &LoggedFile, right: &LoggedFile| left.path.cmp(&right.path);
    replayed.sort_by(by_path);
    read.sort_by(by_path);
    replayed == read
}

fn is_older(path: &Path, before: DateTime<Utc>) -> bool {
    let written = fs::metadata(path).and_then(|metadata| metadata.modified());
    written.is_ok_and(|written| written < SystemTime::from(before))
}
