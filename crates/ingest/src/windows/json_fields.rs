//! Reading an event's parts out of JSON objects.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::json::{JsonObject, JsonValue};
use crate::time::parse_time;

/// The value as text that lives as long as the record: a string without its escapes, the JSON text of any other type.
pub fn text_of<'a>(value: &JsonValue<'a>) -> Cow<'a, str> {
    match value {
        JsonValue::Json(json) => match json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
            Some(inner) if !inner.contains('\\') => Cow::Borrowed(inner),
            _ => Cow::Owned(value.to_text().into_owned()),
        },
        JsonValue::Text(text) => text.clone(),
    }
}

/// The text of the first of these fields that is there and not blank; empty when none is.
pub fn first_text<'a>(object: &JsonObject<'a>, names: &[&str]) -> Cow<'a, str> {
    let found = names.iter().filter_map(|name| object.get(name)).find(|value| !value.is_blank());
    found.map_or(Cow::Borrowed(""), text_of)
}

/// The first of these fields that holds a time.
pub fn first_time(object: &JsonObject, names: &[&str]) -> Option<DateTime<Utc>> {
    names.iter().filter_map(|name| object.get_str(name)).find_map(|text| parse_time(&text))
}

/// The integer in this field.
pub fn integer(object: &JsonObject, name: &str) -> Option<i64> {
    object.get(name)?.as_i64()
}

/// The object in this field; an empty one when it is none.
pub fn object_in<'a>(object: &JsonObject<'a>, name: &str) -> JsonObject<'a> {
    object.get(name).and_then(JsonValue::as_object).unwrap_or_default()
}

/// The object in this field, or of the fields whose names begin with its name and a dot (`winlog.channel`), as exports flatten them:
/// some put each value into an array of its own.
pub fn object_or_flattened<'a>(object: &JsonObject<'a>, name: &str) -> JsonObject<'a> {
    if let Some(inner) = object.get(name).and_then(JsonValue::as_object) {
        return inner;
    }
    let inner = object.iter().filter_map(|(key, value)| {
        let key = key.strip_prefix(name)?.strip_prefix('.')?;
        Some((Cow::Owned(key.to_owned()), only_element(value)))
    });
    JsonObject::from_fields(inner.collect())
}

/// The element of an array of one; any other value as it is.
fn only_element<'a>(value: &JsonValue<'a>) -> JsonValue<'a> {
    match value.as_array().as_deref() {
        Some([element]) => element.clone(),
        _ => value.clone(),
    }
}

/// A keyword mask as Windows writes it, from any of its writings: `0x8020000000000000`, or the same 64 bits as a signed number.
pub fn keyword_mask<'a>(value: &JsonValue<'a>) -> Cow<'a, str> {
    keyword_mask_of(text_of(value))
}

/// The same, from text.
pub fn keyword_mask_of(text: Cow<str>) -> Cow<str> {
    if text.starts_with("0x") {
        return text;
    }
    let mask = text.parse::<i64>().map(i64::cast_unsigned).or_else(|_| text.parse::<u64>());
    mask.map_or(text, |mask| Cow::Owned(format!("{mask:#x}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyword_masks_are_hexadecimal() {
        assert_eq!(keyword_mask(&JsonValue::Json("-9214364837600034816")), "0x8020000000000000");
        assert_eq!(keyword_mask(&JsonValue::Json("36028797018963968")), "0x80000000000000");
        assert_eq!(keyword_mask(&JsonValue::Json("\"0x8010000000000000\"")), "0x8010000000000000");
        assert_eq!(keyword_mask(&JsonValue::Json("\"Audit Success\"")), "Audit Success");
    }

    #[test]
    fn the_first_field_with_a_value_counts() {
        let object = JsonObject::parse(r#"{"a":"","b":null,"c":"x\ty","d":1}"#).unwrap();
        assert_eq!(first_text(&object, &["z", "a", "b", "c", "d"]), "x\ty");
        assert_eq!(first_text(&object, &["z", "a"]), "");
    }
}
