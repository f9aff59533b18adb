//! A JSON array of records, or a single one.

use crate::intake::Records;
use crate::json::NESTED_FIELD;
use crate::json_scan::{Found, Scanner};
use crate::limits::{JSON_DEPTH, LIVE_RECORDS, RESUME_PLACES, RESUME_RATIO};

/// A byte order mark.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Most bytes of what is no record that a damaged part keeps for `IngestionErrors`; such a body is refused anyway.
const DAMAGE_BYTES: usize = 1 << 20;

/// Where the text of an array is no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Which element it is in, from 0.
    pub element: usize,
    /// The byte at which the element begins.
    pub byte: usize,
    /// What is wrong.
    pub reason: String,
}

/// The records of a body that is an array of objects.
///
/// Elements that are no objects are damaged records. Where the text is no JSON, the records before are kept, the damaged part is one
/// damaged record, and reading resumes at the first place from which the rest is an array's end, which no nested array can be.
#[derive(Debug, Default)]
pub struct JsonArray {
    /// The records.
    pub records: Records,
    /// Where the text is no JSON.
    pub damage: Option<Damage>,
}

impl JsonArray {
    /// Reads an array.
    pub fn parse(body: &[u8]) -> Self {
        Self::read(body, false)
    }

    /// Reads an array, or one object as an array of itself.
    pub fn parse_one_or_many(body: &[u8]) -> Self {
        Self::read(body, true)
    }

    fn read(body: &[u8], one: bool) -> Self {
        let body = body.strip_prefix(MARK).unwrap_or(body);
        let mut reader = Reader { body, at: 0, array: Self::default(), looked_at: 0, tried: 0 };
        reader.skip_white();
        match reader.peek() {
            Some(b'[') => {
                reader.at += 1;
                reader.elements();
            }
            Some(b'{') if one => reader.single(),
            _ => reader.damaged(0, "the body is no JSON array", body.len()),
        }
        reader.array
    }
}

