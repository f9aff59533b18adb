//! The records of a chunk.

use std::borrow::Cow;
use std::ops::Range;

use chrono::{DateTime, Utc};

use super::data_template::DataTemplate;
use super::definition::Source;
use super::event_fields::{EventFields, FoundField, HeadNumbers, HeadTexts, Place, Text};
use super::head_template::{HeadField, HeadPart, HeadTemplate};
use super::name_table::{NamesSeen, names_are_sound};
use super::templates::Templates;
use super::value_text::{file_time, plain_number, push_utf16, push_value, strings, time_of};
use super::values::{Value, kind, read_instance};
use crate::limits::EVTX_TEXT_BYTES;
use crate::windows::evtx_repair::{PATCH_ID, RECORD_HEAD, RECORD_TAIL};
use crate::windows::json_fields::keyword_mask_of;

/// Where the time stands in a record.
const TIME_AT: usize = 16;
/// The last time of a record that the crate takes: 9999-12-30T22:00:00Z in seconds since 1970.
const LAST_TIME: i64 = 253_402_207_200;

/// A record that was read.
#[derive(Debug)]
pub struct FoundRecord {
    /// The texts of the event.
    pub text: String,
    /// The event, as places in the text.
    pub event: EventFields,
}

/// Reads the records of chunks, one chunk after another.
#[derive(Debug, Default)]
pub struct ChunkReader {
    names: NamesSeen,
    templates: Templates,
    outer: Vec<Value>,
    inner: Vec<Value>,
}

impl ChunkReader {
    /// The records at these places, by their ids; `None` for each that must be read in another way.
    pub fn read(&mut self, chunk: &[u8], records: &[(u64, Range<usize>)]) -> Vec<Option<FoundRecord>> {
        let mut found = Vec::with_capacity(records.len());
        self.templates.clear();
        let is_sound = names_are_sound(chunk, &mut self.names);
        let mut text_bytes = 0;
        for (id, place) in records {
            let record = if is_sound && *id < PATCH_ID { self.record(chunk, place) } else { None };
            let template = record.as_ref().and_then(|record| record.event.template.as_ref());
            text_bytes += record.as_ref().map_or(0, |record| record.text.len());
            text_bytes += template.map_or(0, |template| template.text.len());
            // No chunk that Windows wrote comes near: the crate says which records are too much.
            if text_bytes > EVTX_TEXT_BYTES {
                found.clear();
                found.resize_with(records.len(), || None);
                return found;
            }
            found.push(record);
        }
        found
    }

    fn record(&mut self, chunk: &[u8], place: &Range<usize>) -> Option<FoundRecord> {
        let time = chunk.get(place.start + TIME_AT..)?.first_chunk().map(|time| u64::from_le_bytes(*time))?;
        file_time(time).filter(|time| time.timestamp() <= LAST_TIME)?;
        let (start, end) = (place.start + RECORD_HEAD, place.end.checked_sub(RECORD_TAIL)?);
        let definition = read_instance(chunk, start, end, &mut self.outer)?;
        let head = self.templates.head(chunk, definition)?;
        let mut writer = Writer { chunk, text: Vec::with_capacity(place.len()) };
        let mut reader = HeadReader::default();
        for part in head.parts.iter().filter(|part| !is_left_out(part.dependency, &self.outer)) {
            reader.part(part, &head, &self.outer, &mut writer)?;
        }
        let data = self.data_values(chunk, &head)?;
        let (template, fields) = match data {
            Some(definition) => {
                let template = self.templates.data(chunk, definition, head.in_user_data)?;
                let fields = fields(&template, &self.inner, &mut writer, &mut reader.binary)?;
                (Some(template), fields)
            }
            None => (None, Vec::new()),
        };
        let text = String::from_utf8(writer.text).ok()?;
        if let Some(binary) = reader.binary {
            push_extra(&mut reader.envelope, "Binary", binary, text.as_bytes());
        }
        let event = EventFields {
            time: reader.time?,
            event_id: reader.event_id?,
            texts: reader.texts,
            numbers: reader.numbers,
            envelope: reader.envelope,
            template,
            fields,
        };
        Some(FoundRecord { text, event })
    }

    /// The values of the event's data, read into `inner`, and the place of their template. `Some(None)` for an event without data, `None`
    /// when a value is of a kind that is not expected where it stands.
    fn data_values(&mut self, chunk: &[u8], head: &HeadTemplate) -> Option<Option<usize>> {
        let is_plain = |value: &Value| value.kind != kind::STRINGS && !value.is_elements();
        let slot = head.data.map(usize::from);
        if !self.outer.iter().enumerate().all(|(index, value)| Some(index) == slot || is_plain(value)) {
            return None;
        }
        match slot.and_then(|slot| self.outer.get(slot)) {
            None => Some(None),
            Some(value) if value.is_null() => Some(None),
            Some(value) if value.is_elements() => {
                let (start, end) = value.place();
                read_instance(chunk, start, end, &mut self.inner).map(Some)
            }
            Some(_) => None,
        }
    }
}

fn is_left_out(dependency: Option<u16>, values: &[Value]) -> bool {
    dependency.and_then(|slot| values.get(usize::from(slot))).is_some_and(Value::is_null)
}

