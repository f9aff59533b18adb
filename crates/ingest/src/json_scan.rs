//! Checks JSON text in one pass and finds the fields of an object on the way, those of one nested object included.

use std::borrow::Cow;

use crate::json::{Fields, JsonObject, JsonValue, unescape};

/// Fields that room is made for at once: records of the cloud have about this many, on each of their two levels.
const USUAL_FIELDS: usize = 48;

/// Each byte of a word set to one.
const ONES: u64 = 0x0101_0101_0101_0101;

/// The high bit of each byte of a word.
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Bytes looked at together.
const WORD: usize = 8;

/// Where a field of an object stands in its text.
#[derive(Debug, Clone, Copy)]
struct Span {
    key_start: u32,
    key_bytes: u32,
    start: u32,
    end: u32,
    escaped: bool,
}

impl Span {
    fn new(key_start: usize, key_bytes: usize, escaped: bool, start: usize, end: usize) -> Option<Self> {
        let small = |place: usize| u32::try_from(place).ok();
        Some(Self {
            key_start: small(key_start)?,
            key_bytes: small(key_bytes)?,
            start: small(start)?,
            end: small(end)?,
            escaped,
        })
    }

    /// The field, of this text.
    fn field<'t>(&self, text: &'t str) -> Option<(Cow<'t, str>, JsonValue<'t>)> {
        let name = text.get(self.key_start as usize..(self.key_start + self.key_bytes) as usize)?;
        let name = if self.escaped { Cow::Owned(unescape(name)) } else { Cow::Borrowed(name) };
        Some((name, JsonValue::Json(text.get(self.start as usize..self.end as usize)?)))
    }
}

/// What was found in the text of an object that is valid.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    fields: Vec<Span>,
    /// Place of the nested object's field, and its fields.
    nested: Option<(usize, Vec<Span>)>,
    compact: bool,
    /// Length of the text.
    pub end: usize,
}

impl Found {
    /// The object, of the text that was scanned.
    pub fn object<'t>(&self, text: &'t str) -> Option<JsonObject<'t>> {
        let fields = |spans: &[Span]| spans.iter().map(|span| span.field(text)).collect::<Option<Fields<'t>>>();
        let nested = match &self.nested {
            Some((place, spans)) => Some((*place, fields(spans)?)),
            None => None,
        };
        Some(JsonObject::scanned(fields(&self.fields)?, nested, self.compact))
    }
}

/// A place in JSON text.
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// White space was met between tokens.
    spaced: bool,
    /// Deepest nesting.
    depth: usize,
}

impl<'a> Scanner<'a> {
    /// At the start of the text, with this many levels of nesting allowed.
    pub fn new(bytes: &'a [u8], depth: usize) -> Self {
        Self { bytes, at: 0, spaced: false, depth }
    }

    /// Reads the whole text as one object; `None` when it is not valid, for which the caller has the better words. Fields of the object
    /// in the field `nested` are found too.
    pub fn object(mut self, nested: &str) -> Option<Found> {
        self.skip_white();
        let found = self.found(nested, &[])?;
        self.skip_white();
        (self.at == self.bytes.len()).then_some(found)
    }

    /// Finds the fields of the valid object that starts here; `None` when there is none, or when it may be the wrapper of others: an
    /// array in a field of one of these names.
    pub fn record(mut self, nested: &str, wrapper_keys: &[&str]) -> Option<Found> {
        self.found(nested, wrapper_keys)
    }

    fn found(&mut self, nested: &str, wrapper_keys: &[&str]) -> Option<Found> {
        let mut inner = None;
        let fields = self.fields(nested, wrapper_keys, &mut inner, 1)?;
        Some(Found { fields, nested: inner, compact: !self.spaced, end: self.at })
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_white(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.spaced = true;
            self.at += 1;
        }
    }

