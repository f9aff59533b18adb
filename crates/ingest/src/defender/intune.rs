//! Diagnostic logs of Intune. Their Log Analytics tables are not built in, so that they go to custom tables of the same names, with the
//! columns that Log Analytics has.

use std::borrow::Cow;

use crate::custom::{ColumnTypes, CustomRow};
use crate::decoder::{Decoder, Record, Reject};
use crate::json::{JsonObject, JsonValue};
use crate::rows::Rows;
use crate::time::parse_time;

/// How a log's rows are made.
struct Log {
    category: &'static str,
    table: &'static str,
    /// A field of the properties that only this log has, to tell it from logs of other products with the same category.
    mark: &'static str,
    /// The properties are columns, not one column.
    is_flat: bool,
}

/// The logs, by category.
const LOGS: [Log; 4] = [
    Log { category: "AuditLogs", table: "IntuneAuditLogs_CL", mark: "AuditEventId", is_flat: false },
    Log { category: "OperationalLogs", table: "IntuneOperationalLogs_CL", mark: "IntuneAccountId", is_flat: false },
    Log {
        category: "DeviceComplianceOrg",
        table: "IntuneDeviceComplianceOrg_CL",
        mark: "IntuneAccountId",
        is_flat: true,
    },
    Log { category: "Devices", table: "IntuneDevices_CL", mark: "IntuneAccountId", is_flat: true },
];

/// Fields of the envelope and their columns.
const ENVELOPE: [(&str, &str); 6] = [
    ("operationName", "OperationName"),
    ("category", "Category"),
    ("identity", "Identity"),
    ("correlationId", "CorrelationId"),
    ("resultType", "ResultType"),
    ("resultDescription", "ResultDescription"),
];

/// Fields of the envelope that have columns of another kind.
const ELSEWHERE: [&str; 3] = ["time", "tenantId", "properties"];

/// Decodes logs of Intune.
pub(super) struct IntuneDecoder;

impl IntuneDecoder {
    /// The decoder.
    pub fn new() -> Self {
        Self
    }
}

fn log_of(object: &JsonObject) -> Option<&'static Log> {
    let category = object.get_str("category")?;
    let log = LOGS.iter().find(|log| category == log.category)?;
    let JsonValue::Json(properties) = object.get("properties")? else { return None };
    // Entra's directory audit has the same category: the properties are taken apart only where they may be Intune's.
    let is_intune = properties.contains(log.mark)
        && JsonValue::Json(properties).as_object().is_some_and(|properties| properties.has(log.mark));
    is_intune.then_some(log)
}

impl Decoder for IntuneDecoder {
    fn format(&self) -> &'static str {
        "intune"
    }

    fn recognizes(&self, record: &Record) -> bool {
        log_of(&record.object).is_some()
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let envelope = &record.object;
        let (log, properties) = log_of(envelope)
            .zip(envelope.get("properties"))
            .ok_or_else(|| Reject::new("record of no log of Intune"))?;
        let time = envelope.get_str("time").and_then(|text| parse_time(&text));
        let time = time.ok_or_else(|| Reject::new(format!("Intune `{}` record without a time", log.category)))?;
        let tenant = envelope.get_str("tenantId").unwrap_or(Cow::Borrowed(""));
        let column = |name| ENVELOPE.iter().find(|(field, _)| *field == name).map_or(name, |(_, column)| *column);
        let mut fields: Vec<(&str, &JsonValue)> = envelope
            .iter()
            .filter(|(name, _)| !ELSEWHERE.contains(name))
            .map(|(name, value)| (column(name), value))
            .collect();
        let inner = if log.is_flat { properties.as_object() } else { None };
        match &inner {
            Some(inner) => fields.extend(inner.iter()),
            None => fields.push(("Properties", properties)),
        }
        rows.add_custom(log.table, CustomRow { time, tenant, fields, types: ColumnTypes::Guessed })
    }
}