/// The fields of the data; the text of `Binary` goes to `binary`.
fn fields(
    template: &DataTemplate,
    values: &[Value],
    writer: &mut Writer,
    binary: &mut Option<Place>,
) -> Option<Vec<FoundField>> {
    let mut fields = Vec::with_capacity(template.parts.len());
    let mut arrays = values.iter().filter(|value| value.kind == kind::STRINGS).count();
    for part in template.parts.iter().filter(|part| !is_left_out(part.dependency, values)) {
        let value = match &part.source {
            Source::Text(span) if !part.is_binary => Text::Template(span.clone()),
            Source::Text(span) => Text::Own(writer.text(&template.text[span.clone()])?),
            Source::Empty => Text::Own(0..0),
            Source::Slot(slot) => match values.get(usize::from(*slot)) {
                Some(value) if value.kind == kind::STRINGS && part.repeats => {
                    arrays = arrays.checked_sub(1)?;
                    let mut items = strings(value, writer.chunk).peekable();
                    if items.peek().is_some() {
                        for item in items {
                            let value = Text::Own(writer.string(item)?);
                            fields.push(FoundField { name: part.name.clone(), value });
                        }
                        continue;
                    }
                    Text::Own(0..0)
                }
                value => Text::Own(writer.value(value)?),
            },
        };
        match value {
            Text::Own(place) if part.is_binary => *binary = Some(place),
            value => fields.push(FoundField { name: part.name.clone(), value }),
        }
    }
    (arrays == 0).then_some(fields)
}

/// Writes the texts of an event.
struct Writer<'c> {
    chunk: &'c [u8],
    text: Vec<u8>,
}

impl Writer<'_> {
    fn since(&self, start: usize) -> Option<Place> {
        if self.text.len() > EVTX_TEXT_BYTES {
            return None;
        }
        Some(u32::try_from(start).ok()?..u32::try_from(self.text.len()).ok()?)
    }

    fn text(&mut self, text: &str) -> Option<Place> {
        let start = self.text.len();
        self.text.extend_from_slice(text.as_bytes());
        self.since(start)
    }

    fn string(&mut self, units: &[u8]) -> Option<Place> {
        let start = self.text.len();
        push_utf16(&mut self.text, units);
        self.since(start)
    }

    /// A value's text; that of no value is empty.
    fn value(&mut self, value: Option<&Value>) -> Option<Place> {
        let start = self.text.len();
        if let Some(value) = value {
            push_value(&mut self.text, value, self.chunk)?;
        }
        self.since(start)
    }

    fn str(&self, place: &Place) -> Option<&str> {
        std::str::from_utf8(self.text.get(place.start as usize..place.end as usize)?).ok()
    }
}

/// The parts of the head read so far.
#[derive(Default)]
struct HeadReader {
    time: Option<DateTime<Utc>>,
    event_id: Option<i64>,
    texts: HeadTexts,
    numbers: HeadNumbers,
    envelope: Vec<(&'static str, Place)>,
    binary: Option<Place>,
}

impl HeadReader {
    fn part(&mut self, part: &HeadPart, head: &HeadTemplate, values: &[Value], writer: &mut Writer) -> Option<()> {
        let value = match part.source {
            Source::Slot(slot) => values.get(usize::from(slot)),
            _ => None,
        };
        let place = |writer: &mut Writer| match &part.source {
            Source::Text(span) => writer.text(&head.text[span.clone()]),
            _ => writer.value(value),
        };
        let mut extra = |name: &'static str, writer: &mut Writer| {
            let place = place(writer)?;
            push_extra(&mut self.envelope, name, place, &writer.text);
            Some(())
        };
        match part.field {
            HeadField::ProviderGuid => return extra("ProviderGuid", writer),
            HeadField::EventSourceName => return extra("EventSourceName", writer),
            HeadField::Qualifiers => return extra("Qualifiers", writer),
            HeadField::RelatedActivityId => return extra("RelatedActivityID", writer),
            HeadField::Provider => self.texts.provider = place(writer)?,
            HeadField::ActivityId => self.texts.activity_id = place(writer)?,
            HeadField::Channel => self.texts.channel = place(writer)?,
            HeadField::Computer => self.texts.computer = place(writer)?,
            HeadField::UserSid => self.texts.user_sid = place(writer)?,
            HeadField::Keywords => {
                let text = place(writer)?;
                self.texts.keywords = keywords(text, writer)?;
            }
            HeadField::Time => self.time = Some(time_of(value?, writer.chunk)?),
            _ => {
                let number = match value.and_then(|value| plain_number(value, writer.chunk)) {
                    Some(number) => Some(number),
                    None => {
                        let text = place(writer)?;
                        writer.str(&text)?.trim().parse::<i64>().ok()
                    }
                };
                self.number(part.field, number);
            }
        }
        Some(())
    }

    fn number(&mut self, field: HeadField, number: Option<i64>) {
        match field {
            HeadField::EventId => self.event_id = number,
            HeadField::Version => self.numbers.version = number,
            HeadField::Level => self.numbers.level = number,
            HeadField::Task => self.numbers.task = number,
            HeadField::Opcode => self.numbers.opcode = number,
            HeadField::RecordId => self.numbers.record_id = number,
            HeadField::ProcessId => self.numbers.process_id = number,
            HeadField::ThreadId => self.numbers.thread_id = number,
            _ => {}
        }
    }
}

/// Adds a text that is not blank.
fn push_extra(envelope: &mut Vec<(&'static str, Place)>, name: &'static str, place: Place, text: &[u8]) {
    let text = text.get(place.start as usize..place.end as usize).unwrap_or_default();
    if !std::str::from_utf8(text).unwrap_or_default().trim().is_empty() {
        envelope.push((name, place));
    }
}

/// The keywords as a mask.
fn keywords(place: Place, writer: &mut Writer) -> Option<Place> {
    let mask = match keyword_mask_of(Cow::Borrowed(writer.str(&place)?)) {
        Cow::Owned(mask) => mask,
        Cow::Borrowed(_) => return Some(place),
    };
    writer.text(&mask)
}