    /// Takes this byte.
    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    /// The fields of the object that starts here; those of the object in the field `nested` go to `inner`.
    fn fields(
        &mut self,
        nested: &str,
        wrapper_keys: &[&str],
        inner: &mut Option<(usize, Vec<Span>)>,
        depth: usize,
    ) -> Option<Vec<Span>> {
        self.expect(b'{')?;
        let mut fields = Vec::with_capacity(USUAL_FIELDS);
        self.skip_white();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Some(fields);
        }
        loop {
            let key_start = self.at + 1;
            let escaped = self.skip_string()?;
            let key = &self.bytes[key_start..self.at - 1];
            self.skip_white();
            self.expect(b':')?;
            self.skip_white();
            let first = self.peek();
            if first == Some(b'[') && wrapper_keys.iter().any(|name| name.as_bytes() == key) {
                return None;
            }
            let start = self.at;
            let is_nested = first == Some(b'{') && !nested.is_empty() && inner.is_none() && key == nested.as_bytes();
            if is_nested && depth < self.depth {
                *inner = Some((fields.len(), self.fields("", &[], &mut None, depth + 1)?));
            } else {
                self.skip_value(depth)?;
            }
            fields.push(Span::new(key_start, key.len(), escaped, start, self.at)?);
            if !self.next_element(b'}')? {
                return Some(fields);
            }
        }
    }

    /// After an element: whether another follows (and then stands before it), or the end was taken.
    fn next_element(&mut self, end: u8) -> Option<bool> {
        self.skip_white();
        let byte = self.peek()?;
        self.at += 1;
        match byte {
            b',' => {
                self.skip_white();
                Some(true)
            }
            byte if byte == end => Some(false),
            _ => None,
        }
    }

    fn skip_value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' => self.skip_string().map(drop),
            b'{' if depth < self.depth => self.skip_object(depth + 1),
            b'[' if depth < self.depth => self.skip_array(depth + 1),
            b't' => self.skip_word("true"),
            b'f' => self.skip_word("false"),
            b'n' => self.skip_word("null"),
            b'-' | b'0'..=b'9' => self.skip_number(),
            _ => None,
        }
    }

    fn skip_object(&mut self, depth: usize) -> Option<()> {
        self.at += 1;
        self.skip_white();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Some(());
        }
        loop {
            self.skip_string()?;
            self.skip_white();
            self.expect(b':')?;
            self.skip_white();
            self.skip_value(depth)?;
            if !self.next_element(b'}')? {
                return Some(());
            }
        }
    }

    fn skip_array(&mut self, depth: usize) -> Option<()> {
        self.at += 1;
        self.skip_white();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Some(());
        }
        loop {
            self.skip_value(depth)?;
            if !self.next_element(b']')? {
                return Some(());
            }
        }
    }

    fn skip_word(&mut self, word: &str) -> Option<()> {
        self.bytes[self.at..].starts_with(word.as_bytes()).then(|| self.at += word.len())
    }

    fn skip_digits(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn skip_number(&mut self) -> Option<()> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.skip_digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.skip_digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.skip_digits()?;
        }
        Some(())
    }

    /// Goes behind the string that starts here; says whether it has escapes.
    fn skip_string(&mut self) -> Option<bool> {
        self.expect(b'"')?;
        let bytes = self.bytes;
        let mut escaped = false;
        loop {
            self.at = special_byte(bytes, self.at)?;
            match bytes[self.at] {
                b'"' => {
                    self.at += 1;
                    return Some(escaped);
                }
                b'\\' => {
                    escaped = true;
                    self.at += self.escape_bytes()?;
                }
                // Control characters stand in strings as escapes only.
                _ => return None,
            }
        }
    }

    /// Length of the escape that starts here.
    fn escape_bytes(&self) -> Option<usize> {
        let rest = &self.bytes[self.at + 1..];
        match rest.first()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
            b'u' => rest.get(1..5)?.iter().all(u8::is_ascii_hexdigit).then_some(6),
            _ => None,
        }
    }
}

/// The next quote, backslash or control character.
fn special_byte(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(word) = bytes.get(at..at + WORD).and_then(|word| <[u8; WORD]>::try_from(word).ok()) {
        let word = u64::from_le_bytes(word);
        // A byte less than the one subtracted borrows into its high bit; the lowest bit found is always right.
        let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word & HIGHS;
        let found =
            below(word, 0x20) | below(word ^ (ONES * u64::from(b'"')), 1) | below(word ^ (ONES * u64::from(b'\\')), 1);
        if found != 0 {
            return Some(at + (found.trailing_zeros() / 8) as usize);
        }
        at += WORD;
    }
    let rest = bytes.get(at..)?;
    rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F)).map(|found| at + found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limits::JSON_DEPTH;

    fn object<'a>(text: &'a str, nested: &str) -> Option<JsonObject<'a>> {
        Scanner::new(text.as_bytes(), JSON_DEPTH).object(nested)?.object(text)
    }

    fn record(text: &str) -> Option<usize> {
        Scanner::new(text.as_bytes(), JSON_DEPTH).record("", &["value"]).map(|found| found.end)
    }

    #[test]
    fn fields_of_the_object_and_of_the_nested_one_are_found() {
        let text = r#"{"a":1,"properties":{"b":"x\"y","c":[{"d":null}]},"e":-1.5e+3}"#;
        let object = object(text, "properties").unwrap();
        assert_eq!(object, JsonObject::parse(text).unwrap());
        let inner = object.object("properties").unwrap();
        assert_eq!(inner.get("c").unwrap().to_json(), r#"[{"d":null}]"#);
        assert_eq!(inner.get_str("b").unwrap(), "x\"y");
    }

    #[test]
    fn a_record_ends_with_its_brace_and_a_wrapper_is_none() {
        assert_eq!(record("{\"a\":[1]},{\"b\":2}"), Some(9));
        assert_eq!(record("{}"), Some(2));
        assert_eq!(record("{\"a\":1,\"value\":[{}]}"), None);
        assert_eq!(record("{\"a\":{\"value\":[{}]}}"), Some(20));
    }

    #[test]
    fn what_is_no_valid_object_is_not_read() {
        let texts = [
            "",
            "{",
            "[]",
            "{}x",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":01}",
            "{\"a\":1.}",
            "{\"a\":\"\n\"}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\u12\"}",
            "{\"a\":tru}",
            "{\"a\":1 2}",
            "{\"a\":[1,]}",
            "{\"a\":-}",
            "{a:1}",
        ];
        for text in texts {
            assert!(object(text, "").is_none() && record(text) != Some(text.len()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_valid_is_what_serde_takes(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("{"), Just("}"), Just("["), Just("]"), Just(","), Just(":"), Just("\"a\""), Just("\"\\u00e9\\n\""),
                    Just("\"\\"), Just(" "), Just("1"), Just("-0.5e7"), Just("0"), Just("true"), Just("null"), Just("é"),
                    Just("{\"a\":"), Just("\"a long string of more than a word\""), Just("\t")
                ],
                0..12
            )
        ) {
            let text = parts.concat();
            let valid = text.trim_start().starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            prop_assert_eq!(object(&text, "a").is_some(), valid, "{}", &text);
            let whole = text.starts_with('{') && valid;
            prop_assert!(!whole || record(&text) == Some(text.trim_end().len()), "{}", &text);
            if let Some(end) = record(&text) {
                prop_assert!(serde_json::from_str::<serde::de::IgnoredAny>(&text[..end]).is_ok(), "{}", &text);
            }
        }
    }
}
