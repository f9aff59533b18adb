//! Stands in for the live workspace until its write-ahead log is here: reads only. To be removed with it.
use crate::{Snapshot, StorageError, Workspace};
use std::path::Path;
use std::time::Instant;
/// None yet.
#[derive(Debug, Clone, Default)]
pub struct LiveOptions {}
/// A workspace as it was when it was opened.
#[derive(Debug, Clone)]
pub struct LiveWorkspace {
    w: Workspace,
    s: Snapshot,
}
impl Workspace {
    /// Opens it.
    pub async fn go_live(&self, _: LiveOptions) -> Result<LiveWorkspace, StorageError> {
        Ok(LiveWorkspace { w: self.clone(), s: self.snapshot().await? })
    }
}
impl LiveWorkspace {
    /// The tables.
    pub fn snapshot(&self) -> Snapshot {
        self.s.clone()
    }
    /// The folder.
    pub fn path(&self) -> &Path {
        self.w.path()
    }
    /// Nothing is due.
    pub async fn tick(&self, _: Instant) {}
    /// Nothing is to be done.
    pub async fn close(self) -> Result<(), StorageError> {
        Ok(())
    }
}
