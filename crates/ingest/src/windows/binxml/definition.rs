//! The definition of a template, as a list of its tags, texts and the places of values.

use std::ops::Range;

use super::bytes::Bytes;
use super::name_table::{name_place, push_name};
use super::value_text::push_utf16;
use super::values::{DEFINITION_HEAD, kind};

/// A part of the text of the definition.
pub type Span = Range<usize>;

/// Most attributes of an element.
const ATTRIBUTES: usize = 8;
/// An element that depends on no value.
const NO_DEPENDENCY: u16 = 0xffff;

/// Tokens of BinXML, MS-EVEN6 section 2.2.12, as far as they are read here. Bit 6 says that more follow: attributes of a tag, or attributes
/// and parts of a value.
mod token {
    pub const END_OF_STREAM: u8 = 0x00;
    pub const OPEN: u8 = 0x01;
    pub const OPEN_WITH_ATTRIBUTES: u8 = 0x41;
    pub const CLOSE_START: u8 = 0x02;
    pub const CLOSE_EMPTY: u8 = 0x03;
    pub const END: u8 = 0x04;
    pub const VALUE: u8 = 0x05;
    pub const VALUE_AND_MORE: u8 = 0x45;
    pub const ATTRIBUTE: u8 = 0x06;
    pub const ATTRIBUTE_AND_MORE: u8 = 0x46;
    pub const SLOT: u8 = 0x0d;
    pub const OPTIONAL_SLOT: u8 = 0x0e;
    pub const FRAGMENT: u8 = 0x0f;
}

/// A part of a definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// `<name`, with the number of the value that the element depends on.
    Open { name: Span, dependency: Option<u16> },
    /// `attribute=`; what follows is its value.
    Attribute(Span),
    /// Text.
    Text(Span),
    /// The place of a value.
    Slot(u16),
    /// `>` of an opening tag.
    CloseStart,
    /// `/>`.
    CloseEmpty,
    /// `</name>`.
    End,
}

/// Where a text comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Source {
    /// Nowhere: it is empty.
    #[default]
    Empty,
    /// The definition.
    Text(Span),
    /// The value of this number.
    Slot(u16),
}

/// An opening tag.
#[derive(Debug, Default)]
pub struct Tag {
    /// The element's name.
    pub name: Span,
    /// The value that the element depends on: it is left out when that is null.
    pub dependency: Option<u16>,
    attributes: [Option<(Span, Source)>; ATTRIBUTES],
    /// Whether it ends as it begins: `<name/>`.
    pub is_empty: bool,
}

impl Tag {
    /// The value of the attribute of this name; empty without one.
    pub fn attribute(&self, name: &str, text: &str) -> Source {
        let mut attributes = self.attributes.iter().flatten();
        let found = attributes.find(|(attribute, _)| &text[attribute.clone()] == name);
        found.map_or(Source::Empty, |(_, source)| source.clone())
    }

    /// Whether the attributes have no values of the instance.
    pub fn is_plain(&self) -> bool {
        !self.attributes.iter().flatten().any(|(_, source)| matches!(source, Source::Slot(_)))
    }

    /// Whether there are no attributes.
    pub fn is_bare(&self) -> bool {
        self.attributes.iter().all(Option::is_none)
    }
}

/// The definition of a template.
#[derive(Debug, Default)]
pub struct Definition {
    /// All names and texts.
    pub text: String,
    parts: Vec<Part>,
    at: usize,
}

impl Definition {
    /// The definition at this place of the chunk; `None` when it is damaged or has parts that are not read here, or when the chunk's
    /// definitions are more than `left` bytes together, from which its bytes are taken.
    pub fn read(chunk: &[u8], place: usize, left: &mut usize) -> Option<Self> {
        let head = Bytes::of(chunk, place, chunk.len())?.take(DEFINITION_HEAD)?;
        let size = usize::try_from(u32::from_le_bytes(*head.last_chunk::<4>()?)).ok()?;
        let start = place + DEFINITION_HEAD;
        *left = left.checked_sub(size)?;
        let mut bytes = Bytes::of(chunk, start, start + size)?;
        let mut definition = Self::default();
        while !bytes.rest().is_empty() {
            let token = bytes.u8()?;
            match token {
                token::END_OF_STREAM => break,
                token::FRAGMENT => drop(bytes.take(3)?),
                _ => definition.part(token, chunk, &mut bytes)?,
            }
        }
        Some(definition)
    }

