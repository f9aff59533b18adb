//! `datetime_utc_to_local` and `datetime_local_to_utc`, by the IANA time zone database.

use arrow::array::ArrayRef;
use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

use crate::Type::{DateTime, Dynamic, String as Text};
use crate::column::{Strings, long_results, longs, result_rows, written_nullable};
use crate::datetime::{TICKS_AT_UNIX_EPOCH, TICKS_PER_SECOND, in_range};
use crate::definition::Definition;
use crate::dynamic::ArrayWriter;
use crate::signature::fixed;
use crate::{Arg, EvalContext};

/// A name of the database that stands for no zone.
const NO_ZONE: &str = "Factory";

pub(super) static DATETIME_UTC_TO_LOCAL: Definition = Definition::new(
    "datetime_utc_to_local",
    |args| fixed(args, &[DateTime, Text], 2, DateTime),
    |args, _, ctx| shifted(args, ctx, |zone, time| i64::from(zone.to_offset(time).seconds())),
);

/// A local time that there are two of is the earlier; one that a clock leaps over is read with the offset after it.
pub(super) static DATETIME_LOCAL_TO_UTC: Definition = Definition::new(
    "datetime_local_to_utc",
    |args| fixed(args, &[DateTime, Text], 2, DateTime),
    |args, _, ctx| {
        shifted(args, ctx, |zone, local| {
            let offset = match zone.to_ambiguous_timestamp(Offset::UTC.to_datetime(local)).offset() {
                AmbiguousOffset::Unambiguous { offset } => offset,
                AmbiguousOffset::Fold { before, .. } => before,
                AmbiguousOffset::Gap { after, .. } => after,
            };
            -i64::from(offset.seconds())
        })
    },
);

/// Times moved by some seconds, which are asked of the time as if it were of UTC; null for a zone that there is not.
fn shifted(args: &[Arg], ctx: &EvalContext, seconds: impl Fn(&TimeZone, Timestamp) -> i64) -> ArrayRef {
    let (times, zones) = (longs(&args[0]), Strings::of(&args[1]));
    let mut known: Option<(String, Option<TimeZone>)> = None;
    long_results(result_rows(args, ctx), |row| {
        let name = zones.text(row);
        if known.as_ref().is_none_or(|(known, _)| known != name) {
            known = Some((name.to_owned(), zone_of(name)));
        }
        let zone = known.as_ref().and_then(|(_, zone)| zone.as_ref())?;
        let ticks = times.get(row)?;
        let since_epoch = Timestamp::from_second((ticks - TICKS_AT_UNIX_EPOCH).div_euclid(TICKS_PER_SECOND)).ok()?;
        in_range(ticks + seconds(zone, since_epoch) * TICKS_PER_SECOND)
    })
}

/// The zone of that very name.
fn zone_of(name: &str) -> Option<TimeZone> {
    let zone = TimeZoneDatabase::bundled().get(name).ok()?;
    (zone.iana_name() == Some(name) && name != NO_ZONE).then_some(zone)
}

pub(super) static DATETIME_LIST_TIMEZONES: Definition = Definition::new(
    "datetime_list_timezones",
    |args| fixed(args, &[], 0, Dynamic),
    |_, _, _| {
        let zones = TimeZoneDatabase::bundled();
        let mut names: Vec<String> = zones.available().map(|name| name.as_str().to_owned()).collect();
        names.retain(|name| name != NO_ZONE);
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
