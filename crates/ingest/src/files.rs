//! Finds the files under the paths given.

use std::fs;
use std::path::{Path, PathBuf};

/// The files in order, and folders that cannot be listed, with the reason.
#[derive(Debug, Default)]
pub(crate) struct FoundFiles {
    pub files: Vec<PathBuf>,
    pub unreadable: Vec<(PathBuf, String)>,
}

/// Lists all files under these paths, folders of any depth, in the order of the paths and sorted by name within each. Links to folders
/// inside a folder are not followed: they may lead in circles.
pub(crate) fn find_files(paths: &[PathBuf]) -> FoundFiles {
    let mut found = FoundFiles::default();
    for path in paths {
        if path.is_dir() {
            find_in(path, &mut found);
        } else if !found.files.contains(path) {
            found.files.push(path.clone());
        }
    }
    found
}

fn find_in(folder: &Path, found: &mut FoundFiles) {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                found.unreadable.push((folder, error.to_string()));
                continue;
            }
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        let mut inner = Vec::new();
        for entry in entries {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => inner.push(path),
                Ok(kind) if kind.is_file() || (kind.is_symlink() && path.is_file()) => found.files.push(path),
                Ok(_) => {}
                Err(error) => found.unreadable.push((path, error.to_string())),
            }
        }
        folders.extend(inner.into_iter().rev());
    }
}
