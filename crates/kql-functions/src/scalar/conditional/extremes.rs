//! `max_of` and `min_of`: the greatest or least of several values, nulls aside.

use arrow::array::{Array, ArrayRef};

use super::select::{common, select};
use crate::column::result_rows;
use crate::compare::{CompareOp, compare};
use crate::definition::Definition;
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved, Type, signature};

pub(super) static MAX_OF: Definition =
    Definition::new("max_of", resolve, |args, resolved, ctx| extreme(args, resolved, ctx, CompareOp::Greater));

pub(super) static MIN_OF: Definition =
    Definition::new("min_of", resolve, |args, resolved, ctx| extreme(args, resolved, ctx, CompareOp::Less));

fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    signature::count(args, 2, 64)?;
    let result = common(&args.iter().collect::<Vec<_>>(), |index| index)?;
    Ok(Resolved { parameters: vec![result; args.len()], result })
}

/// Folds the arguments two at a time.
fn extreme(args: &[Arg], resolved: &Resolved, ctx: &EvalContext, wanted: CompareOp) -> ArrayRef {
    let rows = result_rows(args, ctx);
    let mut best = args[0].clone();
    for next in &args[1..] {
        let array = better(&best, next, resolved.result, rows, wanted);
        best = Arg::Array(array);
    }
    best.array().clone()
}

fn better(best: &Arg, next: &Arg, ty: Type, rows: usize, wanted: CompareOp) -> ArrayRef {
    let order = compare(wanted, next, best, ty, rows);
    let nulls = best.array().logical_nulls();
    let is_null = |row| nulls.as_ref().is_some_and(|nulls| nulls.is_null(if best.is_scalar() { 0 } else { row }));
    let wins = |row: usize| {
        let row_of_order = if order.len() == 1 { 0 } else { row };
        is_null(row) || order.is_valid(row_of_order) && order.value(row_of_order)
    };
    select(&[best.clone(), next.clone()], ty, rows, |row| usize::from(wins(row)))
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};
    use crate::{Type, Value, Value::Long};

    #[test]
    fn nulls_lose_against_values() {
        check("max_of", &[Long(10), Long(1), Long(17)], Long(17));
        check("min_of", &[Long(10), Long(1), Value::Null(Type::Long)], Long(1));
        check("max_of", &[Value::Null(Type::Long), Long(1)], Long(1));
        check("max_of", &[Long(1), Value::Real(1.5)], Value::Real(1.5));
        check("min_of", &[text("b"), text("a")], text("a"));
    }
}
