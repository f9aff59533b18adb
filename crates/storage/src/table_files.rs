//! The files of one version of a table, with their statistics, read once a process.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::datatypes::{DataType, Schema, SchemaRef, TimeUnit};
use chrono::{DateTime, NaiveDate};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::execution::cache::cache_manager::{CachedFileMetadataEntry, FileMetadataCache};
use datafusion::execution::cache::default_cache::DefaultCache;
use object_store::ObjectMeta;
use object_store::path::Path as StorePath;
use tokio::sync::OnceCell;

use crate::delta_log::{DeltaLog, LoggedFile};
use crate::file_statistics::{Bound, ColumnBounds, FileStatistics};
use crate::leaf_column::leaves;
use crate::narrow_footer::FileSchemas;
use crate::packed::{PackedColumn, PackedNames, packed_columns};
use crate::time_buckets::Buckets;
use crate::workspace::Inner;
use crate::{StorageError, data_file, layout, terms};

/// Memory for the footers of Parquet files, in bytes. A footer of a wide table takes some 100 KB.
const FOOTER_CACHE_BYTES: usize = 256 * 1024 * 1024;

/// Table versions whose file lists are kept; beyond it the list starts anew.
const VERSIONS_LIMIT: usize = 512;
/// Versions of a table whose files are kept beside the newest that was asked for: queries that began before a flush.
const KEPT_VERSIONS: u64 = 4;

/// What a process remembers of a workspace's tables.
#[derive(Debug)]
pub(crate) struct TableCache {
    versions: Mutex<HashMap<(String, u64), Arc<CachedVersion>>>,
    pub(crate) footers: Arc<Footers>,
}

/// What is remembered of the footers of data files.
#[derive(Debug)]
pub(crate) struct Footers {
    pub(crate) whole: Arc<FileMetadataCache>,
    pub(crate) schemas: FileSchemas,
}

/// Length of a bucket in µs, and the first day that is shown.
pub(crate) type BucketsKey = (i64, Option<NaiveDate>);

/// What is remembered of one version of one table.
#[derive(Debug, Default)]
pub(crate) struct CachedVersion {
    files: OnceCell<Arc<TableFiles>>,
    /// Rows per time bucket.
    pub(crate) buckets: Mutex<BTreeMap<BucketsKey, Arc<Buckets>>>,
}

/// The files of one version of a table.
#[derive(Debug)]
pub(crate) struct TableFiles {
    /// In order of their first row's time.
    pub(crate) files: Vec<TableFile>,
}

/// One data file.
#[derive(Debug)]
pub(crate) struct TableFile {
    /// Without statistics, which a scan adds for its columns.
    pub(crate) scanned: PartitionedFile,
    /// `None` where another writer left none.
    pub(crate) statistics: Option<FileStatistics>,
    /// Where its term filters are, if it has some.
    pub(crate) terms: PathBuf,
    /// The day of its rows; absent where another writer partitioned otherwise.
    pub(crate) day: Option<NaiveDate>,
}

impl Default for TableCache {
    fn default() -> Self {
        let footers = DefaultCache::<StorePath, CachedFileMetadataEntry>::new(FOOTER_CACHE_BYTES);
        let footers = Footers { whole: Arc::new(footers), schemas: FileSchemas::default() };
        Self { versions: Mutex::default(), footers: Arc::new(footers) }
    }
}

impl TableCache {
    pub(crate) fn version(&self, table: &str, version: u64) -> Arc<CachedVersion> {
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        if versions.len() >= VERSIONS_LIMIT {
            versions.clear();
        }
        if !versions.contains_key(&(table.to_owned(), version)) {
            // A live table gets a version each few seconds, and each lists all files. Who reads an older one holds it.
            versions.retain(|(name, kept), _| name != table || kept.saturating_add(KEPT_VERSIONS) > version);
        }
        Arc::clone(versions.entry((table.to_owned(), version)).or_default())
    }
}

impl CachedVersion {
    /// Whether the files were read.
    pub(crate) fn is_known(&self) -> bool {
        self.files.initialized()
    }

    /// The files, read from the log the first time.
    pub(crate) async fn files(
        &self,
        workspace: &Inner,
        table: &schema::Table,
        version: u64,
        arrow_schema: &SchemaRef,
    ) -> Result<Arc<TableFiles>, StorageError> {
        let load = || async {
            let logged = DeltaLog::open(workspace, &table.name)?.files(version).await?;
            let folder = layout::table_folder(&workspace.path, &table.name);
            TableFiles::new(&folder, logged, table, arrow_schema).map(Arc::new)
        };
        self.files.get_or_try_init(load).await.map(Arc::clone)
    }
}

impl TableFiles {
    fn new(
        folder: &Path,
        logged: Vec<LoggedFile>,
        table: &schema::Table,
        arrow_schema: &SchemaRef,
    ) -> Result<Self, StorageError> {
        let types = ColumnTypes::new(table, arrow_schema);
        let files = logged.into_iter().map(|file| TableFile::new(folder, file, &types));
        let mut files: Vec<TableFile> = files.collect::<Result<_, _>>()?;
        files.sort_by_key(|file| file.first_time(&table.time_column));
        Ok(Self { files })
    }
}

/// The types of a table's columns and leaves, by name.
struct ColumnTypes<'s> {
    columns: HashMap<&'s str, &'s DataType>,
    leaves: HashMap<&'s str, DataType>,
    packed: &'static [PackedColumn],
}

impl<'s> ColumnTypes<'s> {
    fn new(table: &schema::Table, arrow_schema: &'s Schema) -> Self {
        let columns = arrow_schema.fields().iter().map(|field| (field.name().as_str(), field.data_type())).collect();
        let leaves = leaves(table).iter().map(|leaf| (leaf.name.as_str(), leaf.arrow_type())).collect();
        Self { columns, leaves, packed: packed_columns(table) }
    }

