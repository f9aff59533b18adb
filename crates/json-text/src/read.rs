//! Reading parts of a JSON text.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::scan::{Kind, kind, skip_blanks, skip_string, skip_value};

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Step {
    /// A property of a bag.
    Key(String),
    /// An element of an array; negative counts from the end.
    Index(i64),
}

/// Whether a text is JSON, and its JSON text without blanks around; `None` for JSON's `null` and other texts.
pub fn parse(text: &str) -> Option<&str> {
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    let is_candidate = matches!(text.as_bytes().first(), Some(b'{' | b'[' | b'"' | b't' | b'f' | b'-' | b'0'..=b'9'));
    (is_candidate && serde_json::from_str::<IgnoredAny>(text).is_ok()).then_some(text)
}

/// The property of a bag.
pub fn get_key<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    entries(json).find(|(name, _)| is_name(name, key)).map(|(_, value)| value)
}

pub(crate) fn is_name(quoted: &str, key: &str) -> bool {
    match quoted.get(1..quoted.len().saturating_sub(1)) {
        Some(inner) if !inner.contains('\\') => inner == key,
        _ => unquote(quoted) == key,
    }
}

/// The element of an array; a negative index counts from the end.
pub fn get_index(json: &str, index: i64) -> Option<&str> {
    let index = if index < 0 { index.checked_add(i64::try_from(elements(json).count()).ok()?)? } else { index };
    elements(json).nth(usize::try_from(index).ok()?)
}

/// The value at the end of a path.
pub fn get_path<'a>(json: &'a str, path: &[Step]) -> Option<&'a str> {
    path.iter().try_fold(json, |json, step| match step {
        Step::Key(key) => get_key(json, key),
        Step::Index(index) => get_index(json, *index),
    })
}

/// The elements of an array, as JSON texts; none for anything else.
pub fn elements(json: &str) -> Elements<'_> {
    Elements { items: Items::new(json, Kind::Array) }
}

/// The properties of a bag: quoted names and JSON texts; none for anything else.
pub fn entries(json: &str) -> Entries<'_> {
    Entries { items: Items::new(json, Kind::Bag) }
}

/// The elements of an array.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    items: Items<'a>,
}

/// The properties of a bag.
#[derive(Debug, Clone)]
pub struct Entries<'a> {
    items: Items<'a>,
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.items.separator()?;
        self.items.value()
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        self.items.separator()?;
        let name = self.items.name()?;
        Some((name, self.items.value()?))
    }
}

/// A place between the items of an array or bag.
#[derive(Debug, Clone)]
struct Items<'a> {
    json: &'a str,
    /// `None` after the last item, or where the text is not what was expected.
    at: Option<usize>,
    is_first: bool,
}

impl<'a> Items<'a> {
    fn new(json: &'a str, wanted: Kind) -> Self {
        let start = skip_blanks(json.as_bytes(), 0) + 1;
        Items { json, at: (kind(json) == wanted).then_some(start), is_first: true }
    }

    /// Goes over the comma before an item; `None` at the end.
    fn separator(&mut self) -> Option<()> {
        let bytes = self.json.as_bytes();
        let at = skip_blanks(bytes, self.at.take()?);
        self.at = match bytes.get(at)? {
            b']' | b'}' => None,
            b',' if !self.is_first => Some(skip_blanks(bytes, at + 1)),
            _ if self.is_first => Some(at),
            _ => None,
        };
        self.is_first = false;
        self.at.map(|_| ())
    }

    /// The quoted name of a property; stands before its value afterwards.
    fn name(&mut self) -> Option<&'a str> {
        let bytes = self.json.as_bytes();
        let start = self.at.take()?;
        if bytes.get(start) != Some(&b'"') {
            return None;
        }
        let end = skip_string(bytes, start)?;
        let colon = skip_blanks(bytes, end);
        if bytes.get(colon) != Some(&b':') {
            return None;
        }
        self.at = Some(skip_blanks(bytes, colon + 1));
        self.json.get(start..end)
    }

    fn value(&mut self) -> Option<&'a str> {
        let start = self.at.take()?;
        let end = skip_value(self.json.as_bytes(), start)?;
        self.at = Some(end);
        self.json.get(start..end)
    }
}

/// The text of a quoted JSON string; other texts come back as they are.
pub fn unquote(json: &str) -> Cow<'_, str> {
    let trimmed = json.trim();
    let Some(inner) = trimmed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Cow::Borrowed(trimmed);
    };
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Cow::Borrowed(inner);
    }
    // Lone surrogates are valid for the scanner but no text.
    serde_json::from_str(trimmed).map_or(Cow::Borrowed(inner), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_that_is_not_null_parses() {
        for text in ["{}", " [1, 2] ", "\"a\"", "true", "-1.5e3"] {
            assert_eq!(parse(text), Some(text.trim()));
        }
        for text in ["", "null", "abc", "{a:1}", "[1,]", "01", "NaN", "True"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn paths_reach_into_bags_and_arrays() {
        let json = r#"{"a": [ {"b c": 1}, {"d": "x"} ], "e": null}"#;
        let path = |steps: &[Step]| get_path(json, steps);
        assert_eq!(path(&[Step::Key("a".into()), Step::Index(0), Step::Key("b c".into())]), Some("1"));
        assert_eq!(path(&[Step::Key("a".into()), Step::Index(-1), Step::Key("d".into())]), Some("\"x\""));
        assert_eq!(path(&[Step::Key("a".into()), Step::Index(2)]), None);
        assert_eq!(path(&[Step::Key("e".into())]), Some("null"));
        assert_eq!(path(&[Step::Key("e".into()), Step::Key("f".into())]), None);
    }
}
