//! `round`, which keeps the type of its number, and `ceiling`.

use arrow::array::ArrayRef;

use crate::column::{decimal_results, decimals, long_results, longs, real_results, reals, result_rows};
use crate::decimal::ONE;
use crate::definition::Definition;
use crate::signature::{accept, count, refuse};
use crate::{Arg, ArgumentInfo, DECIMAL_SCALE, EvalContext, FunctionError, Resolved, Type, convert};

/// A real has no more significant digits than this.
const MAX_PRECISION: i64 = 300;

pub(super) static ROUND: Definition = Definition::new(
    "round",
    |args| resolve(args, 2),
    |args, resolved, ctx| {
        let precisions = args.get(1).map(longs);
        let precision = move |row: usize| precisions.as_ref().map_or(Some(0), |column| column.get(row));
        match resolved.result {
            Type::Real => {
                let values = reals(&args[0]);
                real_results(result_rows(args, ctx), |row| Some(round(values.get(row)?, precision(row)?)))
            }
            Type::Decimal => {
                let values = decimals(&args[0]);
                let scale = i64::from(DECIMAL_SCALE);
                decimal_results(result_rows(args, ctx), |row| {
                    Some(round_whole(values.get(row)?, precision(row)?.saturating_sub(scale)))
                })
            }
            ty => whole(&args[0], ty, result_rows(args, ctx), |row, value| {
                i64::try_from(round_whole(value.into(), precision(row)?)).ok()
            }),
        }
    },
);

/// Rows of a whole number of either width.
fn whole(arg: &Arg, ty: Type, rows: usize, f: impl Fn(usize, i64) -> Option<i64>) -> ArrayRef {
    let wide = convert::cast(arg.array(), ty, Type::Long);
    let values = longs(&if arg.is_scalar() { Arg::Scalar(wide) } else { Arg::Array(wide) });
    convert::cast(&long_results(rows, |row| f(row, values.get(row)?)), Type::Long, ty)
}

fn resolve(args: &[ArgumentInfo], most: usize) -> Result<Resolved, FunctionError> {
    count(args, 1, most)?;
    let ty = args[0].ty;
    if !ty.is_numeric() {
        return Err(refuse(0, "a number", ty));
    }
    let mut parameters = vec![ty];
    if let Some(precision) = args.get(1) {
        parameters.push(accept(1, precision.ty, Type::Long)?);
    }
    Ok(Resolved { parameters, result: ty })
}

/// Half goes away from zero.
fn round(value: f64, precision: i64) -> f64 {
    let precision = i32::try_from(precision.clamp(-MAX_PRECISION, MAX_PRECISION)).unwrap_or(0);
    let scale = 10_f64.powi(precision.abs());
    let rounded = if precision < 0 { (value / scale).round() * scale } else { (value * scale).round() / scale };
    if rounded.is_finite() { rounded } else { value }
}

/// A whole number to a power of ten; a precision of 0 and more changes nothing.
fn round_whole(value: i128, precision: i64) -> i128 {
    let digits = u32::try_from(precision.saturating_neg()).unwrap_or(0);
    let Some(unit) = 10_i128.checked_pow(digits).filter(|unit| *unit > 1) else {
        return if digits == 0 { value } else { 0 };
    };
    let half = if value < 0 { -unit / 2 } else { unit / 2 };
    value.checked_add(half).map_or(value, |moved| moved / unit * unit)
}

pub(super) static CEILING: Definition =
    Definition::new("ceiling", resolve_ceiling, |args, resolved, ctx| ceiling(args, resolved, ctx));

/// Whole numbers become real, although Kusto's binder says otherwise.
fn resolve_ceiling(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    let ty = resolve(args, 1)?.result;
    let ty = if ty == Type::Decimal { ty } else { Type::Real };
    Ok(Resolved { parameters: vec![ty], result: ty })
}

fn ceiling(args: &[Arg], resolved: &Resolved, ctx: &EvalContext) -> ArrayRef {
    if resolved.result == Type::Decimal {
        let values = decimals(&args[0]);
        let up = |value: i128| value + (-value).rem_euclid(ONE);
        return decimal_results(result_rows(args, ctx), |row| values.get(row).map(up));
    }
    let values = reals(&args[0]);
    real_results(result_rows(args, ctx), |row| values.get(row).map(f64::ceil))
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::check;
    use crate::{Type, Value, Value::Int, Value::Long, Value::Real};

    #[test]
    fn values_are_rounded_half_away_from_zero() {
        check("round", &[Real(2.98765), Long(3)], Real(2.988));
        check("round", &[Real(2.5)], Real(3.0));
        check("round", &[Real(-2.5)], Real(-3.0));
        check("round", &[Real(1234.5), Long(-2)], Real(1200.0));
        check("round", &[Value::Null(Type::Real)], Value::Null(Type::Real));
        check("round", &[Long(1_250), Long(-2)], Long(1_300));
        check("round", &[Int(-7), Long(2)], Int(-7));
        check("ceiling", &[Real(-1.1)], Real(-1.0));
        check("ceiling", &[Real(0.9)], Real(1.0));
        check("ceiling", &[Long(4)], Real(4.0));
        check("ceiling", &[Value::Decimal(crate::decimal::ONE / 2)], Value::Decimal(crate::decimal::ONE));
    }
}
