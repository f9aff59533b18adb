//! Cuts text into records as it comes, piece by piece, where there is no file to read from.

use std::sync::Arc;

use crate::limits::{Limits, SNIFF_BYTES};
use crate::readers::Piece;
use crate::readers::content::Kind;
use crate::readers::csv::{CsvHeader, CsvSplitter};
use crate::readers::json_splitter::JsonSplitter;
use crate::readers::leaf::Chunk;
use crate::readers::line_splitter::LineSplitter;
use crate::readers::text::Encoding;

/// Cuts one text. What it is, is told by its beginning, as for files.
pub(crate) struct TextSplitter {
    limits: Limits,
    state: State,
    chunk: Chunk,
}

enum State {
    /// The beginning, before it is looked at.
    Beginning(Vec<u8>),
    Json(JsonSplitter),
    Lines(LineSplitter),
    Csv(CsvSplitter),
    /// Nothing that is read so.
    Refused(String),
}

impl TextSplitter {
    /// A splitter at the start of a text.
    pub fn new(limits: &Limits) -> Self {
        Self { limits: limits.clone(), state: State::Beginning(Vec::new()), chunk: Chunk::default() }
    }

    /// Reads on.
    pub fn feed(&mut self, bytes: &[u8]) {
        if let State::Beginning(head) = &mut self.state {
            head.extend_from_slice(bytes);
            if head.len() >= SNIFF_BYTES {
                self.begin();
            }
        } else {
            self.split(bytes);
        }
    }

    /// The records since the last call, as far as they are complete.
    pub fn take(&mut self) -> Chunk {
        if matches!(&self.state, State::Beginning(head) if !head.is_empty()) {
            self.begin();
        }
        let (header, lines) = (self.chunk.header.clone(), self.chunk.lines);
        std::mem::replace(&mut self.chunk, Chunk { header, lines, ..Chunk::default() })
    }

    /// The last records, or why the text was not read.
    pub fn finish(mut self) -> Result<Chunk, String> {
        if matches!(&self.state, State::Beginning(head) if !head.is_empty()) {
            self.begin();
        }
        let chunk = &mut self.chunk;
        match &mut self.state {
            State::Beginning(_) => {}
            State::Json(splitter) => splitter.finish(&mut |piece| push(chunk, piece)),
            State::Lines(splitter) => splitter.finish(&mut |piece| push(chunk, piece)),
            State::Csv(splitter) => splitter.finish(&mut |piece| push_row(chunk, piece)),
            State::Refused(reason) => return Err(std::mem::take(reason)),
        }
        Ok(self.chunk)
    }

    /// What the text is, once its beginning was looked at.
    pub fn kind(&self) -> Kind {
        match &self.state {
            State::Beginning(_) => Kind::Empty,
            State::Json(_) => Kind::Json,
            State::Lines(_) => Kind::Lines,
            State::Csv(_) => Kind::Csv,
            State::Refused(_) => Kind::Unknown,
        }
    }

    /// Looks at the beginning and cuts it.
    fn begin(&mut self) {
        let State::Beginning(head) = &mut self.state else { return };
        let head = std::mem::take(head);
        let mark = match Encoding::of(&head) {
            Encoding::Utf8(mark) => mark,
            _ => {
                self.state = State::Refused("text that is not UTF-8".to_owned());
                return;
            }
        };
        let offset = mark as u64;
        self.state = match Kind::of(&head) {
            Kind::Json => State::Json(JsonSplitter::new(&self.limits).at(offset)),
            Kind::Csv => State::Csv(CsvSplitter::new(&self.limits).at(offset)),
            Kind::Lines => {
                self.chunk.lines = true;
                State::Lines(LineSplitter::new(&self.limits).at(offset))
            }
            _ => State::Refused("content is neither JSON, CSV with a header, syslog nor CEF".to_owned()),
        };
        self.split(&head[mark..]);
    }

    fn split(&mut self, bytes: &[u8]) {
        let chunk = &mut self.chunk;
        match &mut self.state {
            State::Json(splitter) => splitter.feed(bytes, &mut |piece| push(chunk, piece)),
            State::Lines(splitter) => splitter.feed(bytes, &mut |piece| push(chunk, piece)),
            State::Csv(splitter) => splitter.feed(bytes, &mut |piece| push_row(chunk, piece)),
            State::Beginning(_) | State::Refused(_) => {}
        }
    }
}

fn push(chunk: &mut Chunk, piece: Piece) {
    chunk.bytes += piece.text.len();
    chunk.pieces.push(piece);
}

/// Takes a row of CSV; the first is the header.
fn push_row(chunk: &mut Chunk, piece: Piece) {
    if chunk.header.is_some() || piece.damage.is_some() {
        return push(chunk, piece);
    }
    match CsvHeader::parse(&piece.text) {
        Some(header) => chunk.header = Some(Arc::new(header)),
        None => push(chunk, Piece { damage: Some("CSV header without column names".to_owned()), ..piece }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(parts: &[&str]) -> Vec<String> {
        let mut splitter = TextSplitter::new(&Limits::default());
        let mut records = Vec::new();
        for part in parts {
            splitter.feed(part.as_bytes());
            records.extend(splitter.take().pieces.into_iter().map(|piece| piece.text));
        }
        records.extend(splitter.finish().expect("text").pieces.into_iter().map(|piece| piece.text));
        records
    }

    #[test]
    fn records_are_cut_as_they_come() {
        assert_eq!(records(&["{\"records\":[{\"a\":1}", ",\n{\"a\"", ":2}]}\n"]), ["{\"a\":1}", "{\"a\":2}"]);
        assert_eq!(records(&["\u{feff}a,b\r\n1,", "2\r\n3,4\r\n"]), ["1,2", "3,4"]);
        assert_eq!(records(&[]), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_log_is_refused() {
        let mut splitter = TextSplitter::new(&Limits::default());
        splitter.feed(b"<html></html>");
        assert!(splitter.take().pieces.is_empty());
        assert!(splitter.finish().is_err());
    }
}
