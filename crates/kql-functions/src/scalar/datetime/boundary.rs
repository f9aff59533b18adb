//! `startofday`, `endofweek`, …: the first and last tick of the period around a time, or some periods away.

use arrow::array::ArrayRef;

use super::period::{Period, days_since_sunday};
use crate::Type::{DateTime, Long};
use crate::column::{long_results, longs, result_rows};
use crate::datetime::{TICKS_PER_DAY, add_months, civil_from_ticks, days_from_civil, in_range};
use crate::definition::{Definition, Kernel};
use crate::signature::fixed;
use crate::{Arg, EvalContext};

pub(super) static STARTOFDAY: Definition = boundary("startofday", |args, _, ctx| starts(args, ctx, Period::Day));
pub(super) static STARTOFWEEK: Definition = boundary("startofweek", |args, _, ctx| starts(args, ctx, Period::Week));
pub(super) static STARTOFMONTH: Definition = boundary("startofmonth", |args, _, ctx| starts(args, ctx, Period::Month));
pub(super) static STARTOFYEAR: Definition = boundary("startofyear", |args, _, ctx| starts(args, ctx, Period::Year));
pub(super) static ENDOFDAY: Definition = boundary("endofday", |args, _, ctx| ends(args, ctx, Period::Day));
pub(super) static ENDOFWEEK: Definition = boundary("endofweek", |args, _, ctx| ends(args, ctx, Period::Week));
pub(super) static ENDOFMONTH: Definition = boundary("endofmonth", |args, _, ctx| ends(args, ctx, Period::Month));
pub(super) static ENDOFYEAR: Definition = boundary("endofyear", |args, _, ctx| ends(args, ctx, Period::Year));

const fn boundary(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(name, |args| fixed(args, &[DateTime, Long], 1, DateTime), kernel)
}

fn starts(args: &[Arg], ctx: &EvalContext, period: Period) -> ArrayRef {
    offset_rows(args, ctx, |ticks, offset| in_range(start(ticks, period, offset)?))
}

/// The tick before the next period starts.
fn ends(args: &[Arg], ctx: &EvalContext, period: Period) -> ArrayRef {
    offset_rows(args, ctx, |ticks, offset| {
        let next = offset.checked_add(1)?;
        // The year 9999 has no next period, but an end.
        let end = match start(ticks, period, next) {
            Some(start) => start - 1,
            None => start(ticks, period, offset).map(|_| crate::datetime::MAX_TICKS)?,
        };
        in_range(end)
    })
}

fn offset_rows(args: &[Arg], ctx: &EvalContext, f: impl Fn(i64, i64) -> Option<i64>) -> ArrayRef {
    let (times, offsets) = (longs(&args[0]), args.get(1).map(longs));
    long_results(result_rows(args, ctx), |row| {
        f(times.get(row)?, offsets.as_ref().map_or(Some(0), |column| column.get(row))?)
    })
}

fn start(ticks: i64, period: Period, offset: i64) -> Option<i64> {
    let civil = civil_from_ticks(ticks);
    let day = ticks.div_euclid(TICKS_PER_DAY);
    let days = |first: i64, length: i64| first.checked_add(offset.checked_mul(length)?)?.checked_mul(TICKS_PER_DAY);
    match period {
        Period::Day => days(day, 1),
        Period::Week => days(day - days_since_sunday(ticks), 7),
        Period::Month => add_months(days_from_civil(civil.year, civil.month, 1) * TICKS_PER_DAY, offset),
        _ => add_months(days_from_civil(civil.year, 1, 1) * TICKS_PER_DAY, offset.checked_mul(12)?),
    }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, time};
    use crate::{Type, Value, Value::Long};

    #[test]
    fn periods_start_and_end_at_their_ticks() {
        let noon = || time("2024-05-15 12:30");
        for (name, offset, expected) in [
            ("startofday", 0, "2024-05-15"),
            ("startofday", -1, "2024-05-14"),
            ("startofweek", 0, "2024-05-12"),
            ("startofweek", 1, "2024-05-19"),
            ("startofmonth", 0, "2024-05-01"),
            ("startofmonth", -5, "2023-12-01"),
            ("startofyear", 1, "2025-01-01"),
            ("endofday", 0, "2024-05-15 23:59:59.9999999"),
            ("endofweek", 0, "2024-05-18 23:59:59.9999999"),
            ("endofmonth", 0, "2024-05-31 23:59:59.9999999"),
            ("endofmonth", -3, "2024-02-29 23:59:59.9999999"),
            ("endofyear", 0, "2024-12-31 23:59:59.9999999"),
        ] {
            check(name, &[noon(), Long(offset)], time(expected));
        }
        check("startofweek", &[time("2024-05-12")], time("2024-05-12"));
        check("endofyear", &[time("9999-06-01")], time("9999-12-31 23:59:59.9999999"));
        check("startofday", &[noon(), Long(i64::MAX)], Value::Null(Type::DateTime));
        check("startofday", &[Value::Null(Type::DateTime)], Value::Null(Type::DateTime));
    }
}
