//! Keeps series as lists of numbers between what makes and what takes them: `make-series`, functions of series, `mv-expand`. To a query
//! they are dynamic arrays, which are JSON text; that is written only where something reads it.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Expr, ScalarUDF};

use crate::functions::expand::ExpandUdf;
use crate::functions::kql_scalar::KqlScalarUdf;
use crate::functions::series_result::SeriesResult;
use crate::functions::series_text::SeriesText;
use crate::wanted_results::indexed_call;

/// The expressions of a projection, in which a series is handed on as a list to what takes lists.
pub(crate) fn with_series(exprs: Vec<Expr>) -> Result<Vec<Expr>> {
    let has_series = |expr: &Expr| expr.exists(|part| Ok(series_of_text(part).is_some())).unwrap_or(false);
    // Without a name of its own a column would get another with its expression.
    let is_changed = |expr: &Expr| matches!(expr, Expr::Alias(_)) && has_series(expr);
    exprs
        .into_iter()
        .map(|expr| {
            if !is_changed(&expr) {
                return Ok(expr);
            }
            let results = expr.transform_down(|part| {
                Ok(list_result(&part).map_or_else(|| Transformed::no(part), Transformed::yes))
            })?;
            let taken = results
                .data
                .transform_up(|part| Ok(list_taken(&part).map_or_else(|| Transformed::no(part), Transformed::yes)))?;
            Ok(taken.data)
        })
        .collect()
}

/// A result of a function of series as the JSON of a list.
fn list_result(expr: &Expr) -> Option<Expr> {
    let (call, index) = indexed_call(expr)?;
    let udf = scalar_of(call)?;
    if !udf.takes_series() || index >= udf.series_results().len() {
        return None;
    }
    let series = call.args.first().and_then(series_of_text)?;
    let (name, resolved, now) = udf.parts();
    let function = kql_functions::scalar(name)?;
    let udf = KqlScalarUdf::new(function, resolved.clone(), now).with_wanted(udf.wanted()).with_lists(true);
    let results =
        with_first_argument(&ScalarFunction { func: Arc::new(ScalarUDF::from(udf)), args: call.args.clone() }, series);
    Some(SeriesText::call(SeriesResult::new(index).call(results)))
}

/// What takes lists, with the list in place of its JSON.
fn list_taken(expr: &Expr) -> Option<Expr> {
    let Expr::ScalarFunction(call) = expr else { return None };
    if !takes_list(call) {
        return None;
    }
    call.args.first().and_then(series_of_text).map(|series| with_first_argument(call, series))
}

fn with_first_argument(call: &ScalarFunction, first: &Expr) -> Expr {
    let mut args = call.args.clone();
    if let Some(arg) = args.first_mut() {
        *arg = first.clone();
    }
    Expr::ScalarFunction(ScalarFunction { func: Arc::clone(&call.func), args })
}

/// Whether the first argument of a call may be a list.
fn takes_list(call: &ScalarFunction) -> bool {
    if let Some(expand) = call.func.inner().downcast_ref::<ExpandUdf>() {
        return expand.parts().0.of_series().is_some();
    }
    scalar_of(call).is_some_and(KqlScalarUdf::takes_series)
}

fn scalar_of(call: &ScalarFunction) -> Option<&KqlScalarUdf> {
    call.func.inner().downcast_ref::<KqlScalarUdf>()
}

/// The list that an expression writes as JSON.
pub(crate) fn series_of_text(expr: &Expr) -> Option<&Expr> {
    let Expr::ScalarFunction(call) = expr else { return None };
    call.func.inner().downcast_ref::<SeriesText>().and(call.args.first())
}

/// How often each column is what could be taken as a list.
pub(crate) fn list_uses(exprs: &[Expr]) -> HashMap<String, usize> {
    let mut uses: HashMap<String, usize> = HashMap::new();
    for expr in exprs {
        let found = expr.apply(|part| {
            if let Expr::ScalarFunction(call) = part
                && takes_list(call)
                && let Some(Expr::Column(column)) = call.args.first()
            {
                *uses.entry(column.name.clone()).or_default() += 1;
            }
            Ok(TreeNodeRecursion::Continue)
        });
        // The walk has no errors of its own.
        debug_assert!(found.is_ok());
    }
    uses
}
