//! Cuts a stream of JSON into records, whatever the envelope: one object a line, objects one after another, arrays, wrapper objects.

use crate::json::NESTED_FIELD;
use crate::json_scan::Scanner;
use crate::limits::{Limits, WRAPPER_DEPTH, WRAPPER_FIELDS};
use crate::readers::{FoundFields, Piece};

/// Fields of wrapper objects that hold the records.
pub const WRAPPER_KEYS: [&str; 6] = ["records", "Records", "value", "events", "Events", "data"];

/// Field of wrapper objects that may hold an object and stand before the records.
const META_KEY: &[u8] = b"meta";

/// Longest field name that can be one of [`WRAPPER_KEYS`].
const WRAPPER_KEY_BYTES: usize = 8;

/// What encloses the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Context {
    Array,
    /// The array of a wrapper object, whose other fields are skipped.
    Wrapper,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Between,
    Record,
    /// In a damaged record, looking for the line where the next one starts.
    Skip,
}

/// What may come next inside a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    KeyOrEnd,
    Key,
    Colon,
    Value,
    ValueOrEnd,
    CommaOrEnd,
    /// In a number, `true`, `false` or `null`.
    Scalar,
}

/// The splitter: fed with bytes in pieces of any size, gives the same records whatever the sizes.
///
/// Follows structure (strings, brackets, commas) closely enough to notice damage; whether numbers and literals are valid is left to
/// the parser of the record. After damage, reading resumes at a line that starts with `{`, not deeper than the damaged record began.
#[derive(Debug)]
pub struct JsonSplitter {
    record_bytes: usize,
    json_depth: usize,
    /// Offset of the next byte.
    position: u64,
    line_start: u64,
    /// Only white space on this line so far.
    line_blank: bool,
    contexts: Vec<Context>,
    mode: Mode,
    record: Vec<u8>,
    record_start: u64,
    record_column: u64,
    /// False in what follows the array of a wrapper object.
    keep: bool,
    too_long: bool,
    damage: String,
    nesting: Vec<u8>,
    expect: Expect,
    in_string: bool,
    escaped: bool,
    /// The name of the field of the record being read, up to [`WRAPPER_KEY_BYTES`].
    key: Vec<u8>,
    in_key: bool,
    fields: usize,
    only_scalars: bool,
    /// Just after the `[` that may open a wrapper's records.
    probe: bool,
}

impl JsonSplitter {
    /// A splitter at the start of a file.
    pub fn new(limits: &Limits) -> Self {
        Self {
            record_bytes: limits.record_bytes,
            json_depth: limits.json_depth,
            position: 0,
            line_start: 0,
            line_blank: true,
            contexts: Vec::new(),
            mode: Mode::Between,
            record: Vec::new(),
            record_start: 0,
            record_column: 0,
            keep: true,
            too_long: false,
            damage: String::new(),
            nesting: Vec::new(),
            expect: Expect::KeyOrEnd,
            in_string: false,
            escaped: false,
            key: Vec::new(),
            in_key: false,
            fields: 0,
            only_scalars: true,
            probe: false,
        }
    }

    /// Starts at this offset instead of 0.
    pub fn at(mut self, offset: u64) -> Self {
        self.position = offset;
        self.line_start = offset;
        self
    }

    /// Reads on, handing over each record or damage that ends in these bytes.
    pub fn feed(&mut self, input: &[u8], emit: &mut dyn FnMut(Piece)) {
        let mut at = 0;
        while at < input.len() {
            let whole = if self.mode == Mode::Between { self.whole_record(&input[at..], emit) } else { 0 };
            if whole > 0 {
                at += whole;
                continue;
            }
            let run = self.plain_run(&input[at..]);
            if run > 0 {
                at += run;
                continue;
            }
            let byte = input[at];
            match self.mode {
                Mode::Between => self.between(byte, emit),
                Mode::Record if self.in_string => self.string_byte(byte),
                Mode::Record => self.structure(byte, emit),
                Mode::Skip => self.skip(byte, emit),
            }
            self.position += 1;
            at += 1;
            match byte {
                b'\n' => (self.line_start, self.line_blank) = (self.position, true),
                b' ' | b'\t' | b'\r' => {}
                _ => self.line_blank = false,
            }
        }
    }

