//! Events of EVTX files: found whole by the reader of EVTX files, as XML where it could not, and in the JSON form that the `evtx` parser's own tool dumps
//! (`{"Event":{"System":…,"EventData":…}}`, attributes under `#attributes`).

use std::borrow::Cow;

use super::event::{Payload, PayloadKind, WindowsEvent};
use super::json_fields::{first_text, first_time, integer, keyword_mask, object_in, text_of};
use super::read_xml::read_event_xml;
use super::tables::WindowsTables;
use crate::decoder::{Decoder, Record, Reject};
use crate::json::{JsonObject, JsonValue};
use crate::rows::Rows;

/// The field that the reader of EVTX files hands an event over in.
pub const EVTX_FIELD: &str = "EvtxEventXml";
const ATTRIBUTES: &str = "#attributes";
const TEXT: &str = "#text";
/// Bytes that a classic event carries beside its values; no value of its own.
const BINARY: &str = "Binary";

/// Decodes events of EVTX files.
pub struct EvtxDecoder {
    tables: WindowsTables,
}

impl EvtxDecoder {
    /// A decoder with its tables looked up.
    pub fn new() -> Self {
        Self { tables: WindowsTables::new() }
    }
}

impl Decoder for EvtxDecoder {
    fn format(&self) -> &'static str {
        "windows-evtx"
    }

    fn recognizes(&self, record: &Record) -> bool {
        if record.event.is_some() || record.object.has(EVTX_FIELD) {
            return true;
        }
        let Some(event) = record.object.get("Event").and_then(JsonValue::as_object) else { return false };
        event.get("System").is_some_and(JsonValue::is_object)
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        match (record.event, record.object.get(EVTX_FIELD)) {
            (Some(event), _) => self.tables.write(&event.event(record.raw), rows),
            (None, Some(JsonValue::Text(xml))) => self.tables.write(&read_event_xml(xml)?, rows),
            _ => self.tables.write(&read_event(&object_in(&record.object, "Event"))?, rows),
        }
        Ok(())
    }
}

fn read_event<'a>(event: &JsonObject<'a>) -> Result<WindowsEvent<'a>, Reject> {
    let system = object_in(event, "System");
    let attribute =
        |element: &str, name: &str| first_text(&object_in(&object_in(&system, element), ATTRIBUTES), &[name]);
    let number_in = |element: &str, name: &str| integer(&object_in(&object_in(&system, element), ATTRIBUTES), name);
    let time = first_time(&object_in(&object_in(&system, "TimeCreated"), ATTRIBUTES), &["SystemTime"])
        .ok_or_else(|| Reject::new("Windows event without a time"))?;
    let event_id =
        element_number(&system, "EventID").ok_or_else(|| Reject::new("Windows event without an event id"))?;
    let mut envelope = Vec::new();
    for (name, value) in [
        ("ProviderGuid", braced_guid(attribute("Provider", "Guid"))),
        ("EventSourceName", attribute("Provider", "EventSourceName")),
        ("Qualifiers", attribute("EventID", "Qualifiers")),
        ("RelatedActivityID", braced_guid(attribute("Correlation", "RelatedActivityID"))),
        (BINARY, first_text(&object_in(event, "EventData"), &[BINARY])),
    ] {
        if !value.is_empty() {
            envelope.push((Cow::Borrowed(name), JsonValue::Text(value)));
        }
    }
    Ok(WindowsEvent {
        time,
        event_id,
        channel: first_text(&system, &["Channel"]),
        provider: attribute("Provider", "Name"),
        computer: first_text(&system, &["Computer"]),
        version: element_number(&system, "Version"),
        level: element_number(&system, "Level"),
        task: element_number(&system, "Task"),
        opcode: element_number(&system, "Opcode"),
        keywords: system.get("Keywords").map_or(Cow::Borrowed(""), keyword_mask),
        record_id: element_number(&system, "EventRecordID"),
        activity_id: braced_guid(attribute("Correlation", "ActivityID")),
        process_id: number_in("Execution", "ProcessID"),
        thread_id: number_in("Execution", "ThreadID"),
        user_sid: attribute("Security", "UserID"),
        user_name: Cow::Borrowed(""),
        data: payload(event),
        message: first_text(&object_in(event, "RenderingInfo"), &["Message"]),
        envelope,
    })
}

