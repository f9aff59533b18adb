//! Recognizes CEF events in lines of text, and those that Elastic took apart.

use std::borrow::Cow;

use crate::cef::columns::short_key;
use crate::cef::event::CefEvent;
use crate::cef::rows::{Carried, CefRows};
use crate::decoder::{Decoder, Record, Reject};
use crate::json::JsonObject;
use crate::rows::Rows;
use crate::syslog::SyslogHeader;
use crate::time::parse_time;

/// Fields of a CEF header, the version among them.
const HEADER_FIELDS: usize = 7;

/// Decodes lines with a CEF event.
pub struct CefDecoder {
    rows: CefRows,
}

impl CefDecoder {
    /// The decoder, with its columns looked up.
    pub fn new() -> Self {
        Self { rows: CefRows::new() }
    }
}

impl Default for CefDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for CefDecoder {
    fn format(&self) -> &'static str {
        "cef"
    }

    fn recognizes(&self, record: &Record) -> bool {
        record.line.as_ref().is_some_and(|line| line.cef.is_some())
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let line = record.line.as_deref().ok_or_else(|| Reject::new("record that is no line of text"))?;
        let cef = line.cef.ok_or_else(|| Reject::new("line without a CEF event"))?;
        let event = CefEvent::parse(cef.fields)
            .map_err(|found| Reject::new(format!("CEF header with {} of {HEADER_FIELDS} fields", found + 1)))?;
        let sent = line.sent(rows.latest_time());
        self.rows.write(&event, &line.header, Carried { sent, received: line.received }, rows)
    }
}

/// Decodes CEF events that Elastic took apart (`cef.device`, `cef.extensions`) and whose text was not kept.
pub struct ElasticCefDecoder {
    rows: CefRows,
}

impl ElasticCefDecoder {
    /// The decoder, with its columns looked up.
    pub fn new() -> Self {
        Self { rows: CefRows::new() }
    }
}

impl Default for ElasticCefDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder for ElasticCefDecoder {
    fn format(&self) -> &'static str {
        "cef-elastic"
    }

    fn recognizes(&self, record: &Record) -> bool {
        let Some(cef) = part(&record.object, "cef") else { return false };
        let event = part(&record.object, "event");
        // The text of the event, where it was kept, says more.
        cef.has("device") && !event.is_some_and(|event| event.has("original"))
    }

    fn decode(&self, record: &Record, rows: &mut Rows) -> Result<(), Reject> {
        let cef = part(&record.object, "cef").unwrap_or_default();
        let (device, extensions) =
            (part(&cef, "device").unwrap_or_default(), part(&cef, "extensions").unwrap_or_default());
        let text = |object: &JsonObject<'_>, name: &str| -> Cow<'static, str> {
            Cow::Owned(object.get(name).map(|value| value.to_text().into_owned()).unwrap_or_default())
        };
        let event = CefEvent {
            vendor: text(&device, "vendor"),
            product: text(&device, "product"),
            version: text(&device, "version"),
            class: text(&device, "event_class_id"),
            name: text(&cef, "name"),
            severity: text(&cef, "severity"),
            extension: extensions
                .iter()
                .map(|(key, value)| (Cow::Borrowed(short_key(key).unwrap_or(key)), value.to_text()))
                .collect(),
        };
        let host = part(&record.object, "observer").map(|observer| text(&observer, "hostname")).unwrap_or_default();
        let header = SyslogHeader { host: &host, ..SyslogHeader::default() };
        let received = record.object.get_str("@timestamp").and_then(|time| parse_time(&time));
        self.rows.write(&event, &header, Carried { sent: None, received }, rows)
    }
}

/// An object in this field.
fn part<'a>(object: &JsonObject<'a>, name: &str) -> Option<JsonObject<'a>> {
    object.get(name)?.as_object()
}
