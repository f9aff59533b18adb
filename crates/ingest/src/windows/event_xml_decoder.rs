//! Events as XML: of files, in a field of a JSON or CSV record, and in a line of syslog, as collectors keep them that do not take an
//! event apart.

use std::borrow::Cow;

use super::read_xml::read_event_xml;
use super::tables::WindowsTables;
use crate::decoder::{Decoder, Record, Reject};
use crate::json::{JsonObject, JsonValue};
use crate::rows::Rows;

/// The field that the reader of XML files hands an event over in.
pub const EVENT_XML_FIELD: &str = "EventXml";
/// Fields in which records of other kinds hold an event's XML.
const XML_FIELDS: [&str; 7] = [EVENT_XML_FIELD, "RawXml", "EventXML", "xml", "_raw", "message", "original"];

/// Decodes events from their XML.
pub struct EventXmlDecoder {
    tables: WindowsTables,
}

impl EventXmlDecoder {
    /// A decoder with its tables looked up.
    pub fn new() -> Self {
        Self { tables: WindowsTables::new() }
    }
}

impl Decoder for EventXmlDecoder {
    fn format(&self) -> &'static str {
        "windows-event-xml"
    }

    fn recognizes(&self, record: &Record) -> bool {
        xml_field(&record.object).is_some() || xml_in_line(record).is_some()
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        if let Some(xml) = xml_in_line(record) {
            self.tables.write(&read_event_xml(xml)?, rows);
            return Ok(());
        }
        let name = xml_field(&record.object).ok_or_else(|| Reject::new("record without the XML of an event"))?;
        let xml = record.object.get_str(name).unwrap_or_default();
        let mut event = read_event_xml(&xml)?;
        for (field, value) in record.object.iter().filter(|(field, _)| *field != name) {
            event.envelope.push((Cow::Borrowed(field), value.clone()));
        }
        self.tables.write(&event, rows);
        Ok(())
    }
}

/// The XML of an event that is the message of a line of syslog.
fn xml_in_line<'a>(record: &Record<'a>) -> Option<&'a str> {
    let message = record.line.as_ref()?.message.trim();
    is_event_xml(&JsonValue::Text(Cow::Borrowed(message))).then_some(message)
}

/// The field that holds an event's XML.
fn xml_field(object: &JsonObject) -> Option<&'static str> {
    XML_FIELDS.into_iter().find(|name| object.get(name).is_some_and(is_event_xml))
}

/// Whether the value is the XML of an event, told by its beginning.
pub fn is_event_xml(value: &JsonValue) -> bool {
    let text = match value {
        JsonValue::Text(text) => text.as_ref(),
        JsonValue::Json(json) => json.strip_prefix('"').unwrap_or_default(),
    };
    let text = text.trim_start();
    let element = text.strip_prefix("<Event").unwrap_or_default();
    element.starts_with([' ', '>', '\n', '\r', '\t', '\\']) || (text.starts_with("<?xml") && text.contains("<Event"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_xml_of_an_event_is_taken() {
        for (json, expected) in [
            ("\"<Event xmlns='x'></Event>\"", true),
            ("\"<Event>\"", true),
            ("\"<Event\\nxmlns='x'>\"", true),
            ("\"<Events>\"", false),
            ("\"text <Event>\"", false),
            ("{\"a\":\"<Event>\"}", false),
        ] {
            assert_eq!(is_event_xml(&JsonValue::Json(json)), expected, "{json}");
        }
    }
}
