//! Conversions among bool, numbers, times, and from strings to them.

use arrow::array::ArrayRef;

use crate::column::{
    Bools, Strings, absent, bool_results, decimal_results, decimals, int_results, ints, long_results, longs,
    real_results, reals,
};
use crate::{Arg, Type, datetime, decimal, number, timespan};

/// `true`, `false` in any case, or a whole number that is not 0.
pub fn to_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
        None
    } else {
        number::parse_long(text).map(|value| value != 0)
    }
}

/// A whole number in decimal or `0x` form.
pub fn to_long(text: &str) -> Option<i64> {
    number::parse_long(text)
}

/// A real.
pub fn to_real(text: &str) -> Option<f64> {
    number::parse_real(text)
}

/// A decimal.
pub fn to_decimal(text: &str) -> Option<i128> {
    decimal::parse_decimal(text)
}

/// A datetime's ticks.
pub fn to_datetime(text: &str) -> Option<i64> {
    datetime::parse_datetime(text)
}

/// A timespan's ticks.
pub fn to_timespan(text: &str) -> Option<i64> {
    timespan::parse_timespan(text)
}

pub(super) fn cast(arg: &Arg, from: Type, to: Type, rows: usize) -> ArrayRef {
    if !super::is_convertible(from, to) {
        return absent(to, rows);
    }
    match to {
        Type::Bool => bool_column(arg, from, rows),
        Type::Int => {
            let value = whole(arg, from, to);
            int_results(rows, |row| value(row).and_then(|value| i32::try_from(value).ok()))
        }
        Type::Long | Type::TimeSpan => long_results(rows, whole(arg, from, to)),
        Type::DateTime => {
            let value = whole(arg, from, to);
            long_results(rows, |row| value(row).and_then(datetime::in_range))
        }
        Type::Real => real_column(arg, from, rows),
        Type::Decimal => decimal_column(arg, from, rows),
        Type::String | Type::Guid | Type::Dynamic => absent(to, rows),
    }
}

fn bool_column(arg: &Arg, from: Type, rows: usize) -> ArrayRef {
    if from == Type::String {
        let texts = Strings::of(arg);
        return bool_results(rows, |row| to_bool(texts.text(row)));
    }
    if from == Type::Real {
        let values = reals(arg);
        return bool_results(rows, |row| values.get(row).map(|value| value != 0.0));
    }
    if from == Type::Decimal {
        let values = decimals(arg);
        return bool_results(rows, |row| values.get(row).map(|value| value != 0));
    }
    let value = whole(arg, from, Type::Long);
    bool_results(rows, |row| value(row).map(|value| value != 0))
}

/// Rows as whole numbers: ticks for times, the truncated value for reals.
fn whole(arg: &Arg, from: Type, to: Type) -> Box<dyn Fn(usize) -> Option<i64>> {
    match from {
        Type::Bool => {
            let values = Bools::of(arg);
            Box::new(move |row| values.get(row).map(i64::from))
        }
        Type::Int => {
            let values = ints(arg);
            Box::new(move |row| values.get(row).map(i64::from))
        }
        Type::Real => {
            let values = reals(arg);
            Box::new(move |row| values.get(row).and_then(number::real_to_long))
        }
        Type::Decimal => {
            let values = decimals(arg);
            Box::new(move |row| values.get(row).and_then(decimal::to_long))
        }
        Type::String => {
            let texts = Strings::of(arg);
            let parse = match to {
                Type::DateTime => datetime::parse_datetime,
                Type::TimeSpan => timespan::parse_timespan,
                _ => number::parse_long,
            };
            Box::new(move |row| parse(texts.text(row)))
        }
        _ => {
            let values = longs(arg);
            Box::new(move |row| values.get(row))
        }
    }
}
fn real_column(arg: &Arg, from: Type, rows: usize) -> ArrayRef {
    match from {
        Type::String => {
            let texts = Strings::of(arg);
            real_results(rows, |row| number::parse_real(texts.text(row)))
        }
        Type::Decimal => {
            let values = decimals(arg);
            real_results(rows, |row| values.get(row).map(decimal::to_real))
        }
        _ => {
            let value = whole(arg, from, Type::Long);
            real_results(rows, |row| value(row).map(|value| value as f64))
        }
    }
}

fn decimal_column(arg: &Arg, from: Type, rows: usize) -> ArrayRef {
    match from {
        Type::String => {
            let texts = Strings::of(arg);
            decimal_results(rows, |row| decimal::parse_decimal(texts.text(row)))
        }
        Type::Real => {
            let values = reals(arg);
            decimal_results(rows, |row| values.get(row).and_then(decimal::from_real))
        }
        _ => {
            let value = whole(arg, from, Type::Long);
            decimal_results(rows, |row| value(row).map(decimal::from_long))
        }
    }
}
