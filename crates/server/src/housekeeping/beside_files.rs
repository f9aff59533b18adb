//! What lies in a workspace's folder beside its tables: watchlists, functions, settings.

use std::fs;
use std::io;
use std::path::Path;

use super::backing_up::DATABASE_FILE;
use crate::Error;

/// What storage keeps itself.
const OF_STORAGE: [&str; 4] = ["workspace.json", "tables", "_journal", "_wal"];

/// Copies it, the database aside, whose copy is made by the database.
pub(super) fn copy(workspace: &Path, target: &Path) -> Result<(), Error> {
    let failed = |error: io::Error| Error::new(format!("could not copy what lies beside the tables: {error}"));
    for entry in fs::read_dir(workspace).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !OF_STORAGE.contains(&name.as_str()) && !name.starts_with(DATABASE_FILE) {
            copy_tree(&entry.path(), &target.join(&name)).map_err(failed)?;
        }
    }
    Ok(())
}

/// Links and sockets are left out: what they name is not the workspace's.
fn copy_tree(source: &Path, target: &Path) -> io::Result<()> {
    let kind = fs::symlink_metadata(source)?.file_type();
    if kind.is_dir() {
        fs::create_dir_all(target)?;
        for entry in fs::read_dir(source)? {
            let entry = entry?;
            copy_tree(&entry.path(), &target.join(entry.file_name()))?;
        }
    } else if kind.is_file() {
        fs::copy(source, target)?;
        fs::File::open(target)?.sync_all()?;
    }
    Ok(())
}
