//! `now()` as a parameter: a plan that is made once and run at many times.

use std::sync::Arc;

use arrow::datatypes::Field;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::expr::Placeholder;
use datafusion::logical_expr::{Expr, LogicalPlan};
use kql_functions::Type;

use crate::typed::Typed;

/// What the parameter is called in plans.
const NOW: &str = "$now";

/// The time of the run, not known yet.
pub(crate) fn now_parameter() -> Typed {
    let field = Field::new(NOW, Type::DateTime.arrow(), false);
    let expr = Expr::Placeholder(Placeholder::new_with_field(NOW.to_owned(), Some(Arc::new(field))));
    Typed::non_null(expr, Type::DateTime)
}

/// Whether an expression depends on the time of the run.
pub(crate) fn uses_now(expr: &Expr) -> bool {
    expr.exists(|part| Ok(matches!(part, Expr::Placeholder(_)))).unwrap_or(true)
}

/// Whether a plan depends on the time of the run.
pub(crate) fn plan_uses_now(plan: &LogicalPlan) -> bool {
    plan.exists(|node| Ok(node.expressions().iter().any(uses_now))).unwrap_or(true)
}

/// The plan with what `now` is in place of the parameter.
pub(crate) fn with_now(plan: &LogicalPlan, now: &Expr) -> Result<LogicalPlan> {
    let known = |expr: Expr| {
        expr.transform_up(|part| match part {
            Expr::Placeholder(_) => Ok(Transformed::yes(now.clone())),
            part => Ok(Transformed::no(part)),
        })
    };
    let changed = plan.clone().transform_up(|node| node.map_expressions(known))?;
    Ok(changed.data)
}
