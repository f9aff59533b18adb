//! The one that may take files out of a workspace's tables.

use std::sync::Arc;

use schema::Table;

use super::stored_file::StoredFile;
use crate::crash_point::{CrashAt, CrashPoint};
use crate::delta_log::DeltaLog;
use crate::journal::{ChangeKind, JournalEntry, TableChange};
use crate::live::Core;
use crate::versions::Versions;
use crate::workspace::Inner;
use crate::writer_lock::WriterLock;
use crate::{CommitInfo, StorageError, layout, recovery};

/// House-keeping of a workspace by the holder of its writer lock: compaction, retention, vacuum. One job of a process runs at a time.
#[derive(Debug)]
pub struct Maintenance {
    pub(crate) workspace: Arc<Inner>,
    pub(crate) writer: Writer,
    pub(crate) crash_at: CrashAt,
}

/// Why nobody else writes the workspace.
#[derive(Debug, Clone)]
pub(crate) enum Writer {
    /// By this lock.
    Holds(WriterLock),
    /// This process is live, and holds the lock for as long.
    IsLive(Arc<Core>),
    /// Who made this holds the lock and outlives it.
    #[cfg(test)]
    IsOther,
}

impl Maintenance {
    pub(crate) fn new(workspace: Arc<Inner>, writer: Writer) -> Self {
        Self { workspace, writer, crash_at: CrashAt::default() }
    }

    /// The visible versions.
    pub(crate) fn versions(&self) -> Result<Versions, StorageError> {
        Versions::read(&self.workspace.journal())
    }

    /// The data files of a table's visible version that this program wrote.
    pub(crate) async fn files(&self, table: &Table, versions: &Versions) -> Result<Vec<StoredFile>, StorageError> {
        let Some(version) = versions.tables.get(&table.name) else { return Ok(Vec::new()) };
        let logged = DeltaLog::open(&self.workspace, &table.name)?.files(version.version).await?;
        Ok(logged.iter().filter_map(|file| StoredFile::of(table, file)).collect())
    }

    /// Decides and completes a change of one table, given the versions that it is a change of. `decide` sees that nothing has
    /// happened meanwhile that it does not fit; with `None` nothing is done.
    pub(crate) async fn commit<F>(
        &self,
        kind: ChangeKind,
        info: CommitInfo,
        decide: F,
    ) -> Result<Option<TableChange>, StorageError>
    where
        F: AsyncFnOnce(&Versions) -> Result<Option<TableChange>, StorageError>,
    {
        let _one_at_a_time = self.workspace.commit_lock.lock().await;
        // What was decided before and not completed (the disk was full, say) comes first.
        recovery::roll_forward(&self.workspace).await?;
        let versions = self.versions()?;
        let Some(change) = decide(&versions).await? else { return Ok(None) };
        self.crash_at.reached(CrashPoint::FilesWritten)?;
        let entry = JournalEntry {
            sequence: versions.sequence + 1,
            kind,
            info,
            log_position: None,
            tables: vec![change.clone()],
        };
        entry.write(&self.workspace.journal())?;
        self.crash_at.reached(CrashPoint::Journaled)?;
        recovery::complete(&self.workspace, &entry, self.crash_at).await?;
        Ok(Some(change))
    }

    /// A change of a table that only takes files out of it.
    pub(crate) fn change(&self, table: &Table, versions: &Versions) -> Result<TableChange, StorageError> {
        let columns = layout::delta_columns(table).map_err(|source| StorageError::Log {
            action: "describe",
            table: table.name.clone(),
            path: layout::table_folder(&self.workspace.path, &table.name),
            source: Box::new(source),
        })?;
        let custom_columns = versions.tables.get(&table.name).map(|table| table.custom_columns.clone());
        Ok(TableChange {
            table: table.name.clone(),
            columns,
            custom_columns: custom_columns.unwrap_or_default(),
            statistics_columns: layout::statistics_columns_property(table),
            adds: Vec::new(),
            rows: 0,
            first: i64::MAX,
            last: i64::MIN,
            removes: Vec::new(),
            span_after: None,
            archive: None,
        })
    }

    /// The description of a table that has files.
    pub(crate) fn table(&self, name: &str, versions: &Versions) -> Option<&'static Table> {
        schema::table(name).or_else(|| versions.custom_table(name))
    }
}
