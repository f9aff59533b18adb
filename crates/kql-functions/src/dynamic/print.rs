//! Printing dynamic values as Kusto does: JSON without blanks, escapes only where needed.

use std::borrow::Cow;

use super::scan::skip_string;
use super::{unquote, write_quoted};

/// The JSON text without blanks between tokens and without needless escapes.
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
            _ => at += 1,
        }
    }
    true
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
        let is_plain = |byte: &u8| !matches!(byte, b'"' | b' ' | b'\t' | b'\n' | b'\r');
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
    out.push_str(&super::text_of(json));
}