    /// Ends the file: what is open is damage.
    pub fn finish(&mut self, emit: &mut dyn FnMut(Piece)) {
        match self.mode {
            Mode::Record => {
                self.damage = "file ends inside a record".to_owned();
                self.emit_damage(emit);
            }
            Mode::Skip => self.emit_damage(emit),
            Mode::Between if !self.contexts.is_empty() => {
                self.record.clear();
                self.record_start = self.position;
                self.damage = "file ends inside an array of records".to_owned();
                self.emit_damage(emit);
            }
            Mode::Between => {}
        }
        self.contexts.clear();
        self.mode = Mode::Between;
    }

    /// Takes a record that is valid and whole in the input at once; returns its length, or 0. Bytes are looked at one by one only
    /// where a record is damaged, a wrapper, or cut by the end of the input, so that both ways give the same records.
    fn whole_record(&mut self, input: &[u8], emit: &mut dyn FnMut(Piece)) -> usize {
        if input.first() != Some(&b'{') {
            return 0;
        }
        let depth = self.json_depth.saturating_sub(self.contexts.len());
        let Some(found) = Scanner::new(input, depth).record(NESTED_FIELD, &WRAPPER_KEYS) else { return 0 };
        let end = found.end;
        if end > self.record_bytes {
            return 0;
        }
        let Ok(text) = std::str::from_utf8(&input[..end]) else { return 0 };
        if let Some(last_line) = memchr::memrchr(b'\n', &input[..end]) {
            self.line_start = self.position + last_line as u64 + 1;
        }
        emit(Piece {
            offset: self.position.cast_signed(),
            text: text.to_owned(),
            damage: None,
            found: Some(FoundFields::Object(found)),
        });
        self.position += end as u64;
        self.line_blank = false;
        end
    }

    /// Takes bytes that need no look one by one: the inside of a string, the rest of a line that is skipped.
    fn plain_run(&mut self, input: &[u8]) -> usize {
        let run = match self.mode {
            Mode::Record if self.in_string && !self.escaped => memchr::memchr3(b'"', b'\\', b'\n', input),
            Mode::Skip if !self.line_blank => memchr::memchr(b'\n', input),
            _ => return 0,
        };
        let run = run.unwrap_or(input.len());
        if run > 0 {
            self.store(&input[..run]);
            if self.in_key {
                let room = WRAPPER_KEY_BYTES.saturating_sub(self.key.len()) + 1;
                self.key.extend_from_slice(&input[..run.min(room)]);
            }
            self.position += run as u64;
            self.line_blank = false;
        }
        run
    }

