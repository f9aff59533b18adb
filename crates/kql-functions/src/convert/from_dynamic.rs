//! Dynamic values to scalars: strings inside are parsed, numbers and booleans converted.

use arrow::array::ArrayRef;

use crate::column::{
    Strings, absent, bool_results, decimal_results, int_results, long_results, real_results, written_nullable,
};
use crate::dynamic::{Kind, kind, unquote};
use crate::{Arg, Type, Value, decimal, guid, number};

pub(super) fn cast(arg: &Arg, to: Type, rows: usize) -> ArrayRef {
    let json = Strings::of(arg);
    let value = |row: usize| json.get(row).map_or(Value::Null(to), |json| convert(json, to));
    typed(to, rows, value)
}

/// Rows of values of one type as an array.
fn typed(to: Type, rows: usize, value: impl Fn(usize) -> Value) -> ArrayRef {
    match to {
        Type::Bool => bool_results(rows, |row| if let Value::Bool(value) = value(row) { Some(value) } else { None }),
        Type::Int => int_results(rows, |row| if let Value::Int(value) = value(row) { Some(value) } else { None }),
        Type::Real => real_results(rows, |row| if let Value::Real(value) = value(row) { Some(value) } else { None }),
        Type::Decimal => {
            decimal_results(rows, |row| if let Value::Decimal(value) = value(row) { Some(value) } else { None })
        }
        Type::Long | Type::DateTime | Type::TimeSpan => long_results(rows, |row| match value(row) {
            Value::Long(value) | Value::DateTime(value) | Value::TimeSpan(value) => Some(value),
            _ => None,
        }),
        Type::Guid => written_nullable(rows, |row, out| match value(row) {
            Value::Guid(text) => {
                out.push_str(&text);
                true
            }
            _ => false,
        }),
        Type::String | Type::Dynamic => absent(to, rows),
    }
}

/// A JSON text as a scalar of a type.
pub(crate) fn convert(json: &str, to: Type) -> Value {
    match kind(json) {
        Kind::String => super::value::from_text(&unquote(json), to),
        Kind::Number => from_number(json.trim(), to),
        Kind::Bool => Value::Bool(json.trim() == "true").cast(to),
        Kind::Null | Kind::Array | Kind::Bag => Value::Null(to),
    }
}

fn from_number(text: &str, to: Type) -> Value {
    if to == Type::Decimal {
        return decimal::parse_decimal(text).map_or(Value::Null(to), Value::Decimal);
    }
    if let Some(value) = number::parse_long(text) {
        return Value::Long(value).cast(to);
    }
    number::parse_real(text).map_or(Value::Null(to), |value| Value::Real(value).cast(to))
}

/// A JSON text as a scalar of a type, only when it holds that kind of value already: a number for numeric
/// types, `true` or `false` for bool, a text of the right form for the others.
pub fn kept(json: &str, to: Type) -> Value {
    let fits = match kind(json) {
        Kind::Number => to.is_numeric(),
        Kind::Bool => to == Type::Bool,
        Kind::String => matches!(to, Type::String | Type::Guid | Type::DateTime | Type::TimeSpan),
        _ => to == Type::Dynamic,
    };
    match to {
        Type::Dynamic => Value::Dynamic(json.to_owned()),
        Type::String if fits => Value::String(unquote(json).into_owned()),
        Type::String => Value::String(String::new()),
        Type::Guid if fits => guid::parse_guid(&unquote(json)).map_or(Value::Null(to), Value::Guid),
        _ if fits => convert(json, to),
        _ => Value::Null(to),
    }
}
