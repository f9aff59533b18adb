//! The memory that batches hold together.

use std::collections::HashSet;

use arrow::array::{Array, ArrayData, RecordBatch};

/// Counts the buffers of batches, each once: slices of one batch share theirs.
#[derive(Debug, Clone, Default)]
pub struct RetainedBytes {
    seen: HashSet<usize>,
    bytes: usize,
}

impl RetainedBytes {
    /// Adds a batch; gives the bytes that no batch before it held.
    pub fn add(&mut self, batch: &RecordBatch) -> usize {
        let before = self.bytes;
        for column in batch.columns() {
            self.add_data(&column.to_data());
        }
        self.bytes - before
    }

    /// The bytes of all of them.
    pub fn total(&self) -> usize {
        self.bytes
    }

    fn add_data(&mut self, data: &ArrayData) {
        let nulls = data.nulls().map(|nulls| nulls.buffer());
        for buffer in data.buffers().iter().chain(nulls) {
            if self.seen.insert(buffer.data_ptr().as_ptr() as usize) {
                self.bytes += buffer.capacity();
            }
        }
        data.child_data().iter().for_each(|child| self.add_data(child));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int64Array, StringViewArray};

    use super::*;

    #[test]
    fn slices_of_one_batch_hold_its_memory_once() {
        let longs = Arc::new(Int64Array::from_iter_values(0..1000));
        let texts =
            Arc::new(StringViewArray::from_iter_values((0..1000).map(|n| format!("a text that is not inline {n}"))));
        let batch = RecordBatch::try_from_iter([("n", longs as _), ("s", texts as _)]).expect("a batch");
        let mut held = RetainedBytes::default();
        let first = held.add(&batch.slice(0, 500));
        assert!(first >= 8000 + 1000 * 16 + 1000 * 26, "{first}");
        assert_eq!(held.add(&batch.slice(500, 500)), 0);
        assert_eq!(held.total(), first);
    }
}
