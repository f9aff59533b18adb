//! Syslog lines into the table `Syslog`.

use std::borrow::Cow;
use std::net::IpAddr;

use schema::Table;

use crate::decoder::{Decoder, Record, Reject};
use crate::json::JsonValue;
use crate::row_builder::ColumnIndex;
use crate::rows::{ExtraFields, Rows};

/// What Log Analytics writes as the source of these rows.
const SOURCE_SYSTEM: &str = "Linux";

/// Decodes the lines of syslog that no other decoder knows.
pub struct SyslogDecoder {
    table: &'static Table,
    time: ColumnIndex,
    event_time: ColumnIndex,
    process_id: ColumnIndex,
    texts: [ColumnIndex; 8],
    extra: ColumnIndex,
}

/// Columns of text.
const TEXTS: [&str; 8] =
    ["Computer", "HostName", "HostIP", "Facility", "SeverityLevel", "ProcessName", "SyslogMessage", "SourceSystem"];

impl SyslogDecoder {
    /// The decoder, with its columns looked up.
    pub fn new() -> Self {
        let table = schema::table("Syslog").expect("a built-in table");
        let column = |name: &str| ColumnIndex::of(table, name).expect("a column of the table");
        Self {
            table,
            time: column("TimeGenerated"),
            event_time: column("EventTime"),
            process_id: column("ProcessID"),
            texts: TEXTS.map(column),
            extra: column("_RawExtra"),
        }
    }
}

impl Default for SyslogDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for SyslogDecoder {
    fn format(&self) -> &'static str {
        "syslog"
    }

    fn recognizes(&self, record: &Record) -> bool {
        record.line.is_some()
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let line = record.line.as_deref().ok_or_else(|| Reject::new("record that is no line of text"))?;
        let header = &line.header;
        let time = line.sent(rows.latest_time()).or(line.received).or(rows.arrival());
        let time = time.ok_or_else(|| Reject::new("syslog line without a time"))?;
        let is_address = |name: &&str| name.parse::<IpAddr>().is_ok();
        let address = [header.host, header.sender].into_iter().find(is_address).unwrap_or_default();
        let row = rows.row(self.table);
        row.set_time(self.time, time);
        row.set_time(self.event_time, time);
        let texts = [
            header.host,
            header.host,
            address,
            header.facility.unwrap_or_default(),
            header.severity.unwrap_or_default(),
            header.process,
            line.message,
            SOURCE_SYSTEM,
        ];
        for (index, text) in self.texts.iter().zip(texts) {
            row.set_str(*index, text);
        }
        let mut extra = ExtraFields::new();
        let mut keep = |name: &str, text: &str| {
            if !text.is_empty() {
                extra.push(name, &JsonValue::Text(Cow::Borrowed(text)));
            }
        };
        if !row.set_json(self.process_id, &JsonValue::Text(Cow::Borrowed(header.process_id))) {
            keep("ProcessID", header.process_id);
        }
        keep("MessageID", header.message_id);
        keep("StructuredData", header.structured_data);
        keep("Relay", if address == header.sender { "" } else { header.sender });
        extra.write(row, self.extra);
        row.end_row();
        Ok(())
    }
}
