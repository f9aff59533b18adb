//! Files of one day as one stream in order of time, in bounded memory.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use arrow::array::RecordBatch;
use arrow::buffer::ScalarBuffer;
use arrow::compute::interleave_record_batch;
use arrow::datatypes::SchemaRef;
use schema::Table;

use super::merge_input::{InputHeader, MergeInput};
use crate::StorageError;
use crate::data_file::gather_rows;

/// Uncompressed size of what is open at once, in bytes. Files of a day mostly follow one another, so that few are open together.
pub(crate) const OPEN_BYTES: u64 = 512 * 1024 * 1024;

/// An input that waits for its time.
#[derive(Debug)]
pub(crate) struct TimedInput {
    /// Time of the first row, in µs since 1970.
    pub(crate) first: i64,
    /// Time of the last row, in µs since 1970.
    pub(crate) last: i64,
    pub(crate) header: InputHeader,
}

/// How many inputs, sorted by their first time, can be merged without more than `limit` bytes being open at once.
pub(crate) fn fitting(inputs: &[(i64, i64, u64)], limit: u64) -> usize {
    let mut open: BinaryHeap<Reverse<(i64, u64)>> = BinaryHeap::new();
    let mut bytes = 0u64;
    for (place, &(first, last, size)) in inputs.iter().enumerate() {
        while let Some(&Reverse((end, ended))) = open.peek()
            && end < first
        {
            open.pop();
            bytes -= ended;
        }
        bytes = bytes.saturating_add(size);
        if bytes > limit {
            return place;
        }
        open.push(Reverse((last, size)));
    }
    inputs.len()
}

/// Merges inputs, sorted by their first time. Rows of equal time come in the order of the inputs.
pub(crate) struct Merged<'a> {
    table: &'a Table,
    form: SchemaRef,
    waiting: VecDeque<TimedInput>,
    opened: usize,
    cursors: Vec<Cursor<'a>>,
    /// Rows that are chosen and not yet handed on, as places in `sources`.
    chosen: Vec<(usize, usize)>,
    sources: Vec<RecordBatch>,
    /// Rows that are gathered at once, by the size of those in `sources`.
    enough: usize,
}

struct Cursor<'a> {
    /// Its place among all inputs.
    order: usize,
    input: MergeInput<'a>,
    rows: RecordBatch,
    times: ScalarBuffer<i64>,
    /// The next row.
    at: usize,
    /// The place of `rows` among the sources.
    source: Option<usize>,
}

impl<'a> Merged<'a> {
    pub(crate) fn new(table: &'a Table, form: SchemaRef, inputs: Vec<TimedInput>) -> Self {
        Self {
            table,
            form,
            waiting: inputs.into(),
            opened: 0,
            cursors: Vec::new(),
            chosen: Vec::new(),
            sources: Vec::new(),
            enough: 1,
        }
    }

    /// The next rows in order of time; `None` after the last.
    pub(crate) fn next(&mut self) -> Result<Option<RecordBatch>, StorageError> {
        loop {
            self.open_due()?;
            let Some(least) = self.least() else { break };
            self.choose(least)?;
            if self.chosen.len() >= self.enough {
                break;
            }
        }
        if self.chosen.is_empty() { Ok(None) } else { self.gathered().map(Some) }
    }

    /// Opens inputs whose first row may be the next one.
    fn open_due(&mut self) -> Result<(), StorageError> {
        loop {
            let least = self.cursors.iter().map(Cursor::key).min();
            let is_due = |input: &TimedInput| least.is_none_or(|(least, _)| input.first <= least);
            if !self.waiting.front().is_some_and(is_due) {
                return Ok(());
            }
            let Some(due) = self.waiting.pop_front() else { return Ok(()) };
            let mut input = MergeInput::open(self.table, &due.header, &self.form)?;
            if let Some((rows, times)) = input.next()? {
                self.cursors.push(Cursor { order: self.opened, input, rows, times, at: 0, source: None });
            }
            self.opened += 1;
        }
    }

    fn least(&self) -> Option<usize> {
        let keys = self.cursors.iter().enumerate().map(|(place, cursor)| (cursor.key(), place));
        keys.min().map(|(_, place)| place)
    }

    /// The first row of others, before which this one's rows go; nothing where it is alone.
    fn until(&self, least: usize) -> Option<(i64, usize)> {
        let others = self.cursors.iter().enumerate().filter(|(place, _)| *place != least);
        let open = others.map(|(_, cursor)| cursor.key()).min();
        let waiting = self.waiting.front().map(|input| (input.first, self.opened));
        open.into_iter().chain(waiting).min()
    }

    /// Chooses the rows of a cursor that come before those of others, as far as they are at hand.
    fn choose(&mut self, place: usize) -> Result<(), StorageError> {
        let until = self.until(place);
        if self.cursors[place].source.is_none() {
            self.sources.push(self.cursors[place].rows.clone());
            self.cursors[place].source = Some(self.sources.len() - 1);
            let rows: usize = self.sources.iter().map(RecordBatch::num_rows).sum();
            let bytes: usize = self.sources.iter().map(RecordBatch::get_array_memory_size).sum();
            self.enough = gather_rows(bytes / rows.max(1));
        }
        let cursor = &mut self.cursors[place];
        let rest = &cursor.times[cursor.at..];
        let before = until.map_or(rest.len(), |until| rest.partition_point(|time| (*time, cursor.order) < until));
        let wanted = self.enough.saturating_sub(self.chosen.len());
        // It is the least, so that at least one row goes.
        let taken = before.min(wanted).max(1);
        let source = cursor.source.unwrap_or_default();
        self.chosen.extend((cursor.at..cursor.at + taken).map(|row| (source, row)));
        cursor.at += taken;
        if cursor.at < cursor.times.len() {
            return Ok(());
        }
        match cursor.input.next()? {
            Some((rows, times)) => {
                (cursor.rows, cursor.times) = (rows, times);
                (cursor.at, cursor.source) = (0, None);
            }
            None => {
                self.cursors.swap_remove(place);
            }
        }
        Ok(())
    }

    fn gathered(&mut self) -> Result<RecordBatch, StorageError> {
        let sources: Vec<&RecordBatch> = self.sources.iter().collect();
        let failed = |source| StorageError::Rows { table: self.table.name.clone(), source: Box::new(source) };
        let rows = interleave_record_batch(&sources, &self.chosen).map_err(failed);
        self.chosen.clear();
        self.sources.clear();
        for cursor in &mut self.cursors {
            cursor.source = None;
        }
        rows
    }
}

impl Cursor<'_> {
    /// Sorts as its next row does.
    fn key(&self) -> (i64, usize) {
        (self.times.get(self.at).copied().unwrap_or(i64::MAX), self.order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_follow_one_another_fit_and_those_that_overlap_do_not() {
        assert_eq!(fitting(&[(0, 9, 6), (10, 19, 6), (20, 29, 6)], 10), 3);
        assert_eq!(fitting(&[(0, 9, 6), (9, 19, 6), (20, 29, 6)], 10), 1, "both are open at 9");
        assert_eq!(fitting(&[(0, 99, 4), (10, 19, 4), (15, 19, 4)], 10), 2);
        assert_eq!(fitting(&[(0, 1, 20)], 10), 0);
        assert_eq!(fitting(&[], 10), 0);
    }
}
