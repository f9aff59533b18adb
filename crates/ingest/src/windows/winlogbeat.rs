//! Events that Winlogbeat ships: version 7 and later with everything under `winlog`, version 6 with the same at the top. Either may be
//! flattened: `winlog.event_data.SubjectUserName` as the name of a field.

use std::borrow::Cow;

use super::event::{Payload, PayloadKind, WindowsEvent};
use super::json_fields::{first_text, first_time, integer, object_or_flattened as object_in, text_of};
use super::knowledge::{audit_task, restore_field_order};
use super::tables::WindowsTables;
use crate::decoder::{Decoder, Record, Reject};
use crate::json::{JsonObject, JsonValue};
use crate::rows::Rows;

/// The provider of the audit events, all of level 0.
const AUDITING: &str = "Microsoft-Windows-Security-Auditing";
/// Fields of `winlog` that become the event's own parts.
const HEAD: [&str; 21] = [
    "event_id",
    "channel",
    "log_name",
    "provider_name",
    "source_name",
    "computer_name",
    "version",
    "level",
    "task",
    "opcode",
    "keywords",
    "record_id",
    "record_number",
    "activity_id",
    "process",
    "process_id",
    "thread_id",
    "user",
    "event_data",
    "user_data",
    "time_created",
];
/// Fields of the document that do.
const DOCUMENT_HEAD: [&str; 4] = ["winlog", "message", "@timestamp", "type"];

/// Decodes Winlogbeat's documents.
pub struct WinlogbeatDecoder {
    tables: WindowsTables,
}

impl WinlogbeatDecoder {
    /// A decoder with its tables looked up.
    pub fn new() -> Self {
        Self { tables: WindowsTables::new() }
    }
}

impl Decoder for WinlogbeatDecoder {
    fn format(&self) -> &'static str {
        "windows-winlogbeat"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let object = &record.object;
        object.get("winlog").is_some_and(JsonValue::is_object) || is_flattened(object) || is_version_6(object)
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let document = &record.object;
        let event = if is_version_6(document) {
            read_event(document, document)?
        } else {
            read_event(&object_in(document, "winlog"), document)?
        };
        self.tables.write(&event, rows);
        Ok(())
    }
}

fn is_version_6(object: &JsonObject) -> bool {
    object.has("event_id") && object.has("log_name") && object.has("computer_name")
}

fn is_flattened(object: &JsonObject) -> bool {
    object.has("winlog.event_id") || (object.has("winlog.channel") && object.has("winlog.computer_name"))
}

fn read_event<'a>(winlog: &JsonObject<'a>, document: &JsonObject<'a>) -> Result<WindowsEvent<'a>, Reject> {
    let time = first_time(winlog, &["time_created"])
        .or_else(|| first_time(document, &["@timestamp"]))
        .or_else(|| first_time(&object_in(document, "event"), &["created"]))
        .ok_or_else(|| Reject::new("Windows event without a time"))?;
    let event_id = integer(winlog, "event_id")
        .or_else(|| integer(&object_in(document, "event"), "code"))
        .ok_or_else(|| Reject::new("Windows event without an event id"))?;
    let provider = first_text(winlog, &["provider_name", "source_name"]);
    let process = object_in(winlog, "process");
    let user = object_in(winlog, "user");
    let mut data = payload(winlog);
    restore_field_order(&provider, event_id, &mut data);
    Ok(WindowsEvent {
        time,
        event_id,
        channel: first_text(winlog, &["channel", "log_name"]),
        computer: computer(winlog, document),
        version: integer(winlog, "version"),
        level: if provider == AUDITING { Some(0) } else { level(winlog, document) },
        task: winlog.get("task").and_then(|task| task.as_i64().or_else(|| audit_task(&text_of(task)))),
        opcode: winlog.get("opcode").and_then(|opcode| opcode.as_i64().or_else(|| opcode_number(&text_of(opcode)))),
        keywords: keywords(winlog, &provider),
        record_id: integer(winlog, "record_id").or_else(|| integer(winlog, "record_number")),
        activity_id: first_text(winlog, &["activity_id"]),
        process_id: integer(&process, "pid").or_else(|| integer(winlog, "process_id")),
        thread_id: integer(&object_in(&process, "thread"), "id").or_else(|| integer(winlog, "thread_id")),
        user_sid: first_text(&user, &["identifier"]),
        user_name: user_name(&user),
        data,
        message: first_text(document, &["message"]),
        envelope: envelope(winlog, document),
        provider,
    })
}

