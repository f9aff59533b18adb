//! `datetime_utc_to_local` and `datetime_local_to_utc`, by the IANA time zone database.

use arrow::array::ArrayRef;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};

use crate::Type::{DateTime, Dynamic, String as Text};
use crate::column::{Strings, long_results, longs, result_rows, written_nullable};
use crate::datetime::{TICKS_PER_DAY, TICKS_PER_SECOND, in_range};
use crate::definition::Definition;
use crate::dynamic::ArrayWriter;
use crate::signature::fixed;
use crate::{Arg, EvalContext};

/// Days from 1 January of year 1 of our era, that of ticks, as chrono counts them.
const FIRST_DAY: i64 = 1;

pub(super) static DATETIME_UTC_TO_LOCAL: Definition = Definition::new(
    "datetime_utc_to_local",
    |args| fixed(args, &[DateTime, Text], 2, DateTime),
    |args, _, ctx| {
        shifted(args, ctx, |zone, time| Some(i64::from(zone.offset_from_utc_datetime(&time).fix().local_minus_utc())))
    },
);

/// A local time that there are two of is the earlier; one that a clock leaps over is read with the offset after it.
pub(super) static DATETIME_LOCAL_TO_UTC: Definition = Definition::new(
    "datetime_local_to_utc",
    |args| fixed(args, &[DateTime, Text], 2, DateTime),
    |args, _, ctx| {
        shifted(args, ctx, |zone, time| {
            let offset = match zone.offset_from_local_datetime(&time).earliest() {
                Some(offset) => offset,
                None => zone.offset_from_local_datetime(&(time + chrono::Duration::hours(1))).earliest()?,
            };
            Some(-i64::from(offset.fix().local_minus_utc()))
        })
    },
);

/// Times moved by some seconds; null for a zone that there is not.
fn shifted(args: &[Arg], ctx: &EvalContext, seconds: impl Fn(Tz, NaiveDateTime) -> Option<i64>) -> ArrayRef {
    let (times, zones) = (longs(&args[0]), Strings::of(&args[1]));
    let constant = zones.constant().map(zone_of);
    long_results(result_rows(args, ctx), |row| {
        let zone = match constant {
            Some(zone) => zone,
            None => zone_of(zones.text(row)),
        };
        let ticks = times.get(row)?;
        in_range(ticks + seconds(zone?, civil(ticks)?)? * TICKS_PER_SECOND)
    })
}

fn zone_of(name: &str) -> Option<Tz> {
    name.parse().ok()
}

fn civil(ticks: i64) -> Option<NaiveDateTime> {
    let (days, time) = (ticks.div_euclid(TICKS_PER_DAY), ticks.rem_euclid(TICKS_PER_DAY));
    let date = NaiveDate::from_num_days_from_ce_opt(i32::try_from(days + FIRST_DAY).ok()?)?;
    let second = u32::try_from(time / TICKS_PER_SECOND).ok()?;
    Some(NaiveDateTime::new(date, NaiveTime::from_num_seconds_from_midnight_opt(second, 0)?))
}

pub(super) static DATETIME_LIST_TIMEZONES: Definition = Definition::new(
    "datetime_list_timezones",
    |args| fixed(args, &[], 0, Dynamic),
    |_, _, _| {
        let mut names: Vec<&str> = TZ_VARIANTS.iter().map(|zone| zone.name()).collect();
        names.sort_unstable();
        written_nullable(1, |_, out| {
            let mut array = ArrayWriter::new(out);
            names.iter().for_each(|name| array.push_text(name));
            array.end();
            true
        })
    },
);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text, time};
    use crate::{Type, Value};

    #[test]
    fn clocks_follow_their_zone() {
        for (zone, utc, local) in [
            ("US/Pacific", "2022-07-11 22:18:48.4678620", "2022-07-11 15:18:48.4678620"),
            ("Australia/Canberra", "2022-07-11 22:18:48", "2022-07-12 08:18:48"),
            ("Europe/Brussels", "2022-03-27 00:00", "2022-03-27 01:00"),
            ("Europe/Brussels", "2022-03-27 01:00", "2022-03-27 03:00"),
        ] {
            check("datetime_utc_to_local", &[time(utc), text(zone)], time(local));
            check("datetime_local_to_utc", &[time(local), text(zone)], time(utc));
        }
        check("datetime_local_to_utc", &[time("2022-03-27 02:00"), text("Europe/Brussels")], time("2022-03-27 00:00"));
        check("datetime_utc_to_local", &[time("2022-03-27"), text("Nowhere")], Value::Null(Type::DateTime));
    }
}
