//! The value of a literal.

use kql_functions::dynamic::write_value;
use kql_functions::{Type, Value, datetime, timespan};
use kql_syntax::{Diagnostic, Literal, Span, TYPED_MEMBER, TypeName};

use crate::diagnostics as codes;

/// The KQL type of that name.
pub(crate) fn column_type(name: TypeName) -> Type {
    match name {
        TypeName::Bool => Type::Bool,
        TypeName::Int => Type::Int,
        TypeName::Long => Type::Long,
        TypeName::Real => Type::Real,
        TypeName::Decimal => Type::Decimal,
        TypeName::String => Type::String,
        TypeName::Guid => Type::Guid,
        TypeName::DateTime => Type::DateTime,
        TypeName::TimeSpan => Type::TimeSpan,
        TypeName::Dynamic => Type::Dynamic,
    }
}

/// Reads a literal's text as its type.
pub(super) fn value(literal: &Literal, span: Span) -> Result<Value, Diagnostic> {
    let read = |text: &Option<String>, ty: Type, parse: &dyn Fn(&str) -> Option<Value>| match text {
        None => Ok(Value::Null(ty)),
        Some(text) if text.trim() == "null" => Ok(Value::Null(ty)),
        Some(text) => parse(text.trim())
            .ok_or_else(|| Diagnostic::error(codes::BAD_LITERAL, span, format!("`{text}` is not a {}", ty.name()))),
    };
    match literal {
        Literal::Bool(value) => Ok(value.map_or(Value::Null(Type::Bool), Value::Bool)),
        Literal::Int(text) => {
            // As for longs, hexadecimal digits may set the sign bit.
            let is_hex = |text: &str| text.starts_with("0x") || text.starts_with("0X");
            let narrow = |text: &str, value: i64| match u32::try_from(value) {
                Ok(bits) if is_hex(text) => Some(bits.cast_signed()),
                _ => i32::try_from(value).ok(),
            };
            read(text, Type::Int, &|text| integer(text).and_then(|value| narrow(text, value)).map(Value::Int))
        }
        Literal::Long(text) => read(text, Type::Long, &|text| integer(text).map(Value::Long)),
        Literal::Real(text) => read(text, Type::Real, &|text| real(text).map(Value::Real)),
        Literal::Decimal(text) => {
            read(text, Type::Decimal, &|text| kql_functions::decimal::parse_decimal(text).map(Value::Decimal))
        }
        Literal::String(text) => Ok(Value::String(text.clone())),
        Literal::DateTime(text) => read(text, Type::DateTime, &|text| datetime_of(text).map(Value::DateTime)),
        Literal::TimeSpan(text) => {
            read(text, Type::TimeSpan, &|text| timespan::parse_timespan(text).map(Value::TimeSpan))
        }
        Literal::Guid(text) => read(text, Type::Guid, &|text| kql_functions::guid::parse_guid(text).map(Value::Guid)),
        Literal::Dynamic(text) => Ok(match text {
            None => Value::Null(Type::Dynamic),
            Some(text) if text.trim() == "null" => Value::Null(Type::Dynamic),
            Some(text) if has_exponent(text) && serde_json::from_str::<serde_json::Value>(text).is_err() => {
                let message = "a number in the dynamic value is too large for a real";
                return Err(Diagnostic::error(codes::BAD_LITERAL, span, message));
            }
            Some(text) => Value::Dynamic(with_printed_members(text)),
        }),
    }
}

/// A dynamic literal with its datetimes and timespans as they are printed; one that cannot be read stays the text it is.
fn with_printed_members(json: &str) -> String {
    let marker = format!("\"\\u{:04x}", u32::from(TYPED_MEMBER));
    let mut parts = json.split(marker.as_str());
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (member, rest) = part.split_once('"').unwrap_or((part, ""));
        let (ty, text) = member.split_once(' ').unwrap_or(("", member));
        let value = match ty {
            "datetime" => datetime_of(text).map(Value::DateTime),
            "timespan" => timespan::parse_timespan(text).map(Value::TimeSpan),
            _ => {
                out.extend([&marker, part]);
                continue;
            }
        };
        write_value(&mut out, &value.unwrap_or_else(|| Value::String(text.to_owned())));
        out.push_str(rest);
    }
    out
}

/// Whether something in the text may be a number with an exponent.
fn has_exponent(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| pair[0].is_ascii_digit() && pair[1].eq_ignore_ascii_case(&b'e'))
}

/// A datetime in one of its text forms, or as its parts between commas or spaced hyphens: `2025, 6, 14`.
fn datetime_of(text: &str) -> Option<i64> {
    datetime::parse_datetime(text).or_else(|| {
        let parts: Vec<i64> = text.split([',', '-']).map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
        let [year, month, day] = parts.try_into().ok()?;
        datetime::parse_datetime(&format!("{year:04}-{month:02}-{day:02}"))
    })
}

fn integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let magnitude = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        // Hexadecimal literals may set the sign bit.
        Some(hex) => u64::from_str_radix(hex, 16).ok()? as i64,
        None if negative => return digits.parse::<i128>().ok().and_then(|value| i64::try_from(-value).ok()),
        None => digits.parse::<i64>().ok()?,
    };
    Some(if negative { magnitude.wrapping_neg() } else { magnitude })
}

fn real(text: &str) -> Option<f64> {
    match text.to_ascii_lowercase().as_str() {
        "nan" => Some(f64::NAN),
        "+inf" | "inf" | "infinity" => Some(f64::INFINITY),
        "-inf" | "-infinity" => Some(f64::NEG_INFINITY),
        other => other.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_to_the_edges_of_their_type() {
        assert_eq!(integer("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(integer("0x1F"), Some(31));
        assert_eq!(integer("9223372036854775808"), None);
        assert_eq!(real("-inf"), Some(f64::NEG_INFINITY));
    }
}
