//! Writing JSON straight into text: records are built by the million, and a tree of values for each would cost most of the time.

use std::fmt::{Display, Write as _};

/// An object or array being written; it closes itself when the function that fills it returns.
pub(crate) struct Json<'a> {
    text: &'a mut String,
    first: bool,
}

/// Appends one object to `text`.
pub(crate) fn object(text: &mut String, fill: impl FnOnce(&mut Json)) {
    nested(text, '{', '}', fill);
}

/// Appends one array to `text`.
pub(crate) fn array(text: &mut String, fill: impl FnOnce(&mut Json)) {
    nested(text, '[', ']', fill);
}

fn nested(text: &mut String, open: char, close: char, fill: impl FnOnce(&mut Json)) {
    text.push(open);
    fill(&mut Json { text, first: true });
    text.push(close);
}

/// Fields of an object.
impl Json<'_> {
    /// The text behind; the caller must append exactly one value.
    pub(crate) fn key(&mut self, name: &str) -> &mut String {
        self.comma();
        self.text.push('"');
        self.text.push_str(name);
        self.text.push_str("\":");
        self.text
    }

    /// A text field.
    pub(crate) fn text(&mut self, name: &str, value: &str) {
        string(self.key(name), value);
    }

    /// A text field of something that needs no escaping: numbers, GUIDs, addresses, times.
    pub(crate) fn plain(&mut self, name: &str, value: impl Display) {
        let text = self.key(name);
        let _ = write!(text, "\"{value}\"");
    }

    /// A text field that `write` appends, which must need no escaping.
    pub(crate) fn plain_with(&mut self, name: &str, write: impl FnOnce(&mut String)) {
        let text = self.key(name);
        text.push('"');
        write(text);
        text.push('"');
    }

    /// A text field that holds JSON as text, as `write` appends it.
    pub(crate) fn json_text(&mut self, name: &str, write: impl FnOnce(&mut String)) {
        let mut inner = String::new();
        write(&mut inner);
        self.text(name, &inner);
    }

    /// A number or any other value whose display form is JSON.
    pub(crate) fn value(&mut self, name: &str, value: impl Display) {
        let text = self.key(name);
        let _ = write!(text, "{value}");
    }

    /// Fields that are written already.
    pub(crate) fn fields(&mut self, fields: &str) {
        if !fields.is_empty() {
            self.comma();
            self.text.push_str(fields);
        }
    }

    /// `null`.
    pub(crate) fn null(&mut self, name: &str) {
        self.key(name).push_str("null");
    }

    /// An object.
    pub(crate) fn object(&mut self, name: &str, fill: impl FnOnce(&mut Json)) {
        object(self.key(name), fill);
    }

    /// An array.
    pub(crate) fn array(&mut self, name: &str, fill: impl FnOnce(&mut Json)) {
        array(self.key(name), fill);
    }
}

/// Elements of an array.
impl Json<'_> {
    /// The text behind; the caller must append exactly one value.
    pub(crate) fn element(&mut self) -> &mut String {
        self.comma();
        self.text
    }

    /// A text.
    pub(crate) fn item(&mut self, value: &str) {
        string(self.element(), value);
    }

    /// An object.
    pub(crate) fn item_object(&mut self, fill: impl FnOnce(&mut Json)) {
        object(self.element(), fill);
    }

    fn comma(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.text.push(',');
        }
    }
}

/// Appends `value` as a JSON string (RFC 8259, section 7).
pub(crate) fn string(text: &mut String, value: &str) {
    text.push('"');
    let mut written = 0;
    for (position, byte) in value.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => "",
            _ => continue,
        };
        text.push_str(&value[written..position]);
        written = position + 1;
        match escape {
            "" => {
                let _ = write!(text, "\\u{byte:04x}");
            }
            _ => text.push_str(escape),
        }
    }
    text.push_str(&value[written..]);
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let mut text = String::new();
        object(&mut text, |json| {
            json.text("a", "q\"b\\c\r\n\t\u{1}é");
            json.value("n", 3);
            json.null("z");
            json.array("l", |list| {
                list.item("x");
                list.item_object(|item| item.plain("y", 7));
            });
            json.json_text("t", |inner| object(inner, |json| json.value("k", true)));
            json.object("o", |_| {});
        });
        let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let expected = serde_json::json!({
            "a": "q\"b\\c\r\n\t\u{1}é", "n": 3, "z": null, "l": ["x", {"y": "7"}], "t": "{\"k\":true}", "o": {},
        });
        assert_eq!(value, expected);
    }
}
