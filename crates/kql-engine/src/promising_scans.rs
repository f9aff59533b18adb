//! `top` reads first where its rows are likely to be.
//!
//! A scan can read the files and row groups with the largest values first, so that the rest is soon skipped. DataFusion asks it to only
//! where the sort is directly over it; a filter, the usual case, is in the way.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, ExecutionPlan, ReplaceChildrenOptions, SortOrderPushdownResult,
};

/// What other scans promise about their rows is found out anew.
const RECOMPUTE: ReplaceChildrenOptions = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);

/// Asks the scans below a `top` for its rows first. The sort stays: what scans do is no promise.
#[derive(Debug)]
pub(crate) struct PromisingScans;

impl PhysicalOptimizerRule for PromisingScans {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        if !config.optimizer.enable_sort_pushdown {
            return Ok(plan);
        }
        plan.transform_up(|node| {
            let is_asked = |sort: &&SortExec| sort.fetch().is_some() && !is_scan(sort.input());
            let Some(sort) = node.downcast_ref::<SortExec>().filter(is_asked) else {
                return Ok(Transformed::no(node));
            };
            match asked(sort.input(), sort.expr())? {
                Some(input) => Ok(Transformed::yes(node.replace_children(vec![input], RECOMPUTE)?)),
                None => Ok(Transformed::no(node)),
            }
        })
        .data()
    }

    fn name(&self) -> &str {
        "PromisingScans"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn is_scan(plan: &Arc<dyn ExecutionPlan>) -> bool {
    plan.downcast_ref::<DataSourceExec>().is_some()
}

/// The plan with its scans asked for that order; nothing where none of them can.
fn asked(plan: &Arc<dyn ExecutionPlan>, order: &LexOrdering) -> Result<Option<Arc<dyn ExecutionPlan>>> {
    if is_scan(plan) {
        return Ok(match plan.try_pushdown_sort(order)? {
            SortOrderPushdownResult::Exact { inner } | SortOrderPushdownResult::Inexact { inner } => Some(inner),
            SortOrderPushdownResult::Unsupported => None,
        });
    }
    let below = if let Some(filter) = plan.downcast_ref::<FilterExec>().filter(|filter| filter.fetch().is_none()) {
        let kept = filter.projection();
        let input_of = |column: usize| kept.as_ref().map_or(Some(column), |kept| kept.get(column).copied());
        over_input(order, &filter.input().schema(), input_of)
    } else if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        let input_of = |column: usize| {
            let column = projection.expr().get(column)?.expr.downcast_ref::<Column>()?;
            Some(column.index())
        };
        over_input(order, &projection.input().schema(), input_of)
    } else if plan.downcast_ref::<UnionExec>().is_some() {
        Some(order.clone())
    } else {
        None
    };
    let Some(order) = below else { return Ok(None) };
    let mut is_changed = false;
    let mut inputs = Vec::new();
    for input in plan.children() {
        let changed = asked(input, &order)?;
        is_changed |= changed.is_some();
        inputs.push(changed.unwrap_or_else(|| Arc::clone(input)));
    }
    if is_changed { Arc::clone(plan).replace_children(inputs, RECOMPUTE).map(Some) } else { Ok(None) }
}

/// An order of an operator's rows in terms of its input; nothing where it is not of columns alone.
fn over_input(
    order: &LexOrdering,
    input: &arrow::datatypes::Schema,
    input_of: impl Fn(usize) -> Option<usize>,
) -> Option<LexOrdering> {
    let moved = order.iter().map(|part| {
        let index = input_of(part.expr.downcast_ref::<Column>()?.index())?;
        let column = Column::new(input.fields().get(index)?.name(), index);
        Some(PhysicalSortExpr::new(Arc::new(column), part.options))
    });
    LexOrdering::new(moved.collect::<Option<Vec<_>>>()?)
}
