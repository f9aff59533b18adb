//! A table as DataFusion scans it.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use chrono::NaiveDate;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{Column, DFSchema, Statistics, project_schema};
use datafusion::config::TableParquetOptions;
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::ParquetAccessPlan;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_expr::{LexOrdering, PhysicalExpr, PhysicalSortExpr, expressions};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::union::UnionExec;
use tokio::runtime::Handle;

use crate::StorageError;
use crate::data_file_reader::DataFileReaderFactory;
use crate::document_function::DocumentFunctions;
use crate::document_read::DocumentReader;
use crate::expr_adapter::LogFileAdapterFactory;
use crate::live::FreshTable;
use crate::live::fresh_scan::FreshScan;
use crate::open_snapshots::InUse;
use crate::packed::packed_columns;
use crate::read_ahead::{FilesAhead, read_ahead};
use crate::scan_columns::ScanColumns;
use crate::table_files::{CachedVersion, TableFile, TableFiles};
use crate::terms::{self, ReadTextTest, TermFile, TextCondition};
use crate::workspace::Inner;
use crate::{data_file, file_groups, file_pruning};

/// Columns read beside those of the filter from which it pays to evaluate the filter while reading, so that the other columns of
/// rows that do not pass are not decoded. Measured on 1 million sign-ins with 2 threads: one user's rows with all 100 columns take
/// 0.5 to 0.9 s instead of 1.0 s, five columns 0.13 to 0.19 s instead of 0.10 to 0.16 s; the failures (8 of 100 rows) with five columns 0.35 s
/// instead of 0.23 s.
const WIDE_COLUMNS: usize = 16;

/// One file in so many is asked for its terms before all others.
const ASKED_SHARE: usize = 8;
/// Fewest files that are asked for their terms.
const ASKED_FIRST: usize = 3;

/// A table at one version of a workspace; one without rows where the workspace does not have it.
///
/// Columns are the stored ones, in the product's order: text, guid and dynamic as `Utf8View`, times as
/// `Timestamp(Microsecond, "UTC")`; string columns and the time column are never null.
#[derive(Debug)]
pub struct VedetteTable {
    table: &'static schema::Table,
    schema: SchemaRef,
    stored: Option<Stored>,
    /// Rows that are not in files yet.
    fresh: Option<Arc<FreshTable>>,
    /// The first day of files that is shown; absent where all are.
    days_from: Option<NaiveDate>,
    read_text_test: Option<ReadTextTest>,
    /// Recognizes reads of hot paths in plans.
    documents: Option<DocumentReader>,
}

/// Where the rows are.
#[derive(Debug)]
struct Stored {
    workspace: Arc<Inner>,
    version: u64,
    cached: Arc<CachedVersion>,
    in_use: Arc<InUse>,
}

impl VedetteTable {
    pub(crate) fn new(
        table: &'static schema::Table,
        workspace: &Arc<Inner>,
        version: Option<u64>,
        in_use: &Arc<InUse>,
        functions: Option<DocumentFunctions>,
    ) -> Self {
        let stored = version.map(|version| Stored {
            workspace: Arc::clone(workspace),
            version,
            cached: workspace.cache.version(&table.name, version),
            in_use: Arc::clone(in_use),
        });
        let documents = functions.and_then(|functions| DocumentReader::new(table, functions));
        let schema = Arc::new(scan_schema(table));
        Self { table, schema, stored, fresh: None, days_from: None, documents, read_text_test: None }
    }

    /// The same table, told which parts of filters look for words.
    pub(crate) fn with_text_tests(self, read: Option<ReadTextTest>) -> Self {
        Self { read_text_test: read, ..self }
    }

    /// The same without files of days before that one.
    pub(crate) fn with_days_from(self, day: Option<NaiveDate>) -> Self {
        Self { days_from: day, ..self }
    }

    /// The first day of files that is shown; absent where all are.
    pub(crate) fn days_from(&self) -> Option<NaiveDate> {
        self.days_from
    }

    pub(crate) fn with_fresh_rows(self, fresh: Option<Arc<FreshTable>>) -> Self {
        Self { fresh, ..self }
    }

    pub(crate) fn fresh(&self) -> Option<&Arc<FreshTable>> {
        self.fresh.as_ref()
    }

