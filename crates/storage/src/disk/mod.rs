//! What is written to disk goes through here, so that tests can take the power away.
//!
//! Reading needs no seam: it shows what is there.

#[cfg(test)]
pub(crate) mod faulty;
mod local;
#[cfg(test)]
pub(crate) mod recording;

use std::fmt::Debug;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use local::LocalDisk;

/// Changes of a file system. Nothing is sure to outlive a power loss before it is synced: a file's content by its own sync, its name by that of
/// the folder.
pub(crate) trait Disk: Debug + Send + Sync {
    /// A new file; fails where there is one.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// A new folder in one that there is.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Gives a file another name within its folder, in place of what had that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Gives a file a second name within its folder; fails where there is one.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Makes the content of a file durable that is not open here.
    fn sync_file(&self, path: &Path) -> io::Result<()>;
    /// Makes the names in a folder durable.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

/// A file that is being written, from its beginning on.
pub(crate) trait DiskFile: Write + Debug + Send {
    /// Makes the content durable.
    fn sync(&mut self) -> io::Result<()>;
    /// Takes off what is beyond this length, and continues there.
    fn cut(&mut self, length: u64) -> io::Result<()>;
    /// Bytes written.
    fn size(&self) -> io::Result<u64>;
}

/// The disk that a path is on: the local one, or what a test has put under one of its folders.
pub(crate) fn of(path: &Path) -> Arc<dyn Disk> {
    static LOCAL: OnceLock<Arc<LocalDisk>> = OnceLock::new();
    #[cfg(test)]
    if let Some(disk) = mounts::find(path) {
        return disk;
    }
    let _ = path;
    Arc::clone(LOCAL.get_or_init(|| Arc::new(LocalDisk))) as Arc<dyn Disk>
}

#[cfg(test)]
pub(crate) mod mounts {
    //! Disks that tests put under folders.

    use std::path::{Path, PathBuf};
    use std::sync::{Arc, Mutex, PoisonError};

    use super::Disk;

    static MOUNTS: Mutex<Vec<(PathBuf, Arc<dyn Disk>)>> = Mutex::new(Vec::new());

    /// Puts the disk under the folder until the result is dropped.
    #[must_use]
    pub(crate) fn mount(folder: &Path, disk: Arc<dyn Disk>) -> Mount {
        let folder = folder.canonicalize().expect("the folder is there");
        MOUNTS.lock().unwrap_or_else(PoisonError::into_inner).push((folder.clone(), disk));
        Mount { folder }
    }

    pub(super) fn find(path: &Path) -> Option<Arc<dyn Disk>> {
        let mounts = MOUNTS.lock().unwrap_or_else(PoisonError::into_inner);
        mounts.iter().find(|(folder, _)| path.starts_with(folder)).map(|(_, disk)| Arc::clone(disk))
    }

    pub(crate) struct Mount {
        folder: PathBuf,
    }

    impl Drop for Mount {
        fn drop(&mut self) {
            MOUNTS.lock().unwrap_or_else(PoisonError::into_inner).retain(|(folder, _)| *folder != self.folder);
        }
    }
}
