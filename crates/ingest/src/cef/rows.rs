//! CEF events as rows of `CommonSecurityLog`, and alerts of identity products as rows of `SecurityAlert` too.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use schema::Table;

use crate::cef::alert_rows::write_alert;
use crate::cef::columns::KeyColumns;
use crate::cef::event::CefEvent;
use crate::cef::time::{device_time, device_zone, time_of};
use crate::decoder::Reject;
use crate::json::JsonValue;
use crate::row_builder::{ColumnIndex, RowBuilder};
use crate::rows::{ExtraFields, Rows};
use crate::syslog::SyslogHeader;

/// What Log Analytics writes as the source of these rows.
const SOURCE_SYSTEM: &str = "OpsManager";

/// Keys that hold the event's time, the best first: when it began, when the device heard of it, when it ended. The time of its
/// header comes after them, then [`VENDOR_TIME_KEYS`], then when its carrier received it.
const TIME_KEYS: [&str; 6] = ["start", "startTime", "rt", "deviceReceiptTime", "end", "endTime"];

/// Keys in which some vendors write a time: agent and manager of ArcSight, Fortinet.
const VENDOR_TIME_KEYS: [&str; 4] = ["art", "mrt", "FTNTFGTeventtime", "FortinetFortiGateeventtime"];

/// The columns of the header's fields, in its order.
const HEADER_COLUMNS: [&str; 6] =
    ["DeviceVendor", "DeviceProduct", "DeviceVersion", "DeviceEventClassID", "Activity", "LogSeverity"];

/// Columns of a time.
const TIME_COLUMNS: [&str; 2] = ["StartTime", "EndTime"];

/// What the carrier of an event says of its time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Carried {
    /// When the event was sent, by its syslog header.
    pub sent: Option<DateTime<Utc>>,
    /// When the document that holds it was made.
    pub received: Option<DateTime<Utc>>,
}

/// Writes the rows of CEF events.
pub(super) struct CefRows {
    table: &'static Table,
    keys: KeyColumns,
    time: ColumnIndex,
    header: [ColumnIndex; 6],
    times: [ColumnIndex; 2],
    computer: ColumnIndex,
    action: ColumnIndex,
    simplified_action: ColumnIndex,
    additional: ColumnIndex,
    source_system: ColumnIndex,
    extra: ColumnIndex,
}

impl CefRows {
    /// The writer, with its columns looked up.
    pub fn new() -> Self {
        let table = schema::table("CommonSecurityLog").expect("a built-in table");
        let column = |name: &str| ColumnIndex::of(table, name).expect("a column of the table");
        Self {
            table,
            keys: KeyColumns::of(table),
            time: column("TimeGenerated"),
            header: HEADER_COLUMNS.map(column),
            times: TIME_COLUMNS.map(column),
            computer: column("Computer"),
            action: column("DeviceAction"),
            simplified_action: column("SimplifiedDeviceAction"),
            additional: column("AdditionalExtensions"),
            source_system: column("SourceSystem"),
            extra: column("_RawExtra"),
        }
    }

    /// Adds the rows of an event.
    pub fn write(
        &self,
        event: &CefEvent,
        header: &SyslogHeader,
        carried: Carried,
        rows: &mut Rows,
    ) -> Result<(), Reject> {
        let now = rows.latest_time();
        let time = time_of(event, &TIME_KEYS, now)
            .or(carried.sent)
            .or_else(|| time_of(event, &VENDOR_TIME_KEYS, now))
            .or(carried.received)
            .ok_or_else(|| Reject::new("CEF event without a time"))?;
        let row = rows.row(self.table);
        row.set_time(self.time, time);
        let fields = [&event.vendor, &event.product, &event.version, &event.class, &event.name, &event.severity];
        for (index, value) in self.header.iter().zip(fields) {
            row.set_str(*index, value);
        }
        row.set_str(self.computer, header.host);
        row.set_str(self.source_system, SOURCE_SYSTEM);
        self.fill(event, row, now);
        let mut extra = ExtraFields::new();
        push_header(header, &mut extra);
        extra.write(row, self.extra);
        row.end_row();
        write_alert(event, time, carried.sent.or(carried.received), rows);
        Ok(())
    }

    /// Puts the extension into columns, and what has none into `AdditionalExtensions`: `key=value;key=value`, as Log Analytics does.
    fn fill(&self, event: &CefEvent, row: &mut RowBuilder, now: DateTime<Utc>) {
        let zone = device_zone(event);
        let mut additional = String::new();
        for (key, value) in &event.extension {
            let column = self.keys.get(key);
            let kept = column.is_some_and(|column| value.is_empty() || self.set(row, column, value, zone, now));
            if !kept {
                let separator = if additional.is_empty() { "" } else { ";" };
                additional.extend([separator, key.as_ref(), "=", value.as_ref()]);
            }
        }
        row.set_str(self.additional, &additional);
    }

    /// Sets a cell; false when it has a value already, or its type does not hold this one.
    fn set(&self, row: &mut RowBuilder, column: ColumnIndex, value: &str, zone: TimeDelta, now: DateTime<Utc>) -> bool {
        if row.is_set(column) {
            return false;
        }
        if self.times.contains(&column) {
            let time = device_time(value, zone, now);
            if let Some(time) = time {
                row.set_time(column, time);
            }
            return time.is_some();
        }
        let text = JsonValue::Text(Cow::Borrowed(value));
        if let Some(narrow) = self.keys.narrow(column) {
            row.set_json(narrow, &text);
        }
        if column == self.action {
            row.set_str(self.simplified_action, value);
        }
        row.set_json(column, &text)
    }
}

/// Keeps the parts of the syslog header that `CommonSecurityLog` has no column for.
fn push_header(header: &SyslogHeader, extra: &mut ExtraFields) {
    let parts = [
        ("Facility", header.facility.unwrap_or_default()),
        ("SeverityLevel", header.severity.unwrap_or_default()),
        ("HostIP", header.sender),
        ("ProcessName", header.process),
        ("ProcessID", header.process_id),
        ("MessageID", header.message_id),
        ("StructuredData", header.structured_data),
    ];
    for (name, value) in parts.into_iter().filter(|(_, value)| !value.is_empty()) {
        extra.push(name, &JsonValue::Text(Cow::Borrowed(value)));
    }
}
