//! `datetime_diff`: how many period boundaries lie between two times.

use super::period::{Period, days_since_sunday};
use crate::Type::{DateTime, Long, String as Text};
use crate::column::{Strings, long_results, longs, result_rows};
use crate::datetime::{TICKS_PER_DAY, civil_from_ticks};
use crate::definition::Definition;
use crate::signature::fixed;

pub(super) static DATETIME_DIFF: Definition = Definition::new(
    "datetime_diff",
    |args| fixed(args, &[Text, DateTime, DateTime], 3, Long),
    |args, _, ctx| {
        let (periods, left, right) = (Strings::of(&args[0]), longs(&args[1]), longs(&args[2]));
        let constant = periods.constant().map(Period::of_name);
        long_results(result_rows(args, ctx), |row| {
            let period = constant.unwrap_or_else(|| Period::of_name(periods.text(row)))?;
            index(period, left.get(row)?).checked_sub(index(period, right.get(row)?))
        })
    },
);

/// The number of the period that holds a time.
fn index(period: Period, ticks: i64) -> i64 {
    if let Some(months) = period.months() {
        let civil = civil_from_ticks(ticks);
        return (civil.year * 12 + civil.month - 1).div_euclid(months);
    }
    match period {
        Period::Week => (ticks.div_euclid(TICKS_PER_DAY) - days_since_sunday(ticks) + 1).div_euclid(7),
        Period::Nanosecond => ticks.wrapping_mul(100),
        period => ticks.div_euclid(period.ticks()),
    }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text, time};
    use crate::{Type, Value, Value::Long};

    #[test]
    fn boundaries_between_times_are_counted() {
        for (period, left, right, expected) in [
            ("year", "2017-01-01", "2000-12-31", 17),
            ("quarter", "2017-07-01", "2017-03-30", 2),
            ("month", "2017-01-01", "2015-12-30", 13),
            ("week", "2017-10-29 00:00", "2017-09-30 23:59", 5),
            ("day", "2017-10-29 00:00", "2017-09-30 23:59", 29),
            ("hour", "2017-10-31 01:00", "2017-10-30 23:59", 2),
            ("minute", "2017-10-30 23:05:01", "2017-10-30 23:00:59", 5),
            ("second", "2017-10-30 23:00:10.100", "2017-10-30 23:00:00.900", 10),
            ("millisecond", "2017-10-30 23:00:00.200100", "2017-10-30 23:00:00.100900", 100),
            ("microsecond", "2017-10-30 23:00:00.1009001", "2017-10-30 23:00:00.1008009", 100),
            ("nanosecond", "2017-10-30 23:00:00.0000000", "2017-10-30 23:00:00.0000007", -700),
        ] {
            check("datetime_diff", &[text(period), time(left), time(right)], Long(expected));
        }
        check(
            "datetime_diff",
            &[text("day"), Value::Null(Type::DateTime), time("2024-01-01")],
            Value::Null(Type::Long),
        );
        check("datetime_diff", &[text("x"), time("2024-01-01"), time("2024-01-01")], Value::Null(Type::Long));
    }
}
