//! Skipping over JSON text.

use memchr::memchr2;

/// What a JSON text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the JSON kind of its name")]
pub enum Kind {
    Null,
    Bool,
    Number,
    String,
    Array,
    Bag,
}

/// The kind of a valid JSON text, by its first character.
pub fn kind(json: &str) -> Kind {
    match json.trim_start().as_bytes().first() {
        Some(b'{') => Kind::Bag,
        Some(b'[') => Kind::Array,
        Some(b'"') => Kind::String,
        Some(b't' | b'f') => Kind::Bool,
        Some(b'-' | b'0'..=b'9') => Kind::Number,
        _ => Kind::Null,
    }
}

/// The first place at or after `at` that is not blank.
pub(crate) fn skip_blanks(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// Just after the string that starts at `at`.
pub fn skip_string(bytes: &[u8], at: usize) -> Option<usize> {
    let mut next = at + 1;
    loop {
        let rest = bytes.get(next..)?;
        let found = next + memchr2(b'"', b'\\', rest)?;
        if bytes[found] == b'"' {
            return Some(found + 1);
        }
        next = found + 2;
    }
}

/// Just after the value that starts at `at`.
pub(crate) fn skip_value(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => skip_string(bytes, at),
        b'{' | b'[' => skip_nested(bytes, at),
        b'}' | b']' | b',' | b':' => None,
        _ => {
            let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b':' | b' ' | b'\t' | b'\n' | b'\r');
            let length = bytes[at..].iter().position(ends).unwrap_or(bytes.len() - at);
            Some(at + length)
        }
    }
}

fn skip_nested(bytes: &[u8], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut next = at;
    loop {
        match bytes.get(next)? {
            b'"' => {
                next = skip_string(bytes, next)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        next += 1;
        if depth == 0 {
            return Some(next);
        }
    }
}
