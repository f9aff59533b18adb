//! Flat JSON events, as NXLog's `im_msvistalog` writes them and public data sets (OTRF) republish them: the event's head and its data
//! fields side by side in one object.

use std::borrow::Cow;

use super::event::{Payload, WindowsEvent};
use super::json_fields::{first_text, first_time, integer, keyword_mask, text_of};
use super::knowledge::restore_field_order;
use super::tables::WindowsTables;
use crate::decoder::{Decoder, Record, Reject};
use crate::json::{JsonObject, JsonValue};
use crate::rows::Rows;

/// Fields of the head: they become the event's own parts.
const HEAD: [&str; 20] = [
    "EventID",
    "Channel",
    "SourceName",
    "Hostname",
    "HOSTNAME",
    "Version",
    "Level",
    "Task",
    "OpcodeValue",
    "Keywords",
    "RecordNumber",
    "EventRecordID",
    "ActivityID",
    "ExecutionProcessID",
    "ThreadID",
    "ExecutionThreadID",
    "UserID",
    "Message",
    "@timestamp",
    "TimeCreated",
];
/// Fields that say how the record travelled, or repeat the head in words.
const ENVELOPE: [&str; 19] = [
    "EventTime",
    "EventReceivedTime",
    "SourceModuleName",
    "SourceModuleType",
    "Severity",
    "SeverityValue",
    "Category",
    "ProviderGuid",
    "RelatedActivityID",
    "ERROR_EVT_UNRESOLVED",
    "MessageSourceAddress",
    "InputName",
    "@version",
    "@metadata",
    "host",
    "port",
    "tags",
    "log_size",
    "EventXML",
];
/// The opcode in words; its number is `OpcodeValue`.
const OPCODE_WORD: &str = "Opcode";
/// Fields that name the user of the head, when the record has a UserID. Without one they are data of the event.
const USER: [&str; 3] = ["Domain", "AccountName", "AccountType"];
/// Where the time is, best first. `EventTime` has no zone and stands in the collector's time, so it comes last but one.
const TIMES: [&str; 4] = ["@timestamp", "TimeCreated", "EventTime", "EventReceivedTime"];

/// Decodes flat JSON events.
pub struct NxlogDecoder {
    tables: WindowsTables,
}

impl NxlogDecoder {
    /// A decoder with its tables looked up.
    pub fn new() -> Self {
        Self { tables: WindowsTables::new() }
    }
}

impl Decoder for NxlogDecoder {
    fn format(&self) -> &'static str {
        "windows-nxlog"
    }

    fn recognizes(&self, record: &Record) -> bool {
        is_event(&record.object) || forwarded_text(&record.object).is_some()
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let Some(text) = forwarded_text(&record.object) else {
            self.tables.write(&read_event(&record.object)?, rows);
            return Ok(());
        };
        let object = JsonObject::parse(&text)
            .map_err(|error| Reject::new(format!("forwarded Windows event is no JSON: {error}")))?;
        self.tables.write(&read_event(&object)?, rows);
        Ok(())
    }
}

/// Whether the object is such an event. Rows exported from Log Analytics have `TimeGenerated`, and are not.
fn is_event(object: &JsonObject) -> bool {
    let has_any = |names: &[&str]| names.iter().any(|name| object.has(name));
    object.has("EventID")
        && has_any(&["SourceName", "Channel"])
        && has_any(&["Hostname", "HOSTNAME", "EventTime", "EventReceivedTime", "@timestamp", "TimeCreated"])
        && !has_any(&["TimeGenerated", "winlog", "EventSourceName"])
}

/// The event of a record that holds it as text in `message`, as forwarders do that do not look into it.
fn forwarded_text<'r>(object: &'r JsonObject) -> Option<Cow<'r, str>> {
    let Some(JsonValue::Json(json)) = object.get("message") else { return None };
    if !json.starts_with("\"{") || !json.contains("EventID") || object.has("EventID") {
        return None;
    }
    let text = object.get_str("message")?;
    let is_flat_event = JsonObject::parse(&text).is_ok_and(|inner| is_event(&inner));
    is_flat_event.then_some(text)
}

