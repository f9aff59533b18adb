//! Which versions of the tables readers of this process still need, so that no file is taken from under a query.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::versions::Versions;

/// The versions that snapshots, tables and running plans of a workspace hold on to.
#[derive(Debug, Default)]
pub(crate) struct OpenSnapshots {
    /// By their sequence number.
    open: Mutex<BTreeMap<u64, OpenVersions>>,
}

#[derive(Debug)]
struct OpenVersions {
    holders: usize,
    versions: Arc<Versions>,
}

/// Held as long as the files of some versions are needed.
#[derive(Debug)]
pub(crate) struct InUse {
    snapshots: Arc<OpenSnapshots>,
    sequence: u64,
}

impl OpenSnapshots {
    /// Says that the files of these versions are needed until the result is dropped.
    pub(crate) fn hold(self: &Arc<Self>, versions: &Arc<Versions>) -> Arc<InUse> {
        let sequence = versions.sequence;
        let mut open = self.lock();
        let entry = open.entry(sequence);
        entry.or_insert_with(|| OpenVersions { holders: 0, versions: Arc::clone(versions) }).holders += 1;
        Arc::new(InUse { snapshots: Arc::clone(self), sequence })
    }

    /// The oldest version of a table that is needed. One that a holder saw without rows needs no file.
    pub(crate) fn oldest(&self, table: &str) -> Option<u64> {
        let open = self.lock();
        open.values().filter_map(|open| Some(open.versions.tables.get(table)?.version)).min()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, OpenVersions>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        let mut open = self.snapshots.lock();
        if let Some(versions) = open.get_mut(&self.sequence) {
            versions.holders -= 1;
            if versions.holders == 0 {
                open.remove(&self.sequence);
            }
        }
    }
}
