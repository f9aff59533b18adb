//! Joins that stop when the query has to: a join of many equal keys makes any number of pairs of one batch.
//!
//! DataFusion's plans give way where they read rows. A join that is at its pairs reads none, and where its filter refuses them it hands
//! on none either; what waits for it is not asked in the meantime whether the query was cancelled or its time is over.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, FieldRef, Schema};
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{Result, internal_err};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::joins::utils::JoinFilter;
use datafusion::physical_plan::joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec};

use crate::cancel::CancelToken;
use crate::computed::Watch;
use crate::engine::out_of_time;
use crate::error::QueryError;
use crate::options::QueryOptions;

/// When a run has to end.
#[derive(Debug, Clone)]
pub(crate) struct RunEnd {
    duration: Duration,
    deadline: Option<Instant>,
    cancel: CancelToken,
}

impl RunEnd {
    /// The end of a run that begins now.
    pub fn of(options: &QueryOptions) -> Self {
        let duration = options.limits.duration;
        RunEnd { duration, deadline: Instant::now().checked_add(duration), cancel: options.cancel.clone() }
    }

    fn check(&self) -> Result<(), QueryError> {
        let ended = |_| if self.cancel.is_cancelled() { QueryError::Cancelled } else { out_of_time(self.duration) };
        Watch::new(self.deadline, &self.cancel).check().map_err(ended)
    }
}

/// The plan with joins that give way after some batches, and whose filters fail once the run has to end.
pub(crate) fn stoppable(plan: Arc<dyn ExecutionPlan>, end: Option<&RunEnd>) -> Result<Arc<dyn ExecutionPlan>> {
    plan.transform_up(|node| {
        let Some(join) = stoppable_join(&node, end)? else { return Ok(Transformed::no(node)) };
        Ok(Transformed::yes(Arc::new(CooperativeExec::new(join)) as Arc<dyn ExecutionPlan>))
    })
    .data()
}

/// The join with its filter watched; nothing where the node is no join that makes pairs.
fn stoppable_join(node: &Arc<dyn ExecutionPlan>, end: Option<&RunEnd>) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let watched = |filter: Option<&JoinFilter>| Some(watched(filter?, end?));
    if let Some(join) = node.downcast_ref::<HashJoinExec>() {
        return match watched(join.filter()) {
            Some(filter) => join.builder().with_filter(Some(filter)).build_exec().map(Some),
            None => Ok(Some(Arc::clone(node))),
        };
    }
    if let Some(join) = node.downcast_ref::<SortMergeJoinExec>() {
        let Some(filter) = watched(join.filter().as_ref()) else { return Ok(Some(Arc::clone(node))) };
        let (left, right) = (Arc::clone(join.left()), Arc::clone(join.right()));
        let (on, order, nulls) = (join.on().to_vec(), join.sort_options().to_vec(), join.null_equality());
        let join = SortMergeJoinExec::try_new(left, right, on, Some(filter), join.join_type(), order, nulls)?;
        return Ok(Some(Arc::new(join)));
    }
    let is_join = node.downcast_ref::<NestedLoopJoinExec>().is_some() || node.downcast_ref::<CrossJoinExec>().is_some();
    Ok(is_join.then(|| Arc::clone(node)))
}

fn watched(filter: &JoinFilter, end: &RunEnd) -> JoinFilter {
    let expression = Watched { whole: Arc::clone(filter.expression()), end: end.clone() };
    JoinFilter::new(Arc::new(expression), filter.column_indices().to_vec(), Arc::clone(filter.schema()))
}

/// An expression that fails once the run has to end.
#[derive(Debug)]
struct Watched {
    whole: Arc<dyn PhysicalExpr>,
    end: RunEnd,
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.whole.fmt(f)
    }
}

impl PartialEq for Watched {
    fn eq(&self, other: &Self) -> bool {
        self.whole.as_ref() == other.whole.as_ref()
    }
}

impl Eq for Watched {}

impl Hash for Watched {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.whole.hash(state);
    }
}

