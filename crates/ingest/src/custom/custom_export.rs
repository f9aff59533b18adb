//! Records that name a custom table, as Log Analytics exports them; and any record, where the caller names the table.

use std::borrow::Cow;

use schema::is_custom_table_name;

use super::{ColumnTypes, CustomRow};
use crate::decoder::{Decoder, Record, Reject};
use crate::json::JsonObject;
use crate::log_analytics_export::{TABLE_FIELDS, time_of};
use crate::rows::Rows;
use crate::time::parse_time;

/// More fields that hold a row's time, in logs that are not of Log Analytics.
const OTHER_TIME_FIELDS: [&str; 8] =
    ["time", "timestamp", "@timestamp", "createdDateTime", "CreationTime", "EventTime", "eventTime", "date"];

/// Decodes rows of custom tables.
pub(crate) struct CustomExport {
    only: Option<String>,
}

impl CustomExport {
    /// A decoder of rows that say which table they are of.
    pub fn new() -> Self {
        Self { only: None }
    }

    /// A decoder that puts every record into this table.
    pub fn into_table(name: &str) -> Self {
        Self { only: Some(name.to_owned()) }
    }
}

/// The custom table that a row names.
fn named_table<'r>(object: &'r JsonObject) -> Option<Cow<'r, str>> {
    TABLE_FIELDS.iter().filter_map(|field| object.get_str(field)).find(|name| is_custom_table_name(name))
}

impl Decoder for CustomExport {
    fn format(&self) -> &'static str {
        "custom-table"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        // With `properties` and without a time column it is an envelope of something else.
        let is_row = || !object.has("properties") || object.has("TimeGenerated");
        self.only.is_some() || (is_row() && named_table(object).is_some())
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let object = &record.object;
        let table = self.only.as_deref().map(Cow::Borrowed).or_else(|| named_table(object));
        let table = table.ok_or_else(|| Reject::new("row that names no custom table"))?;
        let other = || OTHER_TIME_FIELDS.iter().find_map(|name| parse_time(&object.get_str(name)?));
        let time = time_of(object).or_else(other).or(rows.arrival());
        let time = time.ok_or_else(|| Reject::new(format!("row of `{table}` without a time")))?;
        let tenant = object.get_str("TenantId").unwrap_or_default();
        let is_table = |name: &str, value: &crate::json::JsonValue| {
            TABLE_FIELDS.contains(&name) && value.as_str().is_some_and(|value| value == table)
        };
        let fields = object.iter().filter(|(name, value)| !is_table(name, value)).collect();
        rows.add_custom(&table, CustomRow { time, tenant, fields, types: ColumnTypes::Guessed })
    }
}
