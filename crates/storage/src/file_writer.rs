//! One Parquet file of one day, written in steps, with what belongs to it: statistics for the log, terms beside it.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use chrono::Utc;
use deltalake_core::kernel::Add;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use schema::Table;

use crate::disk::{self, DiskFile};
use crate::file_statistics::{ColumnBounds, FileStatistics};
use crate::layout::{self, DAY_COLUMN};
use crate::packed::packed_columns;
use crate::parquet_options::writer_properties;
use crate::terms::{self, TermCollector};
use crate::{StorageError, data_file, durable, leaf_column};

/// A file that is being written. Rows must come in order of time.
pub(crate) struct FileWriter {
    table_folder: PathBuf,
    day: String,
    /// Below the table's folder.
    name: String,
    path: PathBuf,
    writer: ArrowWriter<Box<dyn DiskFile>>,
    statistics: StatisticsBuilder,
    terms: TermCollector,
}

impl FileWriter {
    /// Begins a file of a table's day. It has the columns of its `first` rows, which the caller writes then: stored ones of the table, leaf
    /// columns after them. `sequence` is that of the change which the file is for; a row group ends after `group_rows`.
    pub(crate) fn create(
        table: &Table,
        first: &RecordBatch,
        table_folder: &Path,
        day: &str,
        sequence: u64,
        group_rows: usize,
    ) -> Result<Self, StorageError> {
        let name = format!("{DAY_COLUMN}={day}/{}", data_file::file_name(sequence));
        let path = table_folder.join(&name);
        let folder = path.parent().unwrap_or(table_folder);
        durable::create_folder(folder).map_err(StorageError::io("create", folder))?;
        let properties = writer_properties(table, first, group_rows);
        let file = disk::of(&path).create(&path).map_err(StorageError::io("create", &path))?;
        let writer = ArrowWriter::try_new(file, first.schema(), Some(properties)).map_err(failed(&path))?;
        Ok(Self {
            table_folder: table_folder.to_owned(),
            day: day.to_owned(),
            name,
            path,
            writer,
            statistics: StatisticsBuilder::new(table),
            terms: TermCollector::new(table),
        })
    }

    /// Adds rows.
    pub(crate) fn write(&mut self, rows: &RecordBatch) -> Result<(), StorageError> {
        self.statistics.add(rows);
        self.terms.add(rows);
        self.writer.write(rows).map_err(failed(&self.path))?;
        self.terms.written(&row_group_sizes(&self.writer));
        Ok(())
    }

    /// Below the table's folder.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// About the size so far, in bytes.
    pub(crate) fn size(&self) -> u64 {
        (self.writer.bytes_written() + self.writer.in_progress_size()) as u64
    }

    /// Writes and syncs what is left; the caller syncs the folders. Returns what the log says of the file.
    pub(crate) fn finish(mut self) -> Result<Add, StorageError> {
        self.writer.flush().map_err(failed(&self.path))?;
        self.terms.written(&row_group_sizes(&self.writer));
        let mut file = self.writer.into_inner().map_err(failed(&self.path))?;
        file.sync().map_err(StorageError::io("write", &self.path))?;
        let size = file.size().map_err(StorageError::io("read", &self.path))?;
        let terms_path = terms::path_of(&self.table_folder, &self.name);
        terms::write(&terms_path, &self.terms.finish()).map_err(StorageError::io("write", &terms_path))?;
        Ok(Add {
            path: self.name,
            partition_values: HashMap::from([(DAY_COLUMN.to_owned(), Some(self.day))]),
            size: i64::try_from(size).unwrap_or(i64::MAX),
            modification_time: Utc::now().timestamp_millis(),
            data_change: true,
            stats: Some(self.statistics.finish().to_json()),
            ..Add::default()
        })
    }
}

/// Removes a file that no log names, and what belongs to it. Best effort: what stays is removed by the next writer or by vacuum.
pub(crate) fn discard(table_folder: &Path, name: &str) {
    for path in [table_folder.join(name), terms::path_of(table_folder, name)] {
        let _ = disk::of(&path).remove(&path);
    }
}

fn failed(path: &Path) -> impl Fn(ParquetError) -> StorageError + use<> {
    let path = path.to_owned();
    move |source| StorageError::DataFile { path: path.clone(), source: Box::new(source) }
}

/// Compressed, of those that are complete.
fn row_group_sizes(writer: &ArrowWriter<Box<dyn DiskFile>>) -> Vec<u64> {
    let groups = writer.flushed_row_groups().iter();
    groups.map(|group| u64::try_from(group.compressed_size()).unwrap_or(0)).collect()
}

/// Gathers the bounds of the columns that carry statistics, over the steps in which a file is written.
struct StatisticsBuilder {
    names: Vec<String>,
    /// Of leaf columns and of numbers of texts: what a file has no such column of is unknown, not absent.
    leaves: Vec<String>,
    rows: u64,
    columns: BTreeMap<String, ColumnBounds>,
}

impl StatisticsBuilder {
    fn new(table: &Table) -> Self {
        let names = layout::statistics_columns(table).iter().map(|column| column.name.clone()).collect();
        let leaves = leaf_column::leaves(table).iter().map(|leaf| leaf.name.clone());
        let leaves = leaves.chain(packed_columns(table).iter().map(|packed| packed.numbers.clone())).collect();
        Self { names, leaves, rows: 0, columns: BTreeMap::new() }
    }

    fn add(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows() as u64;
        for name in self.names.iter().chain(&self.leaves) {
            let Some(array) = batch.column_by_name(name) else { continue };
            let bounds = ColumnBounds::of(array);
            match self.columns.get_mut(name) {
                Some(column) => column.merge(bounds),
                None => {
                    self.columns.insert(name.clone(), bounds);
                }
            }
        }
    }

    fn finish(mut self) -> FileStatistics {
        for name in &self.names {
            self.columns.entry(name.clone()).or_insert_with(|| ColumnBounds::absent(self.rows));
        }
        FileStatistics { rows: self.rows, columns: self.columns }
    }
}