    fn store(&mut self, bytes: &[u8]) {
        if !self.keep {
            return;
        }
        let room = self.record_bytes.saturating_sub(self.record.len());
        self.too_long |= bytes.len() > room;
        self.record.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn between(&mut self, byte: u8, emit: &mut dyn FnMut(Piece)) {
        match (byte, self.contexts.last()) {
            (b' ' | b'\t' | b'\r' | b'\n' | b',', _) => {}
            (b'{', _) => self.begin_record(),
            (b'[', _) if self.contexts.len() < WRAPPER_DEPTH => self.contexts.push(Context::Array),
            (b']', Some(Context::Array)) => drop(self.contexts.pop()),
            (b']', Some(Context::Wrapper)) => self.resume_wrapper(),
            _ => {
                self.start_piece();
                self.record_column = u64::MAX;
                self.begin_skip("text that is no JSON object, between records", byte, emit);
            }
        }
    }

    fn start_piece(&mut self) {
        self.record.clear();
        self.record_start = self.position;
        self.record_column = self.position - self.line_start;
        self.keep = true;
        self.too_long = false;
    }

    fn begin_record(&mut self) {
        self.start_piece();
        self.begin_object();
        self.expect = Expect::KeyOrEnd;
        self.store(b"{");
    }

    fn begin_object(&mut self) {
        self.mode = Mode::Record;
        self.nesting.clear();
        self.nesting.push(b'{');
        self.in_string = false;
        self.escaped = false;
        self.in_key = false;
        self.fields = 0;
        self.only_scalars = true;
        self.probe = false;
    }

    /// Goes on behind the array of a wrapper object; its other fields are no records.
    fn resume_wrapper(&mut self) {
        self.contexts.pop();
        self.start_piece();
        self.begin_object();
        self.keep = false;
        self.expect = Expect::CommaOrEnd;
    }

    /// A byte of a string that is a quote, a backslash, escaped, or a line break.
    fn string_byte(&mut self, byte: u8) {
        if byte == b'\n' {
            // A string may not hold a line break: the record was cut off.
            self.in_string = false;
            self.in_key = false;
            self.keep = true;
            self.mode = Mode::Skip;
            self.damage = "JSON is not valid: line break inside a string".to_owned();
            return;
        }
        self.store(&[byte]);
        if self.escaped {
            self.escaped = false;
        } else if byte == b'\\' {
            self.escaped = true;
        } else if byte == b'"' {
            self.in_string = false;
            self.in_key = false;
        }
    }

    /// A byte of a record outside strings.
    fn structure(&mut self, byte: u8, emit: &mut dyn FnMut(Piece)) {
        use Expect::{Colon, CommaOrEnd, Key, KeyOrEnd, Scalar, Value, ValueOrEnd};
        let white = matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        if self.expect == Scalar && (white || matches!(byte, b',' | b'}' | b']')) {
            self.expect = CommaOrEnd;
        }
        match (self.expect, byte) {
            _ if white => self.store(&[byte]),
            (Value | ValueOrEnd, b'{') if self.probe && self.contexts.len() < WRAPPER_DEPTH => {
                self.contexts.push(Context::Wrapper);
                self.begin_record();
            }
            (Value | ValueOrEnd, b'{' | b'[') => self.open(byte, emit),
            (KeyOrEnd, b'}') | (ValueOrEnd, b']') | (CommaOrEnd, b'}' | b']') => self.close(byte, emit),
            (KeyOrEnd | Key | Value | ValueOrEnd, b'"') => self.open_string(),
            (Colon, b':') => self.next(byte, Value),
            (CommaOrEnd, b',') => {
                let expect = if self.nesting.last() == Some(&b'{') { Key } else { Value };
                self.next(byte, expect);
            }
            (Value | ValueOrEnd, b'-' | b'+' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z') => {
                self.next(byte, Scalar)
            }
            (Scalar, _) => self.store(&[byte]),
            _ => self.violation(byte, emit),
        }
    }

    fn next(&mut self, byte: u8, expect: Expect) {
        self.probe = false;
        self.expect = expect;
        self.store(&[byte]);
    }

    fn open_string(&mut self) {
        self.probe = false;
        self.in_string = true;
        let is_key = matches!(self.expect, Expect::KeyOrEnd | Expect::Key);
        self.expect = if is_key { Expect::Colon } else { Expect::CommaOrEnd };
        if is_key && self.nesting.len() == 1 {
            self.in_key = true;
            self.key.clear();
            self.fields += 1;
        }
        self.store(b"\"");
    }

    fn open(&mut self, byte: u8, emit: &mut dyn FnMut(Piece)) {
        if self.nesting.len() + self.contexts.len() >= self.json_depth {
            let reason = format!("JSON is nested deeper than {}", self.json_depth);
            self.begin_skip(&reason, byte, emit);
            return;
        }
        let at_top = self.nesting.len() == 1;
        self.probe = at_top
            && byte == b'['
            && self.only_scalars
            && self.fields <= WRAPPER_FIELDS + 1
            && WRAPPER_KEYS.iter().any(|key| key.as_bytes() == self.key.as_slice());
        // SharpHound and AzureHound describe their records in `meta`, before or after them.
        self.only_scalars &= !at_top || self.key == META_KEY;
        self.nesting.push(byte);
        self.expect = if byte == b'{' { Expect::KeyOrEnd } else { Expect::ValueOrEnd };
        self.store(&[byte]);
    }

    fn close(&mut self, byte: u8, emit: &mut dyn FnMut(Piece)) {
        let opening = if byte == b'}' { b'{' } else { b'[' };
        if self.nesting.last() != Some(&opening) {
            self.violation(byte, emit);
            return;
        }
        self.nesting.pop();
        self.next(byte, Expect::CommaOrEnd);
        if !self.nesting.is_empty() {
            return;
        }
        self.mode = Mode::Between;
        if self.too_long {
            self.damage = format!("record longer than {} bytes", self.record_bytes);
            self.emit_damage(emit);
        } else if self.keep {
            let piece =
                Piece { offset: self.record_start.cast_signed(), text: self.take_text(), damage: None, found: None };
            emit(piece);
        }
    }

    /// A byte that cannot stand here. Where a line starts with `{`, that is most likely the next record.
    fn violation(&mut self, byte: u8, emit: &mut dyn FnMut(Piece)) {
        let found = if byte.is_ascii_graphic() { format!("`{}`", byte as char) } else { format!("byte 0x{byte:02x}") };
        let reason = match self.expect {
            Expect::KeyOrEnd | Expect::Key => format!("JSON is not valid: expected a field name, found {found}"),
            Expect::Colon => format!("JSON is not valid: expected a colon, found {found}"),
            Expect::Value | Expect::ValueOrEnd => format!("JSON is not valid: expected a value, found {found}"),
            Expect::CommaOrEnd | Expect::Scalar => {
                format!("JSON is not valid: expected a comma or the end, found {found}")
            }
        };
        self.begin_skip(&reason, byte, emit);
    }

    fn begin_skip(&mut self, reason: &str, byte: u8, emit: &mut dyn FnMut(Piece)) {
        reason.clone_into(&mut self.damage);
        self.keep = true;
        self.mode = Mode::Skip;
        // Only a later line can start the next record.
        if self.line_start > self.record_start {
            self.skip(byte, emit);
        } else {
            self.store(&[byte]);
        }
    }

    fn skip(&mut self, byte: u8, emit: &mut dyn FnMut(Piece)) {
        let resumes = self.line_blank
            && self.line_start > self.record_start
            && self.position - self.line_start <= self.record_column;
        match byte {
            b'{' if resumes => {
                self.emit_damage(emit);
                self.begin_record();
            }
            b']' if resumes && !self.contexts.is_empty() => {
                self.emit_damage(emit);
                self.between(byte, emit);
            }
            _ => self.store(&[byte]),
        }
    }

    fn emit_damage(&mut self, emit: &mut dyn FnMut(Piece)) {
        self.mode = Mode::Between;
        let damage = std::mem::take(&mut self.damage);
        emit(Piece {
            offset: self.record_start.cast_signed(),
            text: self.take_text(),
            damage: Some(damage),
            found: None,
        });
    }

    fn take_text(&mut self) -> String {
        let capacity = self.record.len();
        let bytes = std::mem::replace(&mut self.record, Vec::with_capacity(capacity.min(1 << 16)));
        String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split_in(text: &[u8], sizes: &[usize]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut splitter = JsonSplitter::new(&Limits { json_depth: 16, record_bytes: 200, ..Limits::default() });
        let (mut rest, mut sizes) = (text, sizes.iter().cycle());
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(sizes.next().copied().unwrap_or(usize::MAX).max(1)));
            splitter.feed(now, &mut |piece| pieces.push(piece));
            rest = later;
        }
        splitter.finish(&mut |piece| pieces.push(piece));
        pieces
    }

