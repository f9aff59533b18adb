//! Writes EVTX files for tests: templates from XML, records from values.

use std::collections::HashMap;

use super::values::kind;
use crate::windows::evtx_repair::{CHUNK_BYTES, FIRST_RECORD};

/// 2024-01-01T00:00:00Z as a FILETIME.
pub const NEW_YEAR: u64 = 133_485_408_000_000_000;
/// The template around events that most providers write: `%N` stands for the value of this number, `dep=N` for the value that an element
/// depends on.
pub const HEAD: &str = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
    <Provider Name='%14' Guid='%15'/><EventID dep='4' Qualifiers='%4'>%3</EventID><Version>%11</Version><Level>%0</Level>\
    <Task>%2</Task><Opcode>%1</Opcode><Keywords dep='5'>%5</Keywords><TimeCreated SystemTime='%6'/>\
    <EventRecordID>%10</EventRecordID><Correlation ActivityID='%7' RelatedActivityID='%13'/>\
    <Execution ProcessID='%8' ThreadID='%9'/><Channel>%16</Channel><Computer>DC01.contoso.com</Computer>\
    <Security UserID='%12'/></System>%17</Event>";

/// A value of an instance.
pub enum TestValue {
    /// Of this type, as it stands in the file.
    Plain(u8, Vec<u8>),
    /// An instance of the template that is this XML.
    Instance(&'static str, Vec<TestValue>),
}

impl TestValue {
    /// The bytes of a plain value.
    pub fn bytes(self) -> Vec<u8> {
        match self {
            Self::Plain(_, bytes) => bytes,
            Self::Instance(..) => Vec::new(),
        }
    }
}

/// A text value.
pub fn text(text: &str) -> TestValue {
    TestValue::Plain(kind::STRING, text.encode_utf16().flat_map(u16::to_le_bytes).collect())
}

/// No value.
pub fn null() -> TestValue {
    TestValue::Plain(kind::NULL, Vec::new())
}

/// The values of the head of an event of this log and id, with this value as its data.
pub fn head(channel: &str, event_id: u16, data: TestValue) -> Vec<TestValue> {
    let plain = |kind: u8, bytes: &[u8]| TestValue::Plain(kind, bytes.to_vec());
    vec![
        plain(kind::UINT8, &[4]),
        plain(kind::UINT8, &[0]),
        plain(kind::UINT16, &12544_u16.to_le_bytes()),
        plain(kind::UINT16, &event_id.to_le_bytes()),
        plain(kind::UINT16, &[0, 0]),
        plain(kind::HEX64, &0x8020_0000_0000_0000_u64.to_le_bytes()),
        plain(kind::FILE_TIME, &(NEW_YEAR + 1_234_567).to_le_bytes()),
        plain(kind::GUID, &[0x17; 16]),
        plain(kind::UINT32, &640_u32.to_le_bytes()),
        plain(kind::UINT32, &712_u32.to_le_bytes()),
        plain(kind::UINT64, &77_u64.to_le_bytes()),
        plain(kind::UINT8, &[2]),
        plain(kind::SID, &[1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]),
        null(),
        text("Microsoft-Windows-Security-Auditing"),
        plain(kind::GUID, &[0x25; 16]),
        text(channel),
        data,
    ]
}

/// A chunk under construction.
pub struct TestChunk {
    bytes: Vec<u8>,
    names: HashMap<String, u32>,
    definitions: HashMap<&'static str, u32>,
}

impl TestChunk {
    /// Without records.
    pub fn new() -> Self {
        let mut bytes = vec![0; FIRST_RECORD];
        bytes[..8].copy_from_slice(b"ElfChnk\0");
        Self { bytes, names: HashMap::new(), definitions: HashMap::new() }
    }

    /// Adds a record that is an instance of this template.
    pub fn record(&mut self, id: u64, template: &'static str, values: &[TestValue]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0x2a, 0x2a, 0, 0, 0, 0, 0, 0]);
        self.bytes.extend_from_slice(&id.to_le_bytes());
        self.bytes.extend_from_slice(&NEW_YEAR.to_le_bytes());
        self.instance(template, values);
        let unpadded = self.bytes.len() + 4;
        self.bytes.resize(unpadded.next_multiple_of(8) - 4, 0);
        let size = (self.bytes.len() + 4 - start) as u32;
        self.bytes.extend_from_slice(&size.to_le_bytes());
        self.bytes[start + 4..start + 8].copy_from_slice(&size.to_le_bytes());
    }

    /// What stands behind the chunk's header.
    pub fn records(&self) -> &[u8] {
        &self.bytes[FIRST_RECORD..]
    }

