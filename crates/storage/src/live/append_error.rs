//! Why rows were not taken.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::StorageError;

/// Why [`crate::LiveWorkspace::append`] did not take rows. None of them is stored, and none will be visible.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// A limit on rows that wait for the log, or for Delta, is reached.
    #[error("{what}: {used} of {limit} are in use")]
    Busy {
        /// The limit, in words.
        what: &'static str,
        /// What is in use already.
        used: u64,
        /// The limit.
        limit: u64,
        /// When to send the rows again.
        retry_after: Duration,
    },
    /// There is no room on the disk. Appends work again when there is.
    #[error("no room on the disk for `{}`", path.display())]
    Full {
        /// The file of the log.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Anything else.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl AppendError {
    /// The error of writing the log.
    pub(crate) fn of_write(path: PathBuf, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
                Self::Full { path, source }
            }
            _ => Self::Storage(StorageError::Io { action: "write", path, source }),
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Busy { .. } => Some("send the rows again later"),
            Self::Full { .. } => Some("make room on the disk, or shorten the retention of large tables"),
            Self::Storage(error) => error.hint(),
        }
    }
}