struct Reader<'b> {
    body: &'b [u8],
    at: usize,
    array: JsonArray,
    /// Bytes and places looked at to find where reading resumes.
    looked_at: usize,
    tried: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.body.get(self.at).copied()
    }

    fn skip_white(&mut self) {
        self.at = skip_white(self.body, self.at);
    }

    /// A body that is one object.
    fn single(&mut self) {
        match self.element(self.at) {
            Ok(()) => self.end_of_body(),
            Err(fault) => self.damaged(self.at, &fault.reason, self.body.len()),
        }
    }

    /// The elements, from behind the opening bracket to the end of the body.
    fn elements(&mut self) {
        self.skip_white();
        let mut is_open = self.peek() != Some(b']');
        self.at += usize::from(!is_open);
        loop {
            self.skip_white();
            if !is_open && self.at == self.body.len() {
                return;
            }
            if self.array.records.len() >= LIVE_RECORDS {
                return self.damaged(self.at, &format!("more than {LIVE_RECORDS} records"), self.body.len());
            }
            let fault = if is_open {
                match self.element(self.at).and_then(|()| self.separator()) {
                    Ok(more) => {
                        is_open = more;
                        continue;
                    }
                    Err(fault) => fault,
                }
            } else {
                Fault { reason: "text after the end of the array".to_owned(), at_end: false }
            };
            // An element that was read stays; what follows it is damaged. In a body that was cut off nothing follows.
            let resumed = if fault.at_end { None } else { self.resume_place(self.at) };
            self.damaged(self.at, &fault.reason, resumed.unwrap_or(self.body.len()));
            if resumed.is_none() {
                return;
            }
            is_open = true;
        }
    }

    /// Reads the element that starts here.
    fn element(&mut self, start: usize) -> Result<(), Fault> {
        let rest = self.body.get(start..).unwrap_or_default();
        if rest.first() == Some(&b'{') {
            let found = scan(rest).ok_or_else(|| why_no_object(rest))?;
            let end = start + found.end;
            match std::str::from_utf8(&self.body[start..end]) {
                Ok(text) => {
                    self.array.records.push_found(text, found);
                    self.at = end;
                }
                // Where it ends is certain, so that it costs only itself.
                Err(_) => self.damaged(start, "text that is no UTF-8", end),
            }
            return Ok(());
        }
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<serde::de::IgnoredAny>();
        match values.next() {
            Some(Ok(_)) => {
                self.at = start + values.byte_offset();
                let text = String::from_utf8_lossy(&self.body[start..self.at]);
                self.array.records.push_damage(&text, "element of the array is no object");
                Ok(())
            }
            Some(Err(error)) => Err(Fault::of(&error)),
            None => Err(Fault::cut_off()),
        }
    }

    /// Whether another element follows; the end of the array was taken otherwise.
    fn separator(&mut self) -> Result<bool, Fault> {
        self.skip_white();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(b']') => {
                self.at += 1;
                Ok(false)
            }
            Some(_) => {
                let reason = "expected a comma or the end of the array".to_owned();
                Err(Fault { reason, at_end: false })
            }
            None => Err(Fault::cut_off()),
        }
    }

    fn end_of_body(&mut self) {
        self.skip_white();
        if self.at < self.body.len() {
            self.damaged(self.at, "text after the end of the array", self.body.len());
        }
    }

    /// Takes the body from here to there as damaged, and goes on there.
    fn damaged(&mut self, from: usize, reason: &str, to: usize) {
        let element = self.array.records.len();
        let text = String::from_utf8_lossy(&self.body[from..to.min(from + DAMAGE_BYTES)]);
        // Where a comma is missing, no record is damaged.
        if to > from || self.body.is_empty() {
            let reason = format!("JSON is not valid: element {element}, byte {from}: {reason}");
            self.array.records.push_damage(&text, reason);
        }
        let first = Damage { element, byte: from, reason: reason.to_owned() };
        self.array.damage.get_or_insert(first);
        self.at = to;
    }

    /// The first object behind this place from which the rest of the body is the end of an array of objects.
    fn resume_place(&mut self, from: usize) -> Option<usize> {
        let mut next = from;
        while self.tried < RESUME_PLACES && self.looked_at < self.body.len().saturating_mul(RESUME_RATIO) {
            let place = next + memchr::memchr(b'{', self.body.get(next..)?)?;
            next = place + 1;
            self.tried += 1;
            let (ends, bytes) = ends_array(&self.body[place..]);
            self.looked_at += bytes;
            if ends {
                return Some(place);
            }
        }
        None
    }
}

fn skip_white(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count()
}

/// The object that starts here.
fn scan(bytes: &[u8]) -> Option<Found> {
    Scanner::new(bytes, JSON_DEPTH).record(NESTED_FIELD, &[])
}

/// Whether the text is objects with commas between them, a closing bracket, and nothing more; and how far it was looked at.
fn ends_array(bytes: &[u8]) -> (bool, usize) {
    let mut at = 0;
    loop {
        at = skip_white(bytes, at);
        let Some(found) = scan(&bytes[at..]) else { return (false, at + 1) };
        at = skip_white(bytes, at + found.end);
        match bytes.get(at) {
            Some(b',') => at += 1,
            Some(b']') => return (skip_white(bytes, at + 1) == bytes.len(), at),
            _ => return (false, at),
        }
    }
}

/// Why an element cannot be read.
struct Fault {
    reason: String,
    /// The body ends in it.
    at_end: bool,
}

impl Fault {
    fn cut_off() -> Self {
        Self { reason: "the array does not end".to_owned(), at_end: true }
    }

    /// What the parser says, without its own count of lines.
    fn of(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let reason = text.split(" at line ").next().unwrap_or(&text).to_owned();
        Self { reason, at_end: error.is_eof() }
    }
}

