//! Entra sign-ins of all kinds: records of diagnostic settings, and `signIn` objects of Graph.

use schema::Table;

use crate::decoder::{Decoder, Record, Reject};
use crate::entra::envelope::{Envelope, RESOURCE, SOURCE_SYSTEM};
use crate::entra::row_end::RowEnd;
use crate::field_map::{FieldMap, Spelling};
use crate::json::{JsonObject, JsonValue};
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::{ExtraFields, Rows};

/// Category of diagnostic settings, its value in Graph's `signInEventTypes`, and the table.
const KINDS: [(&str, &str, &str); 5] = [
    ("SignInLogs", "interactiveUser", "SigninLogs"),
    ("NonInteractiveUserSignInLogs", "nonInteractiveUser", "AADNonInteractiveUserSignInLogs"),
    ("ServicePrincipalSignInLogs", "servicePrincipal", "AADServicePrincipalSignInLogs"),
    ("ManagedIdentitySignInLogs", "managedIdentity", "AADManagedIdentitySignInLogs"),
    ("ADFSSignInLogs", "adfs", "ADFSSignInLogs"),
];

/// What older tenants wrote for `SignInLogs`.
const OLD_CATEGORY: &str = "SignIn";

/// Fields of the envelope and their columns.
const ENVELOPE_FIELDS: [(&str, &str); 13] = [
    ("resourceId", "ResourceId"),
    ("operationName", "OperationName"),
    ("operationVersion", "OperationVersion"),
    ("category", "Category"),
    ("resultType", "ResultType"),
    ("resultSignature", "ResultSignature"),
    ("resultDescription", "ResultDescription"),
    ("durationMs", "DurationMs"),
    ("correlationId", "CorrelationId"),
    ("identity", "Identity"),
    ("Level", "Level"),
    ("level", "Level"),
    ("location", "Location"),
];

/// Properties whose column is not named like them.
const PROPERTIES: [(&str, &str); 7] = [
    ("ipAddress", "IPAddress"),
    ("location", "LocationDetails"),
    ("resourceId", "ResourceIdentity"),
    ("appliedConditionalAccessPolicies", "ConditionalAccessPolicies"),
    ("riskEventTypes_v2", "RiskEventTypes_V2"),
    ("autonomousSystemNumber", "AutonomousSystemNumber"),
    ("ipAddressFromResourceProvider", "IPAddressFromResourceProvider"),
];

/// One table of sign-ins.
struct SignInTable {
    table: &'static Table,
    end: RowEnd,
    category: &'static str,
    event_type: &'static str,
    envelope: FieldMap,
    properties: FieldMap,
    columns: Columns,
}

/// Columns that are set from more than one place.
struct Columns {
    time: ColumnIndex,
    ip_address: Option<ColumnIndex>,
    location: Option<ColumnIndex>,
    identity: Option<ColumnIndex>,
    result_type: Option<ColumnIndex>,
    result_description: Option<ColumnIndex>,
    category: Option<ColumnIndex>,
}

/// Decodes Entra sign-ins.
pub struct SignInDecoder {
    tables: Vec<SignInTable>,
}

impl SignInDecoder {
    /// The decoder, with its columns looked up.
    pub fn new() -> Self {
        let tables = KINDS
            .iter()
            .filter_map(|(category, event_type, table)| SignInTable::new(schema::table(table)?, category, event_type))
            .collect();
        Self { tables }
    }

    /// The kind that the record's category names, or the one that the Graph object says or looks like.
    fn table_of(&self, record: &JsonObject, sign_in: &JsonObject) -> Option<&SignInTable> {
        if let Some(category) = record.get("category") {
            let category = category.as_str()?;
            let category = if category == OLD_CATEGORY { "SignInLogs" } else { category.as_ref() };
            return self.tables.iter().find(|kind| kind.category.eq_ignore_ascii_case(category));
        }
        let types = sign_in.get("signInEventTypes").and_then(JsonValue::as_array).unwrap_or_default();
        let named = types
            .iter()
            .filter_map(JsonValue::as_str)
            .find_map(|name| self.tables.iter().find(|kind| kind.event_type == name));
        named.or_else(|| {
            let blank = |name: &str| sign_in.get(name).is_none_or(JsonValue::is_blank);
            let by_service_principal = blank("userPrincipalName") && blank("userId") && !blank("servicePrincipalId");
            self.tables.get(if by_service_principal { 2 } else { 0 })
        })
    }
}

