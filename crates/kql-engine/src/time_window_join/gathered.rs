//! Both sides of a join, read until one of them ends.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use arrow::array::RecordBatch;
use datafusion::common::utils::memory::get_record_batch_memory_size;
use datafusion::common::{JoinSide, internal_err};
use datafusion::error::Result;
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_plan::common::spawn_buffered;
use datafusion::physical_plan::{EmptyRecordBatchStream, SendableRecordBatchStream};
use futures::stream::{SelectAll, select_all};
use futures::{Stream, StreamExt};

use super::index::TimeIndex;
use super::stream::JoinSetup;

/// Batches that each partition of a side may be ahead of the join, so that partitions are read side by side.
const AHEAD: usize = 2;

/// The side that ended first, indexed, and what there is of the other.
pub(super) struct Gathered {
    /// All rows of the one side.
    pub index: Arc<TimeIndex>,
    /// Which side that is.
    pub indexed: JoinSide,
    rest: Mutex<Vec<Option<Rest>>>,
}

/// A partition of the side that is read on.
pub(super) struct Rest {
    /// Batches that were read already.
    pub read: Vec<RecordBatch>,
    /// Their memory.
    pub memory: MemoryReservation,
    /// What follows them.
    pub stream: SendableRecordBatchStream,
}

/// A partition of a side.
struct Numbered {
    partition: usize,
    stream: SendableRecordBatchStream,
}

impl Stream for Numbered {
    type Item = Result<(usize, RecordBatch)>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let partition = self.partition;
        self.stream.poll_next_unpin(context).map(|next| next.map(|batch| Ok((partition, batch?))))
    }
}

/// A side while it is read.
struct Side {
    streams: SelectAll<Numbered>,
    read: Vec<Vec<RecordBatch>>,
    rows: usize,
    bytes: usize,
}

impl Side {
    fn new(streams: Vec<SendableRecordBatchStream>) -> Self {
        let read = streams.iter().map(|_| Vec::new()).collect();
        let numbered = streams
            .into_iter()
            .enumerate()
            .map(|(partition, stream)| Numbered { partition, stream: spawn_buffered(stream, AHEAD) });
        Side { streams: select_all(numbered), read, rows: 0, bytes: 0 }
    }
}

impl Gathered {
    /// Reads both sides side by side; the one that ends first is the smaller and is indexed. `memory` is that of the index and that of
    /// what is read of the other side meanwhile.
    pub async fn of(
        setup: &JoinSetup,
        left: Vec<SendableRecordBatchStream>,
        right: Vec<SendableRecordBatchStream>,
        memory: (MemoryReservation, MemoryReservation),
    ) -> Result<Self> {
        let (index_memory, rest_memory) = memory;
        let schemas = [&left, &right].map(|side| side.first().map(|stream| stream.schema()));
        let [Some(left_schema), Some(right_schema)] = schemas else {
            return internal_err!("a side of a join by time has no partitions");
        };
        let (mut left, mut right) = (Side::new(left), Side::new(right));
        let indexed = loop {
            let is_left = left.rows <= right.rows;
            let side = if is_left { &mut left } else { &mut right };
            let Some((partition, batch)) = side.streams.next().await.transpose()? else {
                break if is_left { JoinSide::Left } else { JoinSide::Right };
            };
            if batch.num_rows() == 0 {
                continue;
            }
            let size = get_record_batch_memory_size(&batch);
            index_memory.try_grow(size)?;
            side.rows += batch.num_rows();
            side.bytes += size;
            side.read[partition].push(batch);
        };
        let (small, large, small_schema, large_schema) = match indexed {
            JoinSide::Left => (left, right, left_schema, right_schema),
            _ => (right, left, right_schema, left_schema),
        };
        index_memory.shrink(large.bytes);
        rest_memory.try_grow(large.bytes)?;
        let batches = small.read.into_iter().flatten().collect();
        let index = TimeIndex::new(&small_schema, batches, setup.side(indexed), index_memory)?;
        // A partition that has ended is no longer among the streams.
        let ended =
            || -> SendableRecordBatchStream { Box::pin(EmptyRecordBatchStream::new(Arc::clone(&large_schema))) };
        let mut rest: Vec<Option<Rest>> = Vec::with_capacity(large.read.len());
        for read in large.read {
            let bytes = read.iter().map(get_record_batch_memory_size).sum::<usize>().min(rest_memory.size());
            rest.push(Some(Rest { read, memory: rest_memory.split(bytes), stream: ended() }));
        }
        for Numbered { partition, stream } in large.streams {
            if let Some(Some(rest)) = rest.get_mut(partition) {
                rest.stream = stream;
            }
        }
        // A join has as many partitions as the side with more of them.
        rest.resize_with(rest.len().max(setup.partitions), || {
            Some(Rest { read: Vec::new(), memory: rest_memory.new_empty(), stream: ended() })
        });
        Ok(Gathered { index: Arc::new(index), indexed, rest: Mutex::new(rest) })
    }

    /// A partition of the side that is read on; each can be had once.
    pub fn rest(&self, partition: usize) -> Result<Rest> {
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        match rest.get_mut(partition).and_then(Option::take) {
            Some(rest) => Ok(rest),
            None => internal_err!("partition {partition} of a join by time is run twice"),
        }
    }
}
