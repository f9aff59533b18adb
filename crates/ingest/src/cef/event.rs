//! A CEF event taken apart: its header and its extension.

use std::borrow::Cow;

/// Fields of the header after the version.
const HEADER_FIELDS: usize = 6;

/// Longest key of an extension, in bytes.
const KEY_BYTES: usize = 128;

/// A CEF event. Values are without escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CefEvent<'a> {
    pub vendor: Cow<'a, str>,
    pub product: Cow<'a, str>,
    pub version: Cow<'a, str>,
    /// The type of the event.
    pub class: Cow<'a, str>,
    pub name: Cow<'a, str>,
    pub severity: Cow<'a, str>,
    /// Keys and values in order; a key may come more than once.
    pub extension: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> CefEvent<'a> {
    /// Takes apart what follows the version. The number of header fields found, when some are missing.
    pub fn parse(fields: &'a str) -> Result<Self, usize> {
        let mut rest = fields;
        let mut header: [&str; HEADER_FIELDS] = [""; HEADER_FIELDS];
        for (index, field) in header.iter_mut().enumerate() {
            let last = index + 1 == HEADER_FIELDS;
            match separator(rest) {
                Some(end) => (*field, rest) = (&rest[..end], &rest[end + 1..]),
                // An event without an extension may end with its severity.
                None if last && !rest.trim().is_empty() => (*field, rest) = (rest, ""),
                None => return Err(index + usize::from(!rest.is_empty())),
            }
        }
        let [vendor, product, version, class, name, severity] = header.map(|field| unescape(field.trim()));
        Ok(Self { vendor, product, version, class, name, severity, extension: extension(rest) })
    }

    /// The value of this key; `None` where it is empty.
    pub fn get(&self, key: &str) -> Option<&str> {
        let value = self.extension.iter().find(|(name, _)| *name == key).map(|(_, value)| value.as_ref());
        value.filter(|value| !value.is_empty())
    }
}

/// The next `|` without a backslash before it.
fn separator(text: &str) -> Option<usize> {
    memchr::memchr_iter(b'|', text.as_bytes()).find(|at| !is_escaped(text.as_bytes(), *at))
}

/// Whether an odd number of backslashes stands before this place.
fn is_escaped(bytes: &[u8], at: usize) -> bool {
    bytes[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// Keys and values. A value ends before the next word that is followed by `=`; it may hold blanks.
fn extension(text: &str) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    let bytes = text.as_bytes();
    let mut pairs: Vec<(&str, usize, usize)> = Vec::new();
    for at in memchr::memchr_iter(b'=', bytes) {
        let floor = pairs.last().map_or(0, |(_, value, _)| *value);
        let Some(start) = key_start(bytes, floor, at) else { continue };
        if let Some(pair) = pairs.last_mut() {
            pair.2 = start;
        }
        pairs.push((&text[start..at], at + 1, text.len()));
    }
    pairs.into_iter().map(|(key, from, to)| (Cow::Borrowed(key), unescape(text[from..to].trim()))).collect()
}

/// Where the key that ends before `=` begins; `None` when this `=` belongs to a value.
fn key_start(bytes: &[u8], floor: usize, equals: usize) -> Option<usize> {
    let is_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'[' | b']');
    let length = bytes[floor..equals].iter().rev().take(KEY_BYTES + 1).take_while(|byte| is_key(byte)).count();
    let start = equals - length;
    let begins_word = start == 0 || bytes[start - 1].is_ascii_whitespace();
    let is_name = bytes.get(start).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    ((1..=KEY_BYTES).contains(&length) && begins_word && is_name).then_some(start)
}

/// Takes escapes out: those of CEF, `\:` as Microsoft's sensors write it, and literal `\r\n`. Other backslashes stay.
fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some(escaped @ ('\\' | '=' | '|' | ':')) => plain.push(escaped),
            Some(other) => plain.extend(['\\', other]),
            None => plain.push('\\'),
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_and_extension_are_taken_apart() {
        let event = CefEvent::parse(r"V\|1|P|1.0|cl\\ass|The name|5| a=1 msg=x y z  b= c=d\=e f\\").unwrap();
        assert_eq!((event.vendor.as_ref(), event.class.as_ref(), event.severity.as_ref()), ("V|1", r"cl\ass", "5"));
        let extension: Vec<(&str, &str)> =
            event.extension.iter().map(|(key, value)| (key.as_ref(), value.as_ref())).collect();
        assert_eq!(extension, [("a", "1"), ("msg", "x y z"), ("b", ""), ("c", r"d=e f\")]);
        assert_eq!(event.get("msg"), Some("x y z"));
        assert_eq!(event.get("b"), None);
    }

    #[test]
    fn equals_signs_of_values_start_no_key() {
        let event =
            CefEvent::parse(r#"V|P|1|c|n|5|request=https://x/?a=b&c=d cs2=<Resource ID\="x="/> url=https\://y/?q\=1"#);
        let event = event.unwrap();
        assert_eq!(event.get("request"), Some("https://x/?a=b&c=d"));
        assert_eq!(event.get("cs2"), Some(r#"<Resource ID="x="/>"#));
        assert_eq!(event.get("url"), Some("https://y/?q=1"));
    }

    #[test]
    fn line_breaks_are_read_and_other_backslashes_stay() {
        let event = CefEvent::parse(r"V|P|1|c|n|5|msg=one:\r\ntwo path=C:\\Users\alice end\").unwrap();
        assert_eq!(event.get("msg"), Some("one:\r\ntwo"));
        assert_eq!(event.get("path"), Some(r"C:\Users\alice end\"));
    }

    #[test]
    fn missing_fields_are_counted() {
        assert_eq!(CefEvent::parse("V|P"), Err(2));
        assert_eq!(CefEvent::parse("V|P|1|c|n"), Err(5));
        assert_eq!(CefEvent::parse(""), Err(0));
        assert_eq!(CefEvent::parse("V|P|1|c|n|5").map(|event| event.extension.len()), Ok(0));
    }
}
