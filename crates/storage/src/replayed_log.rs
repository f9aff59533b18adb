//! The data files of a table's version, read from the entries of its Delta log directly.
//!
//! A command that asks one question would spend much of its start in `deltalake`, which is made for any table. Ours need little: files
//! are added and removed. What is not as our writer leaves it (deletion vectors, column mapping, unknown actions, a cleaned log) is
//! not understood here, and `deltalake` reads it.
//!
//! With each checkpoint a *listing* of the files is written to `_files/VERSION.json`, so that only later entries are replayed. It is
//! derived and may be deleted. Source of the entries' form: delta.io protocol, "Actions".

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::StorageError;
use crate::delta_log::LoggedFile;
use crate::durable::{self, Existing};

const LISTINGS: &str = "_files";

/// A line of the log has one of these. Others are refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Action {
    add: Option<Added>,
    remove: Option<Removed>,
    protocol: Option<Protocol>,
    #[serde(rename = "metaData")]
    _metadata: Option<IgnoredAny>,
    #[serde(rename = "commitInfo")]
    _commit: Option<IgnoredAny>,
    #[serde(rename = "txn")]
    _transaction: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Added {
    path: String,
    size: u64,
    modification_time: i64,
    stats: Option<String>,
    deletion_vector: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Removed {
    path: String,
    deletion_timestamp: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Protocol {
    min_reader_version: u32,
}

/// The files of a version, by path.
#[derive(Default, Serialize, Deserialize)]
struct Listing {
    version: u64,
    /// A file that the version's own entry adds, or else removes: tells a listing of another log of the same table.
    witness: String,
    files: BTreeMap<String, LoggedFile>,
}

/// The files of a version; nothing where the log holds what is not understood here.
pub(crate) fn files(table_folder: &Path, version: u64) -> Option<Vec<LoggedFile>> {
    let mut listing = newest_listing(table_folder, version);
    let first = listing.as_ref().map_or(0, |listing| listing.version + 1);
    let mut files = listing.take().map(|listing| listing.files).unwrap_or_default();
    for version in first..=version {
        replay(&fs::read_to_string(entry(table_folder, version)).ok()?, version, &mut files)?;
    }
    Some(files.into_values().collect())
}

/// The files that left the table, by path, as far as the log's entries go back: at which version, and when (ms since 1970).
pub(crate) fn removals(table_folder: &Path) -> BTreeMap<String, (u64, i64)> {
    let mut removed = BTreeMap::new();
    for path in fs::read_dir(table_folder.join("_delta_log")).into_iter().flatten().flatten().map(|entry| entry.path())
    {
        let is_entry = path.extension().is_some_and(|end| end == "json");
        let version = path.file_stem().and_then(|stem| stem.to_str()?.parse::<u64>().ok()).filter(|_| is_entry);
        let (Some(version), Ok(text)) = (version, fs::read_to_string(&path)) else { continue };
        // Most entries remove nothing.
        for line in text.lines().filter(|line| line.contains("\"remove\"")) {
            if let Ok(Action { remove: Some(file), .. }) = serde_json::from_str::<Action>(line) {
                removed.insert(file.path, (version, file.deletion_timestamp.unwrap_or(i64::MAX)));
            }
        }
    }
    removed
}

/// Writes the listing of a version in place of older ones. Does nothing where the log is not understood here.
pub(crate) fn write_listing(table_folder: &Path, version: u64) -> Result<(), StorageError> {
    let Some(found) = files(table_folder, version) else { return Ok(()) };
    let Some(witness) = witness(table_folder, version) else { return Ok(()) };
    let files = found.into_iter().map(|file| (file.path.clone(), file)).collect();
    let folder = table_folder.join(LISTINGS);
    durable::create_folder(&folder).map_err(StorageError::io("create", &folder))?;
    let path = folder.join(name(version));
    let bytes = serde_json::to_vec(&Listing { version, witness, files }).expect("text and numbers serialize");
    durable::write(&path, &[&bytes], Existing::Replace).map_err(StorageError::io("write", &path))?;
    for (older, path) in listings(table_folder) {
        if older < version {
            durable::remove(&path).map_err(StorageError::io("remove", &path))?;
        }
    }
    Ok(())
}

fn replay(text: &str, version: u64, files: &mut BTreeMap<String, LoggedFile>) -> Option<()> {
    let mut has_protocol = version > 0;
    for line in text.lines().filter(|line| !line.is_empty()) {
        let action: Action = serde_json::from_str(line).ok()?;
        if let Some(protocol) = action.protocol {
            has_protocol = protocol.min_reader_version == 1;
            has_protocol.then_some(())?;
        }
        if let Some(Added { path, size, modification_time, stats, deletion_vector }) = action.add {
            (deletion_vector.is_none() && is_plain(&path)).then_some(())?;
            files.insert(path.clone(), LoggedFile { path, size, modified: modification_time, statistics: stats });
        }
        if let Some(Removed { path, .. }) = action.remove {
            files.remove(&path)?;
        }
    }
    has_protocol.then_some(())
}

/// Paths in the log are URLs; ours need no decoding.
fn is_plain(path: &str) -> bool {
    !path.contains(['%', ':'])
}

fn newest_listing(table_folder: &Path, version: u64) -> Option<Listing> {
    let (listed, path) = listings(table_folder).into_iter().filter(|(listed, _)| *listed <= version).max()?;
    let listing: Listing = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    let is_of_this_log = listing.version == listed && witness(table_folder, listed)? == listing.witness;
    is_of_this_log.then_some(listing)
}

fn listings(table_folder: &Path) -> Vec<(u64, PathBuf)> {
    let entries = fs::read_dir(table_folder.join(LISTINGS)).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "json"));
    paths.filter_map(|path| Some((path.file_stem()?.to_str()?.parse().ok()?, path))).collect()
}

