//! The Entra directory audit: records of diagnostic settings, and `directoryAudit` objects of Graph.

use schema::Table;

use crate::decoder::{Decoder, Record, Reject};
use crate::entra::envelope::{Envelope, RESOURCE, SOURCE_SYSTEM};
use crate::field_map::{FieldMap, Spelling};
use crate::row_builder::ColumnIndex;
use crate::rows::{ExtraFields, Rows};

/// Categories of diagnostic settings, today's and the older one.
const CATEGORIES: [&str; 2] = ["AuditLogs", "Audit"];

/// Fields of the envelope and their columns. `Category` is that of the activity, not of the log.
const ENVELOPE_FIELDS: [(&str, &str); 12] = [
    ("resourceId", "ResourceId"),
    ("operationName", "OperationName"),
    ("operationVersion", "OperationVersion"),
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

struct Columns {
    table: &'static Table,
    envelope: FieldMap,
    properties: FieldMap,
    time: ColumnIndex,
    operation: ColumnIndex,
    tenant: ColumnIndex,
    extra: ColumnIndex,
    constant: Vec<(ColumnIndex, &'static str)>,
}

/// Decodes the Entra directory audit.
pub struct AuditDecoder {
    columns: Columns,
}

impl AuditDecoder {
    /// The decoder, with its columns looked up.
    pub fn new() -> Self {
        let table = schema::table("AuditLogs").expect("a built-in table");
        let column = |name: &str| ColumnIndex::of(table, name).expect("a column of the table");
        let constant = [
            ("SourceSystem", SOURCE_SYSTEM),
            ("Resource", RESOURCE),
            ("ResourceGroup", RESOURCE),
            ("OperationVersion", "1.0"),
        ];
        Self {
            columns: Columns {
                table,
                envelope: FieldMap::empty().rename(table, &ENVELOPE_FIELDS).ignore(&[
                    "time",
                    "tenantId",
                    "properties",
                    "category",
                ]),
                properties: FieldMap::of(table, Spelling::SmallFirst)
                    .rename(table, &[("operationType", "AADOperationType")])
                    .ignore(&["@odata.type"]),
                time: column("TimeGenerated"),
                operation: column("OperationName"),
                tenant: column("AADTenantId"),
                extra: column("_RawExtra"),
                constant: constant.into_iter().map(|(name, value)| (column(name), value)).collect(),
            },
        }
    }
}

impl Default for AuditDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for AuditDecoder {
    fn format(&self) -> &'static str {
        "entra-audit"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        if let Some(properties) = object.get("properties") {
            return properties.is_object()
                && object.get_str("category").is_some_and(|category| CATEGORIES.contains(&category.as_ref()));
        }
        object.has("activityDateTime")
            && object.has("activityDisplayName")
            && (object.has("initiatedBy") || object.has("targetResources"))
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let columns = &self.columns;
        let envelope = Envelope::open(&record.object)
            .ok_or_else(|| Reject::new("audit record whose properties are not an object"))?;
        let time = envelope.time("activityDateTime").ok_or_else(|| Reject::new("audit record without a time"))?;
        let row = rows.row(columns.table);
        let mut extra = ExtraFields::new();
        row.set_time(columns.time, time);
        if let Some(outer) = envelope.outer {
            columns.envelope.fill(outer, row, &mut extra);
        }
        columns.properties.fill(&envelope.properties, row, &mut extra);
        if let Some(name) = envelope.properties.get("activityDisplayName").filter(|name| !name.is_null()) {
            row.set_json(columns.operation, name);
        }
        if let Some(tenant) = envelope.tenant() {
            row.set_str(columns.tenant, &tenant);
        }
        for (index, value) in &columns.constant {
            row.set_str(*index, value);
        }
        extra.write(row, columns.extra);
        row.end_row();
        Ok(())
    }
}
