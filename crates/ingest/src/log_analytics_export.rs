//! Rows of Log Analytics tables as the portal, the API and data export write them: fields named like columns.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use schema::Table;

use crate::decoder::{Decoder, Record, Reject};
use crate::json::{JsonObject, JsonValue};
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::{ExtraFields, Rows};
use crate::time::parse_time;
use crate::windows;

/// Fields that name a row's table.
pub(crate) const TABLE_FIELDS: [&str; 4] = ["Type", "TableName", "$table", "SourceTable"];

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
    /// Columns stand for values of the column EventData.
    has_event_data: bool,
}

/// Decodes rows of any built-in table by the names of their fields.
pub struct LogAnalyticsExport {
    only: Option<(&'static Table, std::sync::Arc<ExportTable>)>,
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
        Self { only: Some((table, std::sync::Arc::new(ExportTable::new(table)))), tables: Mutex::new(HashMap::new()) }
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
            has_event_data: table.name == "SecurityEvent",
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

    /// Sets a column from the event's own data, where an export left it out.
    fn complete(&self, name: &str, value: &str, row: &mut RowBuilder) {
        if let Some(&index) = self.columns.get(name).filter(|index| !value.is_empty() && !row.is_set(**index)) {
            row.set_str(index, value);
        }
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

/// Shapes of rows that name no table: the table, and its columns of which a row has one of each list. The first that fits counts.
const SHAPES: [(&str, &[&[&str]]); 9] = [
    ("OfficeActivity", &[&["OfficeWorkload"], &["Operation"]]),
    ("AuditLogs", &[&["TimeGenerated"], &["OperationName"], &["InitiatedBy"], &["TargetResources"]]),
    (
        "AzureActivity",
        &[
            &["TimeGenerated"],
            &["OperationName", "OperationNameValue"],
            &["ActivityStatus", "ActivityStatusValue"],
            &["EventDataId", "OperationId", "CorrelationId"],
        ],
    ),
    ("AADManagedIdentitySignInLogs", &[&["TimeGenerated"], &["ResultType"], &["ManagedServiceIdentity"]]),
    ("AADServicePrincipalSignInLogs", &[&["TimeGenerated"], &["ResultType"], &["ServicePrincipalCredentialKeyId"]]),
    ("SigninLogs", &[&["TimeGenerated"], &["ResultType"], &["UserPrincipalName"], &["AppDisplayName", "AppId"]]),
    ("AADUserRiskEvents", &[&["TimeGenerated"], &["RiskEventType"], &["DetectionTimingType"], &["UserId"]]),
    ("CommonSecurityLog", &[&["DeviceVendor"], &["DeviceProduct"], &["DeviceEventClassID"], &["LogSeverity"]]),
    ("AWSCloudTrail", &[&["AwsEventId"], &["EventName"]]),
];

/// Of a row that names its table, the share of fields that must be columns of it: what a query put together is no row of the table.
const LEAST_SHARE: f64 = 0.5;

/// The table that a row names, as it stands, known or not.
fn named_table<'a>(object: &'a JsonObject) -> Option<Cow<'a, str>> {
    TABLE_FIELDS.iter().find_map(|field| object.get_str(field))
}

/// The table that a row names or, where the name was left out, whose shape it has.
fn table_of(object: &JsonObject) -> Option<&'static Table> {
    if let Some(table) = named_table(object).and_then(|name| schema::table(&name)) {
        return Some(table);
    }
    let by_category = || {
        let category = object.get_str("Category")?;
        let (_, table) = CATEGORIES.iter().find(|(name, _)| category == *name)?;
        (object.has("AADTenantId") || object.has("CreatedDateTime") || object.has("TimeGenerated"))
            .then(|| schema::table(table))?
    };
    let by_shape = || {
        if let Some(table) = windows::table_of_row(object) {
            return schema::table(table);
        }
        let has = |name: &&str| object.has(name) || (*name == "TimeGenerated" && object.has("TimeGenerated [UTC]"));
        let fits = |columns: &&[&[&str]]| columns.iter().all(|names| names.iter().any(has));
        let (table, _) = SHAPES.iter().find(|(_, columns)| fits(columns))?;
        schema::table(table)
    };
    by_category().or_else(by_shape)
}

/// Why a row that names a table is none of its rows, if it is not: it came out of a query.
fn query_result_reason(object: &JsonObject, export: &ExportTable, table: &Table) -> Option<String> {
    let fields = object.iter().filter(|(name, _)| !TABLE_FIELDS.contains(name));
    let (columns, others): (Vec<_>, Vec<_>) = fields.partition(|(name, _)| export.column(name).is_some());
    let all = columns.len() + others.len();
    if (columns.len() as f64) < all as f64 * LEAST_SHARE {
        let few = columns.len();
        return Some(format!(
            "query result, no row of `{}`: {few} of its {all} fields are columns of the table",
            table.name
        ));
    }
    let timed = time_of(object).is_some();
    (!timed).then(|| format!("query result, no row of `{}`: it has no time", table.name))
}

/// The row's time: a time column, or when a sign-in's first authentication step took place.
pub(crate) fn time_of(object: &JsonObject) -> Option<chrono::DateTime<chrono::Utc>> {
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
        let (table, export) = match &self.only {
            Some((table, export)) => (*table, std::sync::Arc::clone(export)),
            None => {
                let found = table_of(&record.object);
                let table = found.ok_or_else(|| Reject::new("row that names no built-in table"))?;
                (table, self.export_table(table))
            }
        };
        if self.only.is_none()
            && named_table(&record.object).is_some()
            && let Some(reason) = query_result_reason(&record.object, &export, table)
        {
            return Err(Reject::new(reason));
        }
        // A row that is told its table needs no time of its own when it arrives live.
        let arrival = rows.arrival().filter(|_| self.only.is_some());
        let time = time_of(&record.object).or(arrival);
        let time = time.ok_or_else(|| Reject::new(format!("row of `{}` without a time", table.name)))?;
        let row = rows.row(table);
        let mut extra = ExtraFields::new();
        if let Some(index) = export.time {
            row.set_time(index, time);
        }
        export.fill(&record.object, row, &mut extra);
        if export.has_event_data {
            windows::each_event_data_field(&record.object, &mut |name, value| export.complete(name, value, row));
        }
        if let Some(index) = export.extra {
            extra.write(row, index);
        }
        row.end_row();
        Ok(())
    }
}
