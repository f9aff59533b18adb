//! Records of the HTTP Data Collector API: each goes into one custom table, in columns whose names say their types.
//!
//! <https://learn.microsoft.com/previous-versions/azure/azure-monitor/logs/data-collector-api>

use std::borrow::Cow;

use super::{ColumnTypes, CustomRow};
use crate::decoder::{Decoder, Record, Reject};
use crate::json::JsonValue;
use crate::rows::Rows;
use crate::time::parse_time;

/// Length of a GUID with its hyphens.
const GUID_BYTES: usize = 36;

/// Places of the hyphens of a GUID.
const GUID_HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// Puts every record into one table.
pub(crate) struct DataCollectorRows {
    table: String,
    /// The field that a row's time is in.
    time_field: Option<String>,
    /// The resource that sends, of the header `x-ms-AzureResourceId`.
    resource_id: Option<String>,
}

impl DataCollectorRows {
    /// A decoder into this table.
    pub fn into_table(table: String, time_field: Option<String>, resource_id: Option<String>) -> Self {
        Self { table, time_field, resource_id }
    }
}

/// The end of the name of a value's column, and the value as the column holds it; `None` for null.
fn suffixed<'v>(value: &'v JsonValue<'v>) -> Option<(&'static str, JsonValue<'v>)> {
    if value.is_null() {
        return None;
    }
    if value.is_object() || value.is_array() {
        return Some(("_s", JsonValue::Text(value.to_json())));
    }
    if let Some(text) = value.as_str() {
        let suffix = match text.as_ref() {
            text if is_guid(text) => "_g",
            text if text.as_bytes().get(10) == Some(&b'T') && parse_time(text).is_some() => "_t",
            _ => "_s",
        };
        return Some((suffix, value.clone()));
    }
    let suffix = if matches!(value.to_text().as_ref(), "true" | "false") { "_b" } else { "_d" };
    Some((suffix, value.clone()))
}

fn is_guid(text: &str) -> bool {
    let is_place_right = |(place, byte): (usize, u8)| {
        if GUID_HYPHENS.contains(&place) { byte == b'-' } else { byte.is_ascii_hexdigit() }
    };
    text.len() == GUID_BYTES && text.bytes().enumerate().all(is_place_right)
}

impl Decoder for DataCollectorRows {
    fn format(&self) -> &'static str {
        "data-collector"
    }

    fn recognizes(&self, _record: &Record) -> bool {
        true
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let object = &record.object;
        let named = self.time_field.as_deref().and_then(|field| parse_time(&object.get_str(field)?));
        let time = named.or(rows.arrival());
        let time = time.ok_or_else(|| Reject::new(format!("row of `{}` without a time", self.table)))?;
        let values: Vec<(String, JsonValue)> = object
            .iter()
            .filter_map(|(name, value)| suffixed(value).map(|(suffix, value)| (format!("{name}{suffix}"), value)))
            .collect();
        let resource = self.resource_id.as_deref().map(|id| JsonValue::Text(Cow::Borrowed(id)));
        let mut fields: Vec<(&str, &JsonValue)> = values.iter().map(|(name, value)| (name.as_str(), value)).collect();
        fields.extend(resource.as_ref().map(|id| ("_ResourceId", id)));
        rows.add_custom(
            &self.table,
            CustomRow { time, tenant: Cow::Borrowed(""), fields, types: ColumnTypes::BySuffix },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_column_name_says_what_the_value_is() {
        let suffix = |json: &'static str| {
            let value = JsonValue::Json(json);
            suffixed(&value).map(|(suffix, _)| suffix)
        };
        for (json, expected) in [
            ("\"text\"", Some("_s")),
            ("\"2024-05-01\"", Some("_s")),
            ("\"2024-05-01T08:00:00Z\"", Some("_t")),
            ("\"01234567-89AB-cdef-0123-456789abcdef\"", Some("_g")),
            ("\"01234567x89AB-cdef-0123-456789abcdef\"", Some("_s")),
            ("1.5", Some("_d")),
            ("-7", Some("_d")),
            ("true", Some("_b")),
            ("[1]", Some("_s")),
            ("null", None),
        ] {
            assert_eq!(suffix(json), expected, "{json}");
        }
    }
}
