//! The Delta log of one table: the only place that talks to `deltalake`.

use std::path::PathBuf;
use std::sync::Arc;

use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake_core::kernel::{Action, EagerSnapshot, MetadataExt, StructType, Transaction};
use deltalake_core::logstore::{LogStoreRef, StorageConfig, logstore_with};
use deltalake_core::operations::create::CreateBuilder;
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::{DeltaTable, DeltaTableError, TableProperty, checkpoints};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::fsync_store::FsyncStore;
use crate::journal::{ChangeKind, JournalEntry, TableChange};
use crate::layout::{self, DAY_COLUMN};
use crate::workspace::Inner;
use crate::{StorageError, durable, replayed_log};

/// The Delta log of one table.
pub(crate) struct DeltaLog {
    table: String,
    folder: PathBuf,
    store: LogStoreRef,
}

/// One data file, as the log knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LoggedFile {
    /// Below the table's folder.
    pub(crate) path: String,
    pub(crate) size: u64,
    /// Milliseconds since 1970.
    pub(crate) modified: i64,
    /// Delta's JSON.
    pub(crate) statistics: Option<String>,
}

impl DeltaLog {
    pub(crate) fn open(workspace: &Inner, table: &str) -> Result<Self, StorageError> {
        let folder = layout::table_folder(&workspace.path, table);
        let failed = |source| log_error("open", table, &folder, source);
        let url = Url::from_directory_path(&folder)
            .map_err(|()| failed(DeltaTableError::InvalidTableLocation(folder.display().to_string())))?;
        let store = logstore_with(Arc::new(FsyncStore::new()), &url, StorageConfig::default()).map_err(failed)?;
        Ok(Self { table: table.to_owned(), folder, store })
    }

    /// Adds a change's files to the table and removes those that leave it, unless its log has the change already. Returns the version
    /// that has it.
    ///
    /// Each commit carries the workspace's application transaction, and the change's number in it: `deltalake` lets two compactions of the
    /// same files both commit (its conflict check passes over removes without data change) but refuses two commits of one application.
    pub(crate) async fn commit_once(
        &self,
        app_id: &str,
        entry: &JournalEntry,
        change: &TableChange,
    ) -> Result<u64, StorageError> {
        let log_folder = self.folder.join("_delta_log");
        durable::create_folder(&log_folder).map_err(StorageError::io("create", &log_folder))?;
        let failed = |source| log_error("write", &self.table, &self.folder, source);
        let sequence = i64::try_from(entry.sequence).unwrap_or(i64::MAX);
        let properties = commit_properties(entry).with_application_transaction(Transaction::new(app_id, sequence));
        if !self.store.is_delta_table_location().await.map_err(failed)? {
            return self.create(properties, change).await.map_err(failed);
        }
        let snapshot = EagerSnapshot::try_new(self.store.as_ref(), None).await.map_err(failed)?;
        let last = snapshot.transaction_version(self.store.as_ref(), app_id).await.map_err(failed)?;
        if last >= Some(sequence) {
            return Ok(snapshot.version());
        }
        self.change(properties, entry, change, &snapshot).await.map_err(failed)
    }

    async fn create(&self, properties: CommitProperties, change: &TableChange) -> Result<u64, DeltaTableError> {
        let table = CreateBuilder::new()
            .with_log_store(Arc::clone(&self.store))
            .with_table_name(&self.table)
            .with_columns(change.columns.fields().cloned())
            .with_partition_columns([DAY_COLUMN])
            .with_configuration_property(TableProperty::DataSkippingStatsColumns, Some(&change.statistics_columns))
            .with_actions(adds(change))
            .with_commit_properties(properties)
            .await?;
        table.version().ok_or(DeltaTableError::NotInitialized)
    }

    async fn change(
        &self,
        properties: CommitProperties,
        entry: &JournalEntry,
        change: &TableChange,
        snapshot: &EagerSnapshot,
    ) -> Result<u64, DeltaTableError> {
        let mut actions = adds(change);
        let changes_data = entry.kind.changes_data();
        actions.extend(change.removes.iter().map(|file| Action::Remove(file.action(changes_data))));
        if let Some(columns) = evolved(&snapshot.schema(), &change.columns)? {
            actions.push(Action::Metadata(snapshot.metadata().clone().with_schema(&columns)?));
        }
        let commit = CommitBuilder::from(properties)
            .with_actions(actions)
            .build(Some(snapshot), Arc::clone(&self.store), operation(entry.kind))
            .await?;
        Ok(commit.version())
    }

