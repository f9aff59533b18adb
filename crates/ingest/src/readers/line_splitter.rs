//! Cuts a stream of text into lines.

use crate::limits::Limits;
use crate::readers::Piece;

/// The splitter: fed with bytes in pieces of any size, gives the same lines whatever the sizes. Blank lines are left out.
#[derive(Debug)]
pub struct LineSplitter {
    record_bytes: usize,
    position: u64,
    line: Vec<u8>,
    line_start: u64,
    too_long: bool,
}

impl LineSplitter {
    /// A splitter at the start of a file.
    pub fn new(limits: &Limits) -> Self {
        Self { record_bytes: limits.record_bytes, position: 0, line: Vec::new(), line_start: 0, too_long: false }
    }

    /// Starts at this offset instead of 0.
    pub fn at(mut self, offset: u64) -> Self {
        self.position = offset;
        self.line_start = offset;
        self
    }

    /// Reads on, handing over each line that ends in these bytes.
    pub fn feed(&mut self, input: &[u8], emit: &mut dyn FnMut(Piece)) {
        let mut rest = input;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            self.store(&rest[..end]);
            self.position += 1;
            self.end_line(emit);
            rest = &rest[end + 1..];
        }
        self.store(rest);
    }

    /// Ends the file: its last line may lack a line break.
    pub fn finish(&mut self, emit: &mut dyn FnMut(Piece)) {
        self.end_line(emit);
    }

    fn store(&mut self, bytes: &[u8]) {
        self.position += bytes.len() as u64;
        let room = self.record_bytes.saturating_sub(self.line.len());
        self.too_long |= bytes.len() > room;
        self.line.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn end_line(&mut self, emit: &mut dyn FnMut(Piece)) {
        let line = std::mem::take(&mut self.line);
        let offset = std::mem::replace(&mut self.line_start, self.position).cast_signed();
        let damage =
            std::mem::take(&mut self.too_long).then(|| format!("record longer than {} bytes", self.record_bytes));
        let text =
            String::from_utf8(line).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        let text = text.trim_end();
        if !text.is_empty() || damage.is_some() {
            emit(Piece { offset, text: text.to_owned(), damage, found: None });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split_in(text: &str, size: usize) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut splitter = LineSplitter::new(&Limits { record_bytes: 8, ..Limits::default() });
        for part in text.as_bytes().chunks(size) {
            splitter.feed(part, &mut |piece| pieces.push(piece));
        }
        splitter.finish(&mut |piece| pieces.push(piece));
        pieces
    }

    #[test]
    fn lines_have_their_offsets_and_a_longest_length() {
        let pieces = split_in("one\r\n\n  two\n0123456789\nend", usize::MAX);
        let lines: Vec<(i64, &str, bool)> =
            pieces.iter().map(|piece| (piece.offset, piece.text.as_str(), piece.damage.is_some())).collect();
        assert_eq!(lines, [(0, "one", false), (6, "  two", false), (12, "01234567", true), (23, "end", false)]);
    }

    proptest! {
        #[test]
        fn lines_are_the_same_whatever_the_chunk_boundaries(text in "[ab \n\r]{0,60}", size in 1usize..9) {
            prop_assert_eq!(split_in(&text, size), split_in(&text, usize::MAX));
        }
    }
}
