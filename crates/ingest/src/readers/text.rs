//! Text as UTF-8, whatever the file's encoding.

use std::io::{self, Read};

/// What the first bytes say about the encoding of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 (or ASCII) with a byte order mark of this many bytes, 0 or 3.
    Utf8(usize),
    /// UTF-16 with its byte order mark, low byte first.
    Utf16Le,
    /// UTF-16 with its byte order mark, high byte first.
    Utf16Be,
}

impl Encoding {
    /// Looks at the byte order mark.
    pub fn of(head: &[u8]) -> Self {
        match head {
            [0xEF, 0xBB, 0xBF, ..] => Self::Utf8(3),
            [0xFF, 0xFE, ..] => Self::Utf16Le,
            [0xFE, 0xFF, ..] => Self::Utf16Be,
            _ => Self::Utf8(0),
        }
    }

    /// The offset of the first character, as records count it. In UTF-16 files offsets are those of the text as UTF-8.
    pub fn first_offset(self) -> u64 {
        if let Self::Utf8(mark) = self { mark as u64 } else { 0 }
    }

    /// The head of a text as UTF-8, without its byte order mark.
    pub fn decode_head(self, head: &[u8]) -> String {
        match self {
            Self::Utf8(mark) => String::from_utf8_lossy(&head[mark..]).into_owned(),
            Self::Utf16Le | Self::Utf16Be => {
                let mut text = String::new();
                // Reading from memory cannot fail; what was read stays in any case.
                let _ = self.reader(Box::new(io::Cursor::new(head.to_vec()))).read_to_string(&mut text);
                text
            }
        }
    }

    /// A reader of the text as UTF-8, without its byte order mark.
    pub fn reader<'a>(self, mut source: Box<dyn Read + 'a>) -> Box<dyn Read + 'a> {
        match self {
            Self::Utf8(0) => source,
            Self::Utf8(mark) => Box::new(SkipMark { source, left: mark }),
            Self::Utf16Le | Self::Utf16Be => {
                let mut mark = [0; 2];
                let _ = source.read_exact(&mut mark);
                Box::new(Utf16Reader {
                    source,
                    big_endian: self == Self::Utf16Be,
                    pending: Vec::new(),
                    decoded: Vec::new(),
                    given: 0,
                })
            }
        }
    }
}

struct SkipMark<'a> {
    source: Box<dyn Read + 'a>,
    left: usize,
}

impl Read for SkipMark<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.left > 0 {
            let mut skipped = [0; 3];
            let read = self.source.read(&mut skipped[..self.left])?;
            if read == 0 {
                return Ok(0);
            }
            self.left -= read;
        }
        self.source.read(buffer)
    }
}

struct Utf16Reader<'a> {
    source: Box<dyn Read + 'a>,
    big_endian: bool,
    /// Bytes not yet decoded: an odd one, or half of a surrogate pair.
    pending: Vec<u8>,
    decoded: Vec<u8>,
    given: usize,
}

impl Utf16Reader<'_> {
    fn decode_more(&mut self) -> io::Result<bool> {
        let mut block = [0; 16384];
        let read = self.source.read(&mut block)?;
        self.pending.extend_from_slice(&block[..read]);
        let mut units: Vec<u16> = self
            .pending
            .chunks_exact(2)
            .map(|pair| {
                let pair = [pair[0], pair[1]];
                if self.big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
            })
            .collect();
        // The first half of a pair waits for the second, unless the file ends.
        if read > 0 && units.last().is_some_and(|unit| (0xD800..0xDC00).contains(unit)) {
            units.pop();
        }
        self.pending.drain(..units.len() * 2);
        let text: String = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
        self.decoded = text.into_bytes();
        self.given = 0;
        Ok(read > 0)
    }
}

impl Read for Utf16Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.decoded.len() {
            if !self.decode_more()? && self.decoded.is_empty() {
                return Ok(0);
            }
        }
        let count = buffer.len().min(self.decoded.len() - self.given);
        buffer[..count].copy_from_slice(&self.decoded[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_and_marks_become_plain_utf8() {
        let text = "{\"a\":\"é😀\"}";
        let units: Vec<u16> = std::iter::once(0xFEFF).chain(text.encode_utf16()).collect();
        let encodings = [
            [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat(),
            text.as_bytes().to_vec(),
            units.iter().flat_map(|unit| unit.to_le_bytes()).collect(),
            units.iter().flat_map(|unit| unit.to_be_bytes()).collect(),
        ];
        for bytes in encodings {
            let mut read = String::new();
            Encoding::of(&bytes).reader(Box::new(io::Cursor::new(bytes.clone()))).read_to_string(&mut read).unwrap();
            assert_eq!(read, text);
            assert_eq!(Encoding::of(&bytes).decode_head(&bytes), text);
        }
    }
}
