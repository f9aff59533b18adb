//! Whether a plan gives no row because what it reads has none: most windows of most rules.

use std::sync::Arc;

use datafusion::common::JoinType;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec};
use datafusion::physical_plan::limit::{GlobalLimitExec, LocalLimitExec};
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::unnest::UnnestExec;
use datafusion::physical_plan::windows::{BoundedWindowAggExec, WindowAggExec};

use super::window_scan::WindowScanExec;
use crate::first_rows::FirstRowsExec;
use crate::repeated::part_of;
use crate::time_window_join::TimeWindowJoinExec;
use crate::wide_union_exec::WideUnionExec;

/// What a plan reads.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Leaf {
    /// A selection.
    Selection(usize),
    /// A part that runs first.
    Part(usize),
}

/// Whether the plan gives no row where `is_empty` tells which of what it reads has none. A node that is not known here may give rows.
pub(crate) fn gives_nothing(plan: &Arc<dyn ExecutionPlan>, is_empty: &dyn Fn(Leaf) -> bool) -> bool {
    let of = |at: usize| plan.children().get(at).is_some_and(|input| gives_nothing(input, is_empty));
    if let Some(scan) = plan.downcast_ref::<WindowScanExec>() {
        return is_empty(Leaf::Selection(scan.selection()));
    }
    if let Some(part) = part_of(plan) {
        return is_empty(Leaf::Part(part));
    }
    if let Some(aggregate) = plan.downcast_ref::<AggregateExec>() {
        // Without groups, no rows are one group.
        return !aggregate.group_expr().is_empty() && !aggregate.group_expr().has_grouping_set() && of(0);
    }
    if let Some(kind) = join_type(plan) {
        return match kind {
            JoinType::Inner | JoinType::LeftSemi | JoinType::RightSemi => of(0) || of(1),
            JoinType::Left | JoinType::LeftAnti | JoinType::LeftMark => of(0),
            JoinType::Right | JoinType::RightAnti | JoinType::RightMark => of(1),
            JoinType::Full => of(0) && of(1),
        };
    }
    if plan.downcast_ref::<UnionExec>().is_some() || plan.downcast_ref::<WideUnionExec>().is_some() {
        return (0..plan.children().len()).all(of);
    }
    plan.downcast_ref::<EmptyExec>().is_some() || (keeps_rows(plan) && of(0))
}

fn join_type(plan: &Arc<dyn ExecutionPlan>) -> Option<JoinType> {
    if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
        return Some(*join.join_type());
    }
    if let Some(join) = plan.downcast_ref::<SortMergeJoinExec>() {
        return Some(join.join_type());
    }
    if let Some(join) = plan.downcast_ref::<NestedLoopJoinExec>() {
        return Some(*join.join_type());
    }
    let is_inner =
        plan.downcast_ref::<CrossJoinExec>().is_some() || plan.downcast_ref::<TimeWindowJoinExec>().is_some();
    is_inner.then_some(JoinType::Inner)
}

/// Whether a node makes rows only of rows of its input.
fn keeps_rows(plan: &Arc<dyn ExecutionPlan>) -> bool {
    plan.downcast_ref::<FilterExec>().is_some()
        || plan.downcast_ref::<ProjectionExec>().is_some()
        || plan.downcast_ref::<SortExec>().is_some()
        || plan.downcast_ref::<CooperativeExec>().is_some()
        || plan.downcast_ref::<GlobalLimitExec>().is_some()
        || plan.downcast_ref::<LocalLimitExec>().is_some()
        || plan.downcast_ref::<UnnestExec>().is_some()
        || plan.downcast_ref::<WindowAggExec>().is_some()
        || plan.downcast_ref::<BoundedWindowAggExec>().is_some()
        || plan.downcast_ref::<CoalescePartitionsExec>().is_some()
        || plan.downcast_ref::<RepartitionExec>().is_some()
        || plan.downcast_ref::<FirstRowsExec>().is_some()
}