    /// The data files of a version.
    pub(crate) async fn files(&self, version: u64) -> Result<Vec<LoggedFile>, StorageError> {
        match replayed_log::files(&self.folder, version) {
            Some(files) => Ok(files),
            None => self.files_of_any_log(version).await,
        }
    }

    /// The same through `deltalake`, whatever features the log uses.
    pub(crate) async fn files_of_any_log(&self, version: u64) -> Result<Vec<LoggedFile>, StorageError> {
        let failed = |source| log_error("read", &self.table, &self.folder, source);
        let snapshot = EagerSnapshot::try_new(self.store.as_ref(), Some(version)).await.map_err(failed)?;
        let files = snapshot.try_log_data().map_err(failed)?;
        let files = files.iter().map(|file| LoggedFile {
            path: file.path().into_owned(),
            size: u64::try_from(file.size()).unwrap_or(0),
            modified: file.modification_time(),
            statistics: file.stats(),
        });
        Ok(files.collect())
    }

    /// Writes a checkpoint of a version, and the listing that replaying begins with.
    pub(crate) async fn checkpoint(&self, version: u64) -> Result<(), StorageError> {
        let failed = |source| log_error("shorten", &self.table, &self.folder, source);
        let mut table = DeltaTable::new(Arc::clone(&self.store));
        table.load_version(version).await.map_err(failed)?;
        checkpoints::create_checkpoint(&table, None).await.map_err(failed)?;
        replayed_log::write_listing(&self.folder, version)
    }
}

/// How the table's history names the change.
fn operation(kind: ChangeKind) -> DeltaOperation {
    match kind {
        ChangeKind::Ingest => DeltaOperation::Write {
            mode: SaveMode::Append,
            partition_by: Some(vec![DAY_COLUMN.to_owned()]),
            predicate: None,
        },
        ChangeKind::Compaction => DeltaOperation::Optimize { predicate: None, target_size: 0 },
        ChangeKind::Retention => DeltaOperation::Delete { predicate: None },
    }
}

fn adds(change: &TableChange) -> Vec<Action> {
    change.adds.iter().cloned().map(Action::Add).collect()
}

/// No checkpoint or clean-up within the commit: both are ours to do, elsewhere.
fn commit_properties(entry: &JournalEntry) -> CommitProperties {
    let details = Value::Object(entry.info.details.clone());
    let metadata = [("vedette".to_owned(), Value::from(entry.info.command.as_str())), ("details".to_owned(), details)];
    CommitProperties::default()
        .with_metadata(metadata)
        .with_create_checkpoint(false)
        .with_cleanup_expired_logs(Some(false))
}

/// The log's columns and those it has not yet, where there are any.
fn evolved(logged: &StructType, wanted: &StructType) -> Result<Option<StructType>, DeltaTableError> {
    let missing: Vec<_> = wanted.fields().filter(|field| logged.field(field.name()).is_none()).cloned().collect();
    if missing.is_empty() {
        return Ok(None);
    }
    Ok(Some(StructType::try_new(logged.fields().cloned().chain(missing))?))
}

fn log_error(action: &'static str, table: &str, folder: &std::path::Path, source: DeltaTableError) -> StorageError {
    StorageError::Log { action, table: table.to_owned(), path: folder.to_owned(), source: Box::new(source) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::INTERVAL;
    use crate::crash_tests::ingest;
    use crate::{Workspace, replayed_log};

    #[tokio::test(flavor = "multi_thread")]
    async fn replayed_files_are_those_of_deltalake() {
        let folder = tempfile::tempdir().expect("a folder");
        let workspace = Workspace::create(folder.path()).await.expect("creates");
        for _ in 0..INTERVAL + 2 {
            ingest(&workspace, None).await;
        }
        let log = DeltaLog::open(workspace.inner(), "SigninLogs").expect("opens");
        for version in [0, INTERVAL - 1, INTERVAL + 1] {
            let mut replayed = replayed_log::files(&log.folder, version).expect("is our own log");
            let mut read = log.files_of_any_log(version).await.expect("reads");
            replayed.sort_by(|left, right| left.path.cmp(&right.path));
            read.sort_by(|left, right| left.path.cmp(&right.path));
            assert_eq!(replayed.len() as u64, version + 1);
            assert_eq!(replayed, read, "version {version}");
        }
        assert!(log.folder.join("_files").is_dir());
    }
}
