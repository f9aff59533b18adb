//! Cuts a stream of CSV into rows, and rows into fields named by the header.

use std::borrow::Cow;

use crate::json::{JsonObject, JsonValue};
use crate::limits::{CSV_COLUMNS, CSV_RETRIES, Limits};
use crate::readers::Piece;

/// Separators looked for in the header.
const DELIMITERS: [char; 3] = [',', ';', '\t'];

/// Suffixes that the portal's exports add to the names of time columns.
const TIME_SUFFIXES: [&str; 2] = [" [UTC]", " (UTC)"];

/// The names of the columns, and how rows are separated into fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvHeader {
    /// Without quotes and time zone suffixes.
    pub columns: Vec<String>,
    delimiter: char,
}

impl CsvHeader {
    /// Columns that are known, of rows with this character between fields.
    pub(crate) fn of_columns(columns: Vec<String>, delimiter: char) -> Self {
        Self { columns, delimiter }
    }

    /// The header as a line.
    pub(crate) fn line(&self) -> String {
        let quoted: Vec<String> =
            self.columns.iter().map(|column| format!("\"{}\"", column.replace('"', "\"\""))).collect();
        quoted.join(&self.delimiter.to_string())
    }

    /// The values of a row in order.
    pub(crate) fn values<'a>(&self, row: &'a str) -> Vec<Cow<'a, str>> {
        fields(row, self.delimiter).take(CSV_COLUMNS).collect()
    }

    /// Reads the header line; `None` when it does not look like one.
    pub fn parse(line: &str) -> Option<Self> {
        let delimiter = DELIMITERS.into_iter().max_by_key(|delimiter| fields(line, *delimiter).count())?;
        let columns: Vec<String> = fields(line, delimiter).map(|name| column_name(&name)).collect();
        let plausible = |name: &String| {
            name.len() <= 128 && !name.chars().any(|c| c.is_control() || matches!(c, '{' | '}' | '<' | '>'))
        };
        let single = columns.len() == 1;
        let single_word = columns
            .first()
            .is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_'));
        let named = columns.iter().filter(|name| !name.is_empty()).count();
        let ok = columns.len() <= CSV_COLUMNS
            && columns.iter().all(plausible)
            && named * 2 > columns.len()
            && (!single || single_word);
        ok.then_some(Self { columns, delimiter })
    }

    /// The row's non-empty fields under their column names.
    ///
    /// # Errors
    /// When the row has more fields than the header has columns.
    pub fn object<'a>(&'a self, row: &'a str) -> Result<JsonObject<'a>, String> {
        let mut named = Vec::with_capacity(self.columns.len());
        for (index, field) in fields(row, self.delimiter).enumerate() {
            match self.columns.get(index) {
                Some(_) if field.is_empty() => {}
                Some(name) => named.push((Cow::Borrowed(name.as_str()), JsonValue::Text(field))),
                None if field.trim().is_empty() => {}
                None => return Err("CSV row with more fields than the header has columns".to_owned()),
            }
        }
        Ok(JsonObject::from_fields(named))
    }
}

fn column_name(name: &str) -> String {
    let name = name.trim();
    TIME_SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name).to_owned()
}

/// The fields of a row, quotes taken off.
fn fields(row: &str, delimiter: char) -> impl Iterator<Item = Cow<'_, str>> {
    let mut rest = Some(row.trim_end_matches(['\r', '\n']));
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(quoted) = text.strip_prefix('"') else {
            let end = text.find(delimiter);
            rest = end.map(|end| &text[end + 1..]);
            return Some(Cow::Borrowed(&text[..end.unwrap_or(text.len())]));
        };
        let end = closing_quote(quoted);
        let after = quoted.get(end + 1..).unwrap_or("");
        let next = after.find(delimiter);
        rest = next.map(|next| &after[next + 1..]);
        let inner = &quoted[..end];
        Some(if inner.contains("\"\"") { Cow::Owned(inner.replace("\"\"", "\"")) } else { Cow::Borrowed(inner) })
    })
}

/// Where the quoted field ends: the first quote that is not doubled, or the end of the text.
fn closing_quote(quoted: &str) -> usize {
    let bytes = quoted.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'"', &bytes[at..]) {
        at += found;
        if bytes.get(at + 1) != Some(&b'"') {
            return at;
        }
        at += 2;
    }
    bytes.len()
}

/// The splitter: fed with bytes in pieces of any size. The first row is the header and is handed over like the others.
#[derive(Debug)]
pub struct CsvSplitter {
    record_bytes: usize,
    position: u64,
    row: Vec<u8>,
    row_start: u64,
    in_quotes: bool,
    /// At the start of a field, where a quote opens one.
    at_field_start: bool,
    /// Characters that end a field.
    separators: [u8; 3],
    too_long: bool,
    retries: usize,
}

impl CsvSplitter {
    /// A splitter at the start of a file.
    pub fn new(limits: &Limits) -> Self {
        Self {
            record_bytes: limits.record_bytes,
            position: 0,
            row: Vec::new(),
            row_start: 0,
            in_quotes: false,
            at_field_start: true,
            separators: [b',', b';', b'\t'],
            too_long: false,
            retries: 0,
        }
    }

    /// Fields end at this character only.
    pub(crate) fn separated_by(self, separator: u8) -> Self {
        Self { separators: [separator; 3], ..self }
    }

    /// Starts at this offset instead of 0.
    pub fn at(mut self, offset: u64) -> Self {
        self.position = offset;
        self.row_start = offset;
        self
    }

