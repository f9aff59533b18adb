//! `bin` (`floor`) and `bin_at`: the greatest multiple of a size at or below a value.
//!
//! Multiples of a datetime count from 0001-01-01, so bins of 7 days start on Mondays.

use arrow::array::ArrayRef;

use crate::column::{decimal_results, decimals, long_results, longs, real_results, reals, result_rows};
use crate::definition::Definition;
use crate::signature::{accept, refuse, wider};
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved, Type, convert, signature};

pub(super) static BIN: Definition = Definition::new("bin", resolve_bin, bin).alias(&["floor"]);

pub(super) static BIN_AT: Definition = Definition::new("bin_at", resolve_bin_at, bin);

fn resolve_bin(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    signature::count(args, 2, 2)?;
    let (value, size) = types(args)?;
    Ok(Resolved { parameters: vec![value, size], result: value })
}

fn resolve_bin_at(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    signature::count(args, 3, 3)?;
    let (value, size) = types(args)?;
    if let Some(ty) = wider(value, args[2].ty) {
        return Ok(Resolved { parameters: vec![ty; 3], result: ty });
    }
    let point = accept(2, args[2].ty, value)?;
    Ok(Resolved { parameters: vec![value, size, point], result: value })
}

/// The types of value and size.
fn types(args: &[ArgumentInfo]) -> Result<(Type, Type), FunctionError> {
    match (args[0].ty, args[1].ty) {
        (Type::DateTime, Type::DateTime) => Ok((Type::DateTime, Type::DateTime)),
        (value @ (Type::DateTime | Type::TimeSpan), size) => Ok((value, accept(1, size, Type::TimeSpan)?)),
        (value, size) if wider(value, size).is_some() => {
            let ty = wider(value, size).unwrap_or(value);
            Ok((ty, ty))
        }
        (value, size) if value.is_numeric() => Err(refuse(1, "a number", size)),
        (value, _) => Err(refuse(0, "a number, datetime or timespan", value)),
    }
}

fn bin(args: &[Arg], resolved: &Resolved, ctx: &EvalContext) -> ArrayRef {
    let rows = result_rows(args, ctx);
    match resolved.result {
        Type::Real => {
            let columns: Vec<_> = args.iter().map(reals).collect();
            real_results(rows, |row| {
                let point = columns.get(2).map_or(Some(0.0), |column| column.get(row))?;
                let (value, size) = (columns[0].get(row)?, columns[1].get(row)?);
                (size > 0.0).then(|| ((value - point) / size).floor() * size + point)
            })
        }
        Type::Decimal => {
            let columns: Vec<_> = args.iter().map(decimals).collect();
            decimal_results(rows, |row| {
                let point = columns.get(2).map_or(Some(0), |column| column.get(row))?;
                let (value, size) = (columns[0].get(row)?, columns[1].get(row)?);
                (size > 0).then(|| value - (value - point).rem_euclid(size))
            })
        }
        Type::Int => {
            let wide: Vec<_> = args.iter().map(|arg| promoted(arg, Type::Int)).collect();
            convert::cast(&whole_bins(&wide, rows), Type::Long, Type::Int)
        }
        _ => whole_bins(args, rows),
    }
}

fn promoted(arg: &Arg, from: Type) -> Arg {
    let array = convert::cast(arg.array(), from, Type::Long);
    if arg.is_scalar() { Arg::Scalar(array) } else { Arg::Array(array) }
}

fn whole_bins(args: &[Arg], rows: usize) -> ArrayRef {
    let columns: Vec<_> = args.iter().map(longs).collect();
    long_results(rows, |row| {
        let point = columns.get(2).map_or(Some(0), |column| column.get(row))?;
        let (value, size) = (columns[0].get(row)?, columns[1].get(row)?);
        if size <= 0 {
            return None;
        }
        value.checked_sub(value.checked_sub(point)?.rem_euclid(size))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Value::{self, Long, Real};
    use crate::scalar::testing::{check, span, time};

    #[test]
    fn values_fall_to_the_multiple_below() {
        check("bin", &[Real(4.5), Long(1)], Real(4.0));
        check("floor", &[Real(-0.5), Long(1)], Real(-1.0));
        check("bin", &[Long(-7), Long(5)], Long(-10));
        check("bin", &[Value::Int(7), Value::Int(5)], Value::Int(5));
        check("bin", &[Long(7), Long(0)], Value::Null(Type::Long));
        check("bin", &[Long(7), Long(-2)], Value::Null(Type::Long));
        check("bin", &[Long(7), Value::Null(Type::Long)], Value::Null(Type::Long));
        check("bin", &[time("1955-11-05"), span("7d")], time("1955-10-31"));
        check("bin", &[time("1970-05-11 13:45:07"), span("1d")], time("1970-05-11"));
        check("bin", &[span("16d"), span("7d")], span("14d"));
        check("bin", &[time("2024-01-01"), Value::Null(Type::TimeSpan)], Value::Null(Type::DateTime));
    }

    #[test]
    fn bins_may_be_aligned_to_a_point() {
        check("bin_at", &[Real(6.5), Real(2.5), Long(7)], Real(4.5));
        check("bin_at", &[time("2017-05-15 10:20"), span("1d"), time("1970-01-01 12:00")], time("2017-05-14 12:00"));
        check("bin_at", &[span("1h"), span("1d"), span("12h")], span("-12h"));
    }

    proptest! {
        #[test]
        fn a_bin_is_a_multiple_not_above_and_less_than_a_size_below(value in -1_i64 << 60..1 << 60, size in 1_i64..1 << 40) {
            let args = [Arg::Array(Long(value).to_array()), Arg::Scalar(Long(size).to_array())];
            let bins = whole_bins(&args, 1);
            let Long(found) = Value::from_array(&bins, 0, Type::Long) else { return Err(TestCaseError::fail("null")) };
            prop_assert!(found <= value && value - found < size && found.rem_euclid(size) == 0);
            let again = whole_bins(&[Arg::Array(bins), args[1].clone()], 1);
            prop_assert_eq!(Value::from_array(&again, 0, Type::Long), Long(found));
        }
    }
}
