//! Finds the decoder of each record of a chunk, taking records out of the wrappers that other tools put around them.

use chrono::{DateTime, Utc};

use crate::decoder::{Decoder, Record};
use crate::json::{JsonObject, JsonValue};
use crate::limits::{Limits, UNWRAP_DEPTH, WRAPPER_FIELDS};
use crate::readers::json_splitter::{JsonSplitter, WRAPPER_KEYS};
use crate::readers::leaf::Chunk;
use crate::readers::{FoundFields, Piece};
use crate::syslog::LogLine;
use crate::time::parse_time;
use crate::unsupported::describe;

/// Fields whose value is the record that another tool received. Looked at only when no decoder knows the record as it is.
const INNER_FIELDS: [&str; 12] = [
    "event",
    "original",
    "message",
    "o365audit",
    "AuditData",
    "auditData",
    "_raw",
    "result",
    "_source",
    "detail",
    "CloudTrailEvent",
    "Body",
];

/// Fields in which Elastic's and Splunk's documents say when they were made of what they received.
const CARRIER_TIMES: [&str; 2] = ["@timestamp", "_time"];

/// A record with what is to be done with it.
pub(crate) enum Prepared<'a> {
    /// To be decoded.
    Direct { record: Record<'a>, offset: i64, decoder: usize, key: Option<u128> },
    /// Found inside another record; parsed again when decoded.
    Inner { text: String, offset: i64, decoder: usize, key: Option<u128>, received: Option<DateTime<Utc>> },
    /// To be rejected.
    Rejected { text: String, offset: i64, reason: String },
    /// A copy of an event seen before.
    Duplicate,
}

impl Prepared<'_> {
    /// The place of the record; a copy of another has none.
    pub fn offset(&self) -> Option<i64> {
        match self {
            Self::Direct { offset, .. } | Self::Inner { offset, .. } | Self::Rejected { offset, .. } => Some(*offset),
            Self::Duplicate => None,
        }
    }

    /// Whether it is to be rejected.
    pub fn is_rejected(&self) -> bool {
        matches!(self, Self::Rejected { .. })
    }

    /// The key that copies of the event share.
    pub fn key(&self) -> Option<u128> {
        match self {
            Self::Direct { key, .. } | Self::Inner { key, .. } => *key,
            Self::Rejected { .. } | Self::Duplicate => None,
        }
    }
}

/// Prepares the records of a chunk.
pub(crate) fn prepare<'a>(chunk: &'a Chunk, decoders: &[Box<dyn Decoder>], limits: &Limits) -> Vec<Prepared<'a>> {
    let mut prepared = Vec::with_capacity(chunk.pieces.len());
    let mut text_decoder = None;
    for piece in &chunk.pieces {
        let offset = piece.offset;
        let mut reject =
            |reason: String| prepared.push(Prepared::Rejected { text: piece.text.clone(), offset, reason });
        if let Some(reason) = &piece.damage {
            reject(reason.clone());
            continue;
        }
        if let Some(field) = chunk.text_field {
            let record = match &piece.found {
                Some(FoundFields::Event(event)) => Record::of_event(event, &piece.text),
                _ => Record::of_object(JsonObject::of_text(field, &piece.text), &piece.text),
            };
            // The field alone says whose records they are: the first decides for all of them.
            text_decoder = text_decoder.or_else(|| find(decoders, &record).map(|(decoder, _)| decoder));
            prepared.push(match text_decoder {
                Some(decoder) => Prepared::Direct { record, offset, decoder, key: None },
                None => Prepared::Rejected { text: piece.text.clone(), offset, reason: describe(&record) },
            });
            continue;
        }
        let record = match &chunk.header {
            Some(header) => header.object(&piece.text).map(|object| Record::of_object(object, &piece.text)),
            None if chunk.lines => parse_inner(&piece.text),
            None => object_of(piece)
                .map(|object| Record::of_object(object, &piece.text))
                .map_err(|error| json_reason(&error)),
        };
        match record {
            Err(reason) => reject(reason),
            Ok(record) => {
                let mut context = Unwrapping { decoders, limits, depth: 0, received: None };
                if carries_known_record(&record, offset, &mut context, &mut prepared) {
                    continue;
                }
                match find(decoders, &record) {
                    Some((decoder, key)) => prepared.push(Prepared::Direct { record, offset, decoder, key }),
                    None => unwrap(&record, offset, &mut context, &mut prepared),
                }
            }
        }
    }
    prepared
}

/// The object of a record, whose fields were mostly found when it was cut out.
pub(crate) fn object_of(piece: &Piece) -> Result<JsonObject<'_>, serde_json::Error> {
    let found = match &piece.found {
        Some(FoundFields::Object(found)) => found.object(&piece.text),
        _ => None,
    };
    found.map_or_else(|| JsonObject::parse(&piece.text), Ok)
}

/// A record from its text: a JSON object, or a line of syslog or CEF. The reason when it is neither.
pub(crate) fn parse_inner(text: &str) -> Result<Record<'_>, String> {
    if text.trim_start().starts_with('{') {
        let object = JsonObject::parse(text).map_err(|error| json_reason(&error))?;
        return Ok(Record::of_object(object, text));
    }
    Record::of_line(text).ok_or_else(|| "line is neither syslog, CEF nor JSON".to_owned())
}

