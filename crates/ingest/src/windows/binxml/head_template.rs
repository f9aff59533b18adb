//! The template around an event: its head, and the value that is the event's data.

use super::definition::{Definition, Part, Source, Tag};

/// What a part of the head says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadField {
    /// `Provider Name`.
    Provider,
    /// `Provider Guid`.
    ProviderGuid,
    /// `Provider EventSourceName`.
    EventSourceName,
    /// `EventID`.
    EventId,
    /// `EventID Qualifiers`.
    Qualifiers,
    /// `Version`.
    Version,
    /// `Level`.
    Level,
    /// `Task`.
    Task,
    /// `Opcode`.
    Opcode,
    /// `Keywords`.
    Keywords,
    /// `TimeCreated SystemTime`.
    Time,
    /// `EventRecordID`.
    RecordId,
    /// `Correlation ActivityID`.
    ActivityId,
    /// `Correlation RelatedActivityID`.
    RelatedActivityId,
    /// `Execution ProcessID`.
    ProcessId,
    /// `Execution ThreadID`.
    ThreadId,
    /// `Channel`.
    Channel,
    /// `Computer`.
    Computer,
    /// `Security UserID`.
    UserSid,
}

/// A part of the head.
#[derive(Debug)]
pub struct HeadPart {
    /// What it says.
    pub field: HeadField,
    /// Where its text comes from.
    pub source: Source,
    /// The value that its element depends on.
    pub dependency: Option<u16>,
}

/// The template around an event.
#[derive(Debug)]
pub struct HeadTemplate {
    /// Its names and texts.
    pub text: String,
    /// The parts of the head, in order.
    pub parts: Vec<HeadPart>,
    /// The value that is the event's data.
    pub data: Option<u16>,
    /// Whether that value stands within `UserData`, and has not that element in its own template.
    pub in_user_data: bool,
}

/// The element of the head, what its text says, and what its attributes say. An element comes once.
type Element = (&'static str, Option<HeadField>, &'static [(&'static str, HeadField)]);
const ELEMENTS: [Element; 14] = [
    (
        "Provider",
        None,
        &[
            ("Name", HeadField::Provider),
            ("Guid", HeadField::ProviderGuid),
            ("EventSourceName", HeadField::EventSourceName),
        ],
    ),
    ("EventID", Some(HeadField::EventId), &[("Qualifiers", HeadField::Qualifiers)]),
    ("Version", Some(HeadField::Version), &[]),
    ("Level", Some(HeadField::Level), &[]),
    ("Task", Some(HeadField::Task), &[]),
    ("Opcode", Some(HeadField::Opcode), &[]),
    ("Keywords", Some(HeadField::Keywords), &[]),
    ("TimeCreated", None, &[("SystemTime", HeadField::Time)]),
    ("EventRecordID", Some(HeadField::RecordId), &[]),
    (
        "Correlation",
        None,
        &[("ActivityID", HeadField::ActivityId), ("RelatedActivityID", HeadField::RelatedActivityId)],
    ),
    ("Execution", None, &[("ProcessID", HeadField::ProcessId), ("ThreadID", HeadField::ThreadId)]),
    ("Channel", Some(HeadField::Channel), &[]),
    ("Computer", Some(HeadField::Computer), &[]),
    ("Security", None, &[("UserID", HeadField::UserSid)]),
];

impl HeadTemplate {
    /// The template of this definition; `None` when it has another shape.
    pub fn of(mut definition: Definition) -> Option<Self> {
        let event = definition.tag()?;
        if definition.text_of(&event.name) != "Event" || !event.is_plain() || event.is_empty {
            return None;
        }
        let mut parts = Vec::with_capacity(ELEMENTS.len() + 5);
        head(&mut definition, &mut parts)?;
        let (mut data, mut in_user_data) = (definition.slot(), false);
        if !definition.takes(&Part::End) {
            in_user_data = data.is_none();
            data = in_user_data.then(|| user_data(&mut definition))?;
            definition.takes(&Part::End).then_some(())?;
        }
        definition.is_done().then_some(Self { text: definition.text, parts, data, in_user_data })
    }
}

/// `<UserData>value</UserData>`, which may be left out with its value.
fn user_data(definition: &mut Definition) -> Option<u16> {
    let tag = definition.tag()?;
    let is_usual = definition.text_of(&tag.name) == "UserData" && tag.is_plain();
    match definition.content(&tag)? {
        Source::Slot(slot) if is_usual && tag.dependency.is_none_or(|dependency| dependency == slot) => Some(slot),
        _ => None,
    }
}

/// `<System>…</System>`.
fn head(definition: &mut Definition, parts: &mut Vec<HeadPart>) -> Option<()> {
    let system = definition.tag()?;
    if definition.text_of(&system.name) != "System"
        || !system.is_bare()
        || system.is_empty
        || system.dependency.is_some()
    {
        return None;
    }
    let mut seen = [false; ELEMENTS.len()];
    while !definition.takes(&Part::End) {
        let tag = definition.tag()?;
        let content = definition.content(&tag)?;
        let name = definition.text_of(&tag.name);
        let index = ELEMENTS.iter().position(|(element, ..)| *element == name)?;
        if std::mem::replace(&mut seen[index], true) {
            return None;
        }
        element(&ELEMENTS[index], &tag, content, definition, parts)?;
    }
    Some(())
}

fn element(
    element: &Element,
    tag: &Tag,
    content: Source,
    definition: &Definition,
    parts: &mut Vec<HeadPart>,
) -> Option<()> {
    let (_, field, attributes) = element;
    match field {
        Some(field) => parts.push(HeadPart { field: *field, source: content, dependency: tag.dependency }),
        None if content == Source::Empty => {}
        None => return None,
    }
    for (name, field) in *attributes {
        let source = tag.attribute(name, &definition.text);
        if source != Source::Empty {
            parts.push(HeadPart { field: *field, source, dependency: tag.dependency });
        }
    }
    Some(())
}
