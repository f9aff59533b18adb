//! Objects of Graph as PowerShell cmdlets and the collectors built on them write them: the names begin with a capital letter, parts
//! of nested objects may be columns of their own.

use serde_json::{Map, Value};

use crate::decoder::Record;
use crate::entra::translated::{Dialect, put, rename_fields, to_value};
use crate::json::JsonObject;

/// Columns into which collectors flatten nested objects, and the place of each.
const FLATTENED: [(&str, &str); 13] = [
    ("city", "location.city"),
    ("state", "location.state"),
    ("country", "location.countryOrRegion"),
    ("countryOrRegion", "location.countryOrRegion"),
    ("errorCode", "status.errorCode"),
    ("failureReason", "status.failureReason"),
    ("additionalDetail", "status.additionalDetails"),
    ("browser", "deviceDetail.browser"),
    ("os", "deviceDetail.operatingSystem"),
    ("operatingSystem", "deviceDetail.operatingSystem"),
    ("device", "deviceDetail.displayName"),
    ("deviceDisplayName", "deviceDetail.displayName"),
    ("deviceId", "deviceDetail.deviceId"),
];

/// What PowerShell writes in a CSV cell for a nested object: the name of its type.
const TYPE_NAMES: [&str; 3] = ["Microsoft.Graph.", "Microsoft.Open.", "System."];

/// A field whose text is Graph's own, spelled with capital letters there too.
const AS_GRAPH: &str = "AdditionalInfo";

/// Objects of Graph in the spelling of cmdlets.
pub(super) struct Cmdlets;

/// Whether the record is a row of Log Analytics, which spells its columns alike.
fn is_table_row(object: &JsonObject) -> bool {
    ["TimeGenerated", "Type", "$table", "TableName", "SourceTable"].iter().any(|name| object.has(name))
}

fn is_sign_in(object: &JsonObject) -> bool {
    let has = |name: &str| object.has(name);
    has("CreatedDateTime")
        && (has("UserPrincipalName") || has("AppId") || has("AppDisplayName") || has("ServicePrincipalId"))
        && (has("IPAddress") || has("IpAddress") || has("Status") || has("ClientAppUsed"))
        && !has("Category")
}

fn is_other(object: &JsonObject) -> bool {
    let has = |name: &str| object.has(name);
    let audit = has("ActivityDateTime") && has("ActivityDisplayName") && (has("InitiatedBy") || has("TargetResources"));
    let detection = has("DetectedDateTime") && has("RiskState");
    let risky = has("RiskLastUpdatedDateTime") && has("RiskState");
    let activity = has("EventTimestamp") && has("OperationName") && has("EventDataId");
    audit || detection || risky || activity
}

/// `iPAddress` and `ipAddress` both as Graph writes it.
fn graph_name(name: &str) -> String {
    if name.eq_ignore_ascii_case("ipAddress") {
        return "ipAddress".to_owned();
    }
    // A field that is called by an abbreviation, or whose name is a URI (claims), stays.
    if name.contains(['/', '.', '@']) {
        return name.to_owned();
    }
    if !name.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return name.to_ascii_lowercase();
    }
    let mut characters = name.chars();
    characters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(characters).collect()
}

impl Dialect for Cmdlets {
    fn format(&self) -> &'static str {
        "graph-cmdlet"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        !object.has("properties") && !is_table_row(object) && (is_sign_in(object) || is_other(object))
    }

    fn translate(&self, record: &Record) -> Map<String, Value> {
        let mut fields = Map::new();
        for (name, value) in record.object.iter() {
            let value = to_value(value);
            let value = if name == AS_GRAPH { value } else { rename_fields(value, &graph_name) };
            let type_name = value.as_str().is_some_and(|text| TYPE_NAMES.iter().any(|start| text.starts_with(start)));
            if !type_name && !value.is_null() {
                fields.entry(graph_name(name)).or_insert(value);
            }
        }
        let risk_detection = fields.contains_key("riskState") && fields.contains_key("detectedDateTime");
        if risk_detection {
            // Recognized by it; a detection of a service principal has no timing type in some versions.
            fields.entry("detectionTimingType").or_insert(Value::String(String::new()));
        }
        if fields.contains_key("createdDateTime") || risk_detection {
            flatten(&mut fields);
        }
        if let Some(claims) = fields.get_mut("claims").and_then(|claims| claims.get_mut("content")).map(Value::take) {
            fields.insert("claims".to_owned(), claims);
        }
        fields
    }
}

/// Puts flattened columns back where they belong.
fn flatten(fields: &mut Map<String, Value>) {
    // `Success` or `Failure` where Graph has an object.
    if let Some(Value::String(text)) = fields.get("status") {
        let text = text.clone();
        fields.remove("status");
        put(fields, "status.additionalDetails", Value::String(text));
    }
    for (column, path) in FLATTENED {
        if let Some(value) = fields.remove(column) {
            put(fields, path, value);
        }
    }
}
