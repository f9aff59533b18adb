//! Tells functions with several results which of them are read: to write a series as JSON that nobody reads takes longer than
//! to compute it.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Expr, ScalarUDF};
use kql_functions::{ALL_RESULTS, Type};

use crate::functions::kernel::{Kernel, KernelUdf};
use crate::functions::kql_scalar::KqlScalarUdf;

/// The expressions of a projection, with functions of several results that compute those alone that the expressions read.
pub(crate) fn with_wanted_results(exprs: Vec<Expr>) -> Result<Vec<Expr>> {
    let mut wanted: HashMap<ScalarFunction, u64> = HashMap::new();
    for expr in &exprs {
        expr.apply(|part| {
            if let Some((call, result)) = result_of(part) {
                *wanted.entry(call.clone()).or_default() |= result;
                return Ok(TreeNodeRecursion::Jump);
            }
            if let Some(call) = call_of(part) {
                wanted.insert(call.clone(), ALL_RESULTS);
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
    }
    wanted.retain(|call, wanted| udf_of(call).is_some_and(|udf| udf.wanted() != *wanted) && *wanted != ALL_RESULTS);
    if wanted.is_empty() {
        return Ok(exprs);
    }
    let narrow = |part: Expr| {
        let narrowed = call_of(&part).and_then(|call| {
            let (udf, wanted) = (udf_of(call)?, wanted.get(call)?);
            let (name, resolved, now) = udf.parts();
            let function = kql_functions::scalar(name)?;
            let udf = KqlScalarUdf::new(function, resolved.clone(), now).with_wanted(*wanted);
            Some(Expr::ScalarFunction(ScalarFunction { func: Arc::new(ScalarUDF::from(udf)), args: call.args.clone() }))
        });
        Ok(narrowed.map_or_else(|| Transformed::no(part), Transformed::yes))
    };
    // Without a name of its own a column would get another with its expression.
    let is_named = |expr: &Expr| matches!(expr, Expr::Alias(_));
    exprs
        .into_iter()
        .map(|expr| if is_named(&expr) { expr.transform_up(narrow).map(|done| done.data) } else { Ok(expr) })
        .collect()
}

/// A call of a function with several results, and the bit of the one that is taken of it.
fn result_of(expr: &Expr) -> Option<(&ScalarFunction, u64)> {
    let (call, at) = indexed_call(expr)?;
    Some((call, 1_u64.checked_shl(u32::try_from(at).ok()?)?))
}

/// A call of a function with several results, and the index of the one that is taken of it.
pub(crate) fn indexed_call(expr: &Expr) -> Option<(&ScalarFunction, usize)> {
    let Expr::ScalarFunction(element) = expr else { return None };
    let kernel = element.func.inner().downcast_ref::<KernelUdf>()?.kernel();
    let (Kernel::Element { by: Type::Long }, [whole, Expr::Literal(ScalarValue::Int64(Some(at)), _)]) =
        (kernel, element.args.as_slice())
    else {
        return None;
    };
    Some((call_of(whole)?, usize::try_from(*at).ok()?))
}

/// A call of a function with several results.
fn call_of(expr: &Expr) -> Option<&ScalarFunction> {
    let Expr::ScalarFunction(call) = expr else { return None };
    udf_of(call).map(|_| call)
}

fn udf_of(call: &ScalarFunction) -> Option<&KqlScalarUdf> {
    call.func.inner().downcast_ref::<KqlScalarUdf>().filter(|udf| udf.has_results())
}
