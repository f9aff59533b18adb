//! Runs a physical plan to its end, within limits.

use std::sync::Arc;

use arrow::array::RecordBatch;
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
    let (mut batches, mut rows, mut bytes, mut held) = (Vec::new(), 0, 0, RetainedBytes::default());
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(failed)?;
        if batch.num_rows() == 0 {
            continue;
        }
        let left = limits.rows - rows;
        if batch.num_rows() > left {
            if left > 0 {
                batches.push(batch.slice(0, left));
            }
            return Ok((batches, Some(Partial { limit: limits.rows as u64, unit: "rows" })));
        }
        rows += batch.num_rows();
        let size = held.add(&batch);
        if bytes + size > limits.result_bytes {
            // Rows of a batch are taken to be of one size.
            let fitting = batch.num_rows() * (limits.result_bytes - bytes) / size.max(1);
            if fitting > 0 {
                batches.push(batch.slice(0, fitting));
            }
            return Ok((batches, Some(Partial { limit: limits.result_bytes as u64, unit: "bytes of result" })));
        }
        bytes += size;
        batches.push(batch);
    }
    Ok((batches, None))
}
