//! Checkpoints of the tables' logs, so that opening a table does not replay its whole history.

use crate::delta_log::DeltaLog;
use crate::journal::JournalEntry;
use crate::workspace::Inner;

/// Commits between two checkpoints of a table.
pub(crate) const INTERVAL: u64 = 50;

/// Writes the checkpoints that are due, after the ingest is visible. One that fails only leaves a table slower to open,
/// and the next interval tries again.
pub(crate) async fn after_commit(workspace: &Inner, entry: &JournalEntry, versions: &[u64]) {
    for (change, &version) in entry.tables.iter().zip(versions) {
        if (version + 1).is_multiple_of(INTERVAL)
            && let Ok(log) = DeltaLog::open(workspace, &change.table)
        {
            let _ = log.checkpoint(version).await;
        }
    }
}
