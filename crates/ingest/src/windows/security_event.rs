//! The table SecurityEvent: events of the log Security, with the columns that Log Analytics derives.

use std::borrow::Cow;
use std::collections::HashMap;

use schema::Table;

use super::account::accounts;
use super::event::{DataField, WindowsEvent, level_name};
use super::event_xml::data_xml;
use super::knowledge::{activity, logon_type_name};
use crate::json::JsonValue;
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::{ExtraFields, Rows};

/// Columns that are never filled from a data field of the same name, because they say something else.
const DERIVED: [&str; 24] = [
    "TimeGenerated",
    "Computer",
    "Channel",
    "EventID",
    "Activity",
    "EventSourceName",
    "Task",
    "Level",
    "EventLevelName",
    "Keywords",
    "Opcode",
    "Version",
    "EventRecordId",
    "Correlation",
    "SystemProcessId",
    "SystemThreadId",
    "SystemUserId",
    "EventData",
    "Type",
    "TenantId",
    "SourceSystem",
    "Account",
    "AccountType",
    "LogonTypeName",
];

/// Data fields that hold a GUID, which Log Analytics writes without braces in these columns.
const BARE_GUIDS: [&str; 2] = ["LogonGuid", "TargetLogonGuid"];

/// Writes rows of SecurityEvent.
pub struct SecurityEventTable {
    table: &'static Table,
    columns: HashMap<&'static str, ColumnIndex>,
    raw_extra: Option<ColumnIndex>,
}

impl SecurityEventTable {
    /// Looks the columns up.
    pub fn new() -> Self {
        let table = schema::table("SecurityEvent").expect("SecurityEvent is a built-in table");
        let columns = table.stored_columns().filter(|column| !column.name.starts_with('_'));
        Self {
            table,
            columns: columns
                .filter_map(|column| Some((column.name.as_str(), ColumnIndex::of(table, &column.name)?)))
                .collect(),
            raw_extra: ColumnIndex::of(table, "_RawExtra"),
        }
    }

    /// Adds the event's row.
    pub fn write(&self, event: &WindowsEvent, rows: &mut Rows) {
        let mut row = Row { table: self, row: rows.row(self.table), extra: ExtraFields::new() };
        row.system_columns(event);
        row.account_columns(event);
        row.logon_columns(event);
        for field in &event.data.fields {
            row.data_field(field);
        }
        row.envelope(event);
        row.end();
    }
}

/// The row being written.
struct Row<'r> {
    table: &'r SecurityEventTable,
    row: &'r mut RowBuilder,
    extra: ExtraFields,
}

impl Row<'_> {
    fn text(&mut self, column: &str, value: &str) {
        if let Some(&index) = self.table.columns.get(column).filter(|_| !value.is_empty()) {
            self.row.set_str(index, value);
        }
    }

    fn number(&mut self, column: &str, value: Option<i64>) {
        if let Some((&index, value)) = self.table.columns.get(column).zip(value) {
            self.row.set_i64(index, value);
        }
    }

    fn system_columns(&mut self, event: &WindowsEvent) {
        if let Some(&index) = self.table.columns.get("TimeGenerated") {
            self.row.set_time(index, event.time);
        }
        self.text("Computer", &event.computer);
        // Collectors write the log's name in any case; queries compare it with `==`.
        self.text("Channel", "Security");
        self.number("EventID", Some(event.event_id));
        self.text("Activity", &activity(event.event_id));
        self.text("EventSourceName", &event.provider);
        self.number("Task", event.task);
        self.number("Level", event.level);
        self.text("EventLevelName", event.level.and_then(level_name).unwrap_or_default());
        self.text("Keywords", &event.keywords);
        self.number("Opcode", event.opcode);
        self.number("Version", event.version);
        self.number("EventRecordId", event.record_id);
        self.text("Correlation", &event.activity_id);
        self.number("SystemProcessId", event.process_id);
        self.number("SystemThreadId", event.thread_id);
        self.text("SystemUserId", &event.user_sid);
        self.text("EventData", &data_xml(&event.data));
    }

    fn account_columns(&mut self, event: &WindowsEvent) {
        let accounts = accounts(event);
        if let Some(subject) = accounts.subject {
            self.text("SubjectAccount", &subject.qualified_name());
        }
        if let Some(target) = accounts.target {
            self.text("TargetAccount", &target.qualified_name());
        }
        if let Some(main) = accounts.main {
            self.text("Account", &main.qualified_name());
            self.text("AccountType", main.account_type());
            self.text("AccountName", main.name);
            self.text("AccountDomain", main.domain.unwrap_or_default());
        }
    }

    fn logon_columns(&mut self, event: &WindowsEvent) {
        let logon_type = event.data.get("LogonType").and_then(|text| text.trim().parse::<i64>().ok());
        if let Some((number, name)) = logon_type.and_then(|number| Some((number, logon_type_name(number)?))) {
            self.text("LogonTypeName", &format!("{number} - {name}"));
        }
        let image = event.data.get("NewProcessName").or_else(|| event.data.get("ProcessName"));
        self.text("Process", image.map_or("", file_name));
    }

    /// Sets the column of the field's name; what has no column, or does not fit into it, goes to `_RawExtra`. Unnamed values stay in
    /// EventData only.
    fn data_field(&mut self, field: &DataField) {
        if field.name.is_empty() || field.value.is_empty() {
            return;
        }
        let name = field.name.as_ref();
        let column = self.table.columns.get(name).filter(|_| !DERIVED.contains(&name));
        let Some(&index) = column else { return self.extra_text(name, &field.value) };
        self.row.set_str(index, &bare_guid(name, &field.value));
        if !self.row.is_set(index) {
            self.extra_text(name, &field.value);
        }
    }

    fn extra_text(&mut self, name: &str, value: &str) {
        self.extra.push(name, &JsonValue::Text(Cow::Borrowed(value)));
    }

    fn envelope(&mut self, event: &WindowsEvent) {
        for (name, value) in event.envelope.iter().filter(|(_, value)| !value.is_blank()) {
            self.extra.push(name, value);
        }
        if !event.message.is_empty() {
            self.extra_text("Message", &event.message);
        }
    }

    fn end(mut self) {
        if let Some(index) = self.table.raw_extra {
            self.extra.write(self.row, index);
        }
        self.row.end_row();
    }
}

/// The last part of a Windows path.
fn file_name(path: &str) -> &str {
    path.rsplit('\\').next().unwrap_or(path)
}

fn bare_guid<'v>(name: &str, value: &'v str) -> Cow<'v, str> {
    if BARE_GUIDS.contains(&name) {
        return Cow::Owned(value.trim_matches(['{', '}']).to_ascii_lowercase());
    }
    Cow::Borrowed(value)
}
