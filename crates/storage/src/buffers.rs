//! Rows of an ingest that are not yet in files.

use std::collections::BTreeMap;
use std::mem;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use schema::Table;

use crate::layout;

/// Where a row is: its time, and its place in a buffer. Ordered by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RowRef {
    /// µs since 1970.
    time: i64,
    batch: u32,
    row: u32,
}

impl RowRef {
    /// Batch and row, as Arrow's gathering takes them.
    pub(crate) fn position(&self) -> (usize, usize) {
        (self.batch as usize, self.row as usize)
    }
}

/// Rows of one table.
#[derive(Debug)]
pub(crate) struct TableBuffer {
    pub(crate) table: &'static Table,
    pub(crate) batches: Vec<RecordBatch>,
    /// Of the rows themselves: what builders reserved beyond them is never touched.
    pub(crate) bytes: usize,
}

/// Rows in time order, cut by day.
#[derive(Debug)]
pub(crate) struct SortedRows {
    rows: Vec<RowRef>,
}

impl TableBuffer {
    pub(crate) fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Sorts by time; rows of equal time keep the order in which they came.
    pub(crate) fn sorted(&self) -> SortedRows {
        let mut rows = Vec::with_capacity(self.rows());
        for (batch_index, batch) in self.batches.iter().enumerate() {
            let times = batch
                .column_by_name(&self.table.time_column)
                .and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>());
            let Some(times) = times else { continue };
            let batch_index = u32::try_from(batch_index).unwrap_or(u32::MAX);
            rows.extend((0u32..).zip(times.values()).map(|(row, &time)| RowRef { time, batch: batch_index, row }));
        }
        if !rows.is_sorted() {
            rows.sort_unstable();
        }
        SortedRows { rows }
    }
}

impl SortedRows {
    /// Each day that has rows, with them.
    pub(crate) fn days(&self) -> impl Iterator<Item = (i64, &[RowRef])> {
        self.rows
            .chunk_by(|left, right| layout::day_of(left.time) == layout::day_of(right.time))
            .filter_map(|rows| Some((layout::day_of(rows.first()?.time), rows)))
    }

    /// Batches and rows in order, as Arrow's gathering takes them.
    pub(crate) fn positions(&self) -> Vec<(usize, usize)> {
        self.rows.iter().map(RowRef::position).collect()
    }

    /// The earliest and the latest time.
    pub(crate) fn span(&self) -> Option<(i64, i64)> {
        Some((self.rows.first()?.time, self.rows.last()?.time))
    }
}

/// Rows of all tables, by table name.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    tables: BTreeMap<&'static str, TableBuffer>,
    bytes: usize,
}

impl Buffers {
    /// Adds rows and tells the size of all, in bytes.
    pub(crate) fn add(&mut self, table: &'static Table, batch: RecordBatch) -> usize {
        let bytes = row_bytes(&batch);
        let buffer = self.tables.entry(table.name.as_str()).or_insert_with(|| TableBuffer {
            table,
            batches: Vec::new(),
            bytes: 0,
        });
        buffer.batches.push(batch);
        buffer.bytes += bytes;
        self.bytes += bytes;
        self.bytes
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes out the table with the most bytes.
    pub(crate) fn take_largest(&mut self) -> Option<TableBuffer> {
        let name = *self.tables.iter().max_by_key(|(_, buffer)| buffer.bytes)?.0;
        let buffer = self.tables.remove(name)?;
        self.bytes -= buffer.bytes;
        Some(buffer)
    }

    /// Takes out everything.
    pub(crate) fn take_all(&mut self) -> Vec<TableBuffer> {
        self.bytes = 0;
        mem::take(&mut self.tables).into_values().collect()
    }
}

/// The size of the rows of a batch, in bytes.
pub(crate) fn row_bytes(batch: &RecordBatch) -> usize {
    let columns = batch.columns().iter();
    columns
        .map(|column| column.to_data().get_slice_memory_size().unwrap_or_else(|_| column.get_array_memory_size()))
        .sum()
}
