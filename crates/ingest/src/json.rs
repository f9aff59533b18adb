//! JSON read one level at a time, borrowed from the record's text: nested values stay text until asked for, so that a dynamic
//! column costs a copy and not a tree.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::json_scan::Scanner;
use crate::limits::JSON_DEPTH;

/// A value: JSON text, or a plain string that came from a format other than JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonValue<'a> {
    /// Valid JSON text of any type, without white space around it.
    Json(&'a str),
    /// A string that is not JSON text, such as a CSV cell.
    Text(Cow<'a, str>),
}

impl<'a> JsonValue<'a> {
    /// Checks that the text is one JSON value.
    pub fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str::<&RawValue>(text).map(|raw| Self::Json(raw.get()))
    }

    /// Whether this is JSON `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Json("null"))
    }

    /// The string, unescaped; `None` for other types.
    pub fn as_str(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Json(json) => {
                let inner = json.strip_prefix('"')?.strip_suffix('"')?;
                Some(if inner.contains('\\') { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner) })
            }
        }
    }

    /// The string, or the JSON text of any other type; empty for `null`.
    pub fn to_text(&self) -> Cow<'_, str> {
        match (self, self.as_str()) {
            (_, Some(text)) => text,
            (Self::Json("null"), None) => Cow::Borrowed(""),
            (Self::Json(json), None) => compact(json),
            (Self::Text(text), None) => Cow::Borrowed(text),
        }
    }

    /// The JSON text, without white space between tokens.
    pub fn to_json(&self) -> Cow<'_, str> {
        match self {
            Self::Json(json) => compact(json),
            Self::Text(text) => Cow::Owned(quote(text)),
        }
    }

    /// An integer: a JSON number without a fraction, or a string that holds one (`"4"`, `"0x17"`).
    pub fn as_i64(&self) -> Option<i64> {
        let text = self.to_text();
        let text = text.trim();
        if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            return u64::from_str_radix(hex, 16).ok().map(u64::cast_signed);
        }
        text.parse().ok().or_else(|| whole(text.parse::<f64>().ok()?))
    }

    /// A number, or a string that holds one.
    pub fn as_f64(&self) -> Option<f64> {
        self.to_text().trim().parse().ok()
    }

    /// A boolean: `true`, `false`, strings of them in any case, `1` and `0`.
    pub fn as_bool(&self) -> Option<bool> {
        let text = self.to_text();
        match text.trim() {
            "1" => Some(true),
            "0" => Some(false),
            text if text.eq_ignore_ascii_case("true") => Some(true),
            text if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The fields of an object, one level deep.
    pub fn as_object(&self) -> Option<JsonObject<'a>> {
        match self {
            Self::Json(json) if json.starts_with('{') => JsonObject::parse(json).ok(),
            _ => None,
        }
    }

    /// The elements of an array, one level deep.
    pub fn as_array(&self) -> Option<Vec<JsonValue<'a>>> {
        match self {
            Self::Json(json) if json.starts_with('[') => {
                serde_json::Deserializer::from_str(json).deserialize_seq(ElementsVisitor).ok()
            }
            _ => None,
        }
    }

    /// Whether this is an object.
    pub fn is_object(&self) -> bool {
        matches!(self, Self::Json(json) if json.starts_with('{'))
    }

    /// Whether this is an array.
    pub fn is_array(&self) -> bool {
        matches!(self, Self::Json(json) if json.starts_with('['))
    }

    /// Whether this is `null`, an empty string, or a string of white space.
    pub fn is_blank(&self) -> bool {
        self.is_null() || self.as_str().is_some_and(|text| text.trim().is_empty())
    }
}

fn whole(number: f64) -> Option<i64> {
    // 2^63 as a float: the first value that no longer fits.
    (number.fract() == 0.0 && number.abs() < 9_223_372_036_854_775_808.0).then_some(number as i64)
}

/// The fields of an object in order, values one level deep. Duplicate names are kept; lookups find the first.
#[derive(Debug, Clone, Default)]
pub struct JsonObject<'a> {
    fields: Fields<'a>,
    /// The fields of the object in one of the fields, and the place of that field: found when this object was.
    nested: Option<Box<(usize, JsonObject<'a>)>>,
    /// No white space stands between the tokens of its text.
    compact: bool,
}

