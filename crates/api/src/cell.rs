//! One value of a result as JSON.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Decimal128Type, Float64Type, Int32Type, Int64Type};
use kql_functions::dynamic::{compact, parse, write_compact, write_quoted};
use kql_functions::{Type, datetime, decimal, number, timespan};

/// How a surface writes the types on which surfaces differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellForm {
    /// A bool is 0 or 1 (Kusto v1), else `false` or `true`.
    pub bool_is_number: bool,
    /// A dynamic is its JSON text as a string (Log Analytics), else the JSON value itself.
    pub dynamic_is_text: bool,
}

impl CellForm {
    /// Kusto v1.
    pub const KUSTO_V1: Self = Self { bool_is_number: true, dynamic_is_text: false };
    /// Kusto v2 and Graph.
    pub const KUSTO_V2: Self = Self { bool_is_number: false, dynamic_is_text: false };
    /// Log Analytics.
    pub const LOG_ANALYTICS: Self = Self { bool_is_number: false, dynamic_is_text: true };
}

/// Appends the value of a row. An array that is not of the type's Arrow form gives null: nothing panics on a result.
pub(crate) fn write_cell(out: &mut String, array: &ArrayRef, row: usize, ty: Type, form: CellForm) {
    if array.is_null(row) {
        out.push_str(if ty == Type::String { "\"\"" } else { "null" });
        return;
    }
    if write_value(out, array, row, ty, form).is_none() {
        out.push_str("null");
    }
}

fn write_value(out: &mut String, array: &ArrayRef, row: usize, ty: Type, form: CellForm) -> Option<()> {
    let long = || array.as_primitive_opt::<Int64Type>().map(|values| values.value(row));
    let text = || array.as_string_view_opt().map(|values| values.value(row));
    match ty {
        Type::Bool => out.push_str(match (array.as_boolean_opt()?.value(row), form.bool_is_number) {
            (true, true) => "1",
            (false, true) => "0",
            (true, false) => "true",
            (false, false) => "false",
        }),
        Type::Int => number::write_long(out, array.as_primitive_opt::<Int32Type>()?.value(row).into()),
        Type::Long => number::write_long(out, long()?),
        Type::Real => write_real(out, array.as_primitive_opt::<Float64Type>()?.value(row)),
        Type::Decimal => {
            out.push('"');
            decimal::write_decimal(out, array.as_primitive_opt::<Decimal128Type>()?.value(row));
            out.push('"');
        }
        Type::String | Type::Guid => write_quoted(out, text()?),
        Type::DateTime => {
            out.push('"');
            write_datetime(out, long()?);
            out.push('"');
        }
        Type::TimeSpan => {
            out.push('"');
            timespan::write_timespan(out, long()?);
            out.push('"');
        }
        Type::Dynamic => write_dynamic(out, text()?, form.dynamic_is_text),
    }
    Some(())
}

/// Reals that JSON has no number for are the texts `NaN`, `Infinity` and `-Infinity`, which all clients know.
fn write_real(out: &mut String, value: f64) {
    if value.is_nan() {
        out.push_str("\"NaN\"");
    } else if value.is_infinite() {
        out.push_str(if value > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" });
    } else {
        number::write_real(out, value);
    }
}

/// `2024-01-01T00:00:00Z`, `2024-01-01T00:00:00.5Z`: the digits of the fraction that it needs.
pub(crate) fn write_datetime(out: &mut String, ticks: i64) {
    let start = out.len();
    datetime::write_datetime(out, ticks);
    let text = &out[start..];
    // Seven digits and `Z` behind the point.
    let kept = text.trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.').len();
    if text.contains('.') {
        out.truncate(start + kept);
        out.push('Z');
    }
}

fn write_dynamic(out: &mut String, text: &str, is_text: bool) {
    match (parse(text), is_text) {
        (Some(json), true) => write_quoted(out, &compact(json)),
        (Some(json), false) => write_compact(out, json),
        (None, _) if text.trim() == "null" => out.push_str("null"),
        // Not JSON: a text that some table kept as it came.
        (None, _) => write_quoted(out, text),
    }
}