    fn part(&mut self, token: u8, chunk: &[u8], bytes: &mut Bytes) -> Option<()> {
        let part = match token {
            token::OPEN | token::OPEN_WITH_ATTRIBUTES => {
                let dependency = Some(bytes.u16()?).filter(|dependency| *dependency != NO_DEPENDENCY);
                let _size = bytes.u32()?;
                let name = self.name(chunk, bytes)?;
                if token == token::OPEN_WITH_ATTRIBUTES {
                    let _size_of_attributes = bytes.u32()?;
                }
                Part::Open { name, dependency }
            }
            token::CLOSE_START => Part::CloseStart,
            token::CLOSE_EMPTY => Part::CloseEmpty,
            token::END => Part::End,
            token::ATTRIBUTE | token::ATTRIBUTE_AND_MORE => Part::Attribute(self.name(chunk, bytes)?),
            token::VALUE | token::VALUE_AND_MORE if bytes.u8()? == kind::STRING => {
                let units = bytes.u16()?;
                let mut text = Vec::with_capacity(usize::from(units));
                push_utf16(&mut text, bytes.take(usize::from(units) * 2)?);
                let start = self.text.len();
                self.text.push_str(std::str::from_utf8(&text).ok()?);
                Part::Text(start..self.text.len())
            }
            token::SLOT | token::OPTIONAL_SLOT => {
                let slot = bytes.u16()?;
                is_known_kind(bytes.u8()?).then_some(Part::Slot(slot))?
            }
            _ => return None,
        };
        self.parts.push(part);
        Some(())
    }

    fn name(&mut self, chunk: &[u8], bytes: &mut Bytes) -> Option<Span> {
        let start = self.text.len();
        push_name(chunk, name_place(bytes)?, &mut self.text)?;
        Some(start..self.text.len())
    }

    /// The text of this part of it.
    pub fn text_of(&self, span: &Span) -> &str {
        &self.text[span.clone()]
    }

    /// The next part, taken.
    pub fn next(&mut self) -> Option<Part> {
        let part = self.parts.get(self.at)?.clone();
        self.at += 1;
        Some(part)
    }

    /// Takes the next part when it is this.
    pub fn takes(&mut self, part: &Part) -> bool {
        let found = self.parts.get(self.at) == Some(part);
        self.at += usize::from(found);
        found
    }

    /// Takes the next part when it is a value.
    pub fn slot(&mut self) -> Option<u16> {
        let Some(Part::Slot(slot)) = self.parts.get(self.at) else { return None };
        self.at += 1;
        Some(*slot)
    }

    /// Whether all parts were taken.
    pub fn is_done(&self) -> bool {
        self.at == self.parts.len()
    }

    /// Takes an opening tag; `None` when there is none, or its attributes are not each one text or value and of different names.
    pub fn tag(&mut self) -> Option<Tag> {
        let Part::Open { name, dependency } = self.next()? else { return None };
        if self.text_of(&name).contains(':') {
            return None;
        }
        let mut tag = Tag { name, dependency, ..Tag::default() };
        let mut count = 0;
        loop {
            match self.next()? {
                Part::CloseStart => return Some(tag),
                Part::CloseEmpty => {
                    tag.is_empty = true;
                    return Some(tag);
                }
                Part::Attribute(name) => {
                    let known = tag
                        .attributes
                        .iter()
                        .flatten()
                        .any(|(known, _)| self.text[known.clone()] == self.text[name.clone()]);
                    let source = self.source();
                    if known || count == ATTRIBUTES {
                        return None;
                    }
                    tag.attributes[count] = Some((name, source));
                    count += 1;
                }
                _ => return None,
            }
        }
    }

    /// Takes the content of an element without elements in it, and its end; `None` when it is not one text or value.
    pub fn content(&mut self, tag: &Tag) -> Option<Source> {
        if tag.is_empty {
            return Some(Source::Empty);
        }
        let source = self.source();
        self.takes(&Part::End).then_some(source)
    }

    /// Takes a text or value.
    fn source(&mut self) -> Source {
        let source = match self.parts.get(self.at) {
            Some(Part::Text(text)) => Source::Text(text.clone()),
            Some(Part::Slot(slot)) => Source::Slot(*slot),
            _ => return Source::Empty,
        };
        self.at += 1;
        source
    }
}

/// Whether the byte is a type of values; an unknown one is damage.
fn is_known_kind(byte: u8) -> bool {
    matches!(byte, 0..=0x15 | 0x20 | 0x21 | 0x23 | 0x81..=0x95)
}
