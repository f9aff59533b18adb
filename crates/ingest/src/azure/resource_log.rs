//! Logs of any other Azure resource, into the table that they share: each field becomes a column named by its path and type.

use std::borrow::Cow;

use schema::Table;

use crate::azure::resource_id::ResourceId;
use crate::decoder::{Decoder, Record, Reject};
use crate::field_map::FieldMap;
use crate::json::{JsonObject, JsonValue};
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::{ExtraFields, Rows};
use crate::time::parse_time;

/// Fields of every resource log and their columns.
const ENVELOPE_FIELDS: [(&str, &str); 11] = [
    ("category", "Category"),
    ("operationName", "OperationName"),
    ("operationVersion", "OperationVersion"),
    ("resultType", "ResultType"),
    ("resultSignature", "ResultSignature"),
    ("resultDescription", "ResultDescription"),
    ("durationMs", "DurationMs"),
    ("callerIpAddress", "CallerIPAddress"),
    ("correlationId", "CorrelationId"),
    ("level", "Level"),
    ("resourceId", "ResourceId"),
];

/// Fields that the decoder reads by name.
const KNOWN_FIELDS: [&str; 3] = ["time", "properties", "tenantId"];

/// Fields that hold the time where `time` is missing: Event Hubs writes its own.
const TIMES: [&str; 5] = ["time", "EventTimeString", "eventTimeString", "timestamp", "EventTime"];

/// Categories of other products, whose records are no resource logs even where they name a resource.
const OTHER_PRODUCTS: [&str; 2] = ["AdvancedHunting-", "WindowsEventLogsTable"];

/// Deepest object that is taken apart; deeper ones are text.
const DEPTH: usize = 6;

/// Decodes logs of Azure resources.
pub(super) struct ResourceLogDecoder {
    table: &'static Table,
    envelope: FieldMap,
    time: ColumnIndex,
    tenant: ColumnIndex,
    subscription: ColumnIndex,
    /// Column and part of the resource id.
    parts: [ColumnIndex; 5],
    extra: ColumnIndex,
}

impl ResourceLogDecoder {
    /// The decoder, with its columns looked up.
    pub fn new() -> Self {
        let table = schema::table("AzureDiagnostics").expect("a built-in table");
        let column = |name: &str| ColumnIndex::of(table, name).expect("a column of the table");
        Self {
            table,
            envelope: FieldMap::empty().rename(table, &ENVELOPE_FIELDS).ignore(&KNOWN_FIELDS),
            time: column("TimeGenerated"),
            tenant: column("TenantId"),
            subscription: column("SubscriptionId"),
            parts: ["ResourceGroup", "ResourceProvider", "ResourceType", "Resource", "_ResourceId"].map(column),
            extra: column("_RawExtra"),
        }
    }

    /// Puts a value into the column of its path and type, the parts of an object each into their own.
    fn fill(&self, path: &str, value: &JsonValue, depth: usize, row: &mut RowBuilder, extra: &mut ExtraFields) {
        if value.is_null() {
            return;
        }
        if let Some(object) = value.as_object().filter(|_| depth > 0) {
            for (name, value) in object.iter() {
                self.fill(&joined(path, name), value, depth - 1, row, extra);
            }
            return;
        }
        let suffixes = suffixes(value);
        let column = suffixes.iter().find_map(|suffix| ColumnIndex::of(self.table, &format!("{path}{suffix}")));
        match column {
            Some(index) if row.set_json(index, value) => {}
            _ => extra.push(&format!("{path}{}", suffixes[0]), value),
        }
    }

    fn fill_resource(&self, id: &str, row: &mut RowBuilder) {
        let parts = ResourceId::parse(id);
        let kind = if parts.kind.is_empty() { String::new() } else { parts.kind.to_ascii_uppercase() };
        let lower = id.to_ascii_lowercase();
        let texts = [parts.group, parts.provider, kind.as_str(), parts.name, lower.as_str()];
        for (index, text) in self.parts.into_iter().zip(texts) {
            if !text.is_empty() {
                row.set_str(index, text);
            }
        }
        row.set_str(self.subscription, parts.subscription);
    }
}

/// The name of a column: the path with `_` between its parts, and for what cannot stand in a name.
fn joined(path: &str, name: &str) -> String {
    let name = name.replace(|character: char| !character.is_ascii_alphanumeric() && character != '_', "_");
    if path.is_empty() { name } else { format!("{path}_{name}") }
}

/// The suffixes that a value of this type gives its column, the usual one first.
fn suffixes(value: &JsonValue) -> &'static [&'static str] {
    match value {
        JsonValue::Json("true" | "false") => &["_b", "_s"],
        JsonValue::Json(json) if json.starts_with(|first: char| first == '-' || first.is_ascii_digit()) => {
            &["_d", "_s"]
        }
        value => match value.as_str() {
            Some(text) if is_guid(&text) => &["_g", "_s"],
            Some(text) if text.len() > 10 && parse_time(&text).is_some() => &["_t", "_s"],
            _ => &["_s", ""],
        },
    }
}

fn is_guid(text: &str) -> bool {
    let dashes = [8, 13, 18, 23];
    text.len() == 36
        && text.bytes().enumerate().all(
            |(at, byte)| {
                if dashes.contains(&at) { byte == b'-' } else { byte.is_ascii_hexdigit() }
            },
        )
}

fn resource_id<'a>(object: &'a JsonObject) -> Option<Cow<'a, str>> {
    object.get_ignore_case("resourceId").and_then(JsonValue::as_str)
}

impl Decoder for ResourceLogDecoder {
    fn format(&self) -> &'static str {
        "azure-resource-log"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        let Some(category) = object.get_str("category") else { return false };
        let of_resource = resource_id(object).is_some_and(|id| {
            let start = id.trim_start_matches('/').split('/').next().unwrap_or("");
            ["subscriptions", "tenants", "providers"].iter().any(|word| start.eq_ignore_ascii_case(word))
        });
        let of_other_product = OTHER_PRODUCTS.iter().any(|start| category.starts_with(start));
        of_resource && !of_other_product && !object.has("TimeGenerated")
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let object = &record.object;
        let time = TIMES.iter().find_map(|name| object.get_str(name).and_then(|text| parse_time(&text)));
        let time = time.ok_or_else(|| Reject::new("resource log record without a time"))?;
        let row = rows.row(self.table);
        let mut extra = ExtraFields::new();
        row.set_time(self.time, time);
        let known = |name: &str| {
            KNOWN_FIELDS.contains(&name) || ENVELOPE_FIELDS.iter().any(|(field, _)| field.eq_ignore_ascii_case(name))
        };
        self.envelope.fill(&object.only(known), row, &mut extra);
        for (name, value) in object.iter().filter(|(name, _)| !known(name)) {
            self.fill(&joined("", name), value, DEPTH, row, &mut extra);
        }
        if let Some(properties) = object.get("properties") {
            match properties.as_object() {
                Some(properties) => {
                    for (name, value) in properties.iter() {
                        self.fill(&joined("", name), value, DEPTH, row, &mut extra);
                    }
                }
                None => self.fill("properties", properties, DEPTH, row, &mut extra),
            }
        }
        if let Some(id) = resource_id(object) {
            self.fill_resource(&id, row);
        }
        if let Some(tenant) = object.get("tenantId") {
            row.set_json(self.tenant, tenant);
        }
        extra.write(row, self.extra);
        row.end_row();
        Ok(())
    }
}
