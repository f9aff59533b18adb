//! Which side of a join is kept in memory, and whether in one piece.

use std::sync::Arc;

use datafusion::common::JoinType;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::joins::{HashJoinExec, PartitionMode};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::{ExecutionPlan, StatisticsArgs, StatisticsContext};

/// How many rows become one group where nothing is known about the groups: few users or addresses have many events, in two weeks of sign-ins
/// hundreds and tens. Where that is too many, groups still cost less than as many events: no two have the same key.
const ROWS_OF_GROUP: usize = 30;

/// Lets joins keep the side of fewer rows in memory where one of the sides is grouped. DataFusion's rule takes it that each row
/// is a group of its own, so that `join (T | summarize .. by User) on User` would keep the events and not the users.
///
/// Few groups are kept in one piece for all partitions, so that the events need not be spread by their keys.
#[derive(Debug, Default)]
pub(crate) struct BuildSides;

impl PhysicalOptimizerRule for BuildSides {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        if !config.optimizer.join_reordering {
            return Ok(plan);
        }
        let partitions = config.execution.target_partitions;
        let changed = plan.transform_up(|node| {
            Ok(match node.downcast_ref::<HashJoinExec>().map(swapped).transpose()?.flatten() {
                Some(join) => Transformed::yes(join),
                None => Transformed::no(node),
            })
        });
        changed?
            .data
            .transform_up(|node| {
                let join = node.downcast_ref::<HashJoinExec>();
                Ok(match join.map(|join| in_one_piece(join, partitions)).transpose()?.flatten() {
                    Some(join) => Transformed::yes(join),
                    None => Transformed::no(node),
                })
            })
            .data()
    }

    fn name(&self) -> &str {
        "BuildSides"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn swapped(join: &HashJoinExec) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let may_swap = join.mode == PartitionMode::Partitioned && join.join_type.supports_swap() && !join.null_aware;
    if !may_swap || !is_grouped(join.left()) && !is_grouped(join.right()) {
        return Ok(None);
    }
    match (rows(join.left())?, rows(join.right())?) {
        (Some(left), Some(right)) if right < left => join.swap_inputs(PartitionMode::Partitioned).map(Some),
        _ => Ok(None),
    }
}

/// The join with its groups in one piece, which one thread puts in order: where they are so few that it takes no longer than the others take
/// with the events. Which of the groups have matched nobody asks with these kinds of joins.
fn in_one_piece(join: &HashJoinExec, partitions: usize) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    let is_of_events =
        matches!(join.join_type, JoinType::Inner | JoinType::Right | JoinType::RightSemi | JoinType::RightAnti);
    if join.mode != PartitionMode::Partitioned || !is_of_events || join.null_aware || !is_grouped(join.left()) {
        return Ok(None);
    }
    let (Some(groups), Some(events)) = (rows(join.left())?, rows(join.right())?) else { return Ok(None) };
    if groups.saturating_mul(partitions) > events.saturating_mul(2) {
        return Ok(None);
    }
    let join = join.builder().with_partition_mode(PartitionMode::CollectLeft).recompute_properties();
    join.build_exec().map(Some)
}

/// How many rows a plan is taken to have.
fn rows(plan: &Arc<dyn ExecutionPlan>) -> Result<Option<usize>> {
    let known = StatisticsContext::new().compute(plan.as_ref(), &StatisticsArgs::new())?;
    let rows = known.num_rows.get_value().copied();
    Ok(rows.map(|rows| if is_grouped(plan) { rows / ROWS_OF_GROUP } else { rows }))
}

