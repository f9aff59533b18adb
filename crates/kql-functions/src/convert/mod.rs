//! Conversions between types, over arrays and constants. What cannot be converted gives null, never an error.

mod from_dynamic;
mod json;
mod scalar;
mod to_text;
mod value;

use arrow::array::ArrayRef;

use crate::column::{absent, written_nullable};
use crate::{Arg, Type, guid};

pub use from_dynamic::kept;
pub use json::JsonRows;
pub use scalar::{to_bool, to_datetime, to_decimal, to_long, to_real, to_timespan};

/// Converts each row, both for implicit promotion and for `tostring`, `tolong`, `todatetime`, ….
///
/// A string that becomes dynamic is a JSON string: `parse_json` is another function.
pub fn cast(array: &ArrayRef, from: Type, to: Type) -> ArrayRef {
    let arg = Arg::Array(array.clone());
    let rows = array.len();
    match (from, to) {
        (from, to) if from == to => array.clone(),
        (_, Type::String) => to_text::cast(&arg, from, rows),
        (_, Type::Dynamic) => {
            let json = JsonRows::new(&arg, from);
            written_nullable(rows, |row, out| json.write(row, out))
        }
        (Type::Dynamic, to) => from_dynamic::cast(&arg, to, rows),
        (Type::String, Type::Guid) => {
            let texts = crate::column::Strings::of(&arg);
            written_nullable(rows, |row, out| guid::write_canonical(texts.text(row), out))
        }
        (Type::Guid, _) | (_, Type::Guid) => absent(to, rows),
        _ => scalar::cast(&arg, from, to, rows),
    }
}

/// Whether an explicit conversion of the one type to the other can give anything but null.
pub fn is_convertible(from: Type, to: Type) -> bool {
    use Type::{DateTime, Dynamic, Guid, String, TimeSpan};
    match (from, to) {
        (from, to) if from == to => true,
        (String | Dynamic, _) | (_, String | Dynamic) => true,
        (Guid, _) | (_, Guid) => false,
        (DateTime, TimeSpan) | (TimeSpan, DateTime) => false,
        (Type::Bool, DateTime | TimeSpan) | (DateTime | TimeSpan, Type::Bool) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::datetime::{TICKS_PER_DAY, parse_datetime};

    fn check(from: Value, to: Type, expected: Value) {
        assert_eq!(from.cast(to), expected, "{from:?} as {}", to.name());
        let cast = cast(&from.to_array(), from.ty(), to);
        assert_eq!(Value::from_array(&cast, 0, to), expected, "{from:?} as {} in an array", to.name());
    }

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    fn json(text: &str) -> Value {
        Value::Dynamic(text.to_owned())
    }

    #[test]
    fn strings_convert_or_give_null() {
        check(text("0x1F"), Type::Int, Value::Int(31));
        check(text("12.5"), Type::Int, Value::Null(Type::Int));
        check(text("9999999999"), Type::Int, Value::Null(Type::Int));
        check(text("9999999999"), Type::Long, Value::Long(9_999_999_999));
        check(text("1_000"), Type::Real, Value::Null(Type::Real));
        check(text("1.5"), Type::Real, Value::Real(1.5));
        check(text("true"), Type::Bool, Value::Bool(true));
        check(text("FALSE"), Type::Bool, Value::Bool(false));
        check(text("1"), Type::Bool, Value::Bool(true));
        check(text(" true"), Type::Bool, Value::Null(Type::Bool));
        check(text("1d"), Type::TimeSpan, Value::TimeSpan(TICKS_PER_DAY));
        check(text("2024-01-01"), Type::DateTime, Value::DateTime(parse_datetime("2024-01-01").unwrap()));
        check(text("x"), Type::DateTime, Value::Null(Type::DateTime));
        check(text("a\"b"), Type::Dynamic, json("\"a\\\"b\""));
        check(text("no guid"), Type::Guid, Value::Null(Type::Guid));
    }

    #[test]
    fn everything_prints_as_kusto_does() {
        check(Value::Bool(true), Type::String, text("True"));
        check(Value::Null(Type::Int), Type::String, text(""));
        check(Value::Real(1.0), Type::String, text("1.0"));
        check(Value::Long(-7), Type::String, text("-7"));
        check(Value::TimeSpan(TICKS_PER_DAY), Type::String, text("1.00:00:00"));
        check(Value::DateTime(0), Type::String, text("0001-01-01T00:00:00.0000000Z"));
        check(json("\"a\\\"b\""), Type::String, text("a\"b"));
        check(json("{\"a\": [1, 2]}"), Type::String, text("{\"a\":[1,2]}"));
        check(Value::Null(Type::Dynamic), Type::String, text(""));
    }

    #[test]
    fn dynamic_values_convert_by_what_they_hold() {
        check(json("1.9"), Type::Long, Value::Long(1));
        check(json("\"42\""), Type::Long, Value::Long(42));
        check(json("\"2024-01-01\""), Type::DateTime, Value::DateTime(parse_datetime("2024-01-01").unwrap()));
        check(json("[1]"), Type::Long, Value::Null(Type::Long));
        check(json("true"), Type::Bool, Value::Bool(true));
        check(json("1"), Type::Bool, Value::Bool(true));
        check(json("\"1.02:00:00\""), Type::TimeSpan, Value::TimeSpan(TICKS_PER_DAY / 12 * 13));
        check(json("2.5"), Type::Real, Value::Real(2.5));
    }

    #[test]
    fn numbers_and_times_convert_by_ticks() {
        check(Value::Real(-1.9), Type::Long, Value::Long(-1));
        check(Value::Real(f64::NAN), Type::Long, Value::Null(Type::Long));
        check(Value::Long(1 << 40), Type::Int, Value::Null(Type::Int));
        check(Value::TimeSpan(TICKS_PER_DAY), Type::Long, Value::Long(864_000_000_000));
        check(Value::Long(TICKS_PER_DAY), Type::DateTime, Value::DateTime(TICKS_PER_DAY));
        check(Value::Long(-1), Type::DateTime, Value::Null(Type::DateTime));
        check(Value::Bool(true), Type::Long, Value::Long(1));
        check(Value::Long(2), Type::Bool, Value::Bool(true));
        check(Value::Int(3), Type::Dynamic, json("3"));
        check(Value::Decimal(crate::decimal::ONE), Type::Dynamic, json("\"1\""));
        check(Value::Real(2.5), Type::Decimal, Value::Decimal(crate::decimal::ONE / 2 * 5));
    }
}
