//! Leaves out of `arg_max(.., *)` and the like the columns that nobody reads of the rows they give.

use std::sync::Arc;

use datafusion::common::Column;
use datafusion::error::Result;
use datafusion::logical_expr::expr::{AggregateFunction, Alias};
use datafusion::logical_expr::{Aggregate, AggregateUDF, Expr, LogicalPlan};

use crate::arg_extreme::field_of;
use crate::functions::arg_extreme::ArgExtremeUdf;

/// The aggregation below the node that takes `rows` apart, with only those of their fields that are wanted; nothing where
/// all are, or where the plan is another.
pub(crate) fn narrowed(
    plan: &LogicalPlan,
    rows: &[Column],
    is_wanted: impl Fn(&Column) -> bool,
) -> Result<Option<LogicalPlan>> {
    let LogicalPlan::Aggregate(aggregate) = plan else { return Ok(None) };
    let narrow = |call: &Expr| {
        let (alias, function, udf) =
            row_call(call).filter(|(alias, ..)| rows.iter().any(|row| row.name == alias.name))?;
        let kept: Vec<usize> =
            udf.fields().iter().copied().filter(|field| is_wanted(&field_of(&alias.name, *field))).collect();
        if kept.len() == udf.fields().len() {
            return None;
        }
        let positions = udf.fields().iter().zip(1..).filter(|(field, _)| kept.contains(field)).map(|(_, at)| at);
        let args = std::iter::once(0).chain(positions).filter_map(|at: usize| function.params.args.get(at).cloned());
        let mut params = function.params.clone();
        params.args = args.collect();
        let func = Arc::new(AggregateUDF::from(udf.only(&kept)));
        Some(Expr::AggregateFunction(AggregateFunction { func, params }).alias(alias.name.clone()))
    };
    let narrowed: Vec<Option<Expr>> = aggregate.aggr_expr.iter().map(narrow).collect();
    if narrowed.iter().all(Option::is_none) {
        return Ok(None);
    }
    let calls =
        aggregate.aggr_expr.iter().zip(narrowed).map(|(call, narrowed)| narrowed.unwrap_or_else(|| call.clone()));
    let calls = calls.collect();
    let aggregate = Aggregate::try_new(Arc::clone(&aggregate.input), aggregate.group_expr.clone(), calls)?;
    Ok(Some(LogicalPlan::Aggregate(aggregate)))
}

/// A call that gives a row, taken apart.
pub(crate) fn row_call(call: &Expr) -> Option<(&Alias, &AggregateFunction, &ArgExtremeUdf)> {
    let Expr::Alias(alias) = call else { return None };
    let Expr::AggregateFunction(function) = alias.expr.as_ref() else { return None };
    let udf = function.func.inner().downcast_ref::<ArgExtremeUdf>()?;
    Some((alias, function, udf))
}