    /// The records as `offset:text`, damage as `offset!reason`.
    fn split(text: &str) -> Vec<String> {
        split_in(text.as_bytes(), &[usize::MAX])
            .into_iter()
            .map(|piece| match piece.damage {
                Some(reason) => format!("{}!{reason}", piece.offset),
                None => format!("{}:{}", piece.offset, piece.text),
            })
            .collect()
    }

    #[test]
    fn every_envelope_gives_its_records() {
        let cases: &[(&str, &[&str])] = &[
            ("{\"a\":1}\r\n{\"a\":2}\n", &["0:{\"a\":1}", "9:{\"a\":2}"]),
            ("{\"a\":1}{\"a\":{}},{\"b\":[]}", &["0:{\"a\":1}", "7:{\"a\":{}}", "16:{\"b\":[]}"]),
            ("[{\"a\":1},\n {\"a\":2}]", &["1:{\"a\":1}", "11:{\"a\":2}"]),
            (
                "{\"records\":[{\"a\":1},{\"a\":2}]}\n{\"records\":[{\"a\":3}]}",
                &["12:{\"a\":1}", "20:{\"a\":2}", "42:{\"a\":3}"],
            ),
            ("[{\"Records\":[{\"a\":1}]}]", &["13:{\"a\":1}"]),
            ("{\"@odata.context\":\"x\",\"value\":[{\"a\":1}],\"n\":{\"b\":[{}]}}", &["31:{\"a\":1}"]),
            ("{\"value\":[1,2]}", &["0:{\"value\":[1,2]}"]),
            ("{\"a\":{},\"value\":[{}]}", &["0:{\"a\":{},\"value\":[{}]}"]),
            ("{\"meta\":{\"type\":\"users\"},\"data\":[{\"a\":1}]}", &["33:{\"a\":1}"]),
            ("{\"data\":[]}", &["0:{\"data\":[]}"]),
            ("{\"x\":{\"data\":[{}]}}", &["0:{\"x\":{\"data\":[{}]}}"]),
        ];
        for (text, expected) in cases {
            assert_eq!(split(text), *expected, "{text}");
        }
    }

