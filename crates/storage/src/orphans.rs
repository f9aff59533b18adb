//! Removes data files, and what belongs to them, of ingests that never were.

use std::fs::{self, DirEntry};
use std::io;
use std::path::Path;

use crate::data_file::sequence_of;
use crate::{StorageError, durable};

/// Removes the data files of ingests after this one. The caller holds the writer lock and has completed the journal, so they
/// belong to no ingest.
pub(crate) fn remove_after(workspace: &Path, sequence: u64) -> Result<(), StorageError> {
    let tables = workspace.join("tables");
    walk(&tables, sequence).map_err(StorageError::io("clean", &tables))
}

fn walk(tables: &Path, sequence: u64) -> io::Result<()> {
    for table in folders(tables)? {
        for folder in folders(&table.path())?.into_iter().filter(has_our_files) {
            for file in fs::read_dir(folder.path())? {
                let file = file?;
                if sequence_of(&file.file_name().to_string_lossy()).is_some_and(|found| found > sequence) {
                    durable::remove(&file.path())?;
                }
            }
        }
    }
    Ok(())
}

fn folders(path: &Path) -> io::Result<Vec<DirEntry>> {
    let entries: Vec<DirEntry> = fs::read_dir(path)?.collect::<Result<_, _>>()?;
    Ok(entries.into_iter().filter(|entry| entry.path().is_dir()).collect())
}

/// A day's data files, or what belongs to them.
fn has_our_files(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let name = name.to_string_lossy();
    name.starts_with(crate::layout::DAY_COLUMN) || name == crate::terms::FOLDER
}