/// Names and values in order.
pub(crate) type Fields<'a> = Vec<(Cow<'a, str>, JsonValue<'a>)>;

impl PartialEq for JsonObject<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.fields == other.fields
    }
}

impl Eq for JsonObject<'_> {}

/// The field whose object is taken apart together with the record: records of diagnostic settings have most of their text there.
pub(crate) const NESTED_FIELD: &str = "properties";

impl<'a> JsonObject<'a> {
    /// Parses an object. The whole text is checked, nested values are not taken apart.
    pub fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        let found = Scanner::new(text.as_bytes(), JSON_DEPTH).object(NESTED_FIELD);
        if let Some(object) = found.and_then(|found| found.object(text)) {
            return Ok(object);
        }
        // Not valid, or nested very deep: the slower way says what is wrong.
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let fields = deserializer.deserialize_map(FieldsVisitor)?;
        deserializer.end()?;
        Ok(Self::from_fields(fields))
    }

    /// An object of these fields.
    pub fn from_fields(fields: Vec<(Cow<'a, str>, JsonValue<'a>)>) -> Self {
        Self { fields, nested: None, compact: false }
    }

    /// An object whose text was scanned: its fields, the fields of the object in one of them, and whether the text is compact.
    pub(crate) fn scanned(fields: Fields<'a>, nested: Option<(usize, Fields<'a>)>, compact: bool) -> Self {
        let nested = nested.map(|(place, fields)| Box::new((place, Self { fields, nested: None, compact })));
        Self { fields, nested, compact }
    }

    /// The object in this field.
    pub fn object(&self, name: &str) -> Option<Cow<'_, JsonObject<'a>>> {
        let place = self.fields.iter().position(|(key, _)| key == name)?;
        match &self.nested {
            Some(nested) if nested.0 == place => Some(Cow::Borrowed(&nested.1)),
            _ => self.fields[place].1.as_object().map(Cow::Owned),
        }
    }

    /// Whether no white space stands between the tokens of its text.
    pub(crate) fn is_compact(&self) -> bool {
        self.compact
    }

    /// An object of one field that holds a text which is no JSON.
    pub fn of_text(name: &'static str, text: &'a str) -> Self {
        Self::from_fields(vec![(Cow::Borrowed(name), JsonValue::Text(Cow::Borrowed(text)))])
    }

    /// The value of this field, exact name.
    pub fn get(&self, name: &str) -> Option<&JsonValue<'a>> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The value of this field, case of ASCII letters ignored.
    pub fn get_ignore_case(&self, name: &str) -> Option<&JsonValue<'a>> {
        self.fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The value of this field as a string, when it is one.
    pub fn get_str(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name)?.as_str()
    }

    /// Whether there is a field of this exact name.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &JsonValue<'a>)> {
        self.fields.iter().map(|(key, value)| (key.as_ref(), value))
    }

    /// An object of the fields whose names are wanted.
    pub fn only(&self, wanted: impl Fn(&str) -> bool) -> Self {
        Self::from_fields(self.fields.iter().filter(|(name, _)| wanted(name)).cloned().collect())
    }

    /// Number of fields.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Vec<(Cow<'de, str>, JsonValue<'de>)>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut fields = Vec::with_capacity(32);
        while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            let key = key.get();
            let inner = &key[1..key.len() - 1];
            let key = if inner.contains('\\') { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner) };
            fields.push((key, JsonValue::Json(value.get())));
        }
        Ok(fields)
    }
}

struct ElementsVisitor;

impl<'de> Visitor<'de> for ElementsVisitor {
    type Value = Vec<JsonValue<'de>>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut sequence: S) -> Result<Self::Value, S::Error> {
        let mut elements = Vec::new();
        while let Some(element) = sequence.next_element::<&RawValue>()? {
            elements.push(JsonValue::Json(element.get()));
        }
        Ok(elements)
    }
}

/// Takes the escapes out of the inside of a JSON string. A lone surrogate becomes U+FFFD: logs hold cut-off strings.
pub(crate) fn unescape(inner: &str) -> String {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let (character, used) = escape_at(&rest[at + 1..]);
        text.push(character);
        rest = &rest[at + 1 + used..];
    }
    text.push_str(rest);
    text
}

