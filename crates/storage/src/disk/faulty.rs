//! A disk that refuses.

use std::io;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use super::local::LocalDisk;
use super::{Disk, DiskFile};

/// The local disk with room for so many more bytes, whose syncs can fail.
#[derive(Debug, Default)]
pub(crate) struct FaultyDisk {
    state: Arc<State>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    /// Bytes left.
    pub(crate) room: AtomicI64,
    pub(crate) syncs_fail: AtomicBool,
    /// Files cannot be cut.
    pub(crate) cuts_fail: AtomicBool,
    /// Syncs wait while somebody holds it.
    pub(crate) gate: Mutex<()>,
}

impl FaultyDisk {
    pub(crate) fn with_room(bytes: i64) -> Self {
        let disk = Self::default();
        disk.state.room.store(bytes, Ordering::SeqCst);
        disk
    }

    pub(crate) fn state(&self) -> Arc<State> {
        Arc::clone(&self.state)
    }
}

impl State {
    /// As much of a write as there is room for.
    fn take(&self, wanted: usize) -> io::Result<usize> {
        let wanted = i64::try_from(wanted).unwrap_or(i64::MAX);
        let given = self.room.load(Ordering::SeqCst).clamp(0, wanted);
        self.room.fetch_sub(given, Ordering::SeqCst);
        match usize::try_from(given) {
            Ok(given) if given > 0 || wanted == 0 => Ok(given),
            _ => Err(io::Error::from_raw_os_error(rustix::io::Errno::NOSPC.raw_os_error())),
        }
    }

    fn sync(&self) -> io::Result<()> {
        drop(self.gate.lock());
        if self.syncs_fail.load(Ordering::SeqCst) { Err(io::Error::other("the sync failed")) } else { Ok(()) }
    }
}

impl Disk for FaultyDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.state.take(1)?;
        Ok(Box::new(FaultyFile { file: LocalDisk.create(path)?, state: self.state() }))
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.state.take(1)?;
        LocalDisk.create_folder(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        LocalDisk.rename(from, to)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        LocalDisk.link(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        LocalDisk.remove(path)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.state.sync()?;
        LocalDisk.sync_file(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.state.sync()?;
        LocalDisk.sync_folder(path)
    }
}

#[derive(Debug)]
struct FaultyFile {
    file: Box<dyn DiskFile>,
    state: Arc<State>,
}

impl Write for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = self.state.take(bytes.len())?;
        self.file.write(&bytes[..room])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl DiskFile for FaultyFile {
    fn sync(&mut self) -> io::Result<()> {
        self.state.sync()?;
        self.file.sync()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        if self.state.cuts_fail.load(Ordering::SeqCst) {
            return Err(io::Error::other("the cut failed"));
        }
        self.file.cut(length)
    }

    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }
}
