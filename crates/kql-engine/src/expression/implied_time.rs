//! What a comparison of a computed time says of the stored one, so that files and row groups are pruned by it.

use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::ScalarFunction;
use kql_functions::arithmetic::ArithmeticOp;
use kql_functions::compare::CompareOp;
use kql_functions::{Type, Value};

use super::Truth;
use super::comparison::{mirrored, stored_with_constant};
use crate::functions::kernel::{Kernel, KernelUdf};
use crate::functions::ticks::TicksOfStored;
use crate::scope::Repr;
use crate::typed::Typed;

/// A comparison that holds for each row for which `left op right` holds, where `left` is a stored datetime plus or minus a constant, or its
/// distance from one, and `right` is a constant.
///
/// The other way round it need not hold: what leaves the range of datetimes is null.
pub(super) fn implied_time(op: CompareOp, left: &Typed, right: &Typed) -> Option<Expr> {
    let constant = match &right.constant {
        Some(Value::DateTime(ticks) | Value::TimeSpan(ticks)) => *ticks,
        _ => return None,
    };
    if op == CompareOp::NotEqual {
        return None;
    }
    let Expr::ScalarFunction(ScalarFunction { func, args }) = &left.expr else { return None };
    let Kernel::Arithmetic { op: sign, left: first, right: second, .. } =
        func.inner().downcast_ref::<KernelUdf>()?.kernel()
    else {
        return None;
    };
    let [a, b] = args.as_slice() else { return None };
    let (stored, bound, op) = match (sign, first, second) {
        (ArithmeticOp::Add, Type::DateTime, Type::TimeSpan) => (stored(a)?, constant.checked_sub(literal(b)?)?, op),
        (ArithmeticOp::Add, Type::TimeSpan, Type::DateTime) => (stored(b)?, constant.checked_sub(literal(a)?)?, op),
        (ArithmeticOp::Subtract, Type::DateTime, Type::TimeSpan) => {
            (stored(a)?, constant.checked_add(literal(b)?)?, op)
        }
        (ArithmeticOp::Subtract, Type::DateTime, Type::DateTime) => match (stored(a), stored(b)) {
            (Some(time), None) => (time, constant.checked_add(literal(b)?)?, op),
            (None, Some(time)) => (time, literal(a)?.checked_sub(constant)?, mirrored(op)),
            _ => return None,
        },
        _ => return None,
    };
    let stored = Typed { repr: Repr::Us, ..Typed::new(stored.clone(), Type::DateTime) };
    let bound = Typed::constant(Value::DateTime(bound));
    Some(stored_with_constant(op, &stored, &bound, Truth::Filter)?.expr)
}

/// The stored datetime whose ticks these are.
fn stored(expr: &Expr) -> Option<&Expr> {
    let Expr::ScalarFunction(ScalarFunction { func, args }) = expr else { return None };
    func.inner().downcast_ref::<TicksOfStored>()?;
    args.first()
}

fn literal(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Literal(datafusion::common::ScalarValue::Int64(ticks), _) => *ticks,
        _ => None,
    }
}
