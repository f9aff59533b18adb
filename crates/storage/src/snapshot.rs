//! A consistent view over all tables of a workspace.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::archive::start_of;
use crate::document_function::DocumentFunctions;
use crate::live::{FreshRows, FreshTable, View};
use crate::open_snapshots::InUse;
use crate::read_ahead::FilesAhead;
use crate::terms::ReadTextTest;
use crate::time_buckets::{self, Buckets};
use crate::versions::{TableVersion, Totals, Versions};
use crate::workspace::Inner;
use crate::{StorageError, VedetteTable};

/// All tables at one moment: files as one ingest left them, and rows that are acknowledged and not yet in files. What comes later does not show,
/// nor do archived rows unless asked for ([`Snapshot::with_archive`]).
/// Cheap to make; a table's Delta log is read when it is first scanned.
#[derive(Debug, Clone)]
pub struct Snapshot {
    workspace: Arc<Inner>,
    versions: Arc<Versions>,
    in_use: Arc<InUse>,
    fresh: Arc<FreshRows>,
    read_text_test: Option<ReadTextTest>,
    documents: Option<DocumentFunctions>,
    shows_archive: bool,
    ahead: Arc<FilesAhead>,
}

/// Totals of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableStatistics {
    /// Rows.
    pub rows: u64,
    /// Size of the data files.
    pub bytes: u64,
    /// Number of data files.
    pub files: u64,
    /// Time of the earliest row.
    pub first: Option<DateTime<Utc>>,
    /// Time of the latest row.
    pub last: Option<DateTime<Utc>>,
}

impl Snapshot {
    pub(crate) fn new(workspace: Arc<Inner>, view: &View) -> Self {
        let (versions, fresh) = (Arc::clone(&view.versions), Arc::clone(&view.fresh));
        let in_use = workspace.open_snapshots.hold(&versions);
        let ahead = Arc::default();
        Self { workspace, versions, fresh, in_use, documents: None, read_text_test: None, shows_archive: false, ahead }
    }

    /// The same tables, told which parts of a filter look for words, so that row groups without them are not read.
    #[must_use]
    pub fn with_text_tests(self, read: ReadTextTest) -> Self {
        Self { read_text_test: Some(read), ..self }
    }

    /// The same with plans whose reads of documents are found in leaf columns where files have them. Without it they are answered
    /// from the documents.
    pub fn with_document_functions(self, functions: DocumentFunctions) -> Self {
        Self { documents: Some(functions), ..self }
    }

    /// The same with archived rows: all that are kept, whatever the interactive retention is.
    #[must_use]
    pub fn with_archive(self) -> Self {
        Self { shows_archive: true, ..self }
    }

    /// The first day that is shown, where some are not.
    fn first_visible(&self, table: &str) -> Option<NaiveDate> {
        let archive = self.versions.tables.get(table)?.archive.as_ref()?;
        (!self.shows_archive).then_some(archive.first_visible)
    }

    /// Totals over the rows in files that are shown.
    fn stored(&self, table: &TableVersion) -> Option<Totals> {
        if self.shows_archive { table.all() } else { table.visible() }
    }

    /// The fresh rows that are shown.
    fn fresh(&self, table: &str) -> Option<Arc<FreshTable>> {
        let fresh = self.fresh.table(table)?;
        match self.first_visible(table) {
            None => Some(Arc::clone(fresh)),
            Some(day) => FreshTable::since(fresh, start_of(day)),
        }
    }

    /// The id of the workspace, which it keeps for its life.
    pub fn workspace_id(&self) -> &str {
        &self.workspace.id
    }

    /// The number of the ingest whose files this snapshot shows; 0 before the first.
    pub fn sequence(&self) -> u64 {
        self.versions.sequence
    }

    /// The tables that show rows, sorted.
    pub fn table_names(&self) -> Vec<String> {
        let stored =
            self.versions.tables.iter().filter(|(_, table)| self.stored(table).is_some()).map(|(name, _)| name);
        let fresh = self.fresh.tables().map(|fresh| &fresh.table.name).filter(|name| self.fresh(name).is_some());
        let names: BTreeSet<&String> = stored.chain(fresh).collect();
        names.into_iter().cloned().collect()
    }

    /// The description of a built-in table, by its name or an older name of it, or of a custom table that has rows or had some.
    pub fn describe(&self, name: &str) -> Option<&'static schema::Table> {
        schema::table(name).or_else(|| self.custom_table(name))
    }

    fn custom_table(&self, name: &str) -> Option<&'static schema::Table> {
        // Fresh rows have at least the columns of files.
        let fresh = self.fresh.table(name).map(|fresh| fresh.table).filter(|table| table.is_custom());
        fresh.or_else(|| self.versions.custom_table(name))
    }

    /// The custom tables, sorted by name.
    pub fn custom_tables(&self) -> Vec<&'static schema::Table> {
        let fresh = self.fresh.tables().map(|fresh| &fresh.table.name);
        let names: BTreeSet<&String> = self.versions.tables.keys().chain(fresh).collect();
        names.into_iter().filter_map(|name| self.custom_table(name)).collect()
    }

    /// A table: a built-in one, without rows where nothing was ingested, or a custom one that has rows or had some. `None` for any other name.
    pub fn table(&self, name: &str) -> Option<Arc<VedetteTable>> {
        self.describe(name).map(|table| self.provider(table))
    }

    /// The provider of a table.
    pub fn provider(&self, table: &'static schema::Table) -> Arc<VedetteTable> {
        let version = self.versions.tables.get(&table.name).map(|table| table.version);
        let provider = VedetteTable::new(table, &self.workspace, version, &self.in_use, self.documents);
        let provider = provider.with_text_tests(self.read_text_test).with_days_from(self.first_visible(&table.name));
        let provider = provider.with_fresh_rows(self.fresh(&table.name));
        provider.find_files_ahead(&self.ahead);
        Arc::new(provider)
    }

    /// Totals of a table's rows that are shown; `None` where there are none.
    pub fn statistics(&self, name: &str) -> Option<TableStatistics> {
        let name = schema::table(name).map_or(name, |table| table.name.as_str());
        let stored = self.versions.tables.get(name).and_then(|table| self.stored(table));
        let fresh = self.fresh(name);
        let span = stored.map(|table| (table.first, table.last));
        let spans = span.into_iter().chain(fresh.as_ref().and_then(|fresh| fresh.span()));
        let (first, last) = spans.reduce(|left, right| (left.0.min(right.0), left.1.max(right.1)))?;
        Some(TableStatistics {
            rows: stored.map_or(0, |table| table.rows) + fresh.map_or(0, |fresh| fresh.rows()),
            bytes: stored.map_or(0, |table| table.bytes),
            files: stored.map_or(0, |table| table.files),
            first: DateTime::from_timestamp_micros(first),
            last: DateTime::from_timestamp_micros(last),
        })
    }

    /// The time buckets of this length (counted from 1970) that hold rows of a table, sorted, with their number of rows. The table's
    /// time column is read once per version and length in a process.
    pub async fn time_buckets(&self, name: &str, length: TimeDelta) -> Result<Arc<Buckets>, StorageError> {
        let Some(table) = self.table(name) else { return Ok(Arc::default()) };
        time_buckets::of(&table, length).await
    }
}