fn witness(table_folder: &Path, version: u64) -> Option<String> {
    let text = fs::read_to_string(entry(table_folder, version)).ok()?;
    let actions: Vec<Action> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let added = actions.iter().find_map(|action| action.add.as_ref()).map(|added| &added.path);
    let removed = || actions.iter().find_map(|action| action.remove.as_ref()).map(|removed| &removed.path);
    added.or_else(removed).cloned()
}

fn entry(table_folder: &Path, version: u64) -> PathBuf {
    table_folder.join("_delta_log").join(name(version))
}

fn name(version: u64) -> String {
    format!("{version:020}.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(entries: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("_delta_log")).expect("creates");
        for (version, text) in entries.iter().enumerate() {
            fs::write(entry(folder.path(), version as u64), text).expect("writes");
        }
        folder
    }

    fn paths(folder: &tempfile::TempDir, version: u64) -> Option<Vec<String>> {
        Some(files(folder.path(), version)?.into_iter().map(|file| file.path).collect())
    }

    const CREATED: &str = r#"{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}
{"metaData":{"id":"1"}}
{"add":{"path":"a","size":1,"modificationTime":5,"partitionValues":{},"dataChange":true,"stats":"{}"}}"#;
    const REPLACED: &str = r#"{"remove":{"path":"a","dataChange":false}}
{"add":{"path":"b","size":2,"modificationTime":6,"dataChange":false}}
{"txn":{"appId":"x","version":3}}"#;

    #[test]
    fn files_are_those_added_and_not_removed_at_each_version() {
        let folder = log(&[CREATED, REPLACED]);
        assert_eq!(paths(&folder, 0).unwrap(), ["a"]);
        assert_eq!(paths(&folder, 1).unwrap(), ["b"]);
        assert_eq!(paths(&folder, 2), None, "there is no such version");
    }

    #[test]
    fn a_listing_stands_for_what_came_before_it() {
        let folder = log(&[CREATED, REPLACED, r#"{"add":{"path":"c","size":3,"modificationTime":7}}"#]);
        write_listing(folder.path(), 0).expect("writes");
        write_listing(folder.path(), 1).expect("writes");
        assert_eq!(listings(folder.path()).len(), 1, "the older one is gone");
        fs::remove_file(entry(folder.path(), 0)).expect("removes");
        assert_eq!(paths(&folder, 2).unwrap(), ["b", "c"]);
        assert_eq!(paths(&folder, 0), None, "before the listing and without its entry");
    }

    #[test]
    fn a_listing_of_another_log_is_not_believed() {
        let folder = log(&[CREATED, REPLACED]);
        write_listing(folder.path(), 1).expect("writes");
        fs::write(entry(folder.path(), 1), r#"{"add":{"path":"d","size":3,"modificationTime":7}}"#).expect("writes");
        assert_eq!(paths(&folder, 1).unwrap(), ["a", "d"]);
    }

    #[test]
    fn what_is_not_ours_is_not_understood() {
        for later in [
            r#"{"add":{"path":"b","size":2,"modificationTime":6,"deletionVector":{"storageType":"u"}}}"#,
            r#"{"add":{"path":"a%20b","size":2,"modificationTime":6}}"#,
            r#"{"protocol":{"minReaderVersion":3,"minWriterVersion":7}}"#,
            r#"{"domainMetadata":{"domain":"x"}}"#,
            r#"{"remove":{"path":"never added"}}"#,
            "half a line",
        ] {
            assert_eq!(paths(&log(&[CREATED, later]), 1), None, "{later}");
        }
        assert_eq!(paths(&log(&[REPLACED]), 0), None, "a table begins with its protocol");
    }
}
