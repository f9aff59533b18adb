//! The blobs of queued ingestion, as files that are on disk when they are acknowledged.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

/// The folder in the workspace's.
const FOLDER: &str = "queued-blobs";
/// Bytes of all blobs together: what senders may leave on the disk before it is stored.
const MOST_BYTES: u64 = 16 << 30;
/// Blobs at a time.
const MOST_BLOBS: usize = 20_000;
/// Age after which a blob without a message is removed; clients send the message at once.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// The files.
#[derive(Debug, Clone)]
pub(super) struct BlobStore {
    folder: PathBuf,
}

impl BlobStore {
    /// The blobs of a workspace.
    pub(super) fn of_workspace(workspace: &Path) -> Self {
        Self { folder: workspace.join(FOLDER) }
    }

    /// The file of a blob. Names are the senders', so that they never become names of files.
    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(digest(name))
    }

    fn block_file(&self, name: &str, block: &str) -> PathBuf {
        self.folder.join(format!("{}.{}", digest(name), digest(block)))
    }

    /// Keeps a blob.
    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.write(&self.file(name), |file| file.write_all(bytes))
    }

    /// Keeps a part of a blob.
    pub(super) fn put_block(&self, name: &str, block: &str, bytes: &[u8]) -> io::Result<()> {
        self.write(&self.block_file(name, block), |file| file.write_all(bytes))
    }

    /// Makes a blob of its parts, which are removed.
    pub(super) fn commit_blocks(&self, name: &str, blocks: &[String]) -> io::Result<()> {
        self.write(&self.file(name), |file| {
            for block in blocks {
                io::copy(&mut File::open(self.block_file(name, block))?, file)?;
            }
            Ok(())
        })?;
        for block in blocks {
            let _ = fs::remove_file(self.block_file(name, block));
        }
        Ok(())
    }

    /// Opens a blob.
    pub(super) fn open(&self, name: &str) -> io::Result<File> {
        File::open(self.file(name))
    }

    /// Removes a blob; one that is gone is fine.
    pub(super) fn remove(&self, name: &str) {
        let _ = fs::remove_file(self.file(name));
    }

    /// Removes what was left long ago and that no message names.
    pub(super) fn remove_abandoned(&self, named: &[String], now: SystemTime) {
        let named: Vec<PathBuf> = named.iter().map(|name| self.file(name)).collect();
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten() {
            let modified = entry.metadata().and_then(|metadata| metadata.modified());
            let is_old = modified.is_ok_and(|modified| now.duration_since(modified).is_ok_and(|age| age > ABANDONED));
            if is_old && !named.contains(&entry.path()) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Writes a file that is there whole or not at all.
    fn write(&self, path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        self.check_room()?;
        let temporary = self.folder.join(format!("{}.new", uuid::Uuid::new_v4()));
        let written = (|| {
            let mut file = File::create(&temporary)?;
            write(&mut file)?;
            file.sync_all()?;
            fs::rename(&temporary, path)?;
            File::open(&self.folder)?.sync_all()
        })();
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    fn check_room(&self) -> io::Result<()> {
        let (mut bytes, mut blobs) = (0, 0);
        for entry in fs::read_dir(&self.folder)?.flatten() {
            bytes += entry.metadata().map_or(0, |metadata| metadata.len());
            blobs += 1;
        }
        if bytes >= MOST_BYTES || blobs >= MOST_BLOBS {
            return Err(io::Error::new(io::ErrorKind::QuotaExceeded, "too many blobs wait to be stored"));
        }
        Ok(())
    }
}

fn digest(name: &str) -> String {
    Sha256::digest(name.as_bytes()).iter().take(20).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn blobs_are_kept_under_any_name_and_made_of_parts() {
        let folder = tempfile::tempdir().unwrap();
        let store = BlobStore::of_workspace(folder.path());
        let read = |name: &str| {
            let mut text = String::new();
            store.open(name).unwrap().read_to_string(&mut text).unwrap();
            text
        };
        let count = || fs::read_dir(folder.path().join(FOLDER)).unwrap().count();
        store.put("../../etc/passwd", b"whole").unwrap();
        assert_eq!(read("../../etc/passwd"), "whole");
        store.put_block("b", "2", b"two").unwrap();
        store.put_block("b", "1", b"one").unwrap();
        store.commit_blocks("b", &["1".to_owned(), "2".to_owned()]).unwrap();
        assert_eq!(read("b"), "onetwo");
        assert!(store.commit_blocks("c", &["3".to_owned()]).is_err());
        assert_eq!(count(), 2);
        store.remove_abandoned(&["b".to_owned()], SystemTime::now() + 2 * ABANDONED);
        assert_eq!((count(), read("b")), (1, "onetwo".to_owned()));
        store.remove("b");
        assert_eq!(count(), 0);
    }
}
