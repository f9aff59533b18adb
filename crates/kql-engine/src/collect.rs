//! Runs a physical plan to its end, within limits.

use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::error::DataFusionError;
use datafusion::execution::session_state::SessionState;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use futures::StreamExt;

use crate::error::QueryError;
use crate::options::Limits;

/// The batches of a plan that have rows; more than `max_rows` rows or the limit's bytes are an error.
pub(crate) async fn collect(
    physical: Arc<dyn ExecutionPlan>,
    state: &SessionState,
    limits: &Limits,
    max_rows: usize,
) -> Result<Vec<RecordBatch>, QueryError> {
    let failed = |error: DataFusionError| QueryError::from_execution(&error, limits.memory_bytes);
    let mut stream = execute_stream(physical, state.task_ctx()).map_err(failed)?;
    let (mut batches, mut rows, mut bytes) = (Vec::new(), 0, 0);
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(failed)?;
        if batch.num_rows() == 0 {
            continue;
        }
        rows += batch.num_rows();
        bytes += batch.get_array_memory_size();
        if rows > max_rows {
            return Err(QueryError::Limit { limit: max_rows as u64, unit: "rows" });
        }
        if bytes > limits.result_bytes {
            return Err(QueryError::Limit { limit: limits.result_bytes as u64, unit: "bytes of result" });
        }
        batches.push(batch);
    }
    Ok(batches)
}
