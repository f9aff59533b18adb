//! Datetimes and timespans.

mod arithmetic;
mod boundary;
mod difference;
mod format;
mod make;
mod now;
mod part;
mod period;
mod timezone;
mod unix;

use crate::ScalarFunction;

pub use period::period_lengths;

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    vec![
        &arithmetic::DATETIME_ADD,
        &boundary::STARTOFDAY,
        &boundary::STARTOFWEEK,
        &boundary::STARTOFMONTH,
        &boundary::STARTOFYEAR,
        &boundary::ENDOFDAY,
        &boundary::ENDOFWEEK,
        &boundary::ENDOFMONTH,
        &boundary::ENDOFYEAR,
        &difference::DATETIME_DIFF,
        &format::FORMAT_DATETIME,
        &format::FORMAT_TIMESPAN,
        &make::MAKE_DATETIME,
        &make::MAKE_TIMESPAN,
        &now::NOW,
        &now::AGO,
        &part::DATETIME_PART,
        &part::DAYOFWEEK,
        &part::DAYOFMONTH,
        &part::DAYOFYEAR,
        &part::HOUROFDAY,
        &part::MONTHOFYEAR,
        &part::GETYEAR,
        &part::WEEK_OF_YEAR,
        &timezone::DATETIME_UTC_TO_LOCAL,
        &timezone::DATETIME_LOCAL_TO_UTC,
        &timezone::DATETIME_LIST_TIMEZONES,
        &unix::SECONDS,
        &unix::MILLISECONDS,
        &unix::MICROSECONDS,
        &unix::NANOSECONDS,
    ]
}
