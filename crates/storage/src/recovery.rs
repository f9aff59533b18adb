//! Completes decided ingests: each table's commit exactly once, then visibility, then the journal entry goes.

use crate::crash_point::{CrashAt, CrashPoint};
use crate::delta_log::DeltaLog;
use crate::journal::{self, JournalEntry};
use crate::versions::Versions;
use crate::workspace::Inner;
use crate::{StorageError, checkpoint};

/// Completes whatever an earlier process decided and did not finish. The caller holds the writer lock.
pub(crate) async fn roll_forward(workspace: &Inner) -> Result<(), StorageError> {
    for path in journal::pending(&workspace.journal())? {
        let entry = journal::read(&path)?;
        complete(workspace, &entry, CrashAt::default()).await?;
    }
    Ok(())
}

/// Completes one ingest. Every step may have been done before. The caller holds the commit lock, or nobody else has the workspace.
pub(crate) async fn complete(workspace: &Inner, entry: &JournalEntry, crash_at: CrashAt) -> Result<(), StorageError> {
    let journal = workspace.journal();
    let visible = Versions::read(&journal)?;
    if visible.sequence < entry.sequence {
        let mut versions = Vec::with_capacity(entry.tables.len());
        for change in &entry.tables {
            let log = DeltaLog::open(workspace, &change.table)?;
            versions.push(log.commit_once(&workspace.id, entry, change).await?);
            crash_at.reached(CrashPoint::FirstTableCommitted)?;
        }
        crash_at.reached(CrashPoint::TablesCommitted)?;
        workspace.publish(&visible.after(entry, &versions))?;
        crash_at.reached(CrashPoint::Published)?;
        checkpoint::after_commit(workspace, entry, &versions).await;
    }
    entry.remove(&journal)
}