/// Whether the rows of a plan are groups.
fn is_grouped(plan: &Arc<dyn ExecutionPlan>) -> bool {
    if let Some(aggregate) = plan.downcast_ref::<AggregateExec>() {
        return !aggregate.group_expr().expr().is_empty();
    }
    let hands_on = plan.downcast_ref::<ProjectionExec>().is_some() || plan.downcast_ref::<FilterExec>().is_some();
    hands_on && plan.children().first().is_some_and(|input| is_grouped(input))
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, Int64Array, RecordBatch};
    use arrow::datatypes::{DataType, Field, Schema};
    use datafusion::common::NullEquality;
    use datafusion::datasource::memory::MemorySourceConfig;
    use datafusion::physical_expr::PhysicalExpr;
    use datafusion::physical_expr::expressions::Column;
    use datafusion::physical_plan::aggregates::{AggregateMode, PhysicalGroupBy};

    use super::*;

    fn events(rows: i64) -> Arc<dyn ExecutionPlan> {
        let schema = Arc::new(Schema::new(vec![Field::new("key", DataType::Int64, false)]));
        let keys: ArrayRef = Arc::new(Int64Array::from_iter_values((0..rows).map(|row| row % 7)));
        let batch = RecordBatch::try_new(Arc::clone(&schema), vec![keys]).unwrap();
        MemorySourceConfig::try_new_exec(&[vec![batch]], schema, None).unwrap()
    }

    fn key() -> Arc<dyn PhysicalExpr> {
        Arc::new(Column::new("key", 0))
    }

    fn groups(rows: i64) -> Arc<dyn ExecutionPlan> {
        let input = events(rows);
        let schema = input.schema();
        let by = PhysicalGroupBy::new_single(vec![(key(), "key".to_owned())]);
        Arc::new(AggregateExec::try_new(AggregateMode::Single, by, vec![], vec![], input, schema).unwrap())
    }

    /// The plan that the rule makes of a join, and how many rows its left side is taken to have.
    fn left_rows(left: Arc<dyn ExecutionPlan>, right: Arc<dyn ExecutionPlan>, join_type: JoinType) -> usize {
        let (mode, nulls) = (PartitionMode::Partitioned, NullEquality::NullEqualsNull);
        let join = HashJoinExec::try_new(left, right, vec![(key(), key())], None, &join_type, None, mode, nulls, false)
            .unwrap();
        let mut plan = BuildSides.optimize(Arc::new(join), &ConfigOptions::new()).unwrap();
        while plan.downcast_ref::<HashJoinExec>().is_none() {
            plan = Arc::clone(plan.children()[0]);
        }
        rows(plan.downcast_ref::<HashJoinExec>().unwrap().left()).unwrap().unwrap()
    }

    #[test]
    fn few_groups_are_kept_in_one_piece() {
        let mode = |left, right, join_type, partitions| {
            let (nulls, mode) = (NullEquality::NullEqualsNull, PartitionMode::Partitioned);
            let on = vec![(key(), key())];
            let join = HashJoinExec::try_new(left, right, on, None, &join_type, None, mode, nulls, false).unwrap();
            let mut config = ConfigOptions::new();
            config.execution.target_partitions = partitions;
            let plan = BuildSides.optimize(Arc::new(join), &config).unwrap();
            plan.downcast_ref::<HashJoinExec>().unwrap().mode
        };
        for join_type in [JoinType::Inner, JoinType::Right, JoinType::RightSemi, JoinType::RightAnti] {
            assert_eq!(mode(groups(3000), events(1000), join_type, 2), PartitionMode::CollectLeft, "{join_type}");
            assert_eq!(mode(groups(3000), events(1000), join_type, 32), PartitionMode::Partitioned, "{join_type}");
            assert_eq!(mode(events(100), events(1000), join_type, 2), PartitionMode::Partitioned, "{join_type}");
        }
        for join_type in [JoinType::Left, JoinType::LeftSemi, JoinType::LeftAnti, JoinType::Full] {
            assert_eq!(mode(groups(3000), events(1000), join_type, 2), PartitionMode::Partitioned, "{join_type}");
        }
    }

    #[test]
    fn groups_are_kept_rather_than_events() {
        for join_type in [JoinType::Inner, JoinType::Left, JoinType::LeftSemi, JoinType::LeftAnti] {
            assert_eq!(left_rows(events(1000), groups(3000), join_type), 100, "{join_type}");
            assert_eq!(left_rows(groups(3000), events(1000), join_type), 100, "{join_type}");
            // Very many groups are more than few events.
            assert_eq!(left_rows(events(10), groups(3000), join_type), 10, "{join_type}");
            // What DataFusion's rule has chosen between events stays.
            assert_eq!(left_rows(events(1000), events(900), join_type), 1000, "{join_type}");
        }
    }
}
