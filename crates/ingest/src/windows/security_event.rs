//! The table SecurityEvent: events of the logs Security and AppLocker, with the columns that Log Analytics derives.

use std::borrow::Cow;
use std::collections::HashMap;

use schema::Table;

use super::account::accounts;
use super::event::{DataField, WindowsEvent, level_name};
use super::event_xml::push_data_xml;
use super::knowledge::{activity, logon_type_name};
use crate::field_map::NameHash;
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
    columns: Columns,
    /// The columns that data fields of the same name go to.
    fields: HashMap<&'static str, ColumnIndex, NameHash>,
}

/// The columns that are set from more than a data field.
struct Columns {
    time: ColumnIndex,
    computer: ColumnIndex,
    channel: ColumnIndex,
    event_id: ColumnIndex,
    activity: ColumnIndex,
    source_name: ColumnIndex,
    task: ColumnIndex,
    level: ColumnIndex,
    level_name: ColumnIndex,
    keywords: ColumnIndex,
    opcode: ColumnIndex,
    version: ColumnIndex,
    record_id: ColumnIndex,
    correlation: ColumnIndex,
    process_id: ColumnIndex,
    thread_id: ColumnIndex,
    user_id: ColumnIndex,
    event_data: ColumnIndex,
    subject_account: ColumnIndex,
    target_account: ColumnIndex,
    account: ColumnIndex,
    account_type: ColumnIndex,
    account_name: ColumnIndex,
    account_domain: ColumnIndex,
    logon_type_name: ColumnIndex,
    process: ColumnIndex,
    raw_extra: ColumnIndex,
}

impl Columns {
    fn of(table: &Table) -> Self {
        let of = |name| ColumnIndex::of(table, name).expect("a column of the built-in table SecurityEvent");
        Self {
            time: of("TimeGenerated"),
            computer: of("Computer"),
            channel: of("Channel"),
            event_id: of("EventID"),
            activity: of("Activity"),
            source_name: of("EventSourceName"),
            task: of("Task"),
            level: of("Level"),
            level_name: of("EventLevelName"),
            keywords: of("Keywords"),
            opcode: of("Opcode"),
            version: of("Version"),
            record_id: of("EventRecordId"),
            correlation: of("Correlation"),
            process_id: of("SystemProcessId"),
            thread_id: of("SystemThreadId"),
            user_id: of("SystemUserId"),
            event_data: of("EventData"),
            subject_account: of("SubjectAccount"),
            target_account: of("TargetAccount"),
            account: of("Account"),
            account_type: of("AccountType"),
            account_name: of("AccountName"),
            account_domain: of("AccountDomain"),
            logon_type_name: of("LogonTypeName"),
            process: of("Process"),
            raw_extra: of("_RawExtra"),
        }
    }
}

impl SecurityEventTable {
    /// Looks the columns up.
    pub fn new() -> Self {
        let table = schema::table("SecurityEvent").expect("SecurityEvent is a built-in table");
        let names = table.stored_columns().map(|column| column.name.as_str());
        let fields = names.filter(|name| !name.starts_with('_') && !DERIVED.contains(name));
        Self {
            table,
            columns: Columns::of(table),
            fields: fields.filter_map(|name| Some((name, ColumnIndex::of(table, name)?))).collect(),
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
        row.extra.write(row.row, self.columns.raw_extra);
        row.row.end_row();
    }
}

/// The row being written.
struct Row<'r> {
    table: &'r SecurityEventTable,
    row: &'r mut RowBuilder,
    extra: ExtraFields,
}

impl Row<'_> {
    fn text(&mut self, index: ColumnIndex, value: &str) {
        if !value.is_empty() {
            self.row.set_str(index, value);
        }
    }

    fn number(&mut self, index: ColumnIndex, value: Option<i64>) {
        if let Some(value) = value {
            self.row.set_i64(index, value);
        }
    }

    fn system_columns(&mut self, event: &WindowsEvent) {
        let columns = &self.table.columns;
        self.row.set_time(columns.time, event.time);
        self.text(columns.computer, &event.computer);
        // Collectors write the log's name in any case; queries compare it with `==`.
        self.text(columns.channel, if event.is_security() { "Security" } else { &event.channel });
        self.number(columns.event_id, Some(event.event_id));
        self.text(columns.activity, &activity(event.event_id));
        self.text(columns.source_name, &event.provider);
        self.number(columns.task, event.task);
        self.number(columns.level, event.level);
        self.text(columns.level_name, event.level.and_then(level_name).unwrap_or_default());
        self.text(columns.keywords, &event.keywords);
        self.number(columns.opcode, event.opcode);
        self.number(columns.version, event.version);
        self.number(columns.record_id, event.record_id);
        self.text(columns.correlation, &event.activity_id);
        self.number(columns.process_id, event.process_id);
        self.number(columns.thread_id, event.thread_id);
        self.text(columns.user_id, &event.user_sid);
        self.row.set_written(columns.event_data, |xml| push_data_xml(xml, &event.data));
    }

    fn account_columns(&mut self, event: &WindowsEvent) {
        let columns = &self.table.columns;
        let accounts = accounts(event);
        if let Some(subject) = accounts.subject {
            self.row.set_written(columns.subject_account, |text| subject.push_qualified_name(text));
        }
        if let Some(target) = accounts.target {
            self.row.set_written(columns.target_account, |text| target.push_qualified_name(text));
        }
        if let Some(main) = accounts.main {
            self.row.set_written(columns.account, |text| main.push_qualified_name(text));
            self.text(columns.account_type, main.account_type());
            self.text(columns.account_name, main.name);
            self.text(columns.account_domain, main.domain.unwrap_or_default());
        }
    }

    fn logon_columns(&mut self, event: &WindowsEvent) {
        let columns = &self.table.columns;
        let logon_type = event.data.get("LogonType").and_then(|text| text.trim().parse::<i64>().ok());
        self.text(columns.logon_type_name, logon_type.and_then(logon_type_name).unwrap_or_default());
        let image = event.data.get("NewProcessName").or_else(|| event.data.get("ProcessName"));
        self.text(columns.process, image.map_or("", file_name));
    }

    /// Sets the column of the field's name; what has no column, or does not fit into it, goes to `_RawExtra`. Unnamed values stay in
    /// EventData only.
    fn data_field(&mut self, field: &DataField) {
        if field.name.is_empty() || field.value.is_empty() {
            return;
        }
        let name = field.name.as_ref();
        // Some collectors take names from the message: `Service File Name`.
        let column = self.table.fields.get(name).or_else(|| {
            let joined = name.contains(' ').then(|| name.replace(' ', ""))?;
            self.table.fields.get(joined.as_str())
        });
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
}

/// The last part of a Windows path.
fn file_name(path: &str) -> &str {
    path.rsplit('\\').next().unwrap_or(path)
}

fn bare_guid<'v>(name: &str, value: &'v str) -> Cow<'v, str> {
    if !BARE_GUIDS.contains(&name) {
        return Cow::Borrowed(value);
    }
    let guid = value.trim_matches(['{', '}']);
    let has_capitals = guid.bytes().any(|byte| byte.is_ascii_uppercase());
    if has_capitals { Cow::Owned(guid.to_ascii_lowercase()) } else { Cow::Borrowed(guid) }
}
