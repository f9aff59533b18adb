//! The Entra logs beside sign-ins and audit, of diagnostic settings and of Graph: risk, provisioning, Graph activity, network access.

use schema::Table;

use crate::decoder::{Decoder, Record, Reject};
use crate::entra::envelope::{Envelope, SOURCE_SYSTEM};
use crate::entra::row_end::RowEnd;
use crate::field_map::{FieldMap, Spelling};
use crate::json::{JsonObject, JsonValue};
use crate::row_builder::ColumnIndex;
use crate::rows::{ExtraFields, Rows};

/// Fields of the envelope and their columns. They come after the properties: the `correlationId` of the envelope is that of the record.
const ENVELOPE_FIELDS: [(&str, &str); 11] = [
    ("operationName", "OperationName"),
    ("operationVersion", "OperationVersion"),
    ("category", "Category"),
    ("resultType", "ResultType"),
    ("resultSignature", "ResultSignature"),
    ("resultDescription", "ResultDescription"),
    ("durationMs", "DurationMs"),
    ("correlationId", "CorrelationId"),
    ("identity", "Identity"),
    ("level", "Level"),
    ("location", "Location"),
];

/// Fields of the envelope that the decoder handles, or that only repeat the tenant.
const IGNORED_FIELDS: [&str; 5] = ["time", "tenantId", "resourceId", "properties", "callerIpAddress"];

/// Names of properties that differ from the column's by more than the case of letters.
const PROPERTIES: [(&str, &str); 4] = [
    ("C_DeviceId", "DeviceId"),
    ("C_Sid", "SessionId"),
    ("uniqueTokenIdentifier", "UniqueTokenId"),
    ("durationInMilliseconds", "DurationMs"),
];

/// The older name of `riskEventType`, coarser where both are there.
const OLD_RISK_TYPE: &str = "riskType";

/// A log: how it is recognized and where it goes.
struct Log {
    /// Category of diagnostic settings.
    category: &'static str,
    table: &'static str,
    /// Fields that an object of Graph has, all of them; none where Graph has no such object.
    graph: &'static [&'static str],
    /// Properties with the record's time, the best first.
    times: &'static [&'static str],
    /// The record tells of a state, whose time is that of sending; that of an event is the property's.
    is_state: bool,
}

/// The logs; those with more fields in common with others first.
const LOGS: [Log; 7] = [
    Log {
        category: "ServicePrincipalRiskEvents",
        table: "AADServicePrincipalRiskEvents",
        graph: &["riskState", "detectedDateTime", "servicePrincipalId"],
        times: &["lastUpdatedDateTime", "detectedDateTime", "activityDateTime"],
        is_state: true,
    },
    Log {
        category: "UserRiskEvents",
        table: "AADUserRiskEvents",
        graph: &["riskState", "detectedDateTime", "detectionTimingType"],
        times: &["lastUpdatedDateTime", "detectedDateTime", "activityDateTime", "createdDateTime"],
        is_state: true,
    },
    Log {
        category: "RiskyServicePrincipals",
        table: "AADRiskyServicePrincipals",
        graph: &["riskLastUpdatedDateTime", "riskState", "appId"],
        times: &["riskLastUpdatedDateTime"],
        is_state: true,
    },
    Log {
        category: "RiskyUsers",
        table: "AADRiskyUsers",
        graph: &["riskLastUpdatedDateTime", "riskState", "userPrincipalName"],
        times: &["riskLastUpdatedDateTime"],
        is_state: true,
    },
    Log {
        category: "ProvisioningLogs",
        table: "AADProvisioningLogs",
        graph: &["activityDateTime", "jobId", "provisioningSteps"],
        times: &["activityDateTime"],
        is_state: false,
    },
    Log {
        category: "MicrosoftGraphActivityLogs",
        table: "MicrosoftGraphActivityLogs",
        graph: &[],
        times: &["timeGenerated"],
        is_state: false,
    },
    Log {
        category: "NetworkAccessTrafficLogs",
        table: "NetworkAccessTraffic",
        graph: &["transactionId", "connectionId", "trafficType", "createdDateTime"],
        times: &["createdDateTime", "creationTimestamp"],
        is_state: false,
    },
];

