//! The cells of one column under construction, converted to the column's type.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Decimal128Builder, Float64Builder, Int32Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use schema::ColumnType;

use crate::json::JsonValue;
use crate::time::parse_time;

/// Digits after the point of a stored decimal.
const DECIMAL_SCALE: i8 = 17;
/// Digits of a stored decimal.
const DECIMAL_PRECISION: u8 = 38;

/// The cells of one column.
#[derive(Debug)]
pub(crate) enum ColumnBuilder {
    Bool(BooleanBuilder),
    Int(Int32Builder),
    Long(Int64Builder),
    Real(Float64Builder),
    Decimal(Decimal128Builder),
    DateTime(TimestampMicrosecondBuilder),
    TimeSpan(Int64Builder),
    /// Absent is `""`.
    String(StringBuilder),
    /// Absent is null; canonical lower case.
    Guid(StringBuilder),
    /// Absent is null; JSON text.
    Dynamic(StringBuilder),
}

/// Runs one expression on the Arrow builder of any column.
macro_rules! each_builder {
    ($column:expr, $builder:ident => $do:expr) => {
        match $column {
            ColumnBuilder::Bool($builder) => $do,
            ColumnBuilder::Int($builder) => $do,
            ColumnBuilder::Long($builder) | ColumnBuilder::TimeSpan($builder) => $do,
            ColumnBuilder::Real($builder) => $do,
            ColumnBuilder::Decimal($builder) => $do,
            ColumnBuilder::DateTime($builder) => $do,
            ColumnBuilder::String($builder) | ColumnBuilder::Guid($builder) | ColumnBuilder::Dynamic($builder) => $do,
        }
    };
}

