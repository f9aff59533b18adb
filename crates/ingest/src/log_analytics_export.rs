//! Rows of Log Analytics tables as the portal, the API and data export write them: fields named like columns.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use schema::Table;

use crate::decoder::{Decoder, Record, Reject};
use crate::json::{JsonObject, JsonValue};
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::{ExtraFields, Rows};
use crate::time::parse_time;

/// Fields that name a row's table.
const TABLE_FIELDS: [&str; 4] = ["Type", "TableName", "$table", "SourceTable"];

/// Suffixes that the portal adds when a column has two types, or two names after an upgrade.
const DOUBLE_SUFFIXES: [&str; 3] = ["_dynamic", "_string", "_"];

/// Suffix that the portal adds to the names of time columns.
const TIME_SUFFIX: &str = " [UTC]";

/// Fields that hold a row's time where `TimeGenerated` was left out of an export, the best first.
const TIME_FIELDS: [&str; 6] =
    ["TimeGenerated", "Timestamp", "CreatedDateTime", "ActivityDateTime", "ElevationTime", "Start_Time"];

/// Category of data export's records without a table name, and the table.
const CATEGORIES: [(&str, &str); 6] = [
    ("SignInLogs", "SigninLogs"),
    ("NonInteractiveUserSignInLogs", "AADNonInteractiveUserSignInLogs"),
    ("ServicePrincipalSignInLogs", "AADServicePrincipalSignInLogs"),
    ("ManagedIdentitySignInLogs", "AADManagedIdentitySignInLogs"),
    ("ADFSSignInLogs", "ADFSSignInLogs"),
    ("AuditLogs", "AuditLogs"),
];

/// The columns of a table by the names that exports use.
struct ExportTable {
    time: Option<ColumnIndex>,
    extra: Option<ColumnIndex>,
    columns: HashMap<String, ColumnIndex>,
}

/// Decodes rows of any built-in table by the names of their fields.
pub struct LogAnalyticsExport {
    only: Option<&'static Table>,
    /// Tables met so far: there are many, an export has few.
    tables: Mutex<HashMap<&'static str, std::sync::Arc<ExportTable>>>,
}

impl LogAnalyticsExport {
    /// A decoder of rows that say which table they are of.
    pub fn new() -> Self {
        Self { only: None, tables: Mutex::new(HashMap::new()) }
    }

    /// A decoder that puts every record into this table.
    pub fn into_table(table: &'static Table) -> Self {
        Self { only: Some(table), tables: Mutex::new(HashMap::new()) }
    }

    fn export_table(&self, table: &'static Table) -> std::sync::Arc<ExportTable> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        std::sync::Arc::clone(
            tables.entry(table.name.as_str()).or_insert_with(|| std::sync::Arc::new(ExportTable::new(table))),
        )
    }
}

impl Default for LogAnalyticsExport {
    fn default() -> Self {
        Self::new()
    }
}

impl ExportTable {
    fn new(table: &Table) -> Self {
        let columns =
            table.columns.iter().filter(|column| column.name != "Type" && !column.name.starts_with("_Source"));
        Self {
            time: ColumnIndex::of(table, &table.time_column),
            extra: ColumnIndex::of(table, "_RawExtra"),
            columns: columns
                .filter_map(|column| Some((column.name.clone(), ColumnIndex::of(table, &column.name)?)))
                .collect(),
        }
    }

    fn column(&self, name: &str) -> Option<ColumnIndex> {
        let name = name.strip_suffix(TIME_SUFFIX).unwrap_or(name);
        let plain = || DOUBLE_SUFFIXES.iter().find_map(|suffix| self.columns.get(name.strip_suffix(suffix)?));
        self.columns.get(name).or_else(plain).copied()
    }

    fn fill(&self, object: &JsonObject, row: &mut RowBuilder, extra: &mut ExtraFields) {
        for (name, value) in object.iter() {
            if value.is_null() || TABLE_FIELDS.contains(&name) {
                continue;
            }
            match self.column(name) {
                Some(index) if row.is_set(index) || value.is_blank() || row.set_json(index, value) => {}
                // What the portal writes for an absent number.
                Some(_) if value.as_str().as_deref() == Some("null") => {}
                _ => extra.push(name, value),
            }
        }
    }
}

/// The table that a row names or, where the name was left out, whose shape it has.
fn table_of(object: &JsonObject) -> Option<&'static Table> {
    let named = TABLE_FIELDS.iter().find_map(|field| object.get_str(field));
    if let Some(table) = named.and_then(|name| schema::table(&name)) {
        return Some(table);
    }
    let by_category = || {
        let category = object.get_str("Category")?;
        let (_, table) = CATEGORIES.iter().find(|(name, _)| category == *name)?;
        (object.has("AADTenantId") || object.has("CreatedDateTime") || object.has("TimeGenerated"))
            .then(|| schema::table(table))?
    };
    let by_shape = || {
        if object.has("OfficeWorkload") && object.has("Operation") {
            return schema::table("OfficeActivity");
        }
        if ["DeviceVendor", "DeviceProduct", "DeviceEventClassID", "LogSeverity"].iter().all(|name| object.has(name)) {
            return schema::table("CommonSecurityLog");
        }
        if object.has("AwsEventId") && object.has("EventName") {
            return schema::table("AWSCloudTrail");
        }
        let is_audit = object.has("TimeGenerated")
            && object.has("OperationName")
            && object.has("InitiatedBy")
            && object.has("TargetResources");
        is_audit.then(|| schema::table("AuditLogs"))?
    };
    by_category().or_else(by_shape)
}

/// The row's time: a time column, or when a sign-in's first authentication step took place.
fn time_of(object: &JsonObject) -> Option<chrono::DateTime<chrono::Utc>> {
    let read = |value: &JsonValue| value.as_str().and_then(|text| parse_time(&text));
    let field = |name: &str| object.get(name).or_else(|| object.get(&format!("{name}{TIME_SUFFIX}")));
    if let Some(time) = TIME_FIELDS.iter().find_map(|name| field(name).and_then(read)) {
        return Some(time);
    }
    let details = object.get("AuthenticationDetails")?;
    let text = details.to_text();
    let steps = JsonValue::parse(text.trim()).ok()?.as_array()?;
    steps.first()?.as_object()?.get("authenticationStepDateTime").and_then(read)
}

impl Decoder for LogAnalyticsExport {
    fn format(&self) -> &'static str {
        "log-analytics-export"
    }

    fn recognizes(&self, record: &Record) -> bool {
        self.only.is_some() || (!record.object.has("properties") && table_of(&record.object).is_some())
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let table = self
            .only
            .or_else(|| table_of(&record.object))
            .ok_or_else(|| Reject::new("row that names no built-in table"))?;
        let export = self.export_table(table);
        let time =
            time_of(&record.object).ok_or_else(|| Reject::new(format!("row of `{}` without a time", table.name)))?;
        let row = rows.row(table);
        let mut extra = ExtraFields::new();
        if let Some(index) = export.time {
            row.set_time(index, time);
        }
        export.fill(&record.object, row, &mut extra);
        if let Some(index) = export.extra {
            extra.write(row, index);
        }
        row.end_row();
        Ok(())
    }
}