struct Target {
    log: &'static Log,
    table: &'static Table,
    envelope: FieldMap,
    properties: FieldMap,
    time: ColumnIndex,
    risk_type: Option<ColumnIndex>,
    address: Option<ColumnIndex>,
    result_type: Option<ColumnIndex>,
    end: RowEnd,
}

/// Decodes the Entra logs beside sign-ins and audit.
pub struct LogDecoder {
    targets: Vec<Target>,
}

impl LogDecoder {
    /// The decoder, with its columns looked up.
    pub fn new() -> Self {
        Self { targets: LOGS.iter().filter_map(Target::new).collect() }
    }

    fn target_of(&self, object: &JsonObject) -> Option<&Target> {
        if object.has("properties") {
            let category = object.get_str("category")?;
            return self.targets.iter().find(|target| target.log.category.eq_ignore_ascii_case(&category));
        }
        let fits = |log: &Log| !log.graph.is_empty() && log.graph.iter().all(|name| object.has(name));
        self.targets.iter().find(|target| fits(target.log))
    }
}

impl Default for LogDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Target {
    fn new(log: &'static Log) -> Option<Self> {
        let table = schema::table(log.table)?;
        let column = |name: &str| ColumnIndex::of(table, name);
        Some(Self {
            log,
            table,
            envelope: FieldMap::empty()
                .rename(table, &ENVELOPE_FIELDS)
                .ignore(&IGNORED_FIELDS)
                .ignore(if column("Category").is_some() { &[] } else { &["category"] }),
            properties: FieldMap::of(table, Spelling::SmallFirst).rename(table, &PROPERTIES).ignore(&[
                "@odata.type",
                "timeGenerated",
                "tenantId",
            ]),
            time: column(&table.time_column)?,
            risk_type: column("RiskEventType"),
            address: column("IpAddress").or_else(|| column("IPAddress")),
            result_type: column("ResultType"),
            // Provisioning has a property `SourceSystem`, which comes first.
            end: RowEnd::of(table, &["AADTenantId", "AadTenantId", "TenantId"], &[("SourceSystem", SOURCE_SYSTEM)])?,
        })
    }

    fn decode(&self, envelope: &Envelope, rows: &mut Rows) -> Result<(), Reject> {
        let properties = &envelope.properties;
        let sent = envelope.sent();
        let time = sent
            .filter(|_| self.log.is_state)
            .or_else(|| self.log.times.iter().find_map(|name| envelope.property_time(name)))
            .or(sent)
            .ok_or_else(|| Reject::new(format!("record of `{}` without a time", self.log.category)))?;
        let row = rows.row(self.table);
        let mut extra = ExtraFields::new();
        row.set_time(self.time, time);
        self.properties.fill(properties, row, &mut extra);
        if let Some(outer) = envelope.outer {
            self.envelope.fill(outer, row, &mut extra);
        }
        if let (Some(index), Some(kind)) = (self.risk_type, properties.get(OLD_RISK_TYPE)) {
            row.set_json(index, kind);
        }
        if let (Some(index), Some(address)) = (self.address, envelope.caller_address()) {
            row.set_json(index, address);
        }
        let status = properties.get("provisioningStatusInfo").and_then(JsonValue::as_object);
        let status = status.as_ref().and_then(|status| status.get_ignore_case("status"));
        if let (Some(index), Some(status)) = (self.result_type, status) {
            row.set_json(index, status);
        }
        let tenant = envelope.tenant().or_else(|| properties.get_str("tenantId").map(std::borrow::Cow::into_owned));
        self.end.write(row, tenant.as_deref(), extra);
        Ok(())
    }
}

impl Decoder for LogDecoder {
    fn format(&self) -> &'static str {
        "entra-log"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        object.get("properties").is_none_or(JsonValue::is_object) && self.target_of(object).is_some()
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let envelope = Envelope::open(&record.object)
            .ok_or_else(|| Reject::new("Entra record whose properties are not an object"))?;
        let target = self.target_of(&record.object).ok_or_else(|| Reject::new("Entra record of an unknown log"))?;
        target.decode(&envelope, rows)
    }
}
