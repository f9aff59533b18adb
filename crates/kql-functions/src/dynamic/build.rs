//! Building JSON text.

use json_text::write_quoted;

use crate::{Value, datetime, decimal, number, timespan};

/// Appends a value as JSON: numbers and booleans bare, other scalars quoted (decimals too, as in Kusto).
pub fn write_value(out: &mut String, value: &Value) {
    let mut text = String::new();
    match value {
        Value::Null(_) => return out.push_str("null"),
        Value::Bool(value) => return out.push_str(if *value { "true" } else { "false" }),
        Value::Int(value) => return number::write_long(out, i64::from(*value)),
        Value::Long(value) => return number::write_long(out, *value),
        Value::Real(value) if value.is_finite() => return number::write_real(out, *value),
        Value::Real(value) if value.is_nan() => text.push_str("NaN"),
        Value::Real(value) => text.push_str(if *value > 0.0 { "Infinity" } else { "-Infinity" }),
        Value::Decimal(value) => decimal::write_decimal(&mut text, *value),
        Value::String(value) | Value::Guid(value) => return write_quoted(out, value),
        Value::DateTime(ticks) => datetime::write_datetime(&mut text, *ticks),
        Value::TimeSpan(ticks) => timespan::write_timespan(&mut text, *ticks),
        Value::Dynamic(json) => return out.push_str(json),
    }
    write_quoted(out, &text);
}

/// Appends a JSON array element by element.
#[derive(Debug)]
pub struct ArrayWriter<'a> {
    out: &'a mut String,
    is_empty: bool,
}

impl<'a> ArrayWriter<'a> {
    /// Opens the array.
    pub fn new(out: &'a mut String) -> Self {
        out.push('[');
        ArrayWriter { out, is_empty: true }
    }

    /// Appends an element given as JSON text.
    pub fn push(&mut self, json: &str) {
        self.element().push_str(json);
    }

    /// Appends a string element.
    pub fn push_text(&mut self, text: &str) {
        write_quoted(self.element(), text);
    }

    /// Starts an element, which the caller writes.
    pub fn element(&mut self) -> &mut String {
        if !self.is_empty {
            self.out.push(',');
        }
        self.is_empty = false;
        self.out
    }

    /// Closes the array.
    pub fn end(self) {
        self.out.push(']');
    }
}

/// Appends a JSON object property by property.
#[derive(Debug)]
pub struct BagWriter<'a> {
    out: &'a mut String,
    is_empty: bool,
}

impl<'a> BagWriter<'a> {
    /// Opens the bag.
    pub fn new(out: &'a mut String) -> Self {
        out.push('{');
        BagWriter { out, is_empty: true }
    }

    /// Appends a property: a plain name and a value given as JSON text.
    pub fn push(&mut self, name: &str, json: &str) {
        self.separate();
        write_quoted(self.out, name);
        self.out.push(':');
        self.out.push_str(json);
    }

    /// Appends a property whose name is already quoted.
    pub fn push_quoted(&mut self, name: &str, json: &str) {
        self.separate();
        self.out.push_str(name);
        self.out.push(':');
        self.out.push_str(json);
    }

    fn separate(&mut self) {
        if !self.is_empty {
            self.out.push(',');
        }
        self.is_empty = false;
    }

    /// Closes the bag.
    pub fn end(self) {
        self.out.push('}');
    }
}