fn read_event<'a>(object: &JsonObject<'a>) -> Result<WindowsEvent<'a>, Reject> {
    let time = first_time(object, &TIMES).ok_or_else(|| Reject::new("Windows event without a time"))?;
    let event_id =
        integer(object, "EventID").ok_or_else(|| Reject::new("Windows event whose event id is no number"))?;
    let provider = first_text(object, &["SourceName"]);
    let (mut data, envelope) = split_fields(object);
    restore_field_order(&provider, event_id, &mut data);
    Ok(WindowsEvent {
        time,
        event_id,
        channel: first_text(object, &["Channel"]),
        provider,
        computer: first_text(object, &["Hostname", "HOSTNAME"]),
        version: integer(object, "Version"),
        level: integer(object, "Level")
            .or_else(|| ["EventType", "Severity"].iter().find_map(|name| level_of_type(&object.get_str(name)?))),
        task: integer(object, "Task"),
        opcode: integer(object, "OpcodeValue"),
        keywords: object.get("Keywords").map_or(Cow::Borrowed(""), keyword_mask),
        record_id: integer(object, "RecordNumber").or_else(|| integer(object, "EventRecordID")),
        activity_id: first_text(object, &["ActivityID"]),
        process_id: integer(object, "ExecutionProcessID")
            .or_else(|| object.get("ProcessID").filter(|id| is_number(id))?.as_i64()),
        thread_id: integer(object, "ThreadID").or_else(|| integer(object, "ExecutionThreadID")),
        user_sid: first_text(object, &["UserID"]),
        user_name: user_name(object),
        data,
        message: first_text(object, &["Message"]),
        envelope,
    })
}

/// Parts what is left beside the head into the event's data and the envelope.
fn split_fields<'a>(object: &JsonObject<'a>) -> (Payload<'a>, Vec<(Cow<'a, str>, JsonValue<'a>)>) {
    let (mut data, mut envelope) = (Payload::default(), Vec::new());
    let has_user = object.has("UserID");
    for (name, value) in object.iter() {
        if HEAD.contains(&name) || (has_user && USER.contains(&name)) || is_head_process(object, name, value) {
            continue;
        }
        if name == OPCODE_WORD {
            envelope.push((Cow::Borrowed("RenderingInfo.Opcode"), value.clone()));
        } else if ENVELOPE.contains(&name) || is_head_type(name, value) {
            envelope.push((Cow::Owned(name.to_owned()), value.clone()));
        } else {
            data.push(name.to_owned(), text_of(value));
        }
    }
    (data, envelope)
}

/// Older NXLog calls the process of the head `ProcessID`, as a number; events of the filtering platform have a field of that name too,
/// as text.
fn is_head_process(object: &JsonObject, name: &str, value: &JsonValue) -> bool {
    name == "ProcessID" && is_number(value) && !object.has("ExecutionProcessID")
}

fn is_number(value: &JsonValue) -> bool {
    matches!(value, JsonValue::Json(json) if json.starts_with(|first: char| first.is_ascii_digit()))
}

/// NXLog's `EventType` is one of a few words; Sysmon has a field of that name, which then takes its place.
fn is_head_type(name: &str, value: &JsonValue) -> bool {
    name == "EventType" && level_of_type(&text_of(value)).is_some()
}

/// The level that NXLog's word stands for. Audits have level 0.
fn level_of_type(event_type: &str) -> Option<i64> {
    Some(match event_type {
        "AUDIT_SUCCESS" | "AUDIT_FAILURE" => 0,
        "CRITICAL" => 1,
        "ERROR" => 2,
        "WARNING" => 3,
        "INFO" => 4,
        "VERBOSE" | "DEBUG" => 5,
        _ => return None,
    })
}

fn user_name<'a>(object: &JsonObject<'a>) -> Cow<'a, str> {
    if !object.has("UserID") {
        return Cow::Borrowed("");
    }
    let (domain, name) = (first_text(object, &["Domain"]), first_text(object, &["AccountName"]));
    if domain.is_empty() || name.is_empty() { name } else { Cow::Owned(format!("{domain}\\{name}")) }
}