    /// The table's description.
    pub fn table(&self) -> &'static schema::Table {
        self.table
    }

    pub(crate) fn cached(&self) -> Option<&Arc<CachedVersion>> {
        self.stored.as_ref().map(|stored| &stored.cached)
    }

    async fn files(&self) -> Result<Option<Arc<TableFiles>>> {
        let Some(stored) = &self.stored else { return Ok(None) };
        let files = stored.cached.files(&stored.workspace, self.table, stored.version, &self.schema).await;
        files.map(Some).map_err(|error: StorageError| DataFusionError::External(Box::new(error)))
    }

    /// Has an idle thread find out which files there are, where nobody has, and what some hold: whoever asks for a table mostly scans it, once the
    /// plan is made. What cannot be read is left to the scan, which says so.
    pub(crate) fn find_files_ahead(&self, ahead: &Arc<FilesAhead>) {
        let (Some(stored), Ok(runtime)) = (&self.stored, Handle::try_current()) else { return };
        if stored.cached.is_known() {
            return;
        }
        let (cached, workspace) = (Arc::clone(&stored.cached), Arc::clone(&stored.workspace));
        let (table, version, schema) = (self.table, stored.version, Arc::clone(&self.schema));
        let ahead = Arc::clone(ahead);
        runtime.spawn(async move {
            if let Ok(files) = cached.files(&workspace, table, version, &schema).await {
                ahead.read(&workspace.cache.footers, &files).await;
            }
        });
    }

    fn filter(&self, state: &dyn Session, filters: &[Expr]) -> Result<Option<Arc<dyn PhysicalExpr>>> {
        let Some(filter) = conjunction(filters.iter().cloned()) else { return Ok(None) };
        let schema = DFSchema::try_from(Arc::clone(&self.schema))?;
        state.create_physical_expr(filter, &schema).map(Some)
    }

    /// Rows come in time order within a file, and from file to file where the files of a partition do not overlap.
    fn groups(
        &self,
        files: Vec<PartitionedFile>,
        schema: &SchemaRef,
        partitions: usize,
    ) -> (Vec<FileGroup>, Vec<LexOrdering>) {
        let ordered = self.ordering(schema).and_then(|ordering| {
            let groups = file_groups::ordered(&files, &self.table.time_column, schema, partitions)?;
            Some((groups, vec![ordering]))
        });
        ordered.unwrap_or_else(|| (file_groups::balanced(&files, partitions), Vec::new()))
    }

    fn ordering(&self, schema: &Schema) -> Option<LexOrdering> {
        let time = expressions::col(&self.table.time_column, schema).ok()?;
        LexOrdering::new([PhysicalSortExpr::new_default(time).asc().nulls_first()])
    }

    /// Whether the filter is evaluated while reading.
    fn filters_early(&self, projection: Option<&Vec<usize>>, filters: &[Expr]) -> bool {
        let columns = projection.map_or(self.schema.fields().len(), Vec::len);
        let filtered: HashSet<&Column> = filters.iter().flat_map(Expr::column_refs).collect();
        // Without filters too: a plan that keeps few rows may hand one in while it runs.
        columns.saturating_sub(filtered.len()) >= WIDE_COLUMNS
    }

    fn readers(&self, stored: &Stored, columns: &ScanColumns) -> Arc<DataFileReaderFactory> {
        let leaves = self.documents.as_ref().map_or(&[][..], DocumentReader::leaves);
        let names = columns.stored_names(leaves, packed_columns(self.table));
        Arc::new(DataFileReaderFactory::new(&stored.workspace.cache.footers, names))
    }

    fn source(
        state: &dyn Session,
        readers: &Arc<DataFileReaderFactory>,
        columns: &ScanColumns,
        scanned: &[PartitionedFile],
        filters_early: bool,
    ) -> ParquetSource {
        let mut options =
            TableParquetOptions { global: state.config_options().execution.parquet.clone(), ..Default::default() };
        if scanned.iter().all(|file| data_file::is_name_of_ours(file.object_meta.location.as_ref())) {
            // Ours have neither, and looking for them takes its time.
            options.global.enable_page_index = false;
            options.global.bloom_filter_on_read = false;
        }
        ParquetSource::new(Arc::clone(&columns.schema))
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::clone(readers) as _)
            .with_pushdown_filters(filters_early || state.config_options().execution.parquet.pushdown_filters)
    }
}

#[async_trait]
impl TableProvider for VedetteTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let filter = self.filter(state, filters)?;
        let limit = limit.filter(|_| filters.is_empty());
        let stored = self.scan_stored(state, projection, filters, filter.clone(), limit).await?;
        let fresh = match &self.fresh {
            Some(fresh) => {
                let partitions = state.config().target_partitions();
                let (table, filter) = (self.table, filter.as_ref());
                FreshScan { table, schema: &self.schema, projection, filter, limit, partitions }.plan(fresh)?
            }
            None => None,
        };
        match (stored, fresh) {
            (Some(stored), Some(fresh)) => UnionExec::try_new(vec![stored, fresh]),
            (Some(rows), None) | (None, Some(rows)) => Ok(rows),
            (None, None) => Ok(Arc::new(EmptyExec::new(project_schema(&self.schema, projection)?))),
        }
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    fn statistics(&self) -> Option<Statistics> {
        None
    }
}

