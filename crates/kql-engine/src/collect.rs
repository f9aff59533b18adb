//! Runs a physical plan to its end, within limits.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, MutableArrayData, RecordBatch, RecordBatchOptions, StringViewArray, make_array,
};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use futures::StreamExt;

use crate::error::QueryError;
use crate::options::Limits;
use crate::partial::Partial;
use crate::retained_bytes::RetainedBytes;

/// The batches of a plan that have rows, as many as the limits allow, and why they are not all where they are not.
pub(crate) async fn collect(
    physical: Arc<dyn ExecutionPlan>,
    context: Arc<TaskContext>,
    limits: &Limits,
) -> Result<(Vec<RecordBatch>, Option<Partial>), QueryError> {
    let failed = |error: DataFusionError| QueryError::from_execution(&error, limits.memory_bytes);
    let mut stream = execute_stream(physical, context).map_err(failed)?;
    let (mut kept, mut rows) = (Kept::default(), 0);
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(failed)?;
        if batch.num_rows() == 0 {
            continue;
        }
        let left = limits.rows - rows;
        if batch.num_rows() > left {
            if left > 0 {
                kept.batches.push(batch.slice(0, left));
            }
            return Ok((kept.batches, Some(Partial { limit: limits.rows as u64, unit: "rows" })));
        }
        rows += batch.num_rows();
        if !kept.add(batch, limits.result_bytes).map_err(failed)? {
            return Ok((kept.batches, Some(Partial { limit: limits.result_bytes as u64, unit: "bytes of result" })));
        }
    }
    Ok((kept.batches, None))
}

/// The batches of a result.
#[derive(Debug, Default)]
struct Kept {
    batches: Vec<RecordBatch>,
    /// How many batches, from the first, hold no memory but that of their rows, and how many bytes that is.
    compact: usize,
    compact_bytes: usize,
    /// What the others hold.
    held: RetainedBytes,
}

impl Kept {
    /// Adds a batch, or as many of its rows as fit. Whether all did.
    ///
    /// A row that is left of a scan holds all that was decoded with it. That is put right once it matters, as to copy rows takes time.
    fn add(&mut self, batch: RecordBatch, limit: usize) -> Result<bool, DataFusionError> {
        self.held.add(&batch);
        if self.compact_bytes + self.held.total() <= limit {
            self.batches.push(batch);
            return Ok(true);
        }
        for batch in &mut self.batches[self.compact..] {
            *batch = compacted(batch)?;
            self.compact_bytes += RetainedBytes::default().add(batch);
        }
        self.held = RetainedBytes::default();
        let batch = compacted(&batch)?;
        let size = RetainedBytes::default().add(&batch);
        let left = limit.saturating_sub(self.compact_bytes);
        let fits = size <= left;
        // Rows of a batch are taken to be of one size.
        let fitting = if fits { batch.num_rows() } else { batch.num_rows() * left / size.max(1) };
        if fitting > 0 {
            self.batches.push(batch.slice(0, fitting));
        }
        self.compact = self.batches.len();
        self.compact_bytes += size;
        Ok(fits)
    }
}

/// The batch in memory of its own, no more than its rows need.
fn compacted(batch: &RecordBatch) -> Result<RecordBatch, DataFusionError> {
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    let columns = batch.columns().iter().map(copied).collect::<Result<_, _>>()?;
    Ok(RecordBatch::try_new_with_options(batch.schema(), columns, &options)?)
}

fn copied(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let data = column.to_data();
    let mut copy = MutableArrayData::new(vec![&data], false, column.len());
    copy.try_extend(0, 0, column.len())?;
    let copy = make_array(copy.freeze());
    Ok(match copy.data_type() {
        // Views were copied, but not the texts that they refer to.
        DataType::Utf8View => Arc::new(StringViewArray::gc(copy.as_string_view())),
        _ => copy,
    })
}
