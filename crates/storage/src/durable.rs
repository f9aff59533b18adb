//! File operations that survive a power loss: the file is synced, then the folder that names it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::disk;

/// What to do where the file is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    /// Replace it in one step: a reader sees the old content or the new.
    Replace,
    /// Leave it and fail with `AlreadyExists`.
    Refuse,
}

/// Writes a whole file so that it is there, complete, once this returns, and at no time partly.
pub(crate) fn write(path: &Path, parts: &[&[u8]], existing: Existing) -> io::Result<()> {
    let staged = staged_name(path);
    let result = write_staged(&staged, parts).and_then(|()| match existing {
        Existing::Replace => disk::of(path).rename(&staged, path),
        Existing::Refuse => disk::of(path).link(&staged, path),
    });
    if existing == Existing::Refuse || result.is_err() {
        // Best effort: a staged file is never read (object_store ignores `#` and digits).
        let _ = disk::of(path).remove(&staged);
    }
    result?;
    sync_folder_of(path)
}

fn write_staged(staged: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let mut file = disk::of(staged).create(staged)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.sync()
}

/// `name#digits` beside the file: object_store's own convention for what is not yet there.
fn staged_name(path: &Path) -> PathBuf {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let count = COUNTER.fetch_add(1, Ordering::Relaxed);
    let mut name = path.as_os_str().to_owned();
    name.push(format!("#{}{count:06}", process::id()));
    PathBuf::from(name)
}

/// Creates a folder and those above it.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        create_folder(parent)?;
    }
    match disk::of(path).create_folder(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_folder_of(path),
    }
}

/// Removes a file; one that is not there is fine.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match disk::of(path).remove(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_folder_of(path),
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    disk::of(path).sync_folder(path)
}

/// Makes the name of a file durable.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), sync_folder)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn refusing_keeps_the_first_content_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a/b/file");
        create_folder(path.parent().expect("has one")).expect("creates");
        write(&path, &[b"one"], Existing::Refuse).expect("writes");
        let error = write(&path, &[b"two"], Existing::Refuse).expect_err("is there");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).expect("reads"), b"one");
        write(&path, &[b"tw", b"o"], Existing::Replace).expect("replaces");
        assert_eq!(fs::read(&path).expect("reads"), b"two");
        assert_eq!(fs::read_dir(folder.path().join("a/b")).expect("lists").count(), 1);
        remove(&path).expect("removes");
        remove(&path).expect("removes what is not there");
    }
}
