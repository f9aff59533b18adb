//! Events that the Azure diagnostics extension collects: to Event Hubs and storage as records of the category
//! `WindowsEventLogsTable`, and as rows of the storage table `WADWindowsEventLogsTable`.

use std::borrow::Cow;

use super::event::{Payload, WindowsEvent};
use super::event_xml_decoder::is_event_xml;
use super::json_fields::{first_text, first_time, integer, object_in};
use super::read_xml::read_event_xml;
use super::tables::WindowsTables;
use crate::decoder::{Decoder, Record, Reject};
use crate::json::{JsonObject, JsonValue};
use crate::rows::Rows;

/// The category of the records.
const CATEGORY: &str = "WindowsEventLogsTable";
/// The field with the event as it was.
const RAW_XML: &str = "RawXml";
/// The time where the XML was left out, the best first.
const TIMES: [&str; 4] = ["time", "PreciseTimeStamp", "TIMESTAMP", "EventTime"];
/// Fields that repeat the event's head, or become its parts.
const HEAD: [&str; 17] = [
    RAW_XML,
    "Description",
    "ProviderName",
    "ProviderGuid",
    "EventId",
    "Level",
    "Pid",
    "Tid",
    "Opcode",
    "Task",
    "Channel",
    "time",
    "category",
    "level",
    "properties",
    "PreciseTimeStamp",
    "TIMESTAMP",
];

/// Decodes events of the Azure diagnostics extension.
pub struct AzureDiagnosticsDecoder {
    tables: WindowsTables,
}

impl AzureDiagnosticsDecoder {
    /// A decoder with its tables looked up.
    pub fn new() -> Self {
        Self { tables: WindowsTables::new() }
    }
}

impl Decoder for AzureDiagnosticsDecoder {
    fn format(&self) -> &'static str {
        "windows-azure-diagnostics"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        let is_category = |value: &JsonValue| value.as_str().is_some_and(|text| text == CATEGORY);
        object.get("category").is_some_and(is_category) || is_table_row(object)
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let is_row = is_table_row(&record.object);
        let row = if is_row { record.object.clone() } else { object_in(&record.object, "properties") };
        let xml = row.get(RAW_XML).filter(|xml| is_event_xml(xml)).and_then(JsonValue::as_str);
        let mut event = match &xml {
            Some(xml) => read_event_xml(xml)?,
            None => event_without_xml(&row, &record.object)?,
        };
        if event.message.is_empty() {
            event.message = first_text(&row, &["Description"]);
        }
        let around = if is_row { None } else { Some(&record.object) };
        for (name, value) in around.into_iter().chain([&row]).flat_map(JsonObject::iter) {
            if !HEAD.contains(&name) {
                event.envelope.push((Cow::Borrowed(name), value.clone()));
            }
        }
        self.tables.write(&event, rows);
        Ok(())
    }
}

fn is_table_row(object: &JsonObject) -> bool {
    object.has(RAW_XML) && object.has("EventId") && object.has("DeploymentId")
}

/// An event of which the head and the message are all there is.
fn event_without_xml<'a>(row: &JsonObject<'a>, record: &JsonObject<'a>) -> Result<WindowsEvent<'a>, Reject> {
    let time = first_time(record, &TIMES).or_else(|| first_time(row, &TIMES));
    let mut envelope = Vec::new();
    let guid = first_text(row, &["ProviderGuid"]);
    if !guid.is_empty() {
        envelope.push((Cow::Borrowed("ProviderGuid"), JsonValue::Text(guid)));
    }
    Ok(WindowsEvent {
        time: time.ok_or_else(|| Reject::new("Windows event without a time"))?,
        event_id: integer(row, "EventId").ok_or_else(|| Reject::new("Windows event without an event id"))?,
        channel: first_text(row, &["Channel"]),
        provider: first_text(row, &["ProviderName"]),
        // The name of the instance in its deployment, which for a virtual machine is an underscore and its own name.
        computer: match first_text(row, &["Computer", "RoleInstance"]) {
            Cow::Borrowed(name) => Cow::Borrowed(name.strip_prefix('_').unwrap_or(name)),
            Cow::Owned(name) => Cow::Owned(name.strip_prefix('_').unwrap_or(&name).to_owned()),
        },
        version: None,
        level: integer(row, "Level"),
        task: integer(row, "Task"),
        opcode: integer(row, "Opcode"),
        keywords: first_text(row, &["Keywords"]),
        record_id: integer(row, "EventRecordID"),
        activity_id: Cow::Borrowed(""),
        process_id: integer(row, "Pid"),
        thread_id: integer(row, "Tid"),
        user_sid: Cow::Borrowed(""),
        user_name: Cow::Borrowed(""),
        data: Payload::default(),
        message: Cow::Borrowed(""),
        envelope,
    })
}
