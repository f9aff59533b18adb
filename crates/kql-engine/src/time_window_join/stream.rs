//! Runs a join by time for one partition.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, UInt32Array};
use arrow::compute::{BatchCoalescer, filter, take};
use arrow::datatypes::{SchemaRef, UInt32Type};
use datafusion::common::utils::memory::get_record_batch_memory_size;
use datafusion::common::{JoinSide, NullEquality};
use datafusion::error::Result;
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::joins::utils::{ColumnIndex, JoinFilter};
use datafusion::physical_plan::metrics::BaselineMetrics;
use futures::StreamExt;

use kql_functions::TextCodes;

use super::gathered::Rest;
use super::index::{Hint, NONE, SideValues, TimeIndex};
use super::keys::Keys;

/// What is joined and how, the same for all partitions.
#[derive(Debug)]
pub(super) struct JoinSetup {
    /// The left side's keys and time.
    pub left: SideValues,
    /// The right side's.
    pub right: SideValues,
    /// Ticks from the left to the right time, both included.
    pub low: Option<i64>,
    /// See `low`.
    pub high: Option<i64>,
    /// Decides about the pairs within the window.
    pub filter: JoinFilter,
    /// Where the columns of the result come from.
    pub columns: Vec<ColumnIndex>,
    /// The result's schema.
    pub schema: SchemaRef,
    /// Most rows of a batch.
    pub batch_size: usize,
    /// Partitions of the result.
    pub partitions: usize,
}

impl JoinSetup {
    /// The keys and time of a side.
    pub fn side(&self, side: JoinSide) -> &SideValues {
        if side == JoinSide::Left { &self.left } else { &self.right }
    }

    /// The times of the indexed side that are within the window of a time of the other side. Sums that overflow stand for the
    /// end of all times.
    fn bounds(&self, indexed: JoinSide, time: i64) -> (i64, i64) {
        let after = |span: i64| time.saturating_add(span);
        let before = |span: i64| time.saturating_sub(span);
        let (low, high) = if indexed == JoinSide::Right {
            (self.low.map(after), self.high.map(after))
        } else {
            (self.high.map(before), self.low.map(before))
        };
        (low.unwrap_or(i64::MIN), high.unwrap_or(i64::MAX))
    }
}

/// Keys that are known by where they lie: those of a file and its neighbour.
const KNOWN_KEYS: usize = 1 << 14;

/// The groups of keys that came before: a single text is told by where it lies, as rows of a Parquet dictionary share it.
struct KnownGroups {
    codes: TextCodes,
    /// By number of the text.
    groups: Vec<u32>,
}

impl KnownGroups {
    /// The group of the index that each row's key has, or [`NONE`].
    fn of(&mut self, keys: &[ArrayRef], nulls: NullEquality, index: &TimeIndex) -> Result<Vec<u32>> {
        let coded = match keys {
            [key] => key.as_string_view_opt().and_then(|texts| self.codes.of(texts)),
            _ => None,
        };
        let Some(coded) = coded else { return index.groups_of(&Keys::of(keys.to_vec(), nulls)?) };
        if coded.is_anew {
            self.groups.clear();
        }
        if !coded.fresh.is_empty() {
            let fresh = take(&keys[0], &UInt32Array::from(coded.fresh), None)?;
            self.groups.extend(index.groups_of(&Keys::of(vec![fresh], nulls)?)?);
        }
        Ok(coded.codes.iter().map(|code| self.groups[*code as usize]).collect())
    }
}

/// A batch of the side that is read row by row, and the rows of the other side within the window of each of its rows.
struct Probe {
    batch: RecordBatch,
    /// A row of the batch and places of the index.
    partners: Vec<(u32, Range<usize>)>,
    /// Which of them is next.
    at: usize,
}

/// The state of one partition's join.
pub(super) struct TimeWindowJoinStream {
    setup: Arc<JoinSetup>,
    index: Arc<TimeIndex>,
    /// Which side the index holds.
    indexed: JoinSide,
    /// Batches of the other side that were read already.
    read: VecDeque<RecordBatch>,
    /// Memory of those.
    memory: MemoryReservation,
    /// The rest of the other side.
    rest: SendableRecordBatchStream,
    probe: Option<Probe>,
    groups: KnownGroups,
    /// Of the index.
    hints: Vec<Hint>,
    output: BatchCoalescer,
    is_done: bool,
    metrics: BaselineMetrics,
}

impl TimeWindowJoinStream {
    /// Joins a partition of the side that is not indexed.
    pub fn new(
        setup: Arc<JoinSetup>,
        index: Arc<TimeIndex>,
        indexed: JoinSide,
        rest: Rest,
        metrics: BaselineMetrics,
    ) -> Self {
        let Rest { read, memory, stream } = rest;
        let output = BatchCoalescer::new(Arc::clone(&setup.schema), setup.batch_size)
            .with_biggest_coalesce_batch_size(Some(setup.batch_size / 2));
        let (is_done, hints) = (index.is_empty(), index.hints());
        let groups = KnownGroups { codes: TextCodes::with_most(KNOWN_KEYS), groups: Vec::new() };
        Self {
            setup,
            index,
            indexed,
            read: read.into(),
            memory,
            rest: stream,
            probe: None,
            groups,
            hints,
            output,
            is_done,
            metrics,
        }
    }