    #[test]
    fn after_damage_reading_resumes_at_the_next_record() {
        let cases: &[(&str, &[&str])] = &[
            ("{\"a\":\"x\n{\"b\":1}\n", &["0!JSON is not valid: line break inside a string", "8:{\"b\":1}"]),
            ("{\"a\":1,\n{\"b\":1}", &["0!JSON is not valid: expected a field name, found `{`", "8:{\"b\":1}"]),
            (
                "{\"a\":{\"c\":1}\n{\"b\":1}",
                &["0!JSON is not valid: expected a comma or the end, found `{`", "13:{\"b\":1}"],
            ),
            ("{\"a\" 1} {\"c\":2}\n{\"b\":1}", &["0!JSON is not valid: expected a colon, found `1`", "16:{\"b\":1}"]),
            (
                "junk\n{\"b\":1}\n}\n{\"c\":1}",
                &[
                    "0!text that is no JSON object, between records",
                    "5:{\"b\":1}",
                    "13!text that is no JSON object, between records",
                    "15:{\"c\":1}",
                ],
            ),
            (
                "[\n  {\n    \"a\": x!\n    {\n  },\n  {\"b\":1}\n]",
                &["4!JSON is not valid: expected a comma or the end, found `{`", "31:{\"b\":1}"],
            ),
            ("{\"b\":1}\n{\"a\":", &["0:{\"b\":1}", "8!file ends inside a record"]),
            ("[{\"b\":1},", &["1:{\"b\":1}", "9!file ends inside an array of records"]),
        ];
        for (text, expected) in cases {
            assert_eq!(split(text), *expected, "{text}");
        }
    }

    #[test]
    fn long_and_deep_records_are_damage_and_the_next_is_read() {
        let long = format!("{{\"a\":\"{}\"}}\n{{\"b\":1}}", "x".repeat(300));
        assert_eq!(split(&long), ["0!record longer than 200 bytes", "309:{\"b\":1}"]);
        let deep = format!("{{\"a\":{}\n{{\"b\":1}}", "[".repeat(40));
        assert_eq!(split(&deep), ["0!JSON is nested deeper than 16", "46:{\"b\":1}"]);
    }

    proptest! {
        #[test]
        fn records_are_the_same_whatever_the_chunk_boundaries(
            text in proptest::collection::vec(
                prop_oneof![
                    Just("{"), Just("}"), Just("["), Just("]"), Just(","), Just(":"), Just("\""), Just("\\"), Just("\n"), Just(" "),
                    Just("\"a\""), Just("{\"a\":1}"), Just("{\"value\":["), Just("{\"records\":[{"), Just("x"), Just("12"), Just("é")
                ],
                0..60
            ),
            sizes in proptest::collection::vec(1usize..9, 1..6)
        ) {
            let text = text.concat();
            prop_assert_eq!(split_in(text.as_bytes(), &sizes), split_in(text.as_bytes(), &[usize::MAX]));
        }

        #[test]
        fn valid_objects_come_out_as_they_went_in(
            values in proptest::collection::vec(("[a-z\"\\\\\n]{0,8}", any::<i32>()), 0..12),
            pretty in any::<bool>(),
            sizes in proptest::collection::vec(1usize..40, 1..6)
        ) {
            let objects: Vec<serde_json::Value> = values.iter().map(|(key, number)| serde_json::json!({ key: [number], "k": key })).collect();
            let texts: Vec<String> = objects
                .iter()
                .map(|object| if pretty { serde_json::to_string_pretty(object) } else { serde_json::to_string(object) }.unwrap())
                .collect();
            let lines = split_in(texts.join("\n").as_bytes(), &sizes);
            prop_assert!(lines.iter().all(|piece| piece.damage.is_none()));
            prop_assert_eq!(lines.into_iter().map(|piece| piece.text).collect::<Vec<_>>(), texts.clone());
            let array = split_in(format!("[{}]", texts.join(",")).as_bytes(), &sizes);
            prop_assert_eq!(array.into_iter().map(|piece| piece.text).collect::<Vec<_>>(), texts);
        }
    }
}
