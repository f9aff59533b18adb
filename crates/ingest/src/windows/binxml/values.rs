//! The values of an instance of a template.

use super::bytes::Bytes;

/// What stands before a template instance in a stream: the header of a fragment, and the instance's own token.
const FRAGMENT: u8 = 0x0f;
const INSTANCE: u8 = 0x0c;
/// Bytes of a template definition's head: the next one's place, a GUID, the size of what follows.
pub const DEFINITION_HEAD: usize = 24;

/// Types of values, MS-EVEN6 section 2.2.12, as far as they are read here.
pub mod kind {
    pub const NULL: u8 = 0x00;
    pub const STRING: u8 = 0x01;
    pub const ANSI_STRING: u8 = 0x02;
    pub const INT8: u8 = 0x03;
    pub const UINT8: u8 = 0x04;
    pub const INT16: u8 = 0x05;
    pub const UINT16: u8 = 0x06;
    pub const INT32: u8 = 0x07;
    pub const UINT32: u8 = 0x08;
    pub const INT64: u8 = 0x09;
    pub const UINT64: u8 = 0x0a;
    pub const BOOL: u8 = 0x0d;
    pub const BINARY: u8 = 0x0e;
    pub const GUID: u8 = 0x0f;
    pub const SIZE: u8 = 0x10;
    pub const FILE_TIME: u8 = 0x11;
    pub const SID: u8 = 0x13;
    pub const HEX32: u8 = 0x14;
    pub const HEX64: u8 = 0x15;
    pub const BINXML: u8 = 0x21;
    pub const STRINGS: u8 = 0x81;
}

/// A value: its type and where it stands in the chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value {
    /// One of [`kind`].
    pub kind: u8,
    start: u32,
    end: u32,
}

impl Value {
    /// Its bytes.
    pub fn bytes<'a>(&self, chunk: &'a [u8]) -> &'a [u8] {
        chunk.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// Offset of its bytes in the chunk, and of what follows.
    pub fn place(&self) -> (usize, usize) {
        (self.start as usize, self.end as usize)
    }

    /// Whether an element that depends on it is left out.
    pub fn is_null(&self) -> bool {
        self.kind == kind::NULL || (self.kind == kind::BINXML && self.start == self.end)
    }

    /// Whether it is a stream of elements.
    pub fn is_elements(&self) -> bool {
        self.kind == kind::BINXML && self.start < self.end
    }
}

/// Reads a stream that is one instance of a template: the place of the template's definition, and the values.
///
/// `None` for any other stream, for values of other types, and for values that have not the size of their type.
pub fn read_instance(chunk: &[u8], start: usize, end: usize, values: &mut Vec<Value>) -> Option<usize> {
    values.clear();
    let mut bytes = Bytes::of(chunk, start, end)?;
    let [FRAGMENT, _, _, _, INSTANCE, _] = bytes.array::<6>()? else { return None };
    let _id = bytes.u32()?;
    let definition = bytes.place()?;
    if bytes.at() == definition {
        let head = bytes.take(DEFINITION_HEAD)?;
        let size = head.last_chunk::<4>().map(|size| u32::from_le_bytes(*size))?;
        bytes.take(usize::try_from(size).ok()?)?;
    }
    let count = bytes.place()?;
    let descriptors = bytes.take(count.checked_mul(4)?)?;
    for &[low, high, kind, _] in descriptors.as_chunks::<4>().0 {
        let size = u16::from_le_bytes([low, high]);
        let start = u32::try_from(bytes.at()).ok()?;
        let content = bytes.take(usize::from(size))?;
        if !has_size_of(kind, content) {
            return None;
        }
        values.push(Value { kind, start, end: start + u32::from(size) });
    }
    // A stream ends with its end token, whatever stands behind it.
    matches!(bytes.rest(), [] | [0, ..]).then_some(definition)
}

/// Whether these bytes are a value of the type, which is one of those read here.
fn has_size_of(kind: u8, content: &[u8]) -> bool {
    match kind {
        kind::NULL | kind::BINARY | kind::BINXML => true,
        kind::STRING => content.len().is_multiple_of(2),
        kind::ANSI_STRING => content.is_ascii(),
        kind::INT8 | kind::UINT8 => content.len() == 1,
        kind::INT16 | kind::UINT16 => content.len() == 2,
        kind::INT32 | kind::UINT32 | kind::BOOL | kind::HEX32 => content.len() == 4,
        kind::INT64 | kind::UINT64 | kind::FILE_TIME | kind::HEX64 => content.len() == 8,
        kind::SIZE => matches!(content.len(), 4 | 8),
        kind::GUID => content.len() == 16,
        kind::SID => content.get(1).is_some_and(|parts| content.len() == 8 + usize::from(*parts) * 4),
        // Strings, each with its terminator.
        kind::STRINGS => content.len().is_multiple_of(2) && (content.is_empty() || content.ends_with(&[0, 0])),
        _ => false,
    }
}
