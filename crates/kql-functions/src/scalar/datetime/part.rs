//! Parts of a datetime as numbers.

use arrow::array::ArrayRef;

use super::period::{day_of_year, days_since_sunday, iso_week};
use crate::Type::{DateTime, Int, Long, String as Text, TimeSpan};
use crate::column::{Strings, int_results, long_results, longs, result_rows};
use crate::datetime::{MAX_TICKS, TICKS_PER_DAY, civil_from_ticks};
use crate::definition::{Definition, Kernel};
use crate::signature::{fixed, plain_text};
use crate::{Arg, EvalContext};

pub(super) static DATETIME_PART: Definition = Definition::new(
    "datetime_part",
    |args| plain_text(args, &[0]).and_then(|()| fixed(args, &[Text, DateTime], 2, Long)),
    |args, _, ctx| {
        let (names, times) = (Strings::of(&args[0]), longs(&args[1]));
        let constant = names.constant().map(str::to_ascii_lowercase);
        long_results(result_rows(args, ctx), |row| match &constant {
            Some(name) => part(name, times.get(row)?),
            None => part(&names.text(row).to_ascii_lowercase(), times.get(row)?),
        })
    },
)
.alias(&["datepart"]);

fn part(name: &str, ticks: i64) -> Option<i64> {
    let civil = civil_from_ticks(ticks);
    Some(match name {
        "year" => civil.year,
        "quarter" => (civil.month - 1) / 3 + 1,
        "month" => civil.month,
        "week_of_year" | "weekofyear" => iso_week(ticks),
        "day" => civil.day,
        "dayofyear" => day_of_year(&civil),
        "hour" => civil.hour(),
        "minute" => civil.minute(),
        "second" => civil.second(),
        "millisecond" => civil.fraction() / 10_000,
        "microsecond" => civil.fraction() / 10,
        "nanosecond" => civil.fraction() * 100,
        _ => return None,
    })
}

pub(super) static DAYOFWEEK: Definition = Definition::new(
    "dayofweek",
    |args| fixed(args, &[DateTime], 1, TimeSpan),
    |args, _, ctx| {
        let times = longs(&args[0]);
        // Kusto counts from the start of the next day, which the last day of all has not.
        let has_next = |ticks: i64| ticks <= MAX_TICKS - TICKS_PER_DAY;
        let days = |ticks| days_since_sunday(ticks) * TICKS_PER_DAY;
        long_results(result_rows(args, ctx), |row| times.get(row).filter(|ticks| has_next(*ticks)).map(days))
    },
);

pub(super) static DAYOFMONTH: Definition =
    number("dayofmonth", |args, _, ctx| apply(args, ctx, |t| civil_from_ticks(t).day));
pub(super) static DAYOFYEAR: Definition =
    number("dayofyear", |args, _, ctx| apply(args, ctx, |t| day_of_year(&civil_from_ticks(t))));
pub(super) static HOUROFDAY: Definition =
    whole("hourofday", |args, _, ctx| apply_whole(args, ctx, |t| civil_from_ticks(t).hour()));
pub(super) static MONTHOFYEAR: Definition =
    number("monthofyear", |args, _, ctx| apply(args, ctx, |t| civil_from_ticks(t).month)).alias(&["getmonth"]);
pub(super) static GETYEAR: Definition =
    whole("getyear", |args, _, ctx| apply_whole(args, ctx, |t| civil_from_ticks(t).year));
pub(super) static WEEK_OF_YEAR: Definition =
    number("week_of_year", |args, _, ctx| apply(args, ctx, iso_week)).alias(&["weekofyear"]);

const fn number(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(name, |args| fixed(args, &[DateTime], 1, Int), kernel)
}

/// Kusto answers with a long here, although its binder says int.
const fn whole(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(name, |args| fixed(args, &[DateTime], 1, Long), kernel)
}

fn apply_whole(args: &[Arg], ctx: &EvalContext, f: fn(i64) -> i64) -> ArrayRef {
    let times = longs(&args[0]);
    long_results(result_rows(args, ctx), |row| times.get(row).map(f))
}

fn apply(args: &[Arg], ctx: &EvalContext, f: fn(i64) -> i64) -> ArrayRef {
    let times = longs(&args[0]);
    int_results(result_rows(args, ctx), |row| i32::try_from(f(times.get(row)?)).ok())
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, span, text, time};
    use crate::{Type, Value, Value::Int, Value::Long};

    #[test]
    fn parts_are_numbers() {
        let moment = || time("2017-10-30 01:02:03.7654321");
        for (name, expected) in [
            ("year", 2017),
            ("quarter", 4),
            ("month", 10),
            ("week_of_year", 44),
            ("day", 30),
            ("dayOfYear", 303),
            ("hour", 1),
            ("minute", 2),
            ("second", 3),
            ("millisecond", 765),
            ("microsecond", 765_432),
            ("nanosecond", 765_432_100),
        ] {
            check("datetime_part", &[text(name), moment()], Long(expected));
        }
        check("datetime_part", &[text("era"), moment()], Value::Null(Type::Long));
    }

    #[test]
    fn each_part_has_a_function() {
        check("dayofweek", &[time("1970-05-12")], span("2d"));
        check("dayofweek", &[time("2024-05-12")], span("0d"));
        check("dayofweek", &[time("9999-12-30")], span("4d"));
        check("dayofweek", &[time("9999-12-31")], Value::Null(Type::TimeSpan));
        check("dayofmonth", &[time("2015-12-14")], Int(14));
        check("dayofyear", &[time("2015-12-14")], Int(348));
        check("hourofday", &[time("2015-12-14 18:54")], Long(18));
        check("monthofyear", &[time("2015-12-14")], Int(12));
        check("getyear", &[time("2015-10-12")], Long(2015));
        check("week_of_year", &[time("2020-12-31")], Int(53));
        check("week_of_year", &[time("2021-01-03")], Int(53));
        check("week_of_year", &[time("2021-01-04")], Int(1));
    }
}
