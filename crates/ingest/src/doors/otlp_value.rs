//! Values of OpenTelemetry as JSON text.

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};

use crate::json::quote_into;

/// Appends the value; an empty one is `null`. Bytes become hexadecimal digits, numbers that JSON has none of become text.
pub(super) fn push_value(json: &mut String, value: Option<&AnyValue>) {
    match value.and_then(|value| value.value.as_ref()) {
        None | Some(Value::StringValueStrindex(_)) => json.push_str("null"),
        Some(Value::StringValue(text)) => quote_into(json, text),
        Some(Value::BoolValue(value)) => json.push_str(if *value { "true" } else { "false" }),
        Some(Value::IntValue(number)) => json.push_str(&number.to_string()),
        Some(Value::DoubleValue(number)) if number.is_finite() => {
            json.push_str(&serde_json::to_string(number).unwrap_or_default());
        }
        Some(Value::DoubleValue(number)) => quote_into(json, &number.to_string()),
        Some(Value::ArrayValue(array)) => {
            json.push('[');
            for (place, value) in array.values.iter().enumerate() {
                if place > 0 {
                    json.push(',');
                }
                push_value(json, Some(value));
            }
            json.push(']');
        }
        Some(Value::KvlistValue(list)) => push_pairs(json, &list.values),
        Some(Value::BytesValue(bytes)) => push_hex(json, bytes),
    }
}

/// Appends key-value pairs as an object.
pub(super) fn push_pairs(json: &mut String, pairs: &[KeyValue]) {
    json.push('{');
    for (place, pair) in pairs.iter().enumerate() {
        if place > 0 {
            json.push(',');
        }
        quote_into(json, &pair.key);
        json.push(':');
        push_value(json, pair.value.as_ref());
    }
    json.push('}');
}

/// Appends bytes as a string of hexadecimal digits.
pub(super) fn push_hex(json: &mut String, bytes: &[u8]) {
    json.push('"');
    json.push_str(&crate::hash::hexadecimal(bytes));
    json.push('"');
}