/// The computer that raised the event; `host.name` may be the collector, so it is the last resort.
fn computer<'a>(winlog: &JsonObject<'a>, document: &JsonObject<'a>) -> Cow<'a, str> {
    let computer = first_text(winlog, &["computer_name"]);
    if computer.is_empty() { first_text(&object_in(document, "host"), &["name"]) } else { computer }
}

fn level(winlog: &JsonObject, document: &JsonObject) -> Option<i64> {
    let own = first_text(winlog, &["level"]);
    let name = if own.is_empty() { first_text(&object_in(document, "log"), &["level"]) } else { own };
    Some(match name.to_ascii_lowercase().as_str() {
        "critical" => 1,
        "error" => 2,
        "warning" => 3,
        "information" => 4,
        "verbose" => 5,
        _ => return None,
    })
}

/// The numbers of the opcodes that Windows itself defines, from their names.
fn opcode_number(name: &str) -> Option<i64> {
    Some(match name {
        "Info" => 0,
        "Start" => 1,
        "Stop" => 2,
        "DCStart" => 3,
        "DCStop" => 4,
        "Extension" => 5,
        "Reply" => 6,
        "Resume" => 7,
        "Suspend" => 8,
        "Send" => 9,
        "Receive" => 240,
        _ => return None,
    })
}

/// The mask of audit events, whose keywords are known; else the names, as Winlogbeat gives no mask.
fn keywords<'a>(winlog: &JsonObject<'a>, provider: &str) -> Cow<'a, str> {
    let Some(value) = winlog.get("keywords") else { return Cow::Borrowed("") };
    let names: Vec<String> = value.as_array().map_or_else(
        || vec![text_of(value).into_owned()],
        |names| names.iter().map(|name| text_of(name).into_owned()).collect(),
    );
    match names.as_slice() {
        [name] if provider == AUDITING && name == "Audit Success" => Cow::Borrowed("0x8020000000000000"),
        [name] if provider == AUDITING && name == "Audit Failure" => Cow::Borrowed("0x8010000000000000"),
        names => Cow::Owned(names.join(",")),
    }
}

fn user_name<'a>(user: &JsonObject<'a>) -> Cow<'a, str> {
    let (domain, name) = (first_text(user, &["domain"]), first_text(user, &["name"]));
    if domain.is_empty() || name.is_empty() { name } else { Cow::Owned(format!("{domain}\\{name}")) }
}

fn payload<'a>(winlog: &JsonObject<'a>) -> Payload<'a> {
    let mut data = Payload::default();
    let event_data = object_in(winlog, "event_data");
    let user_data = object_in(winlog, "user_data");
    if event_data.is_empty() && !user_data.is_empty() {
        data.kind =
            PayloadKind::UserData { element: first_text(&user_data, &["xml_name"]), namespace: Cow::Borrowed("") };
        push_fields(&mut data, &user_data);
    } else {
        push_fields(&mut data, &event_data);
    }
    data
}

fn push_fields<'a>(data: &mut Payload<'a>, fields: &JsonObject<'a>) {
    for (name, value) in fields.iter().filter(|(name, value)| *name != "xml_name" && !value.is_null()) {
        data.push(name.to_owned(), text_of(value));
    }
}

/// The name of the field, or of the object that it was flattened out of.
fn head(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

/// What is left of the document and of `winlog`. The words for task, opcode and keywords stay too, as numbers alone say less.
fn envelope<'a>(winlog: &JsonObject<'a>, document: &JsonObject<'a>) -> Vec<(Cow<'a, str>, JsonValue<'a>)> {
    let is_version_6 = is_version_6(document);
    let is_taken = |name: &str| DOCUMENT_HEAD.contains(&head(name)) || (is_version_6 && HEAD.contains(&head(name)));
    let is_word = |name: &str| matches!(name, "task" | "opcode" | "keywords");
    let is_left = |name: &str| is_word(name) || (!is_version_6 && !HEAD.contains(&head(name)));
    let mut envelope: Vec<(Cow<str>, JsonValue)> = Vec::new();
    for (name, value) in document.iter().filter(|(name, _)| !is_taken(name)) {
        envelope.push((Cow::Owned(name.to_owned()), value.clone()));
    }
    for (name, value) in winlog.iter().filter(|(name, _)| is_left(name)) {
        envelope.push((Cow::Owned(format!("winlog.{name}")), value.clone()));
    }
    if winlog.has("time_created") {
        envelope.extend(document.get("@timestamp").map(|time| (Cow::Borrowed("@timestamp"), time.clone())));
    }
    envelope
}
