//! Fresh rows of one table, sorted by time.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, StringArray, new_null_array};
use arrow::buffer::{Buffer, OffsetBuffer};
use arrow::compute::interleave_record_batch;
use arrow::datatypes::{DataType, Field, SchemaRef, TimestampMicrosecondType};
use arrow::error::ArrowError;
use schema::Table;

use crate::buffers::{TableBuffer, row_bytes};

/// Rows of one table in order of time; they came with consecutive records of the log.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) table: &'static Table,
    /// In the table's Arrow schema.
    pub(crate) batch: RecordBatch,
    /// Places in the log.
    pub(crate) first_sequence: u64,
    pub(crate) last_sequence: u64,
    /// In memory.
    pub(crate) bytes: u64,
    /// Times of the first and the last row, in µs since 1970.
    pub(crate) first: i64,
    pub(crate) last: i64,
}

impl Run {
    /// Rows with a place in the log; nothing where there are none.
    pub(crate) fn new(table: &'static Table, batch: RecordBatch, sequence: u64) -> Result<Option<Self>, ArrowError> {
        Self::over(table, vec![batch], sequence, sequence)
    }

    /// The rows of several runs as one, in the columns of that table.
    pub(crate) fn merged(table: &'static Table, runs: &[Arc<Run>]) -> Result<Option<Self>, ArrowError> {
        let schema = table.arrow_schema();
        let batches = runs.iter().map(|run| in_columns(&run.batch, &schema)).collect::<Result<Vec<_>, _>>()?;
        let first = runs.iter().map(|run| run.first_sequence).min().unwrap_or(0);
        let last = runs.iter().map(|run| run.last_sequence).max().unwrap_or(0);
        Self::over(table, batches, first, last)
    }

    fn over(
        table: &'static Table,
        batches: Vec<RecordBatch>,
        first_sequence: u64,
        last_sequence: u64,
    ) -> Result<Option<Self>, ArrowError> {
        let buffer = TableBuffer { table, batches, bytes: 0 };
        let sorted = buffer.sorted();
        let Some((first, last)) = sorted.span() else { return Ok(None) };
        let batch = match buffer.batches.as_slice() {
            [only] if is_sorted(only, table) => only.clone(),
            batches => {
                let sources: Vec<&RecordBatch> = batches.iter().collect();
                interleave_record_batch(&sources, &sorted.positions())?
            }
        };
        let bytes = row_bytes(&batch) as u64;
        Ok(Some(Self { table, batch, first_sequence, last_sequence, bytes, first, last }))
    }

    /// Its rows of this time (in µs since 1970) and later, without copying them; nothing where there are none.
    pub(crate) fn since(run: &Arc<Self>, time: i64) -> Option<Arc<Self>> {
        if run.first >= time {
            return Some(Arc::clone(run));
        }
        let column = run.batch.column_by_name(&run.table.time_column)?;
        let times = column.as_primitive_opt::<TimestampMicrosecondType>()?.values();
        let from = times.partition_point(|&of_row| of_row < time);
        let first = *times.get(from)?;
        let batch = run.batch.slice(from, times.len() - from);
        let bytes = row_bytes(&batch) as u64;
        Some(Arc::new(Self { table: run.table, batch, bytes, first, ..**run }))
    }

    pub(crate) fn rows(&self) -> usize {
        self.batch.num_rows()
    }
}

fn is_sorted(batch: &RecordBatch, table: &Table) -> bool {
    let times = batch.column_by_name(&table.time_column);
    times
        .and_then(|times| times.as_primitive_opt::<TimestampMicrosecondType>())
        .is_some_and(|times| times.values().is_sorted())
}

/// The rows in these columns: by name, absent where the batch lacks one.
pub(crate) fn in_columns(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    if Arc::ptr_eq(&batch.schema(), schema) || batch.schema() == *schema {
        return Ok(batch.clone());
    }
    let rows = batch.num_rows();
    let columns = schema.fields().iter().map(|field| match batch.column_by_name(field.name()) {
        Some(column) => Arc::clone(column),
        None => absent(field, rows),
    });
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns.collect(), &options)
}

/// What a column holds that no row has a value in: `""` in a never-null text column, else null.
fn absent(field: &Field, rows: usize) -> ArrayRef {
    match field.data_type() {
        DataType::Utf8 if !field.is_nullable() => {
            let empty: [u8; 0] = [];
            Arc::new(StringArray::new(OffsetBuffer::new_zeroed(rows), Buffer::from(&empty), None))
        }
        other => new_null_array(other, rows),
    }
}

/// The columns of a batch in which some row has a value; [`in_columns`] supplies the others.
pub(crate) fn without_absent_columns(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let schema = batch.schema();
    let has_value = |index: usize| {
        let (array, field) = (batch.column(index), schema.field(index));
        match array.as_string_opt::<i32>() {
            Some(text) if !field.is_nullable() => text.value_offsets().first() != text.value_offsets().last(),
            _ => array.null_count() < array.len(),
        }
    };
    let kept: Vec<usize> = (0..batch.num_columns()).filter(|index| has_value(*index)).collect();
    batch.project(&kept)
}
