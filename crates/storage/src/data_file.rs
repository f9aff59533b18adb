//! Writes the rows of one table and one day as a Parquet file.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::interleave_record_batch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use deltalake_core::kernel::Add;
use schema::Table;
use uuid::Uuid;

use crate::buffers::RowRef;
use crate::file_writer::FileWriter;
use crate::packed::{PackedValues, packed};
use crate::parquet_options::{ROW_GROUP_ROWS, even_group_rows};
use crate::shredding::{LeafValues, shredded};
use crate::{StorageError, layout};

/// In-memory size of the rows gathered at once, in bytes; more rows are written in several steps.
const GATHER_BYTES: usize = 64 * 1024 * 1024;

/// Digits of the sequence number in a data file's name. Spark and delta-rs use five.
const SEQUENCE_DIGITS: usize = 10;

/// The rows of a file, sorted by time, and where they come from.
pub(crate) struct Partition<'a> {
    pub(crate) table: &'static Table,
    pub(crate) batches: &'a [RecordBatch],
    /// The average size of a row in memory, in bytes.
    pub(crate) row_bytes: usize,
    /// Counted from 1970-01-01.
    pub(crate) day: i64,
    pub(crate) rows: &'a [RowRef],
}

/// Writes and syncs the file; the caller syncs the folder.
pub(crate) fn write(partition: &Partition<'_>, table_folder: &Path, sequence: u64) -> Result<Add, StorageError> {
    let kept = kept_columns(partition);
    let batches: Vec<RecordBatch> = partition
        .batches
        .iter()
        .map(|batch| batch.project(&kept))
        .collect::<Result<_, _>>()
        .map_err(|source| rows_error(partition, source))?;
    let gathered_schema = batches.first().map_or_else(|| partition.table.arrow_schema(), RecordBatch::schema);
    let has_column = |column: &str| gathered_schema.column_with_name(column).is_some();
    let (leaves, packed) = (shredded(partition, has_column), packed(partition, has_column));
    let schema = with_leaves(&gathered_schema, &leaves, &packed);

    let sources: Vec<&RecordBatch> = batches.iter().collect();
    let gather = |range: Range<usize>| -> Result<RecordBatch, ArrowError> {
        let indices: Vec<(usize, usize)> = partition.rows[range.clone()].iter().map(RowRef::position).collect();
        let mut columns = interleave_record_batch(&sources, &indices)?.columns().to_vec();
        for leaf in &leaves {
            columns.push(leaf.rows(range.clone())?);
        }
        columns.extend(packed.iter().flat_map(|packed| packed.rows(&range)));
        RecordBatch::try_new(Arc::clone(&schema), columns)
    };
    let rows_at = |start: usize| {
        let end = start.saturating_add(gather_rows(partition.row_bytes)).min(partition.rows.len());
        gather(start..end).map_err(|source| rows_error(partition, source))
    };
    let first = rows_at(0)?;
    let day = layout::day_name(partition.day);
    let group_rows = even_group_rows(partition.rows.len());
    let mut writer = FileWriter::create(partition.table, &first, table_folder, &day, sequence, group_rows)?;
    writer.write(&first)?;
    let mut written = first.num_rows();
    drop(first);
    while written < partition.rows.len() {
        let rows = rows_at(written)?;
        writer.write(&rows)?;
        written += rows.num_rows();
    }
    writer.finish()
}

/// The name holds the ingest's sequence number, so that files of an ingest that never was can be told from others.
pub(crate) fn file_name(sequence: u64) -> String {
    format!("part-{sequence:0SEQUENCE_DIGITS$}-{}.parquet", Uuid::new_v4())
}

/// The sequence number in the name of a data file or of what belongs to it.
pub(crate) fn sequence_of(file_name: &str) -> Option<u64> {
    let (sequence, _) = file_name.strip_prefix("part-")?.split_once('-')?;
    let is_ours = [".parquet", ".terms"].iter().any(|end| file_name.ends_with(end));
    is_ours.then(|| sequence.parse().ok())?
}

/// Whether a path below a table's folder names a file that this program wrote: other writers number theirs differently.
pub(crate) fn is_name_of_ours(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some((sequence, id)) = name.strip_prefix("part-").and_then(|rest| rest.split_once('-')) else { return false };
    sequence.len() == SEQUENCE_DIGITS && id.strip_suffix(".parquet").is_some_and(|id| Uuid::parse_str(id).is_ok())
}

fn with_leaves(schema: &SchemaRef, leaves: &[LeafValues], packed: &[PackedValues]) -> SchemaRef {
    let beside = leaves.iter().map(|leaf| &leaf.field).chain(packed.iter().flat_map(PackedValues::fields));
    let fields: Vec<Arc<Field>> = schema.fields().iter().cloned().chain(beside.cloned().map(Arc::new)).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

fn rows_error(partition: &Partition<'_>, source: ArrowError) -> StorageError {
    StorageError::Rows { table: partition.table.name.clone(), source: Box::new(source) }
}

/// Rows of this size in memory that are gathered at once.
pub(crate) fn gather_rows(row_bytes: usize) -> usize {
    (GATHER_BYTES / row_bytes.max(1)).clamp(1, ROW_GROUP_ROWS)
}

/// The columns with a value in some row of the partition. The reader supplies `""` or null for the others.
/// The time column always has one.
fn kept_columns(partition: &Partition<'_>) -> Vec<usize> {
    let columns = partition.batches.first().map_or(0, RecordBatch::num_columns);
    (0..columns).filter(|&column| has_value(partition, column)).collect()
}

fn has_value(partition: &Partition<'_>, column: usize) -> bool {
    let nullable = partition.batches.first().is_none_or(|batch| batch.schema().field(column).is_nullable());
    let arrays: Vec<&dyn Array> = partition.batches.iter().map(|batch| batch.column(column).as_ref()).collect();
    if !arrays.iter().any(|array| may_have_value(*array, nullable)) {
        return false;
    }
    partition.rows.iter().any(|row| {
        let (batch, row) = row.position();
        is_value(arrays[batch], row, nullable)
    })
}

/// A quick look at the whole array.
fn may_have_value(array: &dyn Array, nullable: bool) -> bool {
    match array.as_string_opt::<i32>() {
        Some(text) if !nullable => text.value_offsets().first() != text.value_offsets().last(),
        _ => array.null_count() < array.len(),
    }
}

/// In a never-null string column the absent value is `""`, elsewhere it is null.
fn is_value(array: &dyn Array, row: usize, nullable: bool) -> bool {
    match array.as_string_opt::<i32>() {
        Some(text) if !nullable => !text.value(row).is_empty(),
        _ => array.is_valid(row),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_tells_its_ingest() {
        assert_eq!(sequence_of(&file_name(42)), Some(42));
        assert!(is_name_of_ours(&format!("_Day=2024-01-01/{}", file_name(42))));
        let foreign = "_Day=2024-01-01/part-00000-7c7c5c1e-9c5c-4f0e-a1c1-0d4a4c4ac0de-c000.snappy.parquet";
        assert!(!is_name_of_ours(foreign));
        for other in ["part-x-y.parquet", "part-1.parquet", "data.parquet", "part-1-y.csv"] {
            assert_eq!(sequence_of(other), None, "{other}");
        }
    }
}
