//! An event as it was found in BinXML.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::data_template::DataTemplate;
use super::definition::Span;
use crate::json::JsonValue;
use crate::windows::event::{DataField, Payload, PayloadKind, WindowsEvent};

/// A part of the event's text.
pub type Place = Range<u32>;

/// The texts of the head that are columns.
#[derive(Debug, Clone, Default)]
pub struct HeadTexts {
    /// The log.
    pub channel: Place,
    /// The provider's name.
    pub provider: Place,
    /// The computer that raised the event.
    pub computer: Place,
    /// The mask of keywords.
    pub keywords: Place,
    /// The correlation activity id.
    pub activity_id: Place,
    /// SID of the user in whose context the event was raised.
    pub user_sid: Place,
}

/// The numbers of the head.
#[derive(Debug, Clone, Default)]
pub struct HeadNumbers {
    /// Version of the event's definition.
    pub version: Option<i64>,
    /// Level, 0 to 5.
    pub level: Option<i64>,
    /// Task (category).
    pub task: Option<i64>,
    /// Opcode.
    pub opcode: Option<i64>,
    /// The record's number in its log.
    pub record_id: Option<i64>,
    /// The process that raised the event.
    pub process_id: Option<i64>,
    /// The thread that raised the event.
    pub thread_id: Option<i64>,
}

/// Where a field's text stands.
#[derive(Debug, Clone)]
pub enum Text {
    /// In the text of the event.
    Own(Place),
    /// In the text of the template.
    Template(Span),
}

/// A field of the data.
#[derive(Debug, Clone)]
pub struct FoundField {
    /// Its name, in the text of the template.
    pub name: Span,
    /// Its value.
    pub value: Text,
}

/// An event: what was found in its record, as places in a text that is kept beside it.
#[derive(Debug, Clone)]
pub(crate) struct EventFields {
    /// When the event was raised, UTC.
    pub time: DateTime<Utc>,
    /// The event id without qualifiers.
    pub event_id: i64,
    /// The texts of its head.
    pub texts: HeadTexts,
    /// The numbers of its head.
    pub numbers: HeadNumbers,
    /// What the head says beside columns.
    pub envelope: Vec<(&'static str, Place)>,
    /// The template of the data.
    pub template: Option<Arc<DataTemplate>>,
    /// The data, in order.
    pub fields: Vec<FoundField>,
}

impl EventFields {
    /// The event, of the text that the places are in.
    pub fn event<'a>(&'a self, text: &'a str) -> WindowsEvent<'a> {
        let of = |place: &Place| Cow::Borrowed(text.get(place.start as usize..place.end as usize).unwrap_or_default());
        WindowsEvent {
            time: self.time,
            event_id: self.event_id,
            channel: of(&self.texts.channel),
            provider: of(&self.texts.provider),
            computer: of(&self.texts.computer),
            version: self.numbers.version,
            level: self.numbers.level,
            task: self.numbers.task,
            opcode: self.numbers.opcode,
            keywords: of(&self.texts.keywords),
            record_id: self.numbers.record_id,
            activity_id: of(&self.texts.activity_id),
            process_id: self.numbers.process_id,
            thread_id: self.numbers.thread_id,
            user_sid: of(&self.texts.user_sid),
            user_name: Cow::Borrowed(""),
            data: self.template.as_deref().map(|template| self.payload(template, of)).unwrap_or_default(),
            message: Cow::Borrowed(""),
            envelope: self
                .envelope
                .iter()
                .map(|(name, place)| (Cow::Borrowed(*name), JsonValue::Text(of(place))))
                .collect(),
        }
    }

    fn payload<'a>(&'a self, template: &'a DataTemplate, of: impl Fn(&Place) -> Cow<'a, str>) -> Payload<'a> {
        let text = |span: &Span| Cow::Borrowed(template.text.get(span.clone()).unwrap_or_default());
        let kind = template.element.as_ref().map_or(PayloadKind::EventData, |(element, namespace)| {
            PayloadKind::UserData { element: text(element), namespace: text(namespace) }
        });
        let value = |value: &Text| match value {
            Text::Own(place) => of(place),
            Text::Template(span) => text(span),
        };
        let fields = self.fields.iter().map(|field| DataField { name: text(&field.name), value: value(&field.value) });
        Payload { kind, fields: fields.collect() }
    }
}
