//! Where tests end an ingest as a crash would.

use crate::StorageError;

/// A step after which a commit may be cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(test), allow(dead_code, reason = "only tests crash"))]
pub(crate) enum CrashPoint {
    /// Data files are written, the journal entry is not.
    FilesWritten,
    /// The ingest is decided, no table has it.
    Journaled,
    /// The first table has it, the others have not.
    FirstTableCommitted,
    /// All tables have it, readers do not see it.
    TablesCommitted,
    /// Readers see it, the journal entry is still there.
    Published,
}

/// The point at which to crash; never, outside of tests.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CrashAt(pub(crate) Option<CrashPoint>);

impl CrashAt {
    /// Fails where this is the point to crash at.
    pub(crate) fn reached(self, point: CrashPoint) -> Result<(), StorageError> {
        if self.0 == Some(point) {
            return Err(StorageError::Interrupted { path: format!("{point:?}").into() });
        }
        Ok(())
    }
}