impl PhysicalExpr for Watched {
    fn data_type(&self, schema: &Schema) -> Result<DataType> {
        self.whole.data_type(schema)
    }

    fn nullable(&self, schema: &Schema) -> Result<bool> {
        self.whole.nullable(schema)
    }

    fn return_field(&self, schema: &Schema) -> Result<FieldRef> {
        self.whole.return_field(schema)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        self.end.check().map_err(|error| DataFusionError::External(Box::new(error)))?;
        self.whole.evaluate(batch)
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.whole]
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        let [whole] = <[_; 1]>::try_from(children).or_else(|_| internal_err!("a watched expression is of one"))?;
        Ok(Arc::new(Watched { whole, end: self.end.clone() }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.whole.fmt_sql(f)
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::Int64Array;
    use arrow::datatypes::Field;
    use datafusion::common::{JoinSide, JoinType, NullEquality};
    use datafusion::datasource::memory::MemorySourceConfig;
    use datafusion::logical_expr::Operator;
    use datafusion::physical_expr::expressions::{binary, col};
    use datafusion::physical_plan::joins::PartitionMode;
    use datafusion::physical_plan::joins::utils::ColumnIndex;
    use futures::{FutureExt, StreamExt};

    use super::*;

    /// 25 million pairs of one key, of which a filter leaves none.
    fn join(filtered: bool) -> Arc<dyn ExecutionPlan> {
        let schema = Arc::new(Schema::new(vec![Field::new("key", DataType::Int64, true)]));
        let rows = || {
            let keys = Int64Array::from(vec![7; 5_000]);
            let batch = RecordBatch::try_new(Arc::clone(&schema), vec![Arc::new(keys)]).unwrap();
            MemorySourceConfig::try_new_exec(&[vec![batch]], Arc::clone(&schema), None).unwrap()
        };
        let of = |side| ColumnIndex { index: 0, side };
        let both = Schema::new(["a", "b"].map(|name| Field::new(name, DataType::Int64, true)).to_vec());
        let differ = binary(col("a", &both).unwrap(), Operator::NotEq, col("b", &both).unwrap(), &both).unwrap();
        let filter = JoinFilter::new(differ, vec![of(JoinSide::Left), of(JoinSide::Right)], Arc::new(both));
        let on = vec![(col("key", &schema).unwrap(), col("key", &schema).unwrap())];
        let (mode, nulls) = (PartitionMode::CollectLeft, NullEquality::NullEqualsNothing);
        let filter = filtered.then_some(filter);
        let join = HashJoinExec::try_new(rows(), rows(), on, filter, &JoinType::Inner, None, mode, nulls, false);
        Arc::new(join.unwrap())
    }

    /// Batches that a task gets without giving way.
    async fn batches_at_once(plan: Arc<dyn ExecutionPlan>) -> usize {
        let mut rows = plan.execute(0, Arc::default()).unwrap();
        let mut batches = 0;
        while let Some(Some(batch)) = rows.next().now_or_never() {
            batch.unwrap();
            batches += 1;
        }
        batches
    }

    #[tokio::test]
    async fn a_join_gives_way_between_its_pairs() {
        let all = 5_000 * 5_000 / 8192;
        let given = tokio::spawn(async { batches_at_once(stoppable(join(false), None).unwrap()).await }).await.unwrap();
        assert!((1..all / 4).contains(&given), "{given} batches");
    }

    #[tokio::test]
    async fn a_filter_that_refuses_all_pairs_ends_with_the_run() {
        let cancelled = QueryOptions::new(0);
        cancelled.cancel.cancel();
        let mut late = QueryOptions::new(0);
        late.limits.duration = Duration::ZERO;
        for (options, expected) in
            [(cancelled, QueryError::Cancelled), (late, QueryError::Limit { limit: 0, unit: "seconds" })]
        {
            let plan = stoppable(join(true), Some(&RunEnd::of(&options))).unwrap();
            let error = datafusion::physical_plan::collect(plan, Arc::default()).await.unwrap_err();
            assert_eq!(QueryError::from_execution(&error, 0), expected);
        }
    }
}