/// The character of the escape that starts after the backslash, and how many bytes it takes.
fn escape_at(escape: &str) -> (char, usize) {
    match escape.as_bytes().first() {
        Some(b'n') => ('\n', 1),
        Some(b't') => ('\t', 1),
        Some(b'r') => ('\r', 1),
        Some(b'b') => ('\u{8}', 1),
        Some(b'f') => ('\u{c}', 1),
        Some(b'u') => unicode_escape(escape),
        Some(_) => escape.chars().next().map_or(('\\', 0), |character| (character, character.len_utf8())),
        None => ('\\', 0),
    }
}

fn unicode_escape(escape: &str) -> (char, usize) {
    let unit = |at: usize| escape.get(at..at + 4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let Some(first) = unit(1) else { return (char::REPLACEMENT_CHARACTER, 1) };
    if (0xD800..0xDC00).contains(&first)
        && escape.get(5..7) == Some("\\u")
        && let Some(second @ 0xDC00..0xE000) = unit(7)
    {
        let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 11);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 5)
}

/// The text as a JSON string.
pub fn quote(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// Appends the text as a JSON string.
pub fn quote_into(json: &mut String, text: &str) {
    // Looked at as a whole, without a way out in the middle: compilers make that a few instructions for many bytes.
    let is_special = |byte: u8| (byte < 0x20) | (byte == b'"') | (byte == b'\\');
    if !text.bytes().fold(false, |found, byte| found | is_special(byte)) {
        json.push('"');
        json.push_str(text);
        json.push('"');
    } else {
        json.push_str(&quote(text));
    }
}

/// JSON text without white space between its tokens.
pub fn compact(json: &str) -> Cow<'_, str> {
    let bytes = json.as_bytes();
    let mut compacted = String::new();
    let (mut start, mut at, mut in_string) = (0, 0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => in_string = !in_string,
            b'\\' if in_string => at += 1,
            b' ' | b'\n' | b'\r' | b'\t' if !in_string => {
                compacted.push_str(&json[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    if start == 0 {
        return Cow::Borrowed(json);
    }
    compacted.push_str(&json[start..]);
    Cow::Owned(compacted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_values_stay_text() {
        let object = JsonObject::parse(r#"{"a":1,"b":{"c":[1, 2]},"d":"x\ny"}"#).unwrap();
        assert_eq!(object.get("a").and_then(JsonValue::as_i64), Some(1));
        assert_eq!(object.get("b").unwrap().to_json(), r#"{"c":[1,2]}"#);
        assert_eq!(object.get_str("d").unwrap(), "x\ny");
        let inner = object.get("b").and_then(JsonValue::as_object).unwrap();
        assert_eq!(inner.get("c").and_then(JsonValue::as_array).unwrap().len(), 2);
    }

    #[test]
    fn escapes_are_taken_out_and_lone_surrogates_replaced() {
        assert_eq!(unescape(r#"a\u00e9\ud83d\ude00\/\\ \ud800x"#), "aé😀/\\ \u{fffd}x");
    }

    #[test]
    fn compacting_leaves_strings_alone() {
        assert_eq!(compact("{ \"a b\" : \"c \\\" d\" ,\n\"e\":[ 1 ] }"), "{\"a b\":\"c \\\" d\",\"e\":[1]}");
        assert!(matches!(compact("{\"a\":1}"), Cow::Borrowed(_)));
    }

    #[test]
    fn text_after_the_object_is_an_error() {
        assert!(JsonObject::parse("{} x").is_err());
        assert!(JsonObject::parse("[1]").is_err());
        assert!(JsonObject::parse("{\"a\":}").is_err());
    }

    #[test]
    fn numbers_in_strings_are_numbers() {
        assert_eq!(JsonValue::Json("\"4\"").as_i64(), Some(4));
        assert_eq!(JsonValue::Json("\"0x17\"").as_i64(), Some(23));
        assert_eq!(JsonValue::Json("4.0").as_i64(), Some(4));
        assert_eq!(JsonValue::Json("4.5").as_i64(), None);
        assert_eq!(JsonValue::Json("\"True\"").as_bool(), Some(true));
    }
}
