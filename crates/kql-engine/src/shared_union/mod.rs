//! Tables of a union that read one stored table with different filters are read together.
//!
//! `union (SigninLogs | where ResultType == "50053" | …), (SigninLogs | where ResultType == "50126" | …)` names the same rows once a leg, and
//! each leg reads all of them to find its own. Here the table is read once for all legs: each distinct condition is evaluated once, the
//! rows that some leg wants go on, and what legs compute of them is computed once.
//!
//! | where | what |
//! |---|---|
//! | `leg.rs` | a leg as conditions and columns over the stored table's own columns |
//! | `together.rs` | which legs gain by being read together, and the plan that does it |
//! | `node.rs` | the node of the logical plan |
//! | `exec.rs` | the operator: of each batch the rows of each leg |

mod exec;
mod leg;
mod node;
mod together;

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::logical_plan::{Aggregate, Union};
use datafusion::logical_expr::{Expr, LogicalPlan};

pub(crate) use exec::SharedUnionExec;
pub(crate) use node::SharedUnion;
pub(crate) use together::is_test;

/// The optimized plan with legs of unions read together where that is less to read.
pub(crate) fn with_shared_unions(plan: LogicalPlan) -> Result<LogicalPlan> {
    placed(plan, true).data()
}

/// What stands above may want `all` rows. Where it asks for the first ones, or learns on the way which rows it needs, legs are better asked one by
/// one: they tell their scans.
fn placed(plan: LogicalPlan, all: bool) -> Result<Transformed<LogicalPlan>> {
    let shared = match plan {
        LogicalPlan::Union(union) if all => shared(union)?,
        plan => Transformed::no(plan),
    };
    let all = match &shared.data {
        LogicalPlan::Aggregate(aggregate) => !asks_for_extremes(aggregate),
        LogicalPlan::Limit(_) | LogicalPlan::Join(_) => false,
        LogicalPlan::Sort(sort) => sort.fetch.is_none() && all,
        _ => all,
    };
    shared.transform_data(|plan| plan.map_children(|child| placed(child, all)))
}

/// The least or greatest value of all rows: what is known of it spares reading the rest.
fn asks_for_extremes(aggregate: &Aggregate) -> bool {
    aggregate.group_expr.is_empty() && aggregate.aggr_expr.iter().all(is_extreme)
}

fn is_extreme(call: &Expr) -> bool {
    match call {
        Expr::AggregateFunction(call) => matches!(call.func.name(), "min" | "max"),
        Expr::Alias(alias) => is_extreme(&alias.expr),
        _ => false,
    }
}

fn shared(union: Union) -> Result<Transformed<LogicalPlan>> {
    match together::read_together(&union)? {
        Some(plan) => Ok(Transformed::yes(plan)),
        None => Ok(Transformed::no(LogicalPlan::Union(union))),
    }
}