    /// The texts of which a file with these statistics has the numbers.
    fn packed_in(&self, file: &FileStatistics) -> Option<PackedNames> {
        let packed = self.packed.iter().filter(|packed| file.columns.contains_key(&packed.numbers));
        let names: Arc<[String]> = packed.map(|packed| packed.column.clone()).collect();
        (!names.is_empty()).then_some(PackedNames(names))
    }

    /// The type in a file, which may have leaves or not.
    fn of(&self, name: &str, has_leaves: bool) -> Option<DataType> {
        let leaf = || self.leaves.get(name).filter(|_| has_leaves);
        self.columns.get(name).copied().or_else(leaf).cloned()
    }
}

impl TableFile {
    fn new(folder: &Path, file: LoggedFile, types: &ColumnTypes<'_>) -> Result<Self, StorageError> {
        let path = folder.join(&file.path);
        let location = StorePath::from_absolute_path(&path)
            .map_err(|source| StorageError::io("name", &path)(std::io::Error::other(source)))?;
        // Another writer may have put files with and without leaf columns together.
        let has_leaves = data_file::is_name_of_ours(&file.path);
        let type_of = |name: &str| types.of(name, has_leaves);
        let statistics = file.statistics.as_deref().and_then(|json| FileStatistics::from_json(json, type_of));
        let scanned = PartitionedFile::new_from_meta(ObjectMeta {
            location,
            last_modified: DateTime::from_timestamp_millis(file.modified).unwrap_or_default(),
            size: file.size,
            e_tag: None,
            version: None,
        });
        let packed = statistics.as_ref().filter(|_| has_leaves).and_then(|statistics| types.packed_in(statistics));
        let scanned = match packed {
            Some(names) => scanned.with_extension(names),
            None => scanned,
        };
        Ok(Self { scanned, statistics, terms: terms::path_of(folder, &file.path), day: layout::day_in(&file.path) })
    }

    /// Whether it is shown where days from that one on are.
    pub(crate) fn is_shown_from(&self, day: Option<NaiveDate>) -> bool {
        let (Some(own), Some(first)) = (self.day, day) else { return true };
        own >= first
    }

    fn first_time(&self, time_column: &str) -> Option<i64> {
        match self.statistics.as_ref()?.columns.get(time_column)?.min {
            Some(Bound::Time(time)) => Some(time),
            _ => None,
        }
    }

    pub(crate) fn rows(&self) -> Option<usize> {
        usize::try_from(self.statistics.as_ref()?.rows).ok()
    }
}

/// What the engine is told of a file for these columns. Bounds are inexact (text may be cut, another writer's times are in ms), so that
/// the engine prunes by them and never answers from them; counts are exact.
pub(crate) fn engine_statistics(statistics: &FileStatistics, bytes: u64, columns: &Schema) -> Statistics {
    let columns = columns.fields().iter().map(|field| match statistics.columns.get(field.name()) {
        Some(column) => column_statistics(column, statistics.rows, field.data_type(), field.is_nullable()),
        None => ColumnStatistics::new_unknown(),
    });
    Statistics {
        num_rows: usize::try_from(statistics.rows).map_or(Precision::Absent, Precision::Exact),
        total_byte_size: usize::try_from(bytes).map_or(Precision::Absent, Precision::Inexact),
        column_statistics: columns.collect(),
    }
}

fn column_statistics(column: &ColumnBounds, rows: u64, ty: &DataType, nullable: bool) -> ColumnStatistics {
    let inexact = |bound: Option<ScalarValue>| bound.map_or(Precision::Absent, Precision::Inexact);
    let mut statistics = ColumnStatistics::new_unknown();
    statistics.min_value = inexact(lower_bound(column, ty, nullable));
    statistics.max_value = inexact(upper_bound(column, rows, ty, nullable));
    statistics.null_count = match column.nulls.and_then(|nulls| usize::try_from(nulls).ok()) {
        _ if !nullable => Precision::Exact(0),
        Some(nulls) => Precision::Exact(nulls),
        None => Precision::Absent,
    };
    statistics
}

/// The least value a column of a file can have. What is null in a never-null string column of the file reads as `""`.
pub(crate) fn lower_bound(column: &ColumnBounds, ty: &DataType, nullable: bool) -> Option<ScalarValue> {
    if !nullable && *ty == DataType::Utf8View && column.nulls.is_some_and(|nulls| nulls > 0) {
        return Some(ScalarValue::Utf8View(Some(String::new())));
    }
    scalar(column.min.as_ref()?, ty)
}

/// The greatest value a column of a file can have.
pub(crate) fn upper_bound(column: &ColumnBounds, rows: u64, ty: &DataType, nullable: bool) -> Option<ScalarValue> {
    if !nullable && *ty == DataType::Utf8View && column.nulls == Some(rows) {
        return Some(ScalarValue::Utf8View(Some(String::new())));
    }
    scalar(column.max.as_ref()?, ty)
}

fn scalar(bound: &Bound, ty: &DataType) -> Option<ScalarValue> {
    Some(match (bound, ty) {
        (Bound::Integer(value), DataType::Int64) => ScalarValue::Int64(Some(*value)),
        (Bound::Integer(value), DataType::Int32) => ScalarValue::Int32(Some(i32::try_from(*value).ok()?)),
        (Bound::Text(text), DataType::Utf8View) => ScalarValue::Utf8View(Some(text.clone())),
        (Bound::Time(time), DataType::Timestamp(TimeUnit::Microsecond, zone)) => {
            ScalarValue::TimestampMicrosecond(Some(*time), zone.clone())
        }
        _ => return None,
    })
}
