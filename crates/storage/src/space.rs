//! Free disk space, looked at before rows are taken in: a full disk is refused early, while what was taken in can still be moved to tables.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Space that stays free, in bytes, where the disk is large enough: moving a log of fresh rows to tables and merging files needs some
/// hundred MB, and a database beside the workspace some too.
const RESERVE: u64 = 1024 * 1024 * 1024;

/// On a small disk the reserve is one part in so many of it.
const SHARE_OF_DISK: u64 = 20;

/// How long an answer holds. At 500 MB/s less than half of the reserve is written meanwhile.
const HOLDS: Duration = Duration::from_secs(1);

/// The space of a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskSpace {
    /// Bytes that may still be written.
    pub free: u64,
    /// Bytes that the disk has.
    pub total: u64,
    /// Bytes that are to stay free.
    pub reserve: u64,
}

/// The disk has less space than is to stay free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the disk has {free} bytes left, and {reserve} are to stay free")]
pub struct DiskFull {
    /// Bytes that may still be written.
    pub free: u64,
    /// Bytes that are to stay free.
    pub reserve: u64,
}

/// Looks at the disk under a path, at most once a second.
#[derive(Debug)]
pub struct SpaceGuard<P = FileSystem> {
    path: PathBuf,
    /// `None` for what the disk's size suggests.
    reserve: Option<u64>,
    probe: P,
    seen: Mutex<Option<(Instant, DiskSpace)>>,
}

/// Says how much space there is.
pub trait ProbeSpace: Send + Sync {
    /// Free bytes and all bytes of the disk under a path.
    fn space(&self, path: &Path) -> io::Result<(u64, u64)>;
}

/// Asks the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct FileSystem;

impl ProbeSpace for FileSystem {
    fn space(&self, path: &Path) -> io::Result<(u64, u64)> {
        let found = rustix::fs::statvfs(path)?;
        let size = |blocks: u64| blocks.saturating_mul(found.f_frsize);
        // What is left for a process without privileges.
        Ok((size(found.f_bavail), size(found.f_blocks)))
    }
}

impl SpaceGuard {
    /// Guards the disk under a path. `reserve`: bytes that are to stay free; without it 1 GiB, or a twentieth of a small disk.
    pub fn new(path: impl Into<PathBuf>, reserve: Option<u64>) -> Self {
        Self::with_probe(path, reserve, FileSystem)
    }
}

impl<P: ProbeSpace> SpaceGuard<P> {
    /// The same with another source of what the disk has.
    pub fn with_probe(path: impl Into<PathBuf>, reserve: Option<u64>, probe: P) -> Self {
        Self { path: path.into(), reserve, probe, seen: Mutex::default() }
    }

    /// Refuses where less than the reserve is free. Where the operating system does not say how much is, nothing is refused: the write
    /// itself will tell.
    pub fn check(&self, now: Instant) -> Result<(), DiskFull> {
        match self.space(now) {
            Ok(space) if space.is_full() => Err(DiskFull { free: space.free, reserve: space.reserve }),
            _ => Ok(()),
        }
    }

    /// What the disk has, as seen at most a second ago.
    pub fn space(&self, now: Instant) -> io::Result<DiskSpace> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((when, space)) = *seen
            && now.saturating_duration_since(when) < HOLDS
        {
            return Ok(space);
        }
        let (free, total) = self.probe.space(&self.path)?;
        let reserve = self.reserve.unwrap_or_else(|| RESERVE.min(total / SHARE_OF_DISK));
        let space = DiskSpace { free, total, reserve };
        *seen = Some((now, space));
        Ok(space)
    }
}

impl DiskSpace {
    /// Whether less is free than is to stay free.
    pub fn is_full(&self) -> bool {
        self.free < self.reserve
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    const GIB: u64 = 1024 * 1024 * 1024;

    struct Disk {
        free: Arc<AtomicU64>,
        total: u64,
    }

    impl ProbeSpace for Disk {
        fn space(&self, _: &Path) -> io::Result<(u64, u64)> {
            match self.free.load(Ordering::Relaxed) {
                u64::MAX => Err(io::Error::other("does not say")),
                free => Ok((free, self.total)),
            }
        }
    }

    #[test]
    fn rows_are_refused_below_the_reserve_and_taken_again_above_it() {
        let free = Arc::new(AtomicU64::new(2 * GIB));
        let guard = SpaceGuard::with_probe("/", None, Disk { free: Arc::clone(&free), total: 100 * GIB });
        let start = Instant::now();
        assert_eq!(guard.check(start), Ok(()));
        free.store(GIB - 1, Ordering::Relaxed);
        assert_eq!(guard.check(start + HOLDS / 2), Ok(()), "as seen before");
        let full = DiskFull { free: GIB - 1, reserve: GIB };
        assert_eq!(guard.check(start + HOLDS), Err(full));
        free.store(GIB, Ordering::Relaxed);
        assert_eq!(guard.check(start + 2 * HOLDS), Ok(()));
        free.store(u64::MAX, Ordering::Relaxed);
        assert_eq!(guard.check(start + 3 * HOLDS), Ok(()), "a disk that does not say is not full");
    }

    #[test]
    fn a_small_disk_keeps_a_share_and_a_given_reserve_counts() {
        let disk = || Disk { free: Arc::new(AtomicU64::new(6)), total: 100 };
        let now = Instant::now();
        assert_eq!(SpaceGuard::with_probe("/", None, disk()).space(now).expect("says").reserve, 5);
        assert_eq!(SpaceGuard::with_probe("/", Some(7), disk()).check(now), Err(DiskFull { free: 6, reserve: 7 }));
    }

    #[test]
    fn the_disk_of_this_test_has_space() {
        let space = SpaceGuard::new(std::env::temp_dir(), None).space(Instant::now()).expect("says");
        assert!(space.total > 0 && space.free <= space.total);
    }
}
