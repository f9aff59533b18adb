//! `around`: whether a value is at most some distance away from another.

use crate::arithmetic::{ArithmeticOp, arithmetic, arithmetic_type};
use crate::column::{bool_results, result_rows};
use crate::compare::{CompareOp, compare};
use crate::definition::Definition;
use crate::signature::{count, refuse, wider};
use crate::{Arg, ArgumentInfo, FunctionError, Resolved, Type};
use arrow::array::Array;

pub(super) static AROUND: Definition = Definition::new("around", resolve, |args, resolved, ctx| {
    let rows = result_rows(args, ctx);
    let [value, center, delta] = args else { return bool_results(rows, |_| None) };
    let (ty, step) = (resolved.parameters[1], resolved.parameters[2]);
    let is_fixed = center.is_scalar() && delta.is_scalar();
    let end = |op| {
        let array = arithmetic(op, (center, ty), (delta, step), rows);
        if is_fixed { Arg::Scalar(array) } else { Arg::Array(array) }
    };
    let low = compare(CompareOp::GreaterOrEqual, value, &end(ArithmeticOp::Subtract), ty, rows);
    let high = compare(CompareOp::LessOrEqual, value, &end(ArithmeticOp::Add), ty, rows);
    let at = |row: usize, length: usize| if length == 1 { 0 } else { row };
    bool_results(rows, |row| {
        let (low_at, high_at) = (at(row, low.len()), at(row, high.len()));
        let is_known = low.is_valid(low_at) && high.is_valid(high_at);
        is_known.then(|| low.value(low_at) && high.value(high_at))
    })
});

/// Numbers are compared in the widest of their types, times have a timespan for distance.
fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    count(args, 3, 3)?;
    let [value, center, delta] = [0, 1, 2].map(|at| args[at].ty);
    let number = wider(value, center).and_then(|ty| wider(ty, delta)).map(|ty| match ty {
        Type::Int => Type::Long,
        ty => ty,
    });
    let parameters = match (number, value) {
        (Some(ty), _) => vec![ty; 3],
        (None, ty @ (Type::DateTime | Type::TimeSpan)) if center == ty && delta == Type::TimeSpan => {
            vec![ty, ty, Type::TimeSpan]
        }
        (None, Type::DateTime | Type::TimeSpan) if center == value => return Err(refuse(2, "timespan", delta)),
        _ if arithmetic_type(ArithmeticOp::Add, value, value).is_none() && value != Type::DateTime => {
            return Err(refuse(0, "a number, datetime or timespan", value));
        }
        _ => return Err(refuse(1, value.name(), center)),
    };
    Ok(Resolved { parameters, result: Type::Bool })
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, span, time};
    use crate::{Type, Value, Value::Bool, Value::Int, Value::Long, Value::Real};

    #[test]
    fn both_ends_belong_to_the_range() {
        check("around", &[Long(8), Long(10), Long(2)], Bool(true));
        check("around", &[Int(7), Long(10), Real(2.5)], Bool(false));
        check("around", &[time("2024-01-02"), time("2024-01-01"), span("1d")], Bool(true));
        check("around", &[span("2h"), span("4h"), span("1h")], Bool(false));
        check("around", &[Value::Null(Type::Long), Long(1), Long(1)], Value::Null(Type::Bool));
    }
}
