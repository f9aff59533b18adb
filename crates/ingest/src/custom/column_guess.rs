//! The type of a custom column, from the values seen.

use std::borrow::Cow;

use schema::ColumnType;

use crate::json::JsonValue;
use crate::time::parse_time;

/// What the values of a column have in common so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnGuess {
    /// Only empty strings.
    Blank,
    Bool,
    Long,
    Real,
    /// ISO 8601 text with date and time.
    DateTime,
    /// Strings that hold an object or array as JSON text.
    JsonText,
    String,
    /// Objects or arrays.
    Dynamic,
}

impl ColumnGuess {
    /// The narrowest type of this value, which is JSON.
    pub fn of(value: &JsonValue) -> Self {
        if value.is_object() || value.is_array() {
            return Self::Dynamic;
        }
        if let Some(text) = value.as_str() {
            return match text.trim() {
                "" => Self::Blank,
                text if is_iso_time(text) => Self::DateTime,
                text if text.starts_with(['{', '[']) && JsonValue::parse(text).is_ok() => Self::JsonText,
                _ => Self::String,
            };
        }
        match value.to_text().as_ref() {
            "true" | "false" => Self::Bool,
            number if number.parse::<i64>().is_ok() => Self::Long,
            // No number column holds all digits of so large an integer.
            number if is_integer(number) => Self::String,
            _ => Self::Real,
        }
    }

    /// The narrowest type of this value and those before.
    pub fn join(self, other: Self) -> Self {
        match (self, other) {
            (left, right) if left == right => left,
            (Self::Blank, other) | (other, Self::Blank) => other,
            (Self::Long, Self::Real) | (Self::Real, Self::Long) => Self::Real,
            (Self::Dynamic, _) | (_, Self::Dynamic) => Self::Dynamic,
            _ => Self::String,
        }
    }

    /// The type of the column. Where its name says what Log Analytics made of it (`_s` text, `_d` a number), that is heeded.
    pub fn column_type(self, name: &str) -> ColumnType {
        match self {
            Self::Bool | Self::Long | Self::Real | Self::DateTime if name.ends_with("_s") => ColumnType::String,
            Self::Long if name.ends_with("_d") => ColumnType::Real,
            Self::Bool => ColumnType::Bool,
            Self::Long => ColumnType::Long,
            Self::Real => ColumnType::Real,
            Self::DateTime => ColumnType::DateTime,
            Self::Blank | Self::String => ColumnType::String,
            Self::JsonText | Self::Dynamic => ColumnType::Dynamic,
        }
    }
}

/// Digits only, with a sign or none.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// `2024-05-01T08:00…`: a date alone, or one in words, stays text.
fn is_iso_time(text: &str) -> bool {
    text.as_bytes().get(10).is_some_and(|byte| *byte == b'T') && parse_time(text).is_some()
}

/// Whether a column of this type takes the value without loss; what it does not take goes to `_RawExtra`.
pub(super) fn fits(ty: ColumnType, value: &JsonValue) -> bool {
    let text = value.to_text();
    match ty {
        ColumnType::Bool => matches!(text.as_ref(), "true" | "false" | "True" | "False"),
        ColumnType::Int | ColumnType::Long => text.parse::<i64>().is_ok(),
        // A long that a real cannot hold would come back as another number.
        ColumnType::Real => match text.parse::<i64>() {
            Ok(whole) => whole as f64 as i128 == i128::from(whole),
            Err(_) => !is_integer(&text) && text.parse::<f64>().is_ok_and(f64::is_finite),
        },
        ColumnType::DateTime => value.as_str().is_some_and(|text| parse_time(&text).is_some()),
        ColumnType::String | ColumnType::Dynamic => true,
        // No custom column has these types.
        ColumnType::Decimal | ColumnType::Guid | ColumnType::TimeSpan => false,
    }
}

/// The value as JSON. Text that is not JSON (a CSV cell) is a number or boolean where it is written just as those are.
pub(super) fn as_json<'v>(value: &'v JsonValue<'_>) -> Cow<'v, str> {
    match value {
        JsonValue::Json(_) => value.to_json(),
        JsonValue::Text(text) => match text.as_ref() {
            "true" | "True" => Cow::Borrowed("true"),
            "false" | "False" => Cow::Borrowed("false"),
            text if text.parse::<i64>().is_ok_and(|number| number.to_string() == text) => Cow::Borrowed(text),
            text if is_plain_real(text) => Cow::Borrowed(text),
            _ => value.to_json(),
        },
    }
}

/// `-1.25`: digits, a point, digits; not `1e5`, `.5` or `01.5`, which may be names.
fn is_plain_real(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    unsigned
        .split_once('.')
        .is_some_and(|(whole, fraction)| digits(whole) && digits(fraction) && (whole == "0" || !whole.starts_with('0')))
}
