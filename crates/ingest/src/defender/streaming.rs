//! Records of Defender's streaming API: a row of advanced hunting in an envelope that names its table.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use schema::CUSTOM_SUFFIX;

use super::hunting_table::HuntingTable;
use crate::custom::{ColumnTypes, CustomRow};
use crate::decoder::{Decoder, Record, Reject};
use crate::json::{JsonObject, JsonValue};
use crate::rows::{ExtraFields, Rows};
use crate::time::parse_time;

/// What stands before the table's name in a record's category.
const CATEGORY_PREFIX: &str = "AdvancedHunting-";

/// Fields of the envelope that say the same in all records, or what columns say.
const ENVELOPE: [&str; 5] = ["category", "operationName", "properties", "tenantId", "Tenant"];

/// What the fields above say in all records.
const OPERATION: &str = "Publish";

/// Decodes records of the streaming API.
pub(super) struct StreamingDecoder;

impl StreamingDecoder {
    /// The decoder.
    pub fn new() -> Self {
        Self
    }
}

/// The table that the record's category names.
fn table_name<'r>(object: &'r JsonObject) -> Option<Cow<'r, str>> {
    let name = match object.get_ignore_case("category")?.as_str()? {
        Cow::Borrowed(category) => Cow::Borrowed(category.strip_prefix(CATEGORY_PREFIX)?),
        Cow::Owned(category) => Cow::Owned(category.strip_prefix(CATEGORY_PREFIX)?.to_owned()),
    };
    (!name.is_empty()).then_some(name)
}

fn time_of(properties: &JsonObject, envelope: &JsonObject) -> Option<DateTime<Utc>> {
    let read = |object: &JsonObject, name: &str| parse_time(&object.get(name)?.as_str()?);
    ["Timestamp", "TimeGenerated"].iter().find_map(|name| read(properties, name)).or_else(|| read(envelope, "time"))
}

/// Fields of the envelope that no column holds.
fn push_envelope(envelope: &JsonObject, extra: &mut ExtraFields) {
    for (name, value) in envelope.iter().filter(|(name, _)| !ENVELOPE.contains(name)) {
        extra.push(name, value);
    }
    for (name, usual) in [("operationName", OPERATION), ("Tenant", "DefaultTenant")] {
        if let Some(value) = envelope.get(name).filter(|value| value.as_str().is_none_or(|text| text != usual)) {
            extra.push(name, value);
        }
    }
}

impl Decoder for StreamingDecoder {
    fn format(&self) -> &'static str {
        "defender-streaming"
    }

    fn recognizes(&self, record: &Record) -> bool {
        record.object.has("properties") && table_name(&record.object).is_some()
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let envelope = &record.object;
        let name = table_name(envelope).ok_or_else(|| Reject::new("record of no table of advanced hunting"))?;
        let properties = envelope.get("properties");
        // Some forwarders write the object as text.
        let text = properties.and_then(JsonValue::as_str).unwrap_or_default();
        let properties = properties.and_then(JsonValue::as_object).or_else(|| JsonObject::parse(text.trim()).ok());
        let properties =
            properties.ok_or_else(|| Reject::new(format!("`{name}` record whose properties are not an object")))?;
        let time =
            time_of(&properties, envelope).ok_or_else(|| Reject::new(format!("`{name}` record without a time")))?;
        let tenant = envelope.get("tenantId").and_then(JsonValue::as_str).unwrap_or_default();
        let Some(hunting) = HuntingTable::named(&name) else {
            let fields = properties.iter().collect();
            return rows.add_custom(
                &format!("{name}{CUSTOM_SUFFIX}"),
                CustomRow { time, tenant, fields, types: ColumnTypes::Guessed },
            );
        };
        let row = rows.row(hunting.table);
        let mut extra = ExtraFields::new();
        row.set_time(hunting.time, time);
        if let Some(index) = hunting.tenant.filter(|_| !tenant.is_empty()) {
            row.set_str(index, &tenant);
        }
        hunting.fill(&properties, time, row, &mut extra);
        push_envelope(envelope, &mut extra);
        extra.write(row, hunting.extra);
        row.end_row();
        Ok(())
    }
}