fn why_no_object(bytes: &[u8]) -> Fault {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter::<serde::de::IgnoredAny>();
    match values.next() {
        Some(Err(error)) => Fault::of(&error),
        _ => Fault { reason: format!("JSON is nested deeper than {JSON_DEPTH}"), at_end: false },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The records as their text, damaged ones as `!` and the text.
    fn read(body: &[u8]) -> (Vec<String>, Option<Damage>) {
        let array = JsonArray::parse(body);
        let shown = array.records.iter().map(|(text, damage)| match damage {
            Some(_) => format!("!{text}"),
            None => text.to_owned(),
        });
        (shown.collect(), array.damage)
    }

    #[test]
    fn elements_are_records_and_others_than_objects_are_damaged() {
        let (records, damage) = read(b"\xEF\xBB\xBF [ {\"a\":1} , 7, {\"b\":[{}]},\"x\" ]\n");
        assert_eq!(records, ["{\"a\":1}", "!7", "{\"b\":[{}]}", "!\"x\""]);
        assert_eq!(damage, None);
        assert_eq!(read(b"[]"), (vec![], None));
        assert_eq!(JsonArray::parse_one_or_many(b" {\"a\":1} ").records.len(), 1);
    }

    #[test]
    fn what_is_no_array_is_damage_as_a_whole() {
        for body in ["", "{}", "null", "<xml/>"] {
            let (records, damage) = read(body.as_bytes());
            assert_eq!(records, [format!("!{body}")]);
            assert!(damage.is_some_and(|damage| damage.reason == "the body is no JSON array"));
        }
        assert!(JsonArray::parse_one_or_many(b"{\"a\":1} x").damage.is_some());
    }

    #[test]
    fn records_before_and_behind_a_damaged_one_are_kept() {
        let (records, damage) = read(br#"[{"a":1},{"a":[{"x":1},{"y":2}],"b":tru},{"a":3},{"a":4}]"#);
        assert_eq!(records, ["{\"a\":1}", r#"!{"a":[{"x":1},{"y":2}],"b":tru},"#, "{\"a\":3}", "{\"a\":4}"]);
        let damage = damage.unwrap();
        assert_eq!((damage.element, damage.byte), (1, 9));
        let (records, _) = read(b"[{\"a\":1},{\"a\":\"\xFF\"},{\"a\":3}]");
        assert_eq!(records, ["{\"a\":1}", "!{\"a\":\"\u{FFFD}\"}", "{\"a\":3}"]);
        assert_eq!(read(b"[{\"a\":1},{\"a\":2").0, ["{\"a\":1}", "!{\"a\":2"]);
    }

    /// Three records, of which the middle one is long.
    const BATCH: &str =
        r#"[{"Id":"first","N":1},{"Id":"second","Nested":{"list":[{"Id":"x"},{"Id":"y"}]},"T":"a,b"},{"Id":"third"}]"#;

    #[test]
    fn a_byte_damaged_anywhere_costs_no_record_that_it_is_not_in() {
        let whole: Vec<String> = read(BATCH.as_bytes()).0;
        let mut starts = Vec::new();
        for record in &whole {
            let start = BATCH.find(record.as_str()).unwrap();
            starts.push(start..start + record.len());
        }
        for place in 0..BATCH.len() {
            for byte in [b'\0', b'"', b'{', b'}', b']', b',', b'x', 0xFF] {
                let mut body = BATCH.as_bytes().to_vec();
                body[place] = byte;
                let (records, _) = read(&body);
                if place == 0 && byte != b'[' {
                    continue;
                }
                for (record, span) in whole.iter().zip(&starts) {
                    // The comma or bracket behind a record belongs to both.
                    let is_hit = span.contains(&place);
                    assert!(
                        is_hit || records.contains(record),
                        "byte {place} as {byte:#x} costs {record}: {records:?}"
                    );
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_valid_array_gives_its_objects(values in proptest::collection::vec("[a-z\"\\\\{}\\[\\],é]{0,8}", 0..6)) {
            let objects: Vec<String> =
                values.iter().map(|value| serde_json::json!({"v": value, "n": [{"v": value}]}).to_string()).collect();
            let (records, damage) = read(format!("[{}]", objects.join(" , ")).as_bytes());
            prop_assert_eq!(records, objects);
            prop_assert!(damage.is_none());
        }

        #[test]
        fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let array = JsonArray::parse(&body);
            let whole = array.damage.is_none();
            prop_assert_eq!(whole, serde_json::from_slice::<Vec<serde::de::IgnoredAny>>(body.strip_prefix(MARK).unwrap_or(&body)).is_ok());
        }
    }
}
