//! Rows of batches that are kept for later by their place, without those that nobody refers to any more.

use arrow::array::{Array, ArrayRef, StringViewArray, UInt64Array};
use arrow::buffer::Buffer;
use arrow::compute::{interleave, take};
use arrow::datatypes::DataType;

use crate::Type;
use crate::column::absent;

/// A batch of at most this many bytes is held as it is: to gather the rows that matter costs more than to hold the others.
const WHOLE_BATCH_BYTES: usize = 1 << 20;
/// Bytes held beyond twice those of the rows that matter before the others are dropped: a dozen narrow batches.
const SLACK_BYTES: usize = 4 << 20;
/// Bytes of text that nothing refers to, for which texts are not copied.
const SLACK_TEXT_BYTES: usize = 64 << 10;
/// How many batches before one may have the same buffers of texts: more than threads that share a state take turns in it.
const NEIGHBORS: usize = 8;
/// About what an array takes beside its buffers.
const ARRAY_BYTES: usize = 160;

/// Where a row is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub batch: u32,
    pub row: u32,
}

impl Place {
    /// No row.
    pub(super) const NONE: Place = Place { batch: u32::MAX, row: 0 };

    /// Whether there is a row.
    #[inline]
    pub(super) fn is_some(self) -> bool {
        self.batch != u32::MAX
    }
}

/// Batches of which some rows matter.
#[derive(Debug)]
pub(super) struct HeldRows {
    types: Vec<Type>,
    batches: Vec<Vec<ArrayRef>>,
    bytes: usize,
    /// Bytes when only rows that matter were left.
    needed_bytes: usize,
}

impl HeldRows {
    /// None yet, of columns of these types.
    pub(super) fn new(types: Vec<Type>) -> Self {
        HeldRows { types, batches: Vec::new(), bytes: 0, needed_bytes: 0 }
    }

    /// The types of the columns.
    pub(super) fn types(&self) -> &[Type] {
        &self.types
    }

    /// The number that the next batch gets.
    pub(super) fn next_batch(&self) -> u32 {
        u32::try_from(self.batches.len()).unwrap_or(u32::MAX - 1)
    }

    /// A column of a batch.
    pub(super) fn column(&self, batch: u32, column: usize) -> Option<&ArrayRef> {
        self.batches.get(batch as usize)?.get(column)
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Holds a batch. True if it is held as it is; else only its rows `matter`, numbered anew from 0.
    pub(super) fn push(&mut self, columns: Vec<ArrayRef>, matter: impl FnOnce() -> UInt64Array) -> bool {
        let bytes = self.new_bytes(&columns);
        if bytes <= WHOLE_BATCH_BYTES {
            self.bytes += bytes;
            self.batches.push(columns);
            return true;
        }
        let rows = matter();
        let gather = |(column, ty): (&ArrayRef, &Type)| {
            compacted(take(column, &rows, None).unwrap_or_else(|_| absent(*ty, rows.len())))
        };
        let columns: Vec<ArrayRef> = columns.iter().zip(&self.types).map(gather).collect();
        self.bytes += self.new_bytes(&columns);
        self.batches.push(columns);
        false
    }

    /// Whether so much of what is held does not matter that it is worth dropping.
    pub(super) fn is_mostly_garbage(&self) -> bool {
        self.bytes > 2 * self.needed_bytes + SLACK_BYTES || self.batches.len() >= (u32::MAX / 2) as usize
    }

    /// Keeps the rows of these places only, as one batch in their order.
    pub(super) fn keep(&mut self, places: &[Place]) {
        let columns = self.gathered(places);
        self.batches.clear();
        self.bytes = self.new_bytes(&columns);
        self.needed_bytes = self.bytes;
        self.batches.push(columns);
    }

    /// Drops all rows.
    pub(super) fn clear(&mut self) {
        self.batches = Vec::new();
        (self.bytes, self.needed_bytes) = (0, 0);
    }

    /// The rows of some places; absent values where there is none.
    pub(super) fn gathered(&self, places: &[Place]) -> Vec<ArrayRef> {
        let none = self.batches.len();
        let place =
            |place: &Place| if place.is_some() { (place.batch as usize, place.row as usize) } else { (none, 0) };
        let places: Vec<(usize, usize)> = places.iter().map(place).collect();
        let column = |(index, ty): (usize, &Type)| {
            let absent_row = absent(*ty, 1);
            let sources: Vec<&dyn Array> =
                self.batches.iter().map(|batch| batch[index].as_ref()).chain([absent_row.as_ref()]).collect();
            compacted(interleave(&sources, &places).unwrap_or_else(|_| absent(*ty, places.len())))
        };
        self.types.iter().enumerate().map(column).collect()
    }

    /// Bytes of a batch without buffers of texts that a batch shortly before has, too.
    fn new_bytes(&self, columns: &[ArrayRef]) -> usize {
        let before = &self.batches[self.batches.len().saturating_sub(NEIGHBORS)..];
        let bytes = columns.iter().enumerate().map(|(index, column)| {
            let Some(texts) = column.as_any().downcast_ref::<StringViewArray>() else {
                return ARRAY_BYTES + column.get_buffer_memory_size();
            };
            let known = before.iter().filter_map(|batch| batch[index].as_any().downcast_ref::<StringViewArray>());
            let known: Vec<&Buffer> = known.flat_map(|texts| texts.data_buffers()).collect();
            let is_new = |buffer: &&Buffer| known.iter().all(|known| known.data_ptr() != buffer.data_ptr());
            let buffers: usize = texts.data_buffers().iter().filter(is_new).map(|buffer| buffer.len()).sum();
            let nulls = texts.nulls().map_or(0, |nulls| nulls.len() / 8);
            ARRAY_BYTES + size_of_val(texts.views().as_ref()) + nulls + buffers
        });
        bytes.sum()
    }
}

/// The array without texts that it does not refer to, where they are the greater part.
fn compacted(array: ArrayRef) -> ArrayRef {
    let DataType::Utf8View = array.data_type() else { return array };
    let Some(texts) = array.as_any().downcast_ref::<StringViewArray>() else { return array };
    let held: usize = texts.data_buffers().iter().map(|buffer| buffer.len()).sum();
    if held <= SLACK_TEXT_BYTES {
        return array;
    }
    // The low half of a view's first word is the length; up to 12 bytes lie in the view itself.
    let lengths = texts.views().iter().map(|view| *view as u32 as usize);
    let used: usize = lengths.filter(|length| *length > 12).sum();
    if held > 2 * used + SLACK_TEXT_BYTES { std::sync::Arc::new(texts.gc()) } else { array }
}
