//! What a parser found in a body.

use std::sync::Arc;

use crate::json::NESTED_FIELD;
use crate::json_scan::Scanner;
use crate::limits::{CHUNK_BYTES, JSON_DEPTH, Limits};
use crate::readers::csv::CsvHeader;
use crate::readers::leaf::Chunk;
use crate::readers::text_splitter::TextSplitter;
use crate::readers::{FoundFields, Piece};

/// The records of a body in order, damaged ones among them.
#[derive(Debug, Default)]
pub struct Records {
    pub(crate) chunks: Vec<Chunk>,
    len: usize,
    bytes: usize,
    lines: bool,
    header: Option<Arc<CsvHeader>>,
}

impl Records {
    /// None yet, JSON objects to come.
    pub fn json() -> Self {
        Self::default()
    }

    /// None yet, lines of syslog, CEF or JSON to come.
    pub fn lines() -> Self {
        Self { lines: true, ..Self::default() }
    }

    /// None yet, CSV rows of this header to come.
    pub(crate) fn csv(header: Arc<CsvHeader>) -> Self {
        Self { header: Some(header), ..Self::default() }
    }

    /// The records of a text that is whatever a file may be: JSON in any envelope, CSV with a header, lines of syslog or CEF. Places are
    /// byte offsets, `offset` that of the text's begin.
    ///
    /// # Errors
    /// When it is none of these; the reason.
    pub fn of_text(text: &[u8], limits: &Limits) -> Result<Self, String> {
        let mut splitter = TextSplitter::new(limits);
        let mut records = Self::default();
        for block in text.chunks(CHUNK_BYTES) {
            splitter.feed(block);
            records.push_chunk(splitter.take());
        }
        records.push_chunk(splitter.finish()?);
        Ok(records)
    }

    pub(super) fn push_chunk(&mut self, chunk: Chunk) {
        if !chunk.pieces.is_empty() {
            self.len += chunk.pieces.len();
            self.bytes += chunk.bytes;
            self.chunks.push(chunk);
        }
    }

    /// Adds a record: a JSON object, a line or a CSV row.
    pub fn push(&mut self, text: &str) {
        let is_json = !self.lines && self.header.is_none();
        let found = if is_json { Scanner::new(text.as_bytes(), JSON_DEPTH).object(NESTED_FIELD) } else { None };
        self.push_piece(text.to_owned(), None, found.map(FoundFields::Object));
    }

    /// Adds a JSON object whose fields are found already.
    pub(crate) fn push_found(&mut self, text: &str, found: crate::json_scan::Found) {
        self.push_piece(text.to_owned(), None, Some(FoundFields::Object(found)));
    }

    /// Adds a part of the body that is no record, with what is wrong with it.
    pub fn push_damage(&mut self, text: &str, reason: impl Into<String>) {
        self.push_piece(text.to_owned(), Some(reason.into()), None);
    }

    fn push_piece(&mut self, text: String, damage: Option<String>, found: Option<FoundFields>) {
        let is_full = |chunk: &Chunk| chunk.bytes >= CHUNK_BYTES;
        if self.chunks.last().is_none_or(is_full) {
            let (lines, header) = (self.lines, self.header.clone());
            self.chunks.push(Chunk { lines, header, ..Chunk::default() });
        }
        let Some(chunk) = self.chunks.last_mut() else { return };
        chunk.bytes += text.len();
        self.bytes += text.len();
        chunk.pieces.push(Piece { offset: i64::try_from(self.len).unwrap_or(i64::MAX), text, damage, found });
        self.len += 1;
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes of their text.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The records as a text that [`Records::of_text`] reads; `None` for Windows events, which have none.
    pub fn to_text(&self) -> Option<Vec<u8>> {
        let mut text = Vec::with_capacity(self.bytes + self.len);
        let mut header: Option<&Arc<CsvHeader>> = None;
        for chunk in &self.chunks {
            if chunk.text_field.is_some() {
                return None;
            }
            if let Some(own) = chunk.header.as_ref().filter(|_| header.is_none()) {
                text.extend_from_slice(own.line().as_bytes());
                text.push(b'\n');
                header = Some(own);
            }
            for piece in &chunk.pieces {
                text.extend_from_slice(piece.text.as_bytes());
                text.push(b'\n');
            }
        }
        Some(text)
    }

    /// The text of each, and what is wrong with it.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.chunks.iter().flat_map(|chunk| &chunk.pieces).map(|piece| (piece.text.as_str(), piece.damage.as_deref()))
    }
}
