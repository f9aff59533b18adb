//! Alerts of Defender for Cloud Apps in the unified audit log.

use std::borrow::Cow;

use crate::cef::{CefEvent, write_alert};
use crate::decoder::{Decoder, Record, Reject};
use crate::json::{JsonObject, JsonValue};
use crate::office::UnifiedAuditDecoder;
use crate::rows::Rows;
use crate::time::parse_time;

/// `Workload` of these records.
const WORKLOAD: &str = "MCAS";

/// Before the alert's type in `Operation`; what follows is the class that the product's SIEM agent sends.
const OPERATION_PREFIX: &str = "MCAS_";

/// Fields with the keys of CEF under which the SIEM agent sends the same.
const KEYS: [(&str, &str); 6] = [
    ("ObjectId", "externalId"),
    ("AlertDescription", "msg"),
    ("ActivityStartTime", "start"),
    ("UserId", "suser"),
    ("AlertUri", "cs1"),
    ("AlertCategory", "cat"),
];

/// Decodes these records into `OfficeActivity` like all of unified audit, and into the tables of alerts.
pub struct CloudAppsAlertDecoder {
    audit: UnifiedAuditDecoder,
}

impl CloudAppsAlertDecoder {
    /// The decoder.
    pub fn new() -> Self {
        Self { audit: UnifiedAuditDecoder::new() }
    }
}

impl Default for CloudAppsAlertDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for CloudAppsAlertDecoder {
    fn format(&self) -> &'static str {
        self.audit.format()
    }

    fn recognizes(&self, record: &Record) -> bool {
        record.object.get_str("Workload").as_deref() == Some(WORKLOAD)
            && record.object.has("AlertDisplayName")
            && self.audit.recognizes(record)
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        self.audit.decode(record, rows)?;
        if let Some(time) = record.object.get_str("CreationTime").and_then(|time| parse_time(&time)) {
            write_alert(&event_of(&record.object), time, Some(time), rows);
        }
        Ok(())
    }

    fn duplicate_key(&self, record: &Record) -> Option<u128> {
        self.audit.duplicate_key(record)
    }
}

/// The alert as the SIEM agent would send it.
fn event_of<'r>(object: &'r JsonObject<'_>) -> CefEvent<'r> {
    let text = |name: &str| object.get(name).map(JsonValue::to_text).unwrap_or_default();
    let list = |name: &str, field: Option<&str>| {
        let items = object.get(name).and_then(JsonValue::as_array).unwrap_or_default();
        let item = |item: &JsonValue| match field {
            Some(field) => {
                item.as_object().and_then(|item| Some(item.get_str(field)?.into_owned())).unwrap_or_default()
            }
            None => item.to_text().into_owned(),
        };
        items.iter().map(item).collect::<Vec<_>>().join(",")
    };
    let mut extension: Vec<(Cow<str>, Cow<str>)> =
        KEYS.iter().map(|(field, key)| (Cow::Borrowed(*key), text(field))).collect();
    extension.push((Cow::Borrowed("cs1Label"), Cow::Borrowed("portalURL")));
    extension.push((Cow::Borrowed("src"), Cow::Owned(list("ClientIPs", None))));
    extension.push((Cow::Borrowed("destinationServiceName"), Cow::Owned(list("Applications", Some("Name")))));
    let operation = text("Operation");
    let class = operation.strip_prefix(OPERATION_PREFIX).map(|class| Cow::Owned(class.to_owned()));
    CefEvent {
        vendor: Cow::Borrowed(WORKLOAD),
        product: Cow::Borrowed("SIEM_Agent"),
        version: Cow::Borrowed(""),
        class: class.unwrap_or(operation),
        name: text("AlertDisplayName"),
        severity: text("AlertSeverity"),
        extension,
    }
}
