//! Printing dynamic values as Kusto does: JSON without blanks, escapes only where needed.

use std::borrow::Cow;

use json_text::{Kind, kind, skip_string, unquote, write_quoted};

use crate::number::format_real;

/// The JSON text without blanks between tokens and without needless escapes, its reals as `write_real` prints them: `1.50` and
/// `15e-1` are the same value.
pub fn compact(json: &str) -> Cow<'_, str> {
    let trimmed = json.trim();
    if is_compact(trimmed.as_bytes()) {
        return Cow::Borrowed(trimmed);
    }
    let mut out = String::with_capacity(trimmed.len());
    write_compact(&mut out, trimmed);
    Cow::Owned(out)
}

fn is_compact(bytes: &[u8]) -> bool {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let end = skip_string(bytes, at).unwrap_or(bytes.len());
                if memchr::memchr(b'\\', &bytes[at..end]).is_some() {
                    return false;
                }
                at = end;
            }
            b' ' | b'\t' | b'\n' | b'\r' => return false,
            b'-' | b'0'..=b'9' => {
                let number = number_at(bytes, at);
                if real(number).is_some_and(|printed| printed.as_bytes() != number) {
                    return false;
                }
                at += number.len();
            }
            _ => at += 1,
        }
    }
    true
}

/// The number that starts at a place.
fn number_at(bytes: &[u8], at: usize) -> &[u8] {
    let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    let length = bytes[at..].iter().take_while(|byte| is_part(byte)).count();
    &bytes[at..at + length]
}

/// A real as it is printed; nothing for a whole number.
fn real(number: &[u8]) -> Option<String> {
    memchr::memchr3(b'.', b'e', b'E', number)?;
    let value: f64 = std::str::from_utf8(number).ok()?.parse().ok()?;
    value.is_finite().then(|| format_real(value))
}

/// Appends what [`compact`] gives.
pub fn write_compact(out: &mut String, json: &str) {
    let bytes = json.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'"' {
            let end = skip_string(bytes, at).unwrap_or(bytes.len()).min(bytes.len());
            write_string(out, json.get(at..end).unwrap_or(""));
            at = end;
            continue;
        }
        if matches!(bytes[at], b'-' | b'0'..=b'9') {
            let number = number_at(bytes, at);
            match real(number) {
                Some(printed) => out.push_str(&printed),
                None => out.push_str(json.get(at..at + number.len()).unwrap_or("")),
            }
            at += number.len();
            continue;
        }
        let is_plain = |byte: &u8| !matches!(byte, b'"' | b' ' | b'\t' | b'\n' | b'\r' | b'-' | b'0'..=b'9');
        let length = bytes[at..].iter().take_while(|byte| is_plain(byte)).count();
        out.push_str(json.get(at..at + length).unwrap_or(""));
        at += length.max(1);
        if length > 0 && bytes.get(at) == Some(&b'"') {
            continue;
        }
    }
}

/// A quoted string with its escapes brought to one form.
fn write_string(out: &mut String, quoted: &str) {
    if quoted.contains('\\') && quoted.len() >= 2 && quoted.ends_with('"') {
        write_quoted(out, &unquote(quoted));
    } else {
        out.push_str(quoted);
    }
}

/// Appends what `tostring` gives for a dynamic.
pub fn write_text(out: &mut String, json: &str) {
    out.push_str(&text_of(json));
}

/// What `tostring` gives for a dynamic: a string's text, else its compact JSON.
pub fn text_of(json: &str) -> Cow<'_, str> {
    match kind(json) {
        Kind::String => unquote(json),
        Kind::Null => Cow::Borrowed(""),
        _ => compact(json),
    }
}
