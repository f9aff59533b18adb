//! The tables that alerts go to, whichever product and form they come in: `SecurityAlert`, `AlertInfo` and `AlertEvidence`.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use schema::Table;
use serde_json::json;

use crate::field_map::NameHash;
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::{ExtraFields, Rows};

/// What Log Analytics writes as the source of alerts.
pub(crate) const SOURCE_SYSTEM: &str = "Detection";
/// `VendorName` of Microsoft's alerts.
pub(crate) const VENDOR_NAME: &str = "Microsoft";

/// Sentinel's alerts.
pub(crate) static SECURITY_ALERT: LazyLock<AlertTable> = LazyLock::new(|| AlertTable::of("SecurityAlert"));
/// Defender's alerts.
pub(crate) static ALERT_INFO: LazyLock<AlertTable> = LazyLock::new(|| AlertTable::of("AlertInfo"));
/// What Defender's alerts are about.
pub(crate) static ALERT_EVIDENCE: LazyLock<AlertTable> = LazyLock::new(|| AlertTable::of("AlertEvidence"));

/// A table of alerts, its columns looked up once.
pub(crate) struct AlertTable {
    table: &'static Table,
    columns: HashMap<&'static str, ColumnIndex, NameHash>,
}

impl AlertTable {
    fn of(name: &str) -> Self {
        let table = schema::table(name).expect("a built-in table");
        let names = table.stored_columns().map(|column| column.name.as_str());
        Self { table, columns: names.filter_map(|name| Some((name, ColumnIndex::of(table, name)?))).collect() }
    }

    /// Begins a row of this time.
    pub fn row<'r>(&'r self, rows: &'r mut Rows, time: DateTime<Utc>) -> AlertRow<'r> {
        let mut row = AlertRow { table: self, row: rows.row(self.table) };
        row.time("TimeGenerated", time);
        row
    }
}

/// A row of a table of alerts.
pub(crate) struct AlertRow<'r> {
    table: &'r AlertTable,
    row: &'r mut RowBuilder,
}

impl AlertRow<'_> {
    /// A column of the table.
    ///
    /// # Panics
    /// In tests, when the table has none of this name; else it is left out.
    fn column(&self, name: &str) -> Option<ColumnIndex> {
        let column = self.table.columns.get(name).copied();
        debug_assert!(column.is_some(), "`{}` has no column `{name}`", self.table.table.name);
        column
    }

    /// Sets a text cell, unless the text is empty.
    pub fn text(&mut self, name: &str, value: &str) {
        if let Some(index) = self.column(name).filter(|_| !value.is_empty()) {
            self.row.set_str(index, value);
        }
    }

    /// Sets a cell to a time.
    pub fn time(&mut self, name: &str, value: DateTime<Utc>) {
        if let Some(index) = self.column(name) {
            self.row.set_time(index, value);
        }
    }

    /// Sets a cell to a truth value.
    pub fn bool(&mut self, name: &str, value: bool) {
        if let Some(index) = self.column(name) {
            self.row.set_bool(index, value);
        }
    }

    /// Sets a cell to JSON text that is known to be valid.
    pub fn dynamic(&mut self, name: &str, json: &str) {
        if let Some(index) = self.column(name) {
            self.row.set_dynamic(index, json);
        }
    }

    /// Ends the row.
    pub fn end(self) {
        self.row.end_row();
    }

    /// Ends the row, with what no column takes.
    pub fn end_with(self, extra: &mut ExtraFields) {
        if let Some(index) = self.column("_RawExtra") {
            extra.write(self.row, index);
        }
        self.row.end_row();
    }
}

/// The values as a JSON array, those that are empty left out; empty where none is left, as the tables have it.
pub(crate) fn json_list(values: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let values = values.into_iter().filter(|value| !value.as_ref().is_empty());
    let values: Vec<_> = values.map(|value| json!(value.as_ref())).collect();
    if values.is_empty() { String::new() } else { json!(values).to_string() }
}
