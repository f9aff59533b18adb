//! `datetime_add`: some periods later; null when that is outside of years 1 to 9999.

use super::period::Period;
use crate::Type::{DateTime, Long, String as Text};
use crate::column::{Strings, long_results, longs, result_rows};
use crate::datetime::{add_months, in_range};
use crate::definition::Definition;
use crate::signature::{fixed, plain_text};

pub(super) static DATETIME_ADD: Definition = Definition::new(
    "datetime_add",
    |args| plain_text(args, &[0]).and_then(|()| fixed(args, &[Text, Long, DateTime], 3, DateTime)),
    |args, _, ctx| {
        let (periods, amounts, times) = (Strings::of(&args[0]), longs(&args[1]), longs(&args[2]));
        long_results(result_rows(args, ctx), |row| {
            add(Period::of_name(periods.text(row))?, amounts.get(row)?, times.get(row)?)
        })
    },
);

fn add(period: Period, amount: i64, ticks: i64) -> Option<i64> {
    match period.months() {
        Some(months) => add_months(ticks, amount.checked_mul(months)?),
        None if period == Period::Nanosecond => in_range(ticks.checked_add(amount.div_euclid(100))?),
        None => in_range(ticks.checked_add(amount.checked_mul(period.ticks())?)?),
    }
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text, time};
    use crate::{Type, Value, Value::Long};

    #[test]
    fn periods_are_added_by_the_calendar() {
        let start = || time("2017-10-30 01:02:03.7654321");
        for (period, amount, expected) in [
            ("year", 1, "2018-10-30 01:02:03.7654321"),
            ("quarter", 1, "2018-01-30 01:02:03.7654321"),
            ("Month", 4, "2018-02-28 01:02:03.7654321"),
            ("week", -1, "2017-10-23 01:02:03.7654321"),
            ("day", 2, "2017-11-01 01:02:03.7654321"),
            ("hour", 1, "2017-10-30 02:02:03.7654321"),
            ("millisecond", 1, "2017-10-30 01:02:03.7664321"),
        ] {
            check("datetime_add", &[text(period), Long(amount), start()], time(expected));
        }
        check("datetime_add", &[text("year"), Long(9000), start()], Value::Null(Type::DateTime));
        check("datetime_add", &[text("eon"), Long(1), start()], Value::Null(Type::DateTime));
    }
}
