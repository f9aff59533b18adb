//! What `tostring` gives.

use arrow::array::ArrayRef;

use crate::column::{Bools, Strings, decimals, ints, longs, reals, string_results, written_strings};
use crate::dynamic::write_text;
use crate::{Arg, Type, datetime, decimal, number, timespan};
use std::fmt::Write;

pub(super) fn cast(arg: &Arg, from: Type, rows: usize) -> ArrayRef {
    match from {
        Type::Bool => {
            let values = Bools::of(arg);
            string_results(rows, |row| values.get(row).map_or("", |value| if value { "True" } else { "False" }))
        }
        Type::Int => {
            let values = ints(arg);
            // Writing to a string does not fail.
            printed(
                rows,
                |row| values.get(row),
                |out, value| {
                    let _ = write!(out, "{value}");
                },
            )
        }
        Type::Long => {
            let values = longs(arg);
            printed(
                rows,
                |row| values.get(row),
                |out, value| {
                    let _ = write!(out, "{value}");
                },
            )
        }
        Type::Real => {
            let values = reals(arg);
            printed(rows, |row| values.get(row), number::write_real)
        }
        Type::Decimal => {
            let values = decimals(arg);
            printed(rows, |row| values.get(row), decimal::write_decimal)
        }
        Type::DateTime => {
            let values = longs(arg);
            printed(rows, |row| values.get(row), datetime::write_datetime)
        }
        Type::TimeSpan => {
            let values = longs(arg);
            printed(rows, |row| values.get(row), timespan::write_timespan)
        }
        Type::String | Type::Guid => {
            let values = Strings::of(arg);
            string_results(rows, |row| values.text(row))
        }
        Type::Dynamic => {
            let values = Strings::of(arg);
            printed(rows, |row| values.get(row), write_text)
        }
    }
}

fn printed<T>(rows: usize, get: impl Fn(usize) -> Option<T>, write: impl Fn(&mut String, T)) -> ArrayRef {
    written_strings(rows, |row, out| {
        if let Some(value) = get(row) {
            write(out, value);
        }
    })
}
