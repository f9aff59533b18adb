//! One data file as an input of a merge: its rows in steps, in the form that the merged file has.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray, StringViewArray, new_null_array};
use arrow::buffer::ScalarBuffer;
use arrow::compute::kernels::zip::zip;
use arrow::datatypes::{DataType, Field, SchemaRef, TimestampMicrosecondType};
use arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use schema::Table;

use crate::StorageError;
use crate::leaf_column::{self, Absent, leaves};
use crate::packed::{Packed, packed_columns};

/// In-memory size of the rows that an open input has at hand, in bytes.
const STEP_BYTES: u64 = 4 * 1024 * 1024;

/// Rows that an open input has at hand at most.
const STEP_ROWS: u64 = 8 * 1024;

/// In-memory size of a row beside what Parquet says that it takes uncompressed: dictionaries are counted once there.
const UNPACKED: u64 = 4;

/// What an input's footer says.
#[derive(Debug)]
pub(crate) struct InputHeader {
    pub(crate) path: PathBuf,
    /// The file's columns.
    pub(crate) schema: SchemaRef,
    pub(crate) rows: u64,
    /// Uncompressed size of the largest row group, in bytes: more than that is never held of the open file.
    pub(crate) open_bytes: u64,
    step: usize,
}

impl InputHeader {
    /// Reads the footer.
    pub(crate) fn read(table: &Table, path: PathBuf) -> Result<Self, StorageError> {
        let builder = builder(table, &path)?;
        let groups = builder.metadata().row_groups();
        let sizes = groups.iter().map(|group| u64::try_from(group.total_byte_size()).unwrap_or(0));
        let rows: u64 = groups.iter().map(|group| u64::try_from(group.num_rows()).unwrap_or(0)).sum();
        let total: u64 = sizes.clone().sum();
        let row_bytes = (total / rows.max(1)).max(1) * UNPACKED;
        let step = (STEP_BYTES / row_bytes).clamp(1, STEP_ROWS);
        Ok(Self {
            schema: Arc::clone(builder.schema()),
            rows,
            open_bytes: sizes.max().unwrap_or(0),
            step: usize::try_from(step).unwrap_or(1),
            path,
        })
    }
}

/// An input that is being read.
pub(crate) struct MergeInput<'a> {
    table: &'a Table,
    /// Of the merged file.
    form: SchemaRef,
    reader: ParquetRecordBatchReader,
    last: i64,
}

impl<'a> MergeInput<'a> {
    /// Opens the file for rows in this form.
    pub(crate) fn open(table: &'a Table, header: &InputHeader, form: &SchemaRef) -> Result<Self, StorageError> {
        let builder = builder(table, &header.path)?;
        let is_made =
            |name: &str| packed_columns(table).iter().any(|packed| packed.numbers == name || packed.rests == name);
        let wanted = |name: &str| form.column_with_name(name).is_some() && !is_made(name);
        let columns = builder.schema().fields().iter().enumerate().filter(|(_, field)| wanted(field.name()));
        let mask = ProjectionMask::roots(builder.parquet_schema(), columns.map(|(place, _)| place));
        let reader = builder.with_projection(mask).with_batch_size(header.step).build();
        let reader = reader.map_err(|source| unreadable(table, source.into()))?;
        Ok(Self { table, form: Arc::clone(form), reader, last: i64::MIN })
    }

    /// The next rows, at least one, and their times; `None` after the last.
    pub(crate) fn next(&mut self) -> Result<Option<(RecordBatch, ScalarBuffer<i64>)>, StorageError> {
        loop {
            let Some(read) = self.reader.next() else { return Ok(None) };
            let rows = read.and_then(|batch| self.formed(&batch)).map_err(|source| unreadable(self.table, source))?;
            if rows.num_rows() == 0 {
                continue;
            }
            let times =
                self.times(&rows).filter(|times| times[0] >= self.last && times.is_sorted()).ok_or_else(|| {
                    let source = ArrowError::InvalidArgumentError("rows are not in order of time".to_owned());
                    unreadable(self.table, source)
                })?;
            self.last = times[times.len() - 1];
            return Ok(Some((rows, times)));
        }
    }

