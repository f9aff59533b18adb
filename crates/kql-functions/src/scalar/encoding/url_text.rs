//! `url_encode`, `url_encode_component` and `url_decode`.

use std::borrow::Cow;

use crate::Type::String as Text;
use crate::column::{Strings, result_rows, written_strings};
use crate::definition::Definition;
use crate::signature::fixed;

pub(super) static URL_ENCODE: Definition = Definition::new(
    "url_encode",
    |args| fixed(args, &[Text], 1, Text),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_strings(result_rows(args, ctx), |row, out| encode(texts.text(row), out, "+"))
    },
);

pub(super) static URL_ENCODE_COMPONENT: Definition = Definition::new(
    "url_encode_component",
    |args| fixed(args, &[Text], 1, Text),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_strings(result_rows(args, ctx), |row, out| encode(texts.text(row), out, "%20"))
    },
);

pub(super) static URL_DECODE: Definition = Definition::new(
    "url_decode",
    |args| fixed(args, &[Text], 1, Text),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_strings(result_rows(args, ctx), |row, out| out.push_str(&decoded(texts.text(row))))
    },
);

/// Letters, digits and `-_.~` stay; hexadecimal digits are lower case, as in Kusto.
fn encode(text: &str, out: &mut String, blank: &str) {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or('0');
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push_str(blank),
            _ => out.extend(['%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
}

/// Percent escapes and `+` decoded; wrong escapes stay, bytes that are no UTF-8 become U+FFFD.
pub(crate) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let hex = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = if *byte == b'%' { hex(at + 1).zip(hex(at + 2)) } else { None };
        if let Some((high, low)) = escaped {
            out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
            at += 3;
            continue;
        }
        out.push(if *byte == b'+' { b' ' } else { *byte });
        at += 1;
    }
    Cow::Owned(String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, text};

    #[test]
    fn urls_are_encoded_and_decoded() {
        let plain = || text("https://www.bing.com/hello world");
        check("url_encode", &[plain()], text("https%3a%2f%2fwww.bing.com%2fhello+world"));
        check("url_encode_component", &[plain()], text("https%3a%2f%2fwww.bing.com%2fhello%20world"));
        check("url_decode", &[text("https%3a%2f%2Fwww.bing.com%2fhello+world")], plain());
        check("url_decode", &[text("100%zz %e2%82%ac%")], text("100%zz €%"));
    }
}