impl ColumnBuilder {
    /// No cells yet.
    pub(crate) fn new(ty: ColumnType) -> Self {
        match ty {
            ColumnType::Bool => Self::Bool(BooleanBuilder::new()),
            ColumnType::Int => Self::Int(Int32Builder::new()),
            ColumnType::Long => Self::Long(Int64Builder::new()),
            ColumnType::Real => Self::Real(Float64Builder::new()),
            ColumnType::Decimal => Self::Decimal(new_decimal_builder()),
            ColumnType::DateTime => Self::DateTime(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
            ColumnType::TimeSpan => Self::TimeSpan(Int64Builder::new()),
            ColumnType::String => Self::String(StringBuilder::new()),
            ColumnType::Guid => Self::Guid(StringBuilder::new()),
            ColumnType::Dynamic => Self::Dynamic(StringBuilder::new()),
        }
    }

    /// How many cells there are.
    pub(crate) fn len(&self) -> usize {
        use arrow::array::ArrayBuilder;
        each_builder!(self, builder => builder.len())
    }

    /// The cells. The next rows find as much room as these took, so that they are not moved while they grow.
    pub(crate) fn finish(&mut self) -> ArrayRef {
        if let Self::String(builder) | Self::Guid(builder) | Self::Dynamic(builder) = self {
            use arrow::array::ArrayBuilder;
            let room = StringBuilder::with_capacity(builder.len(), builder.values_slice().len());
            return Arc::new(std::mem::replace(builder, room).finish());
        }
        each_builder!(self, builder => Arc::new(builder.finish()))
    }

    /// Appends absent cells until there are so many cells.
    pub(crate) fn fill_to(&mut self, rows: usize) {
        let missing = rows.saturating_sub(self.len());
        if missing == 0 {
            return;
        }
        match self {
            Self::String(builder) => builder.append_value_n("", missing),
            other => each_builder!(other, builder => builder.append_nulls(missing)),
        }
    }

    /// Appends the value converted to the column's type; `None` when it cannot be, else how many bytes of text were added.
    pub(crate) fn push_json(&mut self, value: &JsonValue) -> Option<usize> {
        match self {
            Self::Dynamic(builder) => Some(push_dynamic(builder, value)),
            Self::String(builder) => {
                let text = value.to_text();
                builder.append_value(&text);
                Some(text.len())
            }
            Self::Bool(builder) => value.as_bool().map(|value| builder.append_value(value)).map(|()| 0),
            Self::Long(builder) => value.as_i64().map(|value| builder.append_value(value)).map(|()| 0),
            other => other.push_text(&value.to_text()),
        }
    }

    /// Appends a value from its text form; `None` when it is none of the column's type.
    pub(crate) fn push_text(&mut self, text: &str) -> Option<usize> {
        match self {
            Self::String(builder) => {
                builder.append_value(text);
                return Some(text.len());
            }
            Self::Dynamic(builder) => return Some(push_dynamic(builder, &JsonValue::Text(text.into()))),
            Self::Guid(builder) => builder.append_value(parse_guid(text)?),
            Self::DateTime(builder) => builder.append_value(parse_time(text)?.timestamp_micros()),
            Self::TimeSpan(builder) => builder.append_value(parse_timespan(text)?),
            Self::Bool(builder) => builder.append_value(JsonValue::Text(text.into()).as_bool()?),
            Self::Int(builder) => {
                builder.append_value(i32::try_from(JsonValue::Text(text.into()).as_i64()?).ok()?);
            }
            Self::Long(builder) => builder.append_value(JsonValue::Text(text.into()).as_i64()?),
            Self::Real(builder) => builder.append_value(text.trim().parse().ok()?),
            Self::Decimal(builder) => builder.append_value(parse_decimal(text)?),
        }
        Some(0)
    }

    /// Appends a whole number; `None` when the column cannot hold it.
    pub(crate) fn push_i64(&mut self, value: i64) -> Option<usize> {
        match self {
            Self::Long(builder) | Self::TimeSpan(builder) => builder.append_value(value),
            Self::Int(builder) => builder.append_value(i32::try_from(value).ok()?),
            Self::Real(builder) => builder.append_value(value as f64),
            other => return other.push_text(&value.to_string()),
        }
        Some(0)
    }
}

fn new_decimal_builder() -> Decimal128Builder {
    Decimal128Builder::new()
        .with_precision_and_scale(DECIMAL_PRECISION, DECIMAL_SCALE)
        .expect("38 digits, 17 of them after the point, is a valid decimal")
}

/// The text that was appended last.
pub(crate) fn last_text(builder: &StringBuilder) -> &[u8] {
    let start = builder.offsets_slice().iter().rev().nth(1).and_then(|start| usize::try_from(*start).ok());
    start.and_then(|start| builder.values_slice().get(start..)).unwrap_or_default()
}

/// Appends JSON text; a string that itself holds an object or array is taken as that.
fn push_dynamic(builder: &mut StringBuilder, value: &JsonValue) -> usize {
    if let Some(text) = value.as_str() {
        let inner = text.trim();
        if inner.is_empty() {
            builder.append_null();
            return 0;
        }
        if inner.starts_with(['{', '['])
            && let Ok(parsed) = JsonValue::parse(inner)
        {
            let json = parsed.to_json();
            builder.append_value(&json);
            return json.len();
        }
    }
    let json = value.to_json();
    builder.append_value(&json);
    json.len()
}

/// A guid in any of its usual writings, as `01234567-89ab-cdef-0123-456789abcdef`.
fn parse_guid(text: &str) -> Option<String> {
    let digits: String =
        text.trim().chars().filter(|character| !matches!(character, '{' | '}' | '(' | ')' | '-')).collect();
    if digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let digits = digits.to_ascii_lowercase();
    Some([&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-"))
}

/// Ticks of `[-][d.]hh:mm:ss[.fffffff]`.
fn parse_timespan(text: &str) -> Option<i64> {
    /// Ticks of 100 ns in a second.
    const SECOND: i64 = 10_000_000;
    let (sign, text) = text.trim().strip_prefix('-').map_or((1, text.trim()), |rest| (-1, rest));
    let (whole, seconds) = text.rsplit_once(':')?;
    let (hours, minutes) = whole.rsplit_once(':')?;
    let (days, hours) = hours.split_once('.').unwrap_or(("0", hours));
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let fraction: String = fraction.chars().chain("0000000".chars()).take(7).collect();
    let number = |text: &str| text.parse::<u32>().ok().map(i64::from);
    let minutes = number(days)? * 1440 + number(hours)? * 60 + number(minutes)?;
    minutes
        .checked_mul(60)?
        .checked_add(number(seconds)?)?
        .checked_mul(SECOND)?
        .checked_add(number(&fraction)?)?
        .checked_mul(sign)
}

/// The digits of a decimal, with 17 after the point.
fn parse_decimal(text: &str) -> Option<i128> {
    let (sign, text) = text.trim().strip_prefix('-').map_or((1, text.trim()), |rest| (-1, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let scale = usize::try_from(DECIMAL_SCALE).ok()?;
    let fraction: String = fraction.chars().chain("0".repeat(scale).chars()).take(scale).collect();
    let digits = format!("{whole}{fraction}");
    if !digits.bytes().all(|byte| byte.is_ascii_digit())
        || digits.trim_start_matches('0').len() > usize::from(DECIMAL_PRECISION)
    {
        return None;
    }
    digits.parse::<i128>().ok().map(|value| sign * value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_timespans_and_decimals_are_read() {
        assert_eq!(
            parse_guid("{0123456789ABCDEF0123456789abcdef}").as_deref(),
            Some("01234567-89ab-cdef-0123-456789abcdef")
        );
        assert_eq!(parse_guid("x"), None);
        assert_eq!(parse_timespan("1.02:03:04.5"), Some(937_845_000_000));
        assert_eq!(parse_timespan("-00:00:01"), Some(-10_000_000));
        assert_eq!(parse_decimal("-1.5"), Some(-150_000_000_000_000_000));
        assert_eq!(parse_decimal("1e5"), None);
    }
}
