//! Documents of Elastic's Azure integration whose original record was not kept: names in snake case under `azure.DATASET`.

use serde_json::{Map, Value};

use crate::decoder::Record;
use crate::entra::translated::{Dialect, put, rename_fields, to_value};
use crate::json::{JsonObject, JsonValue};

/// Datasets, and the category of the records in each where the document does not say it.
const DATASETS: [(&str, &str); 6] = [
    ("signinlogs", "SignInLogs"),
    ("auditlogs", "AuditLogs"),
    ("identity_protection", "UserRiskEvents"),
    ("provisioning", "ProvisioningLogs"),
    ("graphactivitylogs", "MicrosoftGraphActivityLogs"),
    ("activitylogs", "Administrative"),
];

/// Fields of the document that stand for fields of the record, and where those are.
const MOVED: [(&str, &str); 21] = [
    ("@timestamp", "time"),
    ("azure.tenant_id", "tenantId"),
    ("azure.correlation_id", "correlationId"),
    ("azure.resource.id", "resourceId"),
    ("source.ip", "callerIpAddress"),
    ("client.ip", "callerIpAddress"),
    ("source.geo.city_name", "properties.location.city"),
    ("source.geo.region_name", "properties.location.state"),
    ("source.geo.country_iso_code", "properties.location.countryOrRegion"),
    ("source.geo.location.lat", "properties.location.geoCoordinates.latitude"),
    ("source.geo.location.lon", "properties.location.geoCoordinates.longitude"),
    ("geo.city_name", "properties.location.city"),
    ("geo.region_name", "properties.location.state"),
    ("geo.country_iso_code", "properties.location.countryOrRegion"),
    ("geo.location.lat", "properties.location.geoCoordinates.latitude"),
    ("geo.location.lon", "properties.location.geoCoordinates.longitude"),
    ("user_agent.original", "properties.userAgent"),
    ("user.id", "properties.userId"),
    ("user.full_name", "properties.userDisplayName"),
    ("event.duration", "durationMs"),
    ("message", "resultDescription"),
];

/// Names that the integration changed by more than the case.
const RENAMED: [(&str, &str); 6] = [
    ("created_at", "createdDateTime"),
    ("processing_time_ms", "processingTimeInMilliseconds"),
    ("risk_event_types_v2", "riskEventTypes_v2"),
    ("activity_datetime", "activityDateTime"),
    ("detected_datetime", "detectedDateTime"),
    ("last_updated_datetime", "lastUpdatedDateTime"),
];

/// Nanoseconds in a millisecond: `event.duration` counts the former.
const NANOSECONDS: i64 = 1_000_000;

/// Documents of Elastic's Azure integration.
pub(super) struct Elastic;

fn graph_name(name: &str) -> String {
    if let Some((_, renamed)) = RENAMED.iter().find(|(snake, _)| *snake == name) {
        return (*renamed).to_owned();
    }
    let mut camel = String::with_capacity(name.len());
    let mut capital = false;
    for character in name.chars() {
        match character {
            '_' if !camel.is_empty() => capital = true,
            _ if std::mem::take(&mut capital) => camel.push(character.to_ascii_uppercase()),
            _ => camel.push(character),
        }
    }
    if let Some(start) = camel.strip_suffix("Datetime") { format!("{start}DateTime") } else { camel }
}

/// The document as nested objects, whether its names are dotted or not.
fn nested(object: &JsonObject) -> Map<String, Value> {
    let mut document = Map::new();
    for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
        put(&mut document, name, to_value(value));
    }
    document
}

fn at<'v>(document: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let found = document.get(name)?;
    rest.map_or(Some(found), |rest| at(found.as_object()?, rest))
}

fn is_dataset(name: &str) -> bool {
    DATASETS.iter().any(|(dataset, _)| *dataset == name)
}

impl Dialect for Elastic {
    fn format(&self) -> &'static str {
        "elastic-azure"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        let dotted = |name: &str| {
            name.strip_prefix("azure.").is_some_and(|rest| is_dataset(rest.split('.').next().unwrap_or("")))
        };
        let has_dataset = match object.get("azure").and_then(JsonValue::as_object) {
            Some(azure) => azure.iter().any(|(name, _)| is_dataset(name)),
            None => object.iter().any(|(name, _)| dotted(name)),
        };
        // The original, where kept, is better.
        let original = |event: &JsonValue| event.as_object().is_some_and(|event| event.has("original"));
        has_dataset && !object.has("event.original") && !object.get("event").is_some_and(original)
    }

    fn translate(&self, record: &Record) -> Map<String, Value> {
        let document = nested(&record.object);
        let mut envelope = Map::new();
        let Some((dataset, category)) =
            DATASETS.iter().find(|(dataset, _)| at(&document, &format!("azure.{dataset}")).is_some())
        else {
            return envelope;
        };
        if let Some(fields) = at(&document, &format!("azure.{dataset}")) {
            let Value::Object(fields) = rename_fields(fields.clone(), &graph_name) else { return envelope };
            envelope = fields;
        }
        envelope.entry("category").or_insert_with(|| Value::String((*category).to_owned()));
        envelope.entry("properties").or_insert_with(|| Value::Object(Map::new()));
        for (from, to) in MOVED {
            let Some(value) = at(&document, from) else { continue };
            let value = match value.as_i64() {
                Some(duration) if from == "event.duration" => Value::from(duration / NANOSECONDS),
                _ => value.clone(),
            };
            put(&mut envelope, to, value);
        }
        envelope
    }
}