    /// A file of this chunk.
    pub fn file(&self) -> Vec<u8> {
        let mut file = vec![0; 4096];
        file[..8].copy_from_slice(b"ElfFile\0");
        file.extend_from_slice(&self.bytes);
        file.resize(4096 + CHUNK_BYTES, 0);
        file
    }

    fn instance(&mut self, template: &'static str, values: &[TestValue]) {
        self.bytes.extend_from_slice(&[0x0f, 1, 1, 0, 0x0c, 1, 1, 0, 0, 0]);
        match self.definitions.get(template) {
            Some(place) => self.bytes.extend_from_slice(&place.to_le_bytes()),
            None => self.definition(template),
        }
        self.bytes.extend_from_slice(&(values.len() as u32).to_le_bytes());
        let descriptors = self.bytes.len();
        self.bytes.resize(descriptors + values.len() * 4, 0);
        for (index, value) in values.iter().enumerate() {
            let start = self.bytes.len();
            let kind = match value {
                TestValue::Plain(kind, bytes) => {
                    self.bytes.extend_from_slice(bytes);
                    *kind
                }
                TestValue::Instance(template, values) => {
                    self.instance(template, values);
                    kind::BINXML
                }
            };
            let [low, high] = ((self.bytes.len() - start) as u16).to_le_bytes();
            self.bytes[descriptors + index * 4..][..4].copy_from_slice(&[low, high, kind, 0]);
        }
        self.bytes.push(0);
    }

    /// The place of the definition, and the definition.
    fn definition(&mut self, xml: &'static str) {
        let place = self.bytes.len() as u32 + 4;
        self.definitions.insert(xml, place);
        self.bytes.extend_from_slice(&place.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 24]);
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0x0f, 1, 1, 0]);
        let mut rest = xml;
        while !rest.is_empty() {
            let end = match rest.strip_prefix('<') {
                Some(_) => rest.find('>').unwrap() + 1,
                None => rest.find('<').unwrap_or(rest.len()),
            };
            let (part, after) = rest.split_at(end);
            match part.strip_prefix('<') {
                Some(tag) => self.tag(tag.strip_suffix('>').unwrap()),
                None => self.source(part),
            }
            rest = after;
        }
        self.bytes.push(0);
        let size = (self.bytes.len() - start) as u32;
        self.bytes[start - 4..start].copy_from_slice(&size.to_le_bytes());
    }

    fn tag(&mut self, tag: &str) {
        if tag.starts_with('/') {
            return self.bytes.push(0x04);
        }
        let is_empty = tag.ends_with('/');
        let mut words = tag.trim_end_matches('/').split(' ');
        let name = words.next().unwrap();
        let (mut attributes, mut dependency) = (Vec::new(), u16::MAX);
        for word in words {
            let (key, value) = word.split_once('=').unwrap();
            match (key, value.trim_matches('\'')) {
                ("dep", value) => dependency = value.parse().unwrap(),
                (key, value) => attributes.push((key, value)),
            }
        }
        self.bytes.push(if attributes.is_empty() { 0x01 } else { 0x41 });
        self.bytes.extend_from_slice(&dependency.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 4]);
        self.name(name);
        if !attributes.is_empty() {
            self.bytes.extend_from_slice(&[0; 4]);
        }
        for (key, value) in attributes {
            self.bytes.push(0x06);
            self.name(key);
            self.source(value);
        }
        self.bytes.push(if is_empty { 0x03 } else { 0x02 });
    }

    fn source(&mut self, text: &str) {
        match text.strip_prefix('%') {
            Some(slot) => {
                self.bytes.push(0x0e);
                self.bytes.extend_from_slice(&slot.parse::<u16>().unwrap().to_le_bytes());
                self.bytes.push(kind::STRING);
            }
            None => {
                self.bytes.extend_from_slice(&[0x05, kind::STRING]);
                self.counted(text);
            }
        }
    }

    fn counted(&mut self, text: &str) {
        let units: Vec<u16> = text.encode_utf16().collect();
        self.bytes.extend_from_slice(&(units.len() as u16).to_le_bytes());
        self.bytes.extend(units.into_iter().flat_map(u16::to_le_bytes));
    }

    fn name(&mut self, name: &str) {
        if let Some(place) = self.names.get(name) {
            return self.bytes.extend_from_slice(&place.to_le_bytes());
        }
        let place = self.bytes.len() as u32 + 4;
        self.names.insert(name.to_owned(), place);
        self.bytes.extend_from_slice(&place.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 6]);
        self.counted(name);
        self.bytes.extend_from_slice(&[0; 2]);
    }
}
