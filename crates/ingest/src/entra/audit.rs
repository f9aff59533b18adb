//! The Entra directory audit, that of custom security attributes included: records of diagnostic settings, and `directoryAudit`
//! objects of Graph.

use schema::Table;

use crate::decoder::{Decoder, Record, Reject};
use crate::entra::envelope::{Envelope, RESOURCE, SOURCE_SYSTEM};
use crate::entra::row_end::RowEnd;
use crate::field_map::{FieldMap, Spelling};
use crate::json::{JsonObject, JsonValue};
use crate::row_builder::ColumnIndex;
use crate::rows::{ExtraFields, Rows};

/// Categories of diagnostic settings and their tables; `Audit` is what older tenants wrote.
const CATEGORIES: [(&str, &str); 3] = [
    ("AuditLogs", "AuditLogs"),
    ("Audit", "AuditLogs"),
    ("CustomSecurityAttributeAuditLogs", "AADCustomSecurityAttributeAuditLogs"),
];

/// The category of Graph's objects that are of the audit of custom security attributes.
const ATTRIBUTE_CATEGORY: &str = "AttributeManagement";

/// Fields of the envelope and their columns. `Category` is that of the activity, not of the log.
const ENVELOPE_FIELDS: [(&str, &str); 11] = [
    ("resourceId", "ResourceId"),
    ("operationName", "OperationName"),
    ("operationVersion", "OperationVersion"),
    ("resultType", "ResultType"),
    ("resultSignature", "ResultSignature"),
    ("resultDescription", "ResultDescription"),
    ("durationMs", "DurationMs"),
    ("correlationId", "CorrelationId"),
    ("identity", "Identity"),
    ("level", "Level"),
    ("location", "Location"),
];

struct AuditTable {
    table: &'static Table,
    envelope: FieldMap,
    properties: FieldMap,
    time: ColumnIndex,
    operation: ColumnIndex,
    address: Option<ColumnIndex>,
    end: RowEnd,
}

/// Decodes the Entra directory audit.
pub struct AuditDecoder {
    /// In the order of [`CATEGORIES`].
    tables: Vec<AuditTable>,
}

impl AuditDecoder {
    /// The decoder, with its columns looked up.
    pub fn new() -> Self {
        let tables =
            CATEGORIES.iter().map(|(_, table)| AuditTable::new(schema::table(table).expect("a built-in table")));
        Self { tables: tables.collect() }
    }

    /// The table of a record of diagnostic settings. Other products have a log of this name too, so that the record must be of the
    /// directory.
    fn table_of_category(&self, object: &JsonObject, properties: &JsonValue) -> Option<&AuditTable> {
        let category = object.get_str("category")?;
        let place = CATEGORIES.iter().position(|(name, _)| category == *name)?;
        let of_directory = object.get_str("resourceId").is_some_and(|resource| {
            let provider = resource.rsplit('/').next().unwrap_or("");
            provider.eq_ignore_ascii_case(RESOURCE)
        });
        (of_directory || properties.to_text().contains("\"activityDisplayName\"")).then(|| &self.tables[place])
    }

    fn table_of(&self, object: &JsonObject) -> Option<&AuditTable> {
        if let Some(properties) = object.get("properties").filter(|properties| properties.is_object()) {
            return self.table_of_category(object, properties);
        }
        let is_audit = object.has("activityDateTime")
            && object.has("activityDisplayName")
            && (object.has("initiatedBy") || object.has("targetResources"));
        let of_attributes = || object.get_str("category").is_some_and(|category| category == ATTRIBUTE_CATEGORY);
        is_audit.then(|| &self.tables[if of_attributes() { 2 } else { 0 }])
    }
}

impl Default for AuditDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl AuditTable {
    fn new(table: &'static Table) -> Self {
        let column = |name: &str| ColumnIndex::of(table, name);
        let always = |name: &str| column(name).expect("a column of the table");
        let constant = [
            ("SourceSystem", SOURCE_SYSTEM),
            ("Resource", RESOURCE),
            ("ResourceGroup", RESOURCE),
            ("OperationVersion", "1.0"),
        ];
        Self {
            table,
            envelope: FieldMap::empty()
                .rename(table, &ENVELOPE_FIELDS)
                .ignore(&["time", "tenantId", "properties", "category", "callerIpAddress"])
                .ignore(if column("ResourceId").is_some() { &[] } else { &["resourceId"] }),
            properties: FieldMap::of(table, Spelling::SmallFirst)
                .rename(table, &[("operationType", "AADOperationType")])
                .ignore(&["@odata.type"]),
            time: always("TimeGenerated"),
            operation: always("OperationName"),
            address: column("CallerIpAddress"),
            end: RowEnd::of(table, &["AADTenantId", "TenantId"], &constant).expect("a column of the table"),
        }
    }

    fn decode(&self, envelope: &Envelope, rows: &mut Rows) -> Result<(), Reject> {
        let time = envelope.time("activityDateTime").ok_or_else(|| Reject::new("audit record without a time"))?;
        let row = rows.row(self.table);
        let mut extra = ExtraFields::new();
        row.set_time(self.time, time);
        if let Some(outer) = envelope.outer {
            self.envelope.fill(outer, row, &mut extra);
        }
        self.properties.fill(&envelope.properties, row, &mut extra);
        if let Some(name) = envelope.properties.get("activityDisplayName").filter(|name| !name.is_null()) {
            row.set_json(self.operation, name);
        }
        if let Some(address) = envelope.caller_address() {
            match self.address {
                Some(index) => drop(row.set_json(index, address)),
                None => extra.push("callerIpAddress", address),
            }
        }
        self.end.write(row, envelope.tenant().as_deref(), extra);
        Ok(())
    }
}

impl Decoder for AuditDecoder {
    fn format(&self) -> &'static str {
        "entra-audit"
    }

    fn recognizes(&self, record: &Record) -> bool {
        self.table_of(&record.object).is_some()
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let envelope = Envelope::open(&record.object)
            .ok_or_else(|| Reject::new("audit record whose properties are not an object"))?;
        let table =
            self.table_of(&record.object).ok_or_else(|| Reject::new("audit record of another log than Entra's"))?;
        table.decode(&envelope, rows)
    }
}
