//! Outer joins whose rows without partner a later filter drops are inner joins: their filter can then move below the join or into
//! it.
//!
//! DataFusion's own rule finds that for any filter, by writing all projections below a filter into it; plans of KQL have too many
//! of those. This one looks at comparisons of what is null where a column is, one projection after the other.

use std::sync::Arc;

use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, JoinType};
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{BinaryExpr, Expr, Filter, Join, LogicalPlan, Operator, Projection};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use kql_functions::compare::CompareOp;

use crate::functions::kernel::{Kernel, KernelUdf};
use crate::functions::kql_scalar::KqlScalarUdf;
use crate::functions::ticks::TicksOfStored;

/// KQL's functions of times that give null for null.
const STRICT_FUNCTIONS: [&str; 3] = ["abs", "datetime_add", "datetime_diff"];

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct OuterJoins;

impl OptimizerRule for OuterJoins {
    fn name(&self) -> &str {
        "outer_joins"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Filter(filter) = &plan else { return Ok(Transformed::no(plan)) };
        let mut columns: Vec<Column> = Vec::new();
        for condition in split_conjunction(&filter.predicate) {
            match condition {
                Expr::BinaryExpr(BinaryExpr { left, op, right }) if is_ordering(*op) => {
                    needed(left, &mut columns);
                    needed(right, &mut columns);
                }
                Expr::ScalarFunction(ScalarFunction { func, args }) => {
                    let kernel = func.inner().downcast_ref::<KernelUdf>().map(KernelUdf::kernel);
                    if matches!(kernel, Some(Kernel::Compare { op, .. }) if op != CompareOp::NotEqual) {
                        args.iter().for_each(|arg| needed(arg, &mut columns));
                    }
                }
                _ => {}
            }
        }
        match narrowed(&filter.input, columns)? {
            Some(input) => {
                Ok(Transformed::yes(LogicalPlan::Filter(Filter::try_new(filter.predicate.clone(), Arc::new(input))?)))
            }
            None => Ok(Transformed::no(plan)),
        }
    }
}

fn is_ordering(op: Operator) -> bool {
    matches!(op, Operator::Eq | Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq)
}

/// Columns of which none may be null for the expression not to be.
fn needed(expr: &Expr, columns: &mut Vec<Column>) {
    match expr {
        Expr::Column(column) => columns.push(column.clone()),
        Expr::Alias(alias) => needed(&alias.expr, columns),
        Expr::ScalarFunction(ScalarFunction { func, args }) => {
            let inner = func.inner();
            let is_strict = inner.downcast_ref::<TicksOfStored>().is_some()
                || inner.downcast_ref::<KqlScalarUdf>().is_some_and(|udf| STRICT_FUNCTIONS.contains(&udf.parts().0))
                || inner
                    .downcast_ref::<KernelUdf>()
                    .is_some_and(|udf| matches!(udf.kernel(), Kernel::Arithmetic { .. } | Kernel::Negate { .. }));
            if is_strict {
                args.iter().for_each(|arg| needed(arg, columns));
            }
        }
        _ => {}
    }
}

/// The plan with the join below it narrowed, where these columns of the plan are not null.
fn narrowed(plan: &LogicalPlan, columns: Vec<Column>) -> Result<Option<LogicalPlan>> {
    if columns.is_empty() {
        return Ok(None);
    }
    match plan {
        LogicalPlan::Projection(projection) => {
            let mut below = Vec::new();
            for at in columns.iter().filter_map(|column| projection.schema.maybe_index_of_column(column)) {
                needed(&projection.expr[at], &mut below);
            }
            let Some(input) = narrowed(&projection.input, below)? else { return Ok(None) };
            // Fewer columns can be null than the schema says, which rules may leave so.
            let schema = Arc::clone(&projection.schema);
            let narrow = Projection::try_new_with_schema(projection.expr.clone(), Arc::new(input), schema)?;
            Ok(Some(LogicalPlan::Projection(narrow)))
        }
        LogicalPlan::Filter(filter) => match narrowed(&filter.input, columns)? {
            Some(input) => Ok(Some(LogicalPlan::Filter(Filter::try_new(filter.predicate.clone(), Arc::new(input))?))),
            None => Ok(None),
        },
        LogicalPlan::Join(join) => {
            let of = |side: &LogicalPlan| columns.iter().any(|column| side.schema().has_column(column));
            let join_type = narrower(join.join_type, of(&join.left), of(&join.right));
            if join_type == join.join_type {
                return Ok(None);
            }
            let narrow = Join::try_new(
                Arc::clone(&join.left),
                Arc::clone(&join.right),
                join.on.clone(),
                join.filter.clone(),
                join_type,
                join.join_constraint,
                join.null_equality,
                join.null_aware,
            )?;
            Ok(Some(LogicalPlan::Join(narrow)))
        }
        _ => Ok(None),
    }
}

/// What a join is whose rows without a left or without a right row are dropped.
fn narrower(join: JoinType, has_left: bool, has_right: bool) -> JoinType {
    match (join, has_left, has_right) {
        (JoinType::Left, _, true) | (JoinType::Right, true, _) | (JoinType::Full, true, true) => JoinType::Inner,
        (JoinType::Full, true, false) => JoinType::Left,
        (JoinType::Full, false, true) => JoinType::Right,
        _ => join,
    }
}
