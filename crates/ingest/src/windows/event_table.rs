//! The table Event: events of every log but Security.

use std::borrow::Cow;

use schema::Table;

use super::event::{WindowsEvent, level_name};
use super::event_xml::{push_data_xml, push_parameter_xml};
use super::knowledge::well_known_account;
use crate::json::JsonValue;
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::{ExtraFields, Rows};

/// What Log Analytics writes for an event without a user.
const NO_USER: &str = "N/A";

/// Writes rows of Event.
pub struct EventTable {
    table: &'static Table,
    time: ColumnIndex,
    computer: ColumnIndex,
    source: ColumnIndex,
    event_log: ColumnIndex,
    event_id: ColumnIndex,
    level: ColumnIndex,
    level_name: ColumnIndex,
    category: ColumnIndex,
    event_data: ColumnIndex,
    parameter_xml: ColumnIndex,
    description: ColumnIndex,
    user_name: ColumnIndex,
    raw_extra: ColumnIndex,
}

impl EventTable {
    /// Looks the columns up.
    pub fn new() -> Self {
        let table = schema::table("Event").expect("Event is a built-in table");
        let of = |name| ColumnIndex::of(table, name).expect("a column of the built-in table Event");
        Self {
            table,
            time: of("TimeGenerated"),
            computer: of("Computer"),
            source: of("Source"),
            event_log: of("EventLog"),
            event_id: of("EventID"),
            level: of("EventLevel"),
            level_name: of("EventLevelName"),
            category: of("EventCategory"),
            event_data: of("EventData"),
            parameter_xml: of("ParameterXml"),
            description: of("RenderedDescription"),
            user_name: of("UserName"),
            raw_extra: of("_RawExtra"),
        }
    }

    /// Adds the event's row.
    pub fn write(&self, event: &WindowsEvent, rows: &mut Rows) {
        let row = rows.row(self.table);
        row.set_time(self.time, event.time);
        row.set_str(self.computer, &event.computer);
        row.set_str(self.source, &event.provider);
        row.set_str(self.event_log, &event.channel);
        row.set_i64(self.event_id, event.event_id);
        if let Some(level) = event.level {
            row.set_i64(self.level, level);
            row.set_str(self.level_name, level_name(level).unwrap_or_default());
        }
        if let Some(task) = event.task {
            row.set_i64(self.category, task);
        }
        row.set_written(self.event_data, |xml| push_data_item(xml, event));
        row.set_written(self.parameter_xml, |xml| push_parameter_xml(xml, &event.data));
        row.set_str(self.description, &event.message);
        row.set_str(self.user_name, user_name(event));
        self.write_extra(event, row);
        row.end_row();
    }

    /// What no column holds: the rest of the event's head, and the envelope. The data is in EventData.
    fn write_extra(&self, event: &WindowsEvent, row: &mut RowBuilder) {
        let mut extra = ExtraFields::new();
        let numbers = [
            ("EventRecordId", event.record_id),
            ("Version", event.version),
            ("Opcode", event.opcode),
            ("SystemProcessId", event.process_id),
            ("SystemThreadId", event.thread_id),
        ];
        for (name, number) in numbers.into_iter().filter_map(|(name, number)| Some((name, number?))) {
            extra.push_number(name, number);
        }
        let texts =
            [("Keywords", &event.keywords), ("Correlation", &event.activity_id), ("SystemUserId", &event.user_sid)];
        for (name, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            extra.push(name, &JsonValue::Text(Cow::Borrowed(text)));
        }
        for (name, value) in event.envelope.iter().filter(|(_, value)| !value.is_blank()) {
            extra.push(name, value);
        }
        extra.write(row, self.raw_extra);
    }
}

/// Appends the data within the element that Log Analytics puts around it.
fn push_data_item(xml: &mut String, event: &WindowsEvent) {
    if event.data.fields.is_empty() {
        return;
    }
    xml.push_str("<DataItem type=\"System.XmlData\" time=\"");
    xml.push_str(&event.time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true));
    xml.push_str("\">");
    push_data_xml(xml, &event.data);
    xml.push_str("</DataItem>");
}

fn user_name<'e>(event: &'e WindowsEvent) -> &'e str {
    match (event.user_name.as_ref(), event.user_sid.as_ref()) {
        ("", "") => NO_USER,
        ("", sid) => well_known_account(sid).unwrap_or(sid),
        (name, _) => name,
    }
}
