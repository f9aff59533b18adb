//! Says what a record is that no decoder knows.

use crate::decoder::Record;
use crate::json::JsonValue;
use crate::time::parse_time;

/// Fields named in a reason.
const NAMED_FIELDS: usize = 6;

/// Longest text of the record that a reason repeats.
const QUOTED_CHARACTERS: usize = 60;

/// Shortest text that is taken as a time: `2021-05-18`.
const TIME_CHARACTERS: usize = 10;

/// Why the record was not decoded: which known log it is, or what its fields are.
pub(crate) fn describe(record: &Record) -> String {
    let object = &record.object;
    let text = |name: &str| object.get_ignore_case(name).and_then(|value| value.as_str().map(|text| shorten(&text)));
    if let Some(category) = text("category")
        && object.has("properties")
        && object.get_ignore_case("tenantId").is_some()
    {
        return format!("no decoder for records of category `{category}`");
    }
    if let Some(table) = text("Type").or_else(|| text("$table")).filter(|_| object.has("TimeGenerated")) {
        return format!("no built-in table is named `{table}`");
    }
    let fields: Vec<String> = object.iter().take(NAMED_FIELDS).map(|(name, _)| shorten(name)).collect();
    let more = if object.len() > NAMED_FIELDS { ", …" } else { "" };
    let fields = format!("`{}{more}`", fields.join(", "));
    if is_list_row(record) {
        return format!("row of a list, no log record: it has no time; fields {fields}");
    }
    format!("no decoder for records with fields {fields}")
}

/// Whether this is a row of a CSV file without a time, such as a watchlist.
fn is_list_row(record: &Record) -> bool {
    let is_time = |text: &str| text.len() >= TIME_CHARACTERS && parse_time(text).is_some();
    !record.object.is_empty()
        && record.object.iter().all(|(_, value)| matches!(value, JsonValue::Text(text) if !is_time(text)))
}

/// The begin of a text, for a message.
pub(crate) fn shorten(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(QUOTED_CHARACTERS).collect()
}
