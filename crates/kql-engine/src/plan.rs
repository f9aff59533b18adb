//! Plan nodes from expressions that are already resolved: the builder's own checks look every name up again,
//! which is slow for tables of a hundred columns.

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::logical_expr::{Aggregate, Expr, Filter, LogicalPlan, Projection};

/// Computes columns.
pub(crate) fn projected(input: LogicalPlan, exprs: Vec<Expr>) -> Result<LogicalPlan> {
    Projection::try_new(exprs, Arc::new(input)).map(LogicalPlan::Projection)
}

/// Keeps rows for which the condition is true.
pub(crate) fn filtered(input: LogicalPlan, condition: Expr) -> Result<LogicalPlan> {
    Filter::try_new(condition, Arc::new(input)).map(LogicalPlan::Filter)
}

/// Groups and aggregates.
pub(crate) fn aggregated(input: LogicalPlan, group: Vec<Expr>, calls: Vec<Expr>) -> Result<LogicalPlan> {
    Aggregate::try_new(Arc::new(input), group, calls).map(LogicalPlan::Aggregate)
}