impl Default for SignInDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl SignInTable {
    fn new(table: &'static Table, category: &'static str, event_type: &'static str) -> Option<Self> {
        let column = |name: &str| ColumnIndex::of(table, name);
        let milliseconds =
            if column("ProcessingTimeInMs").is_some() { "ProcessingTimeInMs" } else { "ProcessingTimeInMilliseconds" };
        let constant = [
            ("SourceSystem", SOURCE_SYSTEM),
            ("Resource", RESOURCE),
            ("ResourceGroup", RESOURCE),
            ("OperationName", "Sign-in activity"),
            ("OperationVersion", "1.0"),
        ];
        // Where the resource has no column, it only says the tenant.
        let without_column = if column("ResourceId").is_none() { ["resourceId"].as_slice() } else { &[] };
        Some(Self {
            table,
            end: RowEnd::of(table, &["AADTenantId", "TenantId"], &constant)?,
            category,
            event_type,
            envelope: FieldMap::empty()
                .rename(table, &ENVELOPE_FIELDS)
                .ignore(&["time", "tenantId", "properties", "callerIpAddress"])
                .ignore(without_column),
            properties: FieldMap::of(table, Spelling::SmallFirst)
                .rename(table, &PROPERTIES)
                .rename(table, &[("processingTimeInMilliseconds", milliseconds)])
                .ignore(&["@odata.type"]),
            columns: Columns {
                time: column("TimeGenerated")?,
                ip_address: column("IPAddress"),
                location: column("Location"),
                identity: column("Identity"),
                result_type: column("ResultType"),
                result_description: column("ResultDescription"),
                category: column("Category"),
            },
        })
    }

    fn decode(&self, envelope: &Envelope, rows: &mut Rows) -> Result<(), Reject> {
        let time = envelope.time("createdDateTime").ok_or_else(|| Reject::new("sign-in record without a time"))?;
        let row = rows.row(self.table);
        let mut extra = ExtraFields::new();
        row.set_time(self.columns.time, time);
        if let Some(outer) = envelope.outer {
            self.envelope.fill(outer, row, &mut extra);
        }
        self.properties.fill(&envelope.properties, row, &mut extra);
        self.fill_gaps(envelope, row);
        self.end.write(row, envelope.tenant().as_deref(), extra);
        Ok(())
    }

    /// Cells that the envelope usually gives and Graph does not.
    fn fill_gaps(&self, envelope: &Envelope, row: &mut RowBuilder) {
        let columns = &self.columns;
        let open = |row: &RowBuilder, index: Option<ColumnIndex>| index.filter(|index| !row.is_set(*index));
        if let Some(index) = open(row, columns.identity) {
            let name = |field: &str| envelope.properties.get(field).filter(|value| !value.is_blank());
            if let Some(name) = name("userDisplayName").or_else(|| name("servicePrincipalName")) {
                row.set_json(index, name);
            }
        }
        if let (Some(index), Some(address)) = (open(row, columns.ip_address), envelope.caller_address()) {
            row.set_json(index, address);
        }
        let (code, reason) = (open(row, columns.result_type), open(row, columns.result_description));
        if (code.is_some() || reason.is_some())
            && let Some(status) = envelope.properties.get("status").and_then(JsonValue::as_object)
        {
            let failed = status.get("errorCode").is_none_or(|code| code.as_i64() != Some(0));
            if let (Some(index), Some(value)) = (code, status.get("errorCode")) {
                row.set_json(index, value);
            }
            if let (Some(index), Some(value), true) = (reason, status.get("failureReason"), failed) {
                row.set_json(index, value);
            }
        }
        if let Some(index) = open(row, columns.location)
            && let Some(location) = envelope.properties.get("location").and_then(JsonValue::as_object)
            && let Some(country) = location.get("countryOrRegion")
        {
            row.set_json(index, country);
        }
        if let Some(index) = columns.category {
            row.set_str(index, self.category);
        }
    }
}

impl Decoder for SignInDecoder {
    fn format(&self) -> &'static str {
        "entra-sign-in"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        if let Some(properties) = object.get("properties") {
            return properties.is_object()
                && object.has("category")
                && self.table_of(object, &JsonObject::default()).is_some();
        }
        let who = object.has("userPrincipalName") || object.has("appId") || object.has("servicePrincipalId");
        let how = object.has("ipAddress") || object.get("status").is_some_and(JsonValue::is_object);
        who && how && object.has("createdDateTime") && !object.has("category")
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let envelope = Envelope::open(&record.object)
            .ok_or_else(|| Reject::new("sign-in record whose properties are not an object"))?;
        let table = self
            .table_of(&record.object, &envelope.properties)
            .ok_or_else(|| Reject::new("sign-in record of an unknown kind"))?;
        table.decode(&envelope, rows)
    }
}
