//! `make_datetime` and `make_timespan`: times from their parts; parts out of range give null.

use crate::Type::{DateTime, Long, Real, TimeSpan};
use crate::column::{long_results, longs, reals, result_rows};
use crate::datetime::{Civil, TICKS_PER_DAY, TICKS_PER_HOUR, TICKS_PER_MINUTE, TICKS_PER_SECOND, ticks_from_civil};
use crate::definition::Definition;
use crate::signature::fixed;
use crate::{ArgumentInfo, FunctionError, Resolved, number, signature};

pub(super) static MAKE_DATETIME: Definition = Definition::new("make_datetime", resolve_datetime, |args, _, ctx| {
    if let [time] = args {
        return time.array().clone();
    }
    let whole: Vec<_> = args.iter().take(5).map(longs).collect();
    let seconds = args.get(5).map(reals);
    long_results(result_rows(args, ctx), |row| {
        let part = |at: usize, default| whole.get(at).map_or(Some(default), |column| column.get(row));
        let second = seconds.as_ref().map_or(Some(0.0), |column| column.get(row))?;
        let time = clock(part(3, 0)?, part(4, 0)?, second)?;
        ticks_from_civil(&Civil { year: part(0, 1)?, month: part(1, 1)?, day: part(2, 1)?, time })
    })
});

/// Parts are numbers of any kind, whose fractions count for the seconds only; one value alone is converted.
fn resolve_datetime(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    if args.len() == 1 {
        return Ok(Resolved { parameters: vec![DateTime], result: DateTime });
    }
    signature::count(args, 3, 6)?;
    fixed(args, &[Real; 6], 3, DateTime)?;
    let parameters = [Long, Long, Long, Long, Long, Real][..args.len()].to_vec();
    Ok(Resolved { parameters, result: DateTime })
}

pub(super) static MAKE_TIMESPAN: Definition = Definition::new("make_timespan", resolve_timespan, |args, _, ctx| {
    if let [span] = args {
        return span.array().clone();
    }
    // Days come first only when there are four parts.
    let first = usize::from(args.len() == 4);
    let days = (first == 1).then(|| longs(&args[0]));
    let (hours, minutes, seconds) = (longs(&args[first]), longs(&args[first + 1]), args.get(first + 2).map(reals));
    long_results(result_rows(args, ctx), |row| {
        let days = days.as_ref().map_or(Some(0), |column| column.get(row))?;
        let second = seconds.as_ref().map_or(Some(0.0), |column| column.get(row))?;
        let time = clock(hours.get(row)?, minutes.get(row)?, second)?;
        days.checked_mul(TICKS_PER_DAY)?.checked_add(time)
    })
});

fn resolve_timespan(args: &[ArgumentInfo]) -> Result<Resolved, FunctionError> {
    match args.len() {
        1 => Ok(Resolved { parameters: vec![TimeSpan], result: TimeSpan }),
        4 => fixed(args, &[Long, Long, Long, Real], 4, TimeSpan),
        _ => fixed(args, &[Long, Long, Real], 2, TimeSpan),
    }
}

/// Ticks since midnight.
fn clock(hour: i64, minute: i64, second: f64) -> Option<i64> {
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0.0..60.0).contains(&second) {
        return None;
    }
    let second_ticks = number::real_to_long((second * TICKS_PER_SECOND as f64).round())?;
    Some(hour * TICKS_PER_HOUR + minute * TICKS_PER_MINUTE + second_ticks)
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, span, time};
    use crate::{Type, Value, Value::Long, Value::Real};

    #[test]
    fn parts_make_a_time_or_null() {
        check("make_datetime", &[Long(2017), Long(10), Long(1)], time("2017-10-01"));
        let parts = [Long(2017), Long(10), Long(1), Long(12), Long(11), Real(0.123_456_7)];
        check("make_datetime", &parts, time("2017-10-01 12:11:00.1234567"));
        check("make_datetime", &[Long(2017), Long(13), Long(1)], Value::Null(Type::DateTime));
        check("make_timespan", &[Long(1), Long(12)], span("01:12:00"));
        check("make_timespan", &[Long(1), Long(12), Real(30.5)], span("01:12:30.5"));
        check("make_timespan", &[Long(1), Long(2), Long(3), Long(4)], span("1.02:03:04"));
        check("make_timespan", &[Long(25), Long(70)], Value::Null(Type::TimeSpan));
    }
}
