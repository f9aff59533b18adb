//! The template of an event's data.

use super::definition::{Definition, Part, Source, Span};

/// Bytes that a classic event carries beside its values; no value of its own.
const BINARY: &str = "Binary";

/// A field of the data.
#[derive(Debug)]
pub struct DataPart {
    /// Its name; empty for the unnamed values of classic events.
    pub name: Span,
    /// Where its text comes from.
    pub source: Source,
    /// The value that its element depends on.
    pub dependency: Option<u16>,
    /// Whether its element is repeated for each string of an array.
    pub repeats: bool,
    /// Whether it is not one of the data, but what a classic event carries beside them.
    pub is_binary: bool,
}

/// The template of an event's data.
#[derive(Debug)]
pub struct DataTemplate {
    /// Its names and texts.
    pub text: String,
    /// The fields, in order.
    pub parts: Vec<DataPart>,
    /// The element of `UserData` and its namespace; `None` for `EventData`.
    pub element: Option<(Span, Span)>,
}

impl DataTemplate {
    /// The template of this definition; `None` when it has another shape.
    pub fn of(mut definition: Definition, in_user_data: bool) -> Option<Self> {
        let (mut parts, mut element) = (Vec::new(), None);
        if in_user_data {
            element = Some(user_data(&mut definition, &mut parts)?);
        } else {
            let root = definition.tag()?;
            match definition.text_of(&root.name) {
                _ if !root.is_plain() => return None,
                "EventData" => {
                    while !root.is_empty && !definition.takes(&Part::End) {
                        parts.push(event_data_part(&mut definition)?);
                    }
                }
                "UserData" if !root.is_empty => {
                    element = Some(user_data(&mut definition, &mut parts)?);
                    definition.takes(&Part::End).then_some(())?;
                }
                _ => return None,
            }
        }
        definition.is_done().then_some(Self { text: definition.text, parts, element })
    }
}

/// The element in `UserData`, with its namespace.
fn user_data(definition: &mut Definition, parts: &mut Vec<DataPart>) -> Option<(Span, Span)> {
    let tag = definition.tag()?;
    if !tag.is_plain() || tag.dependency.is_some() {
        return None;
    }
    while !tag.is_empty && !definition.takes(&Part::End) {
        parts.push(user_data_part(definition)?);
    }
    let namespace = match tag.attribute("xmlns", &definition.text) {
        Source::Text(namespace) => namespace,
        _ => 0..0,
    };
    Some((tag.name, namespace))
}

/// `<Data Name="…">value</Data>`, or an element of another name.
fn event_data_part(definition: &mut Definition) -> Option<DataPart> {
    let tag = definition.tag()?;
    let source = definition.content(&tag)?;
    let element = definition.text_of(&tag.name);
    let (is_data, is_binary) = (matches!(element, "Data" | "ComplexData"), element == BINARY);
    let repeats = element == "Data" && tag.is_bare();
    let name = match tag.attribute("Name", &definition.text) {
        Source::Text(name) if is_data => name,
        _ if is_data => 0..0,
        _ => tag.name.clone(),
    };
    tag.is_plain().then_some(DataPart { name, source, dependency: tag.dependency, repeats, is_binary })
}

/// `<Field>value</Field>`.
fn user_data_part(definition: &mut Definition) -> Option<DataPart> {
    let tag = definition.tag()?;
    let source = definition.content(&tag)?;
    let name = match tag.attribute("Name", &definition.text) {
        Source::Text(name) if !name.is_empty() => name,
        _ => tag.name.clone(),
    };
    tag.is_plain().then_some(DataPart { name, source, dependency: tag.dependency, repeats: false, is_binary: false })
}