/// Puts the record of another format that a line of syslog carries into the list; false when there is none that a decoder knows.
fn carries_known_record(record: &Record, offset: i64, context: &mut Unwrapping, prepared: &mut Vec<Prepared>) -> bool {
    let Some(json) = record.line.as_ref().and_then(|line| line.json()) else { return false };
    let mut inner = Vec::new();
    unwrap_text(json, record.raw, offset, context, &mut inner);
    let known = !inner.is_empty() && !inner.iter().any(|found| matches!(found, Prepared::Rejected { .. }));
    if known {
        prepared.append(&mut inner);
    }
    known
}

/// Why the text is no JSON, without the position: `IngestionErrors` has the text.
fn json_reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    format!("JSON is not valid: {}", text.split(" at line ").next().unwrap_or(&text))
}

fn find(decoders: &[Box<dyn Decoder>], record: &Record) -> Option<(usize, Option<u128>)> {
    let index = decoders.iter().position(|decoder| decoder.recognizes(record))?;
    Some((index, decoders[index].duplicate_key(record)))
}

struct Unwrapping<'d> {
    decoders: &'d [Box<dyn Decoder>],
    limits: &'d Limits,
    depth: usize,
    /// When the innermost carrier that says so was received.
    received: Option<DateTime<Utc>>,
}

/// Puts the records inside this one into the list, or its rejection when there are none.
fn unwrap(record: &Record, offset: i64, context: &mut Unwrapping, prepared: &mut Vec<Prepared>) {
    if is_empty_wrapper(&record.object) {
        return;
    }
    let inner = if context.depth < UNWRAP_DEPTH { inner_texts(&record.object) } else { Vec::new() };
    let outer = context.received;
    context.received = carrier_time(&record.object).or(outer);
    let mut first = None;
    for text in inner {
        let mut found = Vec::new();
        unwrap_text(&text, record.raw, offset, context, &mut found);
        if !found.iter().any(|record| matches!(record, Prepared::Rejected { .. })) {
            first = Some(found);
            break;
        }
        first.get_or_insert(found);
    }
    context.received = outer;
    let reject = || vec![Prepared::Rejected { text: record.raw.to_owned(), offset, reason: describe(record) }];
    prepared.append(&mut first.unwrap_or_else(reject));
}

/// Puts the records in this text into the list: JSON in any envelope, or a line of syslog or CEF. `raw` is what they were found in.
fn unwrap_text(inner: &str, raw: &str, offset: i64, context: &mut Unwrapping, prepared: &mut Vec<Prepared>) {
    let mut pieces = Vec::new();
    if inner.starts_with(['{', '[']) {
        let mut splitter = JsonSplitter::new(context.limits);
        splitter.feed(inner.as_bytes(), &mut |piece| pieces.push(piece));
        splitter.finish(&mut |piece| pieces.push(piece));
    } else {
        pieces.push(Piece { offset, text: inner.to_owned(), damage: None, found: None });
    }
    for (index, piece) in pieces.into_iter().enumerate() {
        let parsed = match piece.damage {
            Some(reason) => Err(reason.replace("file ends", "field ends")),
            None => parse_inner(&piece.text),
        };
        match parsed {
            Err(reason) => {
                // The whole record once: a long one may have many damaged parts.
                let text = if index == 0 { raw.to_owned() } else { piece.text };
                prepared.push(Prepared::Rejected { text, offset, reason });
            }
            Ok(record) => unwrap_record(&record, offset, context, prepared),
        }
    }
}

fn unwrap_record(record: &Record, offset: i64, context: &mut Unwrapping, prepared: &mut Vec<Prepared>) {
    context.depth += 1;
    if context.depth > UNWRAP_DEPTH || !carries_known_record(record, offset, context, prepared) {
        match find(context.decoders, record) {
            Some((decoder, key)) => {
                let received = context.received;
                prepared.push(Prepared::Inner { text: record.raw.to_owned(), offset, decoder, key, received });
            }
            None => unwrap(record, offset, context, prepared),
        }
    }
    context.depth -= 1;
}

/// `{"value":[]}`: an answer without records.
fn is_empty_wrapper(object: &JsonObject) -> bool {
    object.len() <= WRAPPER_FIELDS + 1
        && object
            .iter()
            .any(|(name, value)| WRAPPER_KEYS.contains(&name) && value.as_array().is_some_and(|array| array.is_empty()))
}

/// When a document was made of what it carries.
fn carrier_time(object: &JsonObject) -> Option<DateTime<Utc>> {
    let value = CARRIER_TIMES.iter().find_map(|name| object.get(name))?;
    value.as_str().and_then(|text| parse_time(&text)).or_else(|| {
        // Splunk counts seconds, with a fraction.
        let microseconds = (value.as_f64()? * 1e6) as i64;
        DateTime::from_timestamp_micros(microseconds)
    })
}

/// The texts that may be the record inside this one, the likeliest first: JSON, or a line of syslog or CEF.
fn inner_texts(object: &JsonObject) -> Vec<String> {
    let texts = INNER_FIELDS.iter().filter_map(|name| {
        let value = object.get(name)?;
        match value {
            JsonValue::Json(json) if json.starts_with(['{', '[']) => Some((*json).to_owned()),
            value => {
                let text = value.as_str()?;
                let text = text.trim();
                (text.starts_with(['{', '[']) || LogLine::parse(text).is_some()).then(|| text.to_owned())
            }
        }
    });
    texts.collect()
}