    /// Reads on, handing over each row that ends in these bytes.
    pub fn feed(&mut self, input: &[u8], emit: &mut dyn FnMut(Piece)) {
        let mut at = 0;
        while at < input.len() {
            let next = if self.in_quotes {
                memchr::memchr(b'"', &input[at..])
            } else {
                let separators = self.separators;
                input[at..].iter().position(|byte| matches!(byte, b'"' | b'\n') || separators.contains(byte))
            };
            let run = next.unwrap_or(input.len() - at);
            if run > 0 {
                if self.in_quotes && self.row.len() + run > self.record_bytes && self.retries < CSV_RETRIES {
                    self.give_up_quote(emit);
                    continue;
                }
                self.store(&input[at..at + run]);
                self.at_field_start = false;
                at += run;
                continue;
            }
            let byte = input[at];
            at += 1;
            self.store(&[byte]);
            match byte {
                // A doubled quote closes and opens again, which comes to the same.
                b'"' if self.in_quotes => {
                    self.in_quotes = false;
                    self.at_field_start = true;
                }
                b'"' => self.in_quotes = self.at_field_start,
                b'\n' => self.end_row(emit),
                _ => self.at_field_start = true,
            }
        }
    }

    /// Ends the file. A row whose quote was never closed is damage; reading resumes at the line after its first.
    pub fn finish(&mut self, emit: &mut dyn FnMut(Piece)) {
        while self.in_quotes && self.retries < CSV_RETRIES {
            self.give_up_quote(emit);
        }
        if !self.row.is_empty() {
            let damage = self.in_quotes.then(|| "CSV row with a quote that is not closed".to_owned());
            self.emit_row(damage, emit);
        }
    }

    /// The quote of this row is never closed, it seems: its first line is damage, the following ones are read again.
    fn give_up_quote(&mut self, emit: &mut dyn FnMut(Piece)) {
        self.retries += 1;
        let row = std::mem::take(&mut self.row);
        let first = memchr::memchr(b'\n', &row).map_or(row.len(), |end| end + 1);
        let text = String::from_utf8_lossy(&row[..first]).trim_end_matches(['\r', '\n']).to_owned();
        emit(Piece {
            offset: self.row_start.cast_signed(),
            text,
            damage: Some("CSV row with a quote that is not closed".to_owned()),
            found: None,
        });
        self.position = self.row_start + first as u64;
        self.begin_row();
        self.feed(&row[first..], emit);
    }

    fn store(&mut self, bytes: &[u8]) {
        self.position += bytes.len() as u64;
        let room = self.record_bytes.saturating_sub(self.row.len());
        self.too_long |= bytes.len() > room;
        self.row.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn begin_row(&mut self) {
        self.row_start = self.position;
        self.in_quotes = false;
        self.at_field_start = true;
        self.too_long = false;
    }

    fn end_row(&mut self, emit: &mut dyn FnMut(Piece)) {
        let damage = self.too_long.then(|| format!("record longer than {} bytes", self.record_bytes));
        self.emit_row(damage, emit);
    }

    fn emit_row(&mut self, damage: Option<String>, emit: &mut dyn FnMut(Piece)) {
        let row = std::mem::take(&mut self.row);
        let offset = self.row_start.cast_signed();
        self.begin_row();
        let text =
            String::from_utf8(row).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        let text = text.trim_end_matches(['\r', '\n']);
        if !text.trim().is_empty() || damage.is_some() {
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
        let mut splitter = CsvSplitter::new(&Limits::default());
        for part in text.as_bytes().chunks(size) {
            splitter.feed(part, &mut |piece| pieces.push(piece));
        }
        splitter.finish(&mut |piece| pieces.push(piece));
        pieces
    }

    #[test]
    fn quoted_fields_may_hold_line_breaks_and_quotes() {
        let pieces = split_in("a,b\r\n\"x\r\n\"\"y\"\"\",2\r\n\r\n3,\"\"\n", usize::MAX);
        let rows: Vec<(i64, &str)> = pieces.iter().map(|piece| (piece.offset, piece.text.as_str())).collect();
        assert_eq!(rows, [(0, "a,b"), (5, "\"x\r\n\"\"y\"\"\",2"), (21, "3,\"\"")]);
        let header = CsvHeader::parse("a,b [UTC]").unwrap();
        let object = header.object(rows[1].1).unwrap();
        assert_eq!(object.get_str("a").unwrap(), "x\r\n\"y\"");
        assert_eq!(object.get_str("b").unwrap(), "2");
        assert_eq!(header.object(rows[2].1).unwrap().len(), 1);
        assert!(header.object("1,2,3").is_err());
    }

    #[test]
    fn a_quote_never_closed_spoils_only_its_line() {
        let pieces = split_in("a,b\n1,\"x\n2,y\n3,z\n", usize::MAX);
        let rows: Vec<(&str, bool)> =
            pieces.iter().map(|piece| (piece.text.trim_end(), piece.damage.is_some())).collect();
        assert_eq!(rows, [("a,b", false), ("1,\"x", true), ("2,y", false), ("3,z", false)]);
    }

    #[test]
    fn what_is_no_header_is_refused() {
        for line in ["Jan 1 00:00:01 host sshd", "<Event>", "{\"a\":1}", ""] {
            assert_eq!(CsvHeader::parse(line), None, "{line}");
        }
        assert_eq!(CsvHeader::parse("a;b;c").unwrap().columns, ["a", "b", "c"]);
        assert_eq!(CsvHeader::parse("IPAddress").unwrap().columns, ["IPAddress"]);
    }

    proptest! {
        #[test]
        fn rows_are_the_same_whatever_the_chunk_boundaries(text in "[ab,\"\n\r]{0,60}", size in 1usize..9) {
            prop_assert_eq!(split_in(&text, size), split_in(&text, usize::MAX));
        }
    }
}
