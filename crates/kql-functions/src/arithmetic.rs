//! `+ - * / %` and the unary minus.
//!
//! Whole numbers wrap and divide towards zero; division by zero gives null for them. A remainder is never
//! negative. Datetimes stay within years 1 to 9999, else null.

use arrow::array::ArrayRef;
use serde::{Deserialize, Serialize};

use crate::column::{absent, decimal_results, decimals, long_results, longs, real_results, reals, rows_of};
use crate::signature::wider;
use crate::{Arg, Type, convert, datetime, decimal, number};

/// An arithmetic operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the operator of its name")]
pub enum ArithmeticOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// The type of a result; `None` when the operator does not take these types.
pub fn arithmetic_type(op: ArithmeticOp, left: Type, right: Type) -> Option<Type> {
    use ArithmeticOp::{Add, Divide, Modulo, Multiply, Subtract};
    if let Some(ty) = wider(left, right) {
        return Some(if ty == Type::Int { Type::Long } else { ty });
    }
    match (op, left, right) {
        (Subtract, Type::DateTime, Type::DateTime) => Some(Type::TimeSpan),
        (Add | Subtract, Type::DateTime, Type::TimeSpan) | (Add | Subtract, Type::TimeSpan, Type::DateTime) => {
            Some(Type::DateTime)
        }
        (Add | Subtract | Modulo, Type::TimeSpan, Type::TimeSpan) => Some(Type::TimeSpan),
        (Modulo, Type::DateTime, Type::TimeSpan) => Some(Type::TimeSpan),
        (Divide, Type::TimeSpan | Type::DateTime, Type::TimeSpan) => Some(Type::Real),
        (Multiply | Divide, Type::TimeSpan, number) if number.is_numeric() => Some(Type::TimeSpan),
        (Multiply, number, Type::TimeSpan) if number.is_numeric() => Some(Type::TimeSpan),
        _ => None,
    }
}

/// Computes rows of the type that [`arithmetic_type`] names; nulls where it names none. Two scalars give one row.
pub fn arithmetic(op: ArithmeticOp, left: (&Arg, Type), right: (&Arg, Type), rows: usize) -> ArrayRef {
    let rows = rows_of(&[left.0.clone(), right.0.clone()], rows);
    let Some(result) = arithmetic_type(op, left.1, right.1) else { return absent(Type::Long, rows) };
    match (result, left.1, right.1) {
        (Type::Real, Type::TimeSpan | Type::DateTime, Type::TimeSpan) => ratio(left.0, right.0, rows),
        (Type::TimeSpan, Type::TimeSpan, Type::TimeSpan) => ticks(op, left.0, right.0, rows, Some),
        (Type::TimeSpan, Type::DateTime, _) => ticks(op, left.0, right.0, rows, Some),
        (Type::DateTime, ..) => ticks(op, left.0, right.0, rows, datetime::in_range),
        (Type::TimeSpan, Type::TimeSpan, _) => scaled(op, left.0, right, rows),
        (Type::TimeSpan, ..) => scaled(op, right.0, left, rows),
        (result, ..) => numbers(op, &promoted(left, result), &promoted(right, result), result, rows),
    }
}

/// `-x` of a number or timespan.
pub fn negate(arg: &Arg, ty: Type, rows: usize) -> ArrayRef {
    let rows = rows_of(std::slice::from_ref(arg), rows);
    match ty {
        Type::Int | Type::Long | Type::TimeSpan => {
            let values = longs(&promoted((arg, ty), Type::Long));
            long_results(rows, |row| values.get(row).map(i64::wrapping_neg))
        }
        Type::Real => {
            let values = reals(arg);
            real_results(rows, |row| values.get(row).map(|value| -value))
        }
        Type::Decimal => {
            let values = decimals(arg);
            decimal_results(rows, |row| values.get(row).map(|value| -value))
        }
        _ => absent(ty, rows),
    }
}

fn promoted((arg, ty): (&Arg, Type), to: Type) -> Arg {
    match arg {
        Arg::Array(array) => Arg::Array(convert::cast(array, ty, to)),
        Arg::Scalar(array) => Arg::Scalar(convert::cast(array, ty, to)),
    }
}

fn numbers(op: ArithmeticOp, left: &Arg, right: &Arg, ty: Type, rows: usize) -> ArrayRef {
    match ty {
        Type::Real => {
            let (left, right) = (reals(left), reals(right));
            real_results(rows, |row| Some(of_reals(op, left.get(row)?, right.get(row)?)))
        }
        Type::Decimal => {
            let (left, right) = (decimals(left), decimals(right));
            decimal_results(rows, |row| of_decimals(op, left.get(row)?, right.get(row)?))
        }
        _ => {
            let (left, right) = (longs(left), longs(right));
            long_results(rows, |row| of_longs(op, left.get(row)?, right.get(row)?))
        }
    }
}

fn of_longs(op: ArithmeticOp, left: i64, right: i64) -> Option<i64> {
    Some(match op {
        ArithmeticOp::Add => left.wrapping_add(right),
        ArithmeticOp::Subtract => left.wrapping_sub(right),
        ArithmeticOp::Multiply => left.wrapping_mul(right),
        ArithmeticOp::Divide if right == 0 => return None,
        ArithmeticOp::Divide => left.wrapping_div(right),
        ArithmeticOp::Modulo if right == 0 => return None,
        ArithmeticOp::Modulo => left.wrapping_rem_euclid(right),
    })
}

fn of_reals(op: ArithmeticOp, left: f64, right: f64) -> f64 {
    match op {
        ArithmeticOp::Add => left + right,
        ArithmeticOp::Subtract => left - right,
        ArithmeticOp::Multiply => left * right,
        ArithmeticOp::Divide => left / right,
        ArithmeticOp::Modulo => left.rem_euclid(right),
    }
}