/// The number of an element that may have attributes.
fn element_number(parent: &JsonObject, name: &str) -> Option<i64> {
    integer(parent, name).or_else(|| integer(&object_in(parent, name), TEXT))
}

/// The data of the event: of `EventData`, else of `UserData`, else of the raw forms that Windows writes when a provider's definition
/// does not fit its event.
fn payload<'a>(event: &JsonObject<'a>) -> Payload<'a> {
    let mut data = Payload::default();
    if let Some(fields) = event.get("EventData").and_then(JsonValue::as_object) {
        push_fields(&mut data, &fields);
    } else if let Some(user_data) = event.get("UserData").and_then(JsonValue::as_object) {
        read_user_data(&mut data, &user_data);
    } else if let Some(name) =
        ["ProcessingErrorData", "DebugData", "BinaryEventData"].into_iter().find(|name| event.has(name))
    {
        data.kind = PayloadKind::UserData { element: Cow::Borrowed(name), namespace: Cow::Borrowed("") };
        push_fields(&mut data, &object_in(event, name));
    }
    data
}

fn read_user_data<'a>(data: &mut Payload<'a>, user_data: &JsonObject<'a>) {
    let Some((element, value)) = user_data.iter().find(|(name, _)| *name != ATTRIBUTES) else { return };
    let fields = value.as_object().unwrap_or_default();
    data.kind = PayloadKind::UserData {
        element: Cow::Owned(element.to_owned()),
        namespace: first_text(&object_in(&fields, ATTRIBUTES), &["xmlns"]),
    };
    push_fields(data, &fields);
}

fn push_fields<'a>(data: &mut Payload<'a>, fields: &JsonObject<'a>) {
    for (name, value) in fields.iter().filter(|(name, _)| *name != ATTRIBUTES) {
        match name {
            BINARY => {}
            "Data" => unnamed_values(value).into_iter().for_each(|value| data.push("", braced_guid(value))),
            _ => data.push(name.to_owned(), braced_guid(element_text(value))),
        }
    }
}

/// The values of `Data` elements without a name: `{"#text": …}` of one or of several, or the text itself.
fn unnamed_values<'a>(value: &JsonValue<'a>) -> Vec<Cow<'a, str>> {
    let inner = value.as_object().and_then(|object| object.get(TEXT).cloned()).unwrap_or_else(|| value.clone());
    inner.as_array().map_or_else(|| vec![text_of(&inner)], |values| values.iter().map(text_of).collect())
}

/// The text of an element that may have attributes.
fn element_text<'a>(value: &JsonValue<'a>) -> Cow<'a, str> {
    match value.as_object() {
        Some(object) if object.has(TEXT) => object.get(TEXT).map_or(Cow::Borrowed(""), text_of),
        _ => text_of(value),
    }
}

/// Puts the braces back that Windows writes around a GUID and the parser leaves out: it writes the 16 bytes as upper-case
/// hexadecimal digits, which no text of an event looks like by itself.
fn braced_guid(value: Cow<str>) -> Cow<str> {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'A'..=b'F');
    let bytes = value.as_bytes();
    let is_guid = bytes.len() == 36
        && bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { *byte == b'-' } else { is_digit(byte) });
    if is_guid { Cow::Owned(format!("{{{}}}", value.to_ascii_lowercase())) } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_get_their_braces_back() {
        assert_eq!(
            braced_guid("1EC715BD-2DAC-8C05-8940-40F79E2D2D52".into()),
            "{1ec715bd-2dac-8c05-8940-40f79e2d2d52}"
        );
        for text in ["{1EC715BD-2DAC-8C05-8940-40F79E2D2D52}", "1ec715bd-2dac-8c05-8940-40f79e2d2d52", "", "é"] {
            assert_eq!(braced_guid(text.into()), text);
        }
    }
}
