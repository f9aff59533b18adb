//! The rows of a day that passed some filters, in order of time.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, TimestampMicrosecondArray, UInt32Array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::{concat, filter, take};
use arrow::datatypes::{DataType, TimestampMicrosecondType};
use arrow::record_batch::RecordBatch;
use datafusion::common::internal_err;
use datafusion::error::Result;

/// Rows of a selection, in order of time.
#[derive(Debug)]
pub(crate) struct HeldRows {
    times: TimestampMicrosecondArray,
    /// By the column's position in the stored table.
    columns: BTreeMap<usize, ArrayRef>,
    bytes: usize,
}

/// Some of the rows of a day, which follow on each other.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    /// All that are held of that day.
    pub rows: Arc<HeldRows>,
    /// The first of them.
    pub from: usize,
    /// The one after the last.
    pub to: usize,
}

impl Piece {
    /// Whether it is of the same rows as another of the same selection.
    pub fn is_same(&self, other: &Piece) -> bool {
        Arc::ptr_eq(&self.rows, &other.rows) && (self.from, self.to) == (other.from, other.to)
    }
}

impl HeldRows {
    /// The positions of the rows whose time (µs since 1970) is in `[start, end)`.
    pub fn within(&self, start: i64, end: i64) -> (usize, usize) {
        let times = self.times.values();
        let from = times.partition_point(|time| *time < start);
        (from, times.partition_point(|time| *time < end).max(from))
    }

    /// A column by its position in the stored table.
    pub fn column(&self, stored: usize) -> Option<&ArrayRef> {
        self.columns.get(&stored)
    }

    /// Whether all of these columns are held.
    pub fn has<'c>(&self, mut columns: impl Iterator<Item = &'c usize>) -> bool {
        columns.all(|column| self.columns.contains_key(column))
    }

    /// Size in memory.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

/// Gathers the rows of a selection batch by batch.
#[derive(Debug)]
pub(crate) struct Gathering {
    /// Position in the stored table and in the batches; the time column is the first.
    columns: Vec<(usize, usize)>,
    parts: Vec<Vec<ArrayRef>>,
    bytes: usize,
}

impl Gathering {
    /// Gathers these columns: pairs of the positions in the stored table and in the batches. The first is the time.
    pub fn new(columns: Vec<(usize, usize)>) -> Self {
        Self { parts: vec![Vec::new(); columns.len()], columns, bytes: 0 }
    }

    /// Size of what was gathered so far, in memory.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes the rows of the batch that the mask says, or all.
    pub fn add(&mut self, batch: &RecordBatch, mask: Option<&BooleanBuffer>) -> Result<()> {
        let chosen = mask.map(|mask| arrow::array::BooleanArray::new(mask.clone(), None));
        for (parts, (_, at)) in self.parts.iter_mut().zip(&self.columns) {
            let column = batch.column(*at);
            let part = match &chosen {
                None => Arc::clone(column),
                Some(mask) => compact(filter(column, mask)?, column.len()),
            };
            self.bytes += size(&part);
            parts.push(part);
        }
        Ok(())
    }

    /// What was gathered, in order of time; rows of one time stay in the order in which they were read. `empty` has a column of
    /// each type.
    pub fn finish(self, empty: &RecordBatch) -> Result<HeldRows> {
        let mut arrays = Vec::with_capacity(self.columns.len());
        for (parts, (_, at)) in self.parts.iter().zip(&self.columns) {
            let parts: Vec<&dyn Array> = parts.iter().map(AsRef::as_ref).collect();
            arrays.push(if parts.is_empty() { Arc::clone(empty.column(*at)) } else { concat(&parts)? });
        }
        let Some(order) = arrays.first().map(time_order).transpose()? else {
            return internal_err!("rows have no time");
        };
        if let Some(order) = order {
            arrays = arrays.iter().map(|array| take(array, &order, None)).collect::<Result<_, _>>()?;
        }
        let bytes = arrays.iter().map(size).sum();
        let times = arrays[0].as_primitive::<TimestampMicrosecondType>().clone();
        let columns = self.columns.iter().map(|(stored, _)| *stored).zip(arrays).collect();
        Ok(HeldRows { times, columns, bytes })
    }
}

/// Bytes that an array keeps in memory. Buffers of texts are shared by many arrays: of a batch with few of a buffer's texts, only
/// those count.
fn size(array: &ArrayRef) -> usize {
    let Some(texts) = array.as_string_view_opt() else { return array.get_array_memory_size() };
    let buffers: BTreeMap<*const u8, usize> =
        texts.data_buffers().iter().map(|buffer| (buffer.as_ptr(), buffer.len())).collect();
    let buffers: usize = buffers.values().sum();
    size_of_val(texts.views().as_ref()) + buffers.min(texts.total_buffer_bytes_used())
}

/// Texts of few rows of a batch, without those of the others: else all of them would stay in memory.
fn compact(array: ArrayRef, of: usize) -> ArrayRef {
    match array.data_type() {
        DataType::Utf8View if array.len() * 2 < of => Arc::new(array.as_string_view().gc()),
        _ => array,
    }
}

/// The order of rows by time; nothing where they are in it.
fn time_order(times: &ArrayRef) -> Result<Option<UInt32Array>> {
    let Some(times) = times.as_primitive_opt::<TimestampMicrosecondType>() else {
        return internal_err!("time column has the type {}", times.data_type());
    };
    if times.null_count() > 0 {
        return internal_err!("a row has no time");
    }
    let times = times.values();
    if times.is_sorted() {
        return Ok(None);
    }
    let Ok(rows) = u32::try_from(times.len()) else { return internal_err!("too many rows in a day") };
    let mut order: Vec<u32> = (0..rows).collect();
    order.sort_by_key(|row| times[*row as usize]);
    Ok(Some(UInt32Array::from(order)))
}

#[cfg(test)]
mod tests {
    use arrow::array::StringViewArray;
    use arrow::datatypes::{Field, Schema};

    use super::*;

    fn batch(times: Vec<i64>, texts: Vec<&str>) -> RecordBatch {
        let fields = [
            Field::new("time", crate::functions::ticks::stored_datetime(), false),
            Field::new("text", DataType::Utf8View, false),
        ];
        let times = TimestampMicrosecondArray::from(times).with_timezone("UTC");
        let columns: Vec<ArrayRef> = vec![Arc::new(times), Arc::new(StringViewArray::from(texts))];
        RecordBatch::try_new(Arc::new(Schema::new(fields.to_vec())), columns).unwrap()
    }

    #[test]
    fn rows_are_held_in_order_of_time_and_found_by_it() {
        let mut gathering = Gathering::new(vec![(7, 0), (3, 1)]);
        gathering.add(&batch(vec![5, 1, 9], vec!["e", "a", "i"]), None).unwrap();
        let mask = BooleanBuffer::from(vec![false, true, true]);
        gathering.add(&batch(vec![2, 5, 3], vec!["-", "f", "c"]), Some(&mask)).unwrap();
        let held = gathering.finish(&batch(vec![], vec![])).unwrap();
        let texts: Vec<&str> = held.column(3).unwrap().as_string_view().iter().flatten().collect();
        assert_eq!(texts, ["a", "c", "e", "f", "i"]);
        assert_eq!(held.within(3, 9), (1, 4));
        assert_eq!(held.within(6, 7), (4, 4));
        assert!(held.has([7, 3].iter()) && !held.has([4].iter()));
    }
}
