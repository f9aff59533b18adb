//! Places the operator.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::aggregate::AggregateFunctionExpr;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};

use super::exec::FirstRowsExec;

/// The aggregate that gives some value of a group.
const SOME_VALUE: &str = "first_value";

/// Replaces aggregations that only ask for some row of each group, all of whose values may come from one row. Where memory did
/// not suffice (no hash joins, see the engine), they stay: they can go to disk.
#[derive(Debug, Default)]
pub(crate) struct FirstRows;

impl PhysicalOptimizerRule for FirstRows {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        if !config.optimizer.prefer_hash_join {
            return Ok(plan);
        }
        plan.transform_down(|node| {
            Ok(match node.downcast_ref::<AggregateExec>().map(first_rows).transpose()?.flatten() {
                Some(rows) => Transformed::yes(rows),
                None => Transformed::no(node),
            })
        })
        .data()
    }

    fn name(&self) -> &str {
        "FirstRows"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Whether a node may be replaced by the rule.
pub(crate) fn asks_for_first_rows(node: &LogicalPlan) -> bool {
    let LogicalPlan::Aggregate(aggregate) = node else { return false };
    let some_value = |call: &Expr| match call {
        Expr::AggregateFunction(call) => call.func.name() == SOME_VALUE,
        Expr::Alias(alias) => {
            matches!(alias.expr.as_ref(), Expr::AggregateFunction(call) if call.func.name() == SOME_VALUE)
        }
        _ => false,
    };
    aggregate.aggr_expr.iter().all(some_value)
}

fn first_rows(whole: &AggregateExec) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if !matches!(whole.mode(), AggregateMode::Final | AggregateMode::FinalPartitioned) {
        return Ok(None);
    }
    let Some(partial) = whole.input().downcast_ref::<AggregateExec>() else { return Ok(None) };
    let groups = partial.group_expr();
    let is_plain = *partial.mode() == AggregateMode::Partial
        && groups.is_single()
        && !groups.expr().is_empty()
        && partial.limit_options().is_none()
        && partial.filter_expr().iter().all(Option::is_none)
        && !partial.aggr_expr().is_empty();
    let Some(values) = partial.aggr_expr().iter().map(|call| some_value(call)).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    if !is_plain {
        return Ok(None);
    }
    let keys: Vec<Arc<dyn PhysicalExpr>> = groups.expr().iter().map(|(key, _)| Arc::clone(key)).collect();
    let mut rows = Arc::clone(partial.input());
    if rows.output_partitioning().partition_count() > 1 {
        rows = Arc::new(FirstRowsExec::of_partition(rows, keys.clone()));
    }
    let rows = Arc::new(FirstRowsExec::of_all(rows, keys.clone()));
    let schema = whole.schema();
    let columns = keys.into_iter().chain(values).zip(schema.fields());
    let columns = columns.map(|(expr, field)| ProjectionExpr { expr, alias: field.name().clone() });
    Ok(Some(Arc::new(ProjectionExec::try_new(columns, rows)?)))
}

/// What the call takes some value of.
fn some_value(call: &AggregateFunctionExpr) -> Option<Arc<dyn PhysicalExpr>> {
    let is_plain =
        call.fun().name() == SOME_VALUE && !call.is_distinct() && !call.ignore_nulls() && call.order_bys().is_empty();
    match <[Arc<dyn PhysicalExpr>; 1]>::try_from(call.expressions()) {
        Ok([value]) if is_plain => Some(value),
        _ => None,
    }
}