fn of_decimals(op: ArithmeticOp, left: i128, right: i128) -> Option<i128> {
    match op {
        ArithmeticOp::Add => left.checked_add(right).and_then(decimal::in_range),
        ArithmeticOp::Subtract => left.checked_sub(right).and_then(decimal::in_range),
        ArithmeticOp::Multiply => decimal::multiply(left, right),
        ArithmeticOp::Divide => decimal::divide(left, right),
        ArithmeticOp::Modulo => left.checked_rem_euclid(right),
    }
}

/// Sums, differences and remainders of times.
fn ticks(op: ArithmeticOp, left: &Arg, right: &Arg, rows: usize, fits: fn(i64) -> Option<i64>) -> ArrayRef {
    let (left, right) = (longs(left), longs(right));
    long_results(rows, |row| {
        let (left, right) = (left.get(row)?, right.get(row)?);
        match op {
            ArithmeticOp::Add => left.checked_add(right),
            ArithmeticOp::Subtract => left.checked_sub(right),
            _ => left.checked_rem_euclid(right),
        }
        .and_then(fits)
    })
}

fn ratio(left: &Arg, right: &Arg, rows: usize) -> ArrayRef {
    let (left, right) = (longs(left), longs(right));
    real_results(rows, |row| Some(left.get(row)? as f64 / right.get(row)? as f64))
}

/// A timespan times or divided by a number; exact for whole numbers.
fn scaled(op: ArithmeticOp, span: &Arg, (factor, ty): (&Arg, Type), rows: usize) -> ArrayRef {
    let spans = longs(span);
    let is_division = op == ArithmeticOp::Divide;
    if matches!(ty, Type::Int | Type::Long) {
        let factors = longs(&promoted((factor, ty), Type::Long));
        return long_results(rows, |row| {
            let (span, factor) = (spans.get(row)?, factors.get(row)?);
            if is_division { span.checked_div(factor) } else { span.checked_mul(factor) }
        });
    }
    let factors = reals(&promoted((factor, ty), Type::Real));
    long_results(rows, |row| {
        let (span, factor) = (spans.get(row)? as f64, factors.get(row)?);
        number::real_to_long(if is_division { span / factor } else { span * factor })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::datetime::{MAX_TICKS, TICKS_PER_DAY, TICKS_PER_HOUR};

    fn check(left: Value, op: ArithmeticOp, right: Value, expected: Value) {
        let (a, b) = (Arg::Array(left.to_array()), Arg::Scalar(right.to_array()));
        let result = arithmetic(op, (&a, left.ty()), (&b, right.ty()), 1);
        assert_eq!(arithmetic_type(op, left.ty(), right.ty()), Some(expected.ty()), "{left:?} {op:?} {right:?}");
        assert_eq!(Value::from_array(&result, 0, expected.ty()), expected, "{left:?} {op:?} {right:?}");
    }

    #[test]
    fn whole_numbers_truncate_wrap_and_never_leave_a_negative_remainder() {
        use ArithmeticOp::{Add, Divide, Modulo};
        check(Value::Int(1), Divide, Value::Int(2), Value::Long(0));
        check(Value::Long(-7), Divide, Value::Long(2), Value::Long(-3));
        check(Value::Long(1), Divide, Value::Long(0), Value::Null(Type::Long));
        check(Value::Long(-14), Modulo, Value::Long(12), Value::Long(10));
        check(Value::Long(14), Modulo, Value::Long(-12), Value::Long(2));
        check(Value::Long(-14), Modulo, Value::Long(-12), Value::Long(10));
        check(Value::Long(i64::MAX), Add, Value::Long(1), Value::Long(i64::MIN));
        check(Value::Long(i64::MIN), Divide, Value::Long(-1), Value::Long(i64::MIN));
        check(Value::Null(Type::Long), Add, Value::Long(1), Value::Null(Type::Long));
    }

    #[test]
    fn one_real_makes_the_result_real() {
        check(Value::Long(1), ArithmeticOp::Divide, Value::Real(2.0), Value::Real(0.5));
        check(Value::Real(1.0), ArithmeticOp::Divide, Value::Long(0), Value::Real(f64::INFINITY));
        check(Value::Real(-0.5), ArithmeticOp::Modulo, Value::Long(1), Value::Real(0.5));
        check(Value::Decimal(decimal::ONE), ArithmeticOp::Divide, Value::Long(4), Value::Decimal(decimal::ONE / 4));
    }

    #[test]
    fn times_add_subtract_and_scale() {
        use ArithmeticOp::{Add, Divide, Multiply, Subtract};
        let (day, hour) = (Value::TimeSpan(TICKS_PER_DAY), Value::TimeSpan(TICKS_PER_HOUR));
        check(Value::DateTime(TICKS_PER_DAY), Subtract, Value::DateTime(0), day.clone());
        check(Value::DateTime(0), Add, day.clone(), Value::DateTime(TICKS_PER_DAY));
        check(Value::DateTime(MAX_TICKS), Add, day.clone(), Value::Null(Type::DateTime));
        check(day.clone(), Divide, hour, Value::Real(24.0));
        check(day.clone(), Divide, Value::Long(24), Value::TimeSpan(TICKS_PER_HOUR));
        check(Value::Real(0.5), Multiply, day, Value::TimeSpan(TICKS_PER_DAY / 2));
        assert_eq!(arithmetic_type(Add, Type::DateTime, Type::DateTime), None);
        assert_eq!(arithmetic_type(Multiply, Type::Dynamic, Type::Dynamic), None);
    }
}
