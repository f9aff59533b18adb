//! Filters of scans, made anew over other columns.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::{FilterExec, FilterExecBuilder};

/// The columns of its input that a filter gives, in its order.
pub(crate) fn given_columns(filter: &FilterExec) -> Vec<usize> {
    let columns = filter.input().schema().fields().len();
    filter.projection().as_ref().map_or_else(|| (0..columns).collect(), |given| given.to_vec())
}

/// The filter with another condition over another input, of which it gives these columns.
pub(crate) fn refiltered(
    filter: &FilterExec,
    condition: Arc<dyn PhysicalExpr>,
    input: Arc<dyn ExecutionPlan>,
    given: Vec<usize>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let filter = FilterExecBuilder::new(condition, input)
        .apply_projection(Some(given))?
        .with_default_selectivity(filter.default_selectivity())
        .with_batch_size(filter.batch_size())
        .with_fetch(filter.fetch())
        .build()?;
    Ok(Arc::new(filter))
}

/// The condition over columns that lie elsewhere.
pub(crate) fn moved(condition: Arc<dyn PhysicalExpr>, place: &dyn Fn(usize) -> usize) -> Result<Arc<dyn PhysicalExpr>> {
    let moved = condition.transform_up(|part| {
        let Some(column) = part.downcast_ref::<Column>() else { return Ok(Transformed::no(part)) };
        let column = Column::new(column.name(), place(column.index()));
        Ok(Transformed::yes(Arc::new(column) as Arc<dyn PhysicalExpr>))
    });
    moved.data()
}