impl VedetteTable {
    /// The rows in files that can pass the filters; nothing where there are none.
    pub(crate) async fn scan_stored(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        filter: Option<Arc<dyn PhysicalExpr>>,
        limit: Option<usize>,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let table_files = self.files().await?;
        let mut files = table_files.as_ref().map_or_else(Vec::new, |files| {
            file_pruning::matching(files, filter, &self.schema, self.documents.as_ref())
        });
        files.retain(|file| file.is_shown_from(self.days_from));
        if let Some(limit) = limit {
            keep_rows(&mut files, limit);
        }
        let condition = TextCondition::of(filters, self.read_text_test);
        let columns = ScanColumns::new(&self.schema, &self.table.time_column, projection)?;
        let (scanned, statistics) = parts(&files, &condition, &columns);
        let Some(stored) = self.stored.as_ref().filter(|_| !scanned.is_empty()) else { return Ok(None) };
        let readers = self.readers(stored, &columns);
        let source = Self::source(state, &readers, &columns, &scanned, self.filters_early(projection, filters));
        let (groups, ordering) = self.groups(scanned, &columns.schema, state.config().target_partitions());
        if limit.is_none() {
            read_ahead(&readers, &groups);
        }
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(columns.projection)?
            .with_limit(limit)
            .with_output_ordering(ordering)
            .with_expr_adapter(Some(Arc::new(LogFileAdapterFactory {
                documents: self.documents,
                packed: packed_columns(self.table),
                _in_use: Arc::clone(&stored.in_use),
            })))
            .build();
        Ok(Some(DataSourceExec::from_data_source(config)))
    }
}

/// The columns as a query sees them.
fn scan_schema(table: &schema::Table) -> Schema {
    let fields: Vec<Field> = table
        .arrow_schema()
        .fields()
        .iter()
        .map(|field| match field.data_type() {
            DataType::Utf8 => field.as_ref().clone().with_data_type(DataType::Utf8View),
            _ => field.as_ref().clone(),
        })
        .collect();
    Schema::new(fields)
}

/// Keeps as many files as are sure to hold this many rows.
fn keep_rows(files: &mut Vec<&TableFile>, limit: usize) {
    let mut rows = 0usize;
    let enough = files.iter().position(|file| {
        rows = rows.saturating_add(file.rows().unwrap_or(0));
        rows >= limit
    });
    if let Some(last) = enough {
        files.truncate(last + 1);
    }
}

/// Which row groups of each file can have rows that pass, by the terms beside it; nothing where all can.
///
/// The largest files are asked first: what each of them has hardly any file lacks (`ResultType == "0"`), and the others are read whole without
/// being asked, as asking costs about as much as opening a file.
fn access_plans(files: &[&TableFile], condition: &TextCondition) -> Vec<Option<ParquetAccessPlan>> {
    let mut plans: Vec<Option<ParquetAccessPlan>> = files.iter().map(|_| None).collect();
    if *condition == TextCondition::Anything {
        return plans;
    }
    let mut by_size: Vec<usize> = (0..files.len()).collect();
    by_size.sort_by_key(|at| Reverse(files[*at].scanned.object_meta.size));
    let first = files.len().div_ceil(ASKED_SHARE).max(ASKED_FIRST).min(files.len());
    let (asked, others) = by_size.split_at(first);
    let mut ask = |at: usize| {
        plans[at] = TermFile::open(&files[at].terms).and_then(|terms| terms::access_plan(condition, terms));
        plans[at].is_some()
    };
    let spares_some = asked.iter().filter(|at| ask(**at)).count() > 0;
    if spares_some {
        others.iter().for_each(|at| {
            ask(*at);
        });
    }
    plans
}

/// The parts of the files that can have rows which pass, and the totals over them.
fn parts(files: &[&TableFile], condition: &TextCondition, columns: &ScanColumns) -> (Vec<PartitionedFile>, Statistics) {
    let mut read = Vec::with_capacity(files.len());
    let mut scanned = Vec::with_capacity(files.len());
    let mut is_partial = false;
    for (file, plan) in files.iter().zip(access_plans(files, condition)) {
        let Some(plan) = plan else {
            read.push(*file);
            scanned.push(columns.of_file(file));
            continue;
        };
        is_partial = true;
        if !plan.row_group_indexes().is_empty() {
            read.push(*file);
            scanned.push(columns.of_file(file).with_extension(plan));
        }
    }
    let total = total(&read, &columns.schema);
    (scanned, if is_partial { total.to_inexact() } else { total })
}

/// Rows and bytes of all files together; a planner needs no more, and per-column totals would cost more than they tell.
fn total(files: &[&TableFile], schema: &Schema) -> Statistics {
    let mut statistics = Statistics::new_unknown(schema);
    let rows: Option<usize> = files.iter().map(|file| file.rows()).sum();
    statistics.num_rows = rows.map_or(Precision::Absent, Precision::Exact);
    let bytes: u64 = files.iter().map(|file| file.scanned.object_meta.size).sum();
    statistics.total_byte_size = usize::try_from(bytes).map_or(Precision::Absent, Precision::Inexact);
    statistics
}

#[cfg(test)]
mod tests {
    use crate::Workspace;
    use crate::crash_tests::ingest;

    #[tokio::test]
    async fn files_are_listed_by_an_idle_thread_once_a_table_is_asked_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let workspace = Workspace::create(&folder.path().join("workspace")).await.expect("creates");
        assert!(ingest(&workspace, None).await);
        let table = workspace.snapshot().await.expect("snapshots").table("SigninLogs").expect("built in");
        let cached = table.cached().expect("it has files");
        assert!(!cached.is_known());
        // The only thread is idle now, and again until the log is read.
        while !cached.is_known() {
            tokio::task::yield_now().await;
        }
        assert_eq!(table.files().await.expect("reads").map(|files| files.files.len()), Some(1));
    }
}