    fn times(&self, rows: &RecordBatch) -> Option<ScalarBuffer<i64>> {
        let column = rows.column_by_name(&self.table.time_column)?.as_primitive_opt::<TimestampMicrosecondType>()?;
        (column.null_count() == 0).then(|| column.values().clone())
    }

    fn formed(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let packed = self.packed(batch);
        let columns = self.form.fields().iter().map(|field| match batch.column_by_name(field.name()) {
            Some(column) if field.name().starts_with(leaf_column::PREFIX) => self.leaf(field, batch, column),
            Some(column) => Ok(filled(field, column)),
            None => match packed.iter().find(|(name, _)| name == field.name()) {
                Some((_, values)) => Ok(Arc::clone(values)),
                None => Ok(absent(field, batch.num_rows())),
            },
        });
        RecordBatch::try_new(Arc::clone(&self.form), columns.collect::<Result<_, _>>()?)
    }

    /// The numbers and the rests that the merged file has, made of the texts: of some inputs only the texts are there.
    fn packed(&self, batch: &RecordBatch) -> Vec<(&'a str, ArrayRef)> {
        let packed =
            packed_columns(self.table).iter().filter(|packed| self.form.column_with_name(&packed.numbers).is_some());
        let of_texts = packed.flat_map(|packed| {
            let values = match batch.column_by_name(&packed.column).and_then(|column| column.as_string_opt::<i32>()) {
                Some(texts) => Packed::of(texts.iter()),
                None => Packed::of(std::iter::repeat_n(None, batch.num_rows())),
            };
            let (numbers, rests): (ArrayRef, ArrayRef) = (Arc::new(values.numbers), Arc::new(values.rests));
            [(packed.numbers.as_str(), numbers), (packed.rests.as_str(), rests)]
        });
        of_texts.collect()
    }

    /// A leaf column with what is absent as the merged file shows it.
    fn leaf(&self, field: &Field, batch: &RecordBatch, column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        let schema = batch.schema();
        let leaf = leaves(self.table).iter().find(|leaf| leaf.name == *field.name());
        let read = leaf.and_then(|leaf| leaf.of_field(schema.field_with_name(field.name()).ok()?));
        let was_empty = read.is_some_and(|read| read.absent == Absent::Empty);
        match column.as_string_view_opt() {
            Some(texts) if was_empty && field.is_nullable() => {
                let nulls = texts.iter().map(|text| Some(text.unwrap_or_default().is_empty()));
                let nulls: BooleanArray = nulls.collect();
                zip(&nulls, &arrow::array::Scalar::new(new_null_array(texts.data_type(), 1)), texts)
            }
            _ => Ok(Arc::clone(column)),
        }
    }
}

/// Null becomes `""` where the column has no null.
fn filled(field: &Field, column: &ArrayRef) -> ArrayRef {
    match column.as_string_opt::<i32>() {
        Some(texts) if !field.is_nullable() && texts.null_count() > 0 => {
            Arc::new(texts.iter().map(|text| Some(text.unwrap_or_default())).collect::<StringArray>())
        }
        _ => Arc::clone(column),
    }
}

/// Rows of a file that has not the column.
fn absent(field: &Field, rows: usize) -> ArrayRef {
    match field.data_type() {
        DataType::Utf8 if !field.is_nullable() => Arc::new(StringArray::from_iter_values(vec![""; rows])),
        DataType::Utf8View if !field.is_nullable() => Arc::new(StringViewArray::from_iter_values(vec![""; rows])),
        other => new_null_array(other, rows),
    }
}

fn builder(table: &Table, path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, StorageError> {
    let file = File::open(path).map_err(StorageError::io("open", path))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|source| unreadable(table, source.into()))
}

fn unreadable(table: &Table, source: ArrowError) -> StorageError {
    StorageError::Rows { table: table.name.clone(), source: Box::new(source) }
}
