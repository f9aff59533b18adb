//! The lock that makes a workspace have one writer at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process;
use std::sync::Arc;

use crate::StorageError;

/// The lock file, in the journal's folder. Its content is the holder's process id.
const LOCK_FILE: &str = "writer.lock";

/// Held while a workspace is written, until its last clone is dropped. The operating system releases it when the process ends, however it ends.
#[derive(Debug, Clone)]
pub(crate) struct WriterLock {
    /// Locked as long as it is open.
    _file: Arc<File>,
}

impl WriterLock {
    /// Takes the lock, or says who holds it.
    pub(crate) fn take(workspace: &Path, journal: &Path) -> Result<Self, StorageError> {
        let path = journal.join(LOCK_FILE);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(StorageError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StorageError::Locked { path: workspace.to_owned(), pid: holder(&mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(StorageError::io("lock", &path)(source)),
        }
        write_holder(&mut file).map_err(StorageError::io("write", &path))?;
        Ok(Self { _file: Arc::new(file) })
    }
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn write_holder(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    writeln!(file, "{}", process::id())
}
