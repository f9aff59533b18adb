//! Files of a folder.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;

/// Deepest folder below the one named.
const MAX_DEPTH: usize = 16;

/// The files below a folder whose names end in one of these (without the dot), in the order of their paths; none where
/// there is no such folder. Links are not followed.
pub(crate) fn files_below(folder: &Path, ends: &[&str]) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    if folder.is_dir() {
        collect(folder, ends, 0, &mut found)?;
    }
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, ends: &[&str], depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    if depth > MAX_DEPTH {
        return Ok(());
    }
    let failed = |error: std::io::Error| Error::new(format!("failed to read folder `{}`: {error}", folder.display()));
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        let path = entry.path();
        if kind.is_dir() {
            collect(&path, ends, depth + 1, found)?;
        } else if kind.is_file() && has_end(&path, ends) {
            found.push(path);
        }
    }
    Ok(())
}

fn has_end(path: &Path, ends: &[&str]) -> bool {
    let end = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    ends.contains(&end.as_str())
}
