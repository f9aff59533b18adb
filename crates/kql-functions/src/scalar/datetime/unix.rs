//! `unixtime_seconds_todatetime` and its finer kin.

use crate::Type::{DateTime, Real};
use crate::column::{long_results, longs, reals, result_rows};
use crate::datetime::{TICKS_AT_UNIX_EPOCH, TICKS_PER_SECOND, in_range};
use crate::definition::{Definition, Kernel};
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved, Type, number, signature};
use arrow::array::ArrayRef;

pub(super) static SECONDS: Definition =
    unix("unixtime_seconds_todatetime", |args, resolved, ctx| convert(args, resolved, ctx, TICKS_PER_SECOND, 1));
pub(super) static MILLISECONDS: Definition =
    unix("unixtime_milliseconds_todatetime", |args, resolved, ctx| convert(args, resolved, ctx, 10_000, 1));
pub(super) static MICROSECONDS: Definition =
    unix("unixtime_microseconds_todatetime", |args, resolved, ctx| convert(args, resolved, ctx, 10, 1));
pub(super) static NANOSECONDS: Definition =
    unix("unixtime_nanoseconds_todatetime", |args, resolved, ctx| convert(args, resolved, ctx, 1, 100));

const fn unix(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(name, resolve, kernel)
}

/// Whole numbers stay exact; the rest is read as real.
fn resolve(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    signature::count(args, 1, 1)?;
    let parameter = if matches!(args[0].ty, Type::Int | Type::Long) { Type::Long } else { Real };
    Ok(Resolved { parameters: vec![signature::accept(0, args[0].ty, parameter)?], result: DateTime })
}

fn convert(args: &[Arg], resolved: &Resolved, ctx: &EvalContext, ticks: i64, divisor: i64) -> ArrayRef {
    let rows = result_rows(args, ctx);
    let since_epoch = |ticks: i64| ticks.checked_add(TICKS_AT_UNIX_EPOCH).and_then(in_range);
    if resolved.parameters[0] == Real {
        let values = reals(&args[0]);
        let scale = ticks as f64 / divisor as f64;
        return long_results(rows, |row| since_epoch(number::real_to_long(values.get(row)? * scale)?));
    }
    let values = longs(&args[0]);
    long_results(rows, |row| since_epoch(values.get(row)?.checked_mul(ticks)?.div_euclid(divisor)))
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, time};
    use crate::{Type, Value, Value::Long};

    #[test]
    fn numbers_since_1970_are_times() {
        check("unixtime_seconds_todatetime", &[Long(1_546_300_800)], time("2019-01-01"));
        check("unixtime_seconds_todatetime", &[Value::Real(1_546_300_800.5)], time("2019-01-01 00:00:00.5"));
        check("unixtime_milliseconds_todatetime", &[Long(1_546_300_800_001)], time("2019-01-01 00:00:00.001"));
        check("unixtime_microseconds_todatetime", &[Long(1_546_300_800_000_000)], time("2019-01-01"));
        check("unixtime_nanoseconds_todatetime", &[Long(1_546_300_800_000_000_000)], time("2019-01-01"));
        check("unixtime_seconds_todatetime", &[Long(i64::MAX)], Value::Null(Type::DateTime));
    }
}