    /// The next batch of the result.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(batch) = self.output.next_completed_batch() {
                self.metrics.record_output(batch.num_rows());
                return Ok(Some(batch));
            }
            if self.is_done {
                return Ok(None);
            }
            let timer = self.metrics.elapsed_compute().clone();
            if let Some(probe) = &mut self.probe {
                let time = timer.timer();
                let (places, rows) = probe.pairs(self.setup.batch_size, &self.index);
                if rows.is_empty() {
                    self.probe = None;
                    continue;
                }
                let batch = self.joined(places, rows)?;
                time.done();
                if batch.num_columns() == 0 && batch.num_rows() > 0 {
                    self.metrics.record_output(batch.num_rows());
                    return Ok(Some(batch));
                }
                self.output.push_batch(batch)?;
                // Pairs that the filter refuses give nothing to hand on: others may run all the same.
                tokio::task::consume_budget().await;
                continue;
            }
            match self.read_on().await? {
                Some(batch) => {
                    let time = timer.timer();
                    self.probe = Some(self.looked_up(batch)?);
                    time.done();
                }
                None => {
                    self.output.finish_buffered_batch()?;
                    self.is_done = true;
                }
            }
        }
    }

    async fn read_on(&mut self) -> Result<Option<RecordBatch>> {
        if let Some(batch) = self.read.pop_front() {
            let left = if self.read.is_empty() { self.memory.size() } else { get_record_batch_memory_size(&batch) };
            self.memory.shrink(left.min(self.memory.size()));
            return Ok(Some(batch));
        }
        self.rest.next().await.transpose()
    }

    /// Finds the partners of a batch's rows.
    fn looked_up(&mut self, batch: RecordBatch) -> Result<Probe> {
        let side = self.setup.side(self.indexed.negate());
        let (keys, times) = side.of(&batch)?;
        let groups = self.groups.of(&keys, side.nulls, &self.index)?;
        let mut partners = Vec::new();
        for (row, group) in groups.iter().enumerate() {
            if *group == NONE || times.is_null(row) {
                continue;
            }
            let bounds = self.setup.bounds(self.indexed, times.value(row));
            let places = self.index.within(*group, bounds, &mut self.hints);
            if !places.is_empty() {
                partners.push((row as u32, places));
            }
        }
        Ok(Probe { batch, partners, at: 0 })
    }

    /// The rows of the result among pairs within the window.
    fn joined(&self, indexed_rows: UInt32Array, probe_rows: UInt32Array) -> Result<RecordBatch> {
        let filtered = &self.setup.filter;
        let pairs = self.columns(filtered.column_indices(), &indexed_rows, &probe_rows)?;
        let count = indexed_rows.len();
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        let pairs = RecordBatch::try_new_with_options(Arc::clone(filtered.schema()), pairs, &options)?;
        let passes = filtered.expression().evaluate(&pairs)?.into_array(count)?;
        let passes = passes.as_boolean();
        let (indexed_rows, probe_rows) = if passes.true_count() == count {
            (indexed_rows, probe_rows)
        } else {
            let kept = |rows: &UInt32Array| {
                Ok::<_, arrow::error::ArrowError>(filter(rows, passes)?.as_primitive::<UInt32Type>().clone())
            };
            (kept(&indexed_rows)?, kept(&probe_rows)?)
        };
        let columns = self.columns(&self.setup.columns, &indexed_rows, &probe_rows)?;
        let options = RecordBatchOptions::new().with_row_count(Some(indexed_rows.len()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.setup.schema), columns, &options)?)
    }

    fn columns(
        &self,
        columns: &[ColumnIndex],
        indexed_rows: &UInt32Array,
        probe_rows: &UInt32Array,
    ) -> Result<Vec<Arc<dyn Array>>> {
        let Some(probe) = &self.probe else { return Ok(Vec::new()) };
        let column = |column: &ColumnIndex| {
            let (batch, rows) =
                if column.side == self.indexed { (&self.index.rows, indexed_rows) } else { (&probe.batch, probe_rows) };
            Ok(take(batch.column(column.index), rows, None)?)
        };
        columns.iter().map(column).collect()
    }
}

impl Probe {
    /// The next pairs, at most so many: rows of the index and rows of the batch. None at the end.
    fn pairs(&mut self, most: usize, index: &TimeIndex) -> (UInt32Array, UInt32Array) {
        let (mut indexed, mut rows) = (Vec::with_capacity(most), Vec::with_capacity(most));
        while let Some((row, places)) = self.partners.get_mut(self.at)
            && rows.len() < most
        {
            let end = places.end.min(places.start + most - rows.len());
            indexed.extend((places.start..end).map(|place| index.row(place)));
            rows.resize(indexed.len(), *row);
            places.start = end;
            if places.start == places.end {
                self.at += 1;
            }
        }
        (indexed.into(), rows.into())
    }
}
