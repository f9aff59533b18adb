//! Records that hold an Entra or Azure object under other names: they are written anew as the object, and decoded as that.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::decoder::{Decoder, Record, Reject};
use crate::json::{JsonObject, JsonValue};
use crate::rows::Rows;

/// Deepest value that is written anew; deeper ones are kept as they are.
const DEPTH: usize = 32;

/// The decoders of what is written anew, the same for all dialects.
static INNER: LazyLock<Vec<Box<dyn Decoder>>> = LazyLock::new(super::inner_decoders);

/// A way of naming things.
pub(super) trait Dialect: Send + Sync {
    /// The name of the format in reports.
    fn format(&self) -> &'static str;
    /// Whether the record is written so.
    fn recognizes(&self, record: &Record) -> bool;
    /// The object as Graph or diagnostic settings write it.
    fn translate(&self, record: &Record) -> Map<String, Value>;
}

/// Decodes the records of a dialect.
pub struct TranslatedDecoder {
    dialect: Box<dyn Dialect>,
}

impl TranslatedDecoder {
    /// A decoder of this dialect's records.
    pub(super) fn new(dialect: impl Dialect + 'static) -> Self {
        Self { dialect: Box::new(dialect) }
    }
}

impl Decoder for TranslatedDecoder {
    fn format(&self) -> &'static str {
        self.dialect.format()
    }

    fn recognizes(&self, record: &Record) -> bool {
        self.dialect.recognizes(record)
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let text = Value::Object(self.dialect.translate(record)).to_string();
        let object =
            JsonObject::parse(&text).map_err(|error| Reject::new(format!("record cannot be read: {error}")))?;
        let translated = Record::of_object(object, record.raw);
        let decoder = INNER.iter().find(|decoder| decoder.recognizes(&translated));
        let decoder = decoder.ok_or_else(|| Reject::new("record of an Entra log whose kind is not known"))?;
        decoder.decode(&translated, rows)
    }
}

/// A value as a tree. Text that is a JSON object or array is taken as that: cells of CSV hold such.
pub(super) fn to_value(value: &JsonValue) -> Value {
    match value {
        JsonValue::Json(json) => serde_json::from_str(json).unwrap_or(Value::Null),
        JsonValue::Text(text) => {
            let inner = text.trim();
            let nested = if inner.starts_with(['{', '[']) { serde_json::from_str(inner).ok() } else { None };
            nested.unwrap_or_else(|| Value::String(text.clone().into_owned()))
        }
    }
}

/// The value with the names of all its fields renewed.
pub(super) fn rename_fields(value: Value, rename: &dyn Fn(&str) -> String) -> Value {
    rename_to(value, rename, DEPTH)
}

fn rename_to(value: Value, rename: &dyn Fn(&str) -> String, depth: usize) -> Value {
    if depth == 0 {
        return value;
    }
    match value {
        Value::Object(fields) => {
            let renamed = |(name, value): (String, Value)| (rename(&name), rename_to(value, rename, depth - 1));
            Value::Object(fields.into_iter().map(renamed).collect())
        }
        Value::Array(elements) => {
            Value::Array(elements.into_iter().map(|element| rename_to(element, rename, depth - 1)).collect())
        }
        other => other,
    }
}

/// Puts a value at a dotted path, making the objects on the way; a path through something else is left alone.
pub(super) fn put(object: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            object.entry(path).or_insert(value);
        }
        Some((name, rest)) => {
            if let Value::Object(inner) = object.entry(name).or_insert_with(|| Value::Object(Map::new())) {
                put(inner, rest, value);
            }
        }
    }
}
