//! A hash of a record's content that does not depend on how it was written: order of its fields, white space, escapes.

use std::hash::{DefaultHasher, Hasher};

use crate::json::{JsonObject, JsonValue};

/// The hash of all fields.
pub(crate) fn content_hash(object: &JsonObject) -> u64 {
    object.iter().fold(0, |sum, (name, value)| {
        let mut hasher = DefaultHasher::new();
        hasher.write(name.as_bytes());
        hasher.write_u8(b':');
        hash_value(value, &mut hasher);
        sum.wrapping_add(hasher.finish())
    })
}

/// The hash of a string.
pub(crate) fn text_hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}

fn hash_value(value: &JsonValue, hasher: &mut DefaultHasher) {
    let JsonValue::Json(json) = value else {
        hasher.write(value.to_text().as_bytes());
        return;
    };
    let mut rest = *json;
    while !rest.is_empty() {
        let quote = memchr::memchr(b'"', rest.as_bytes()).unwrap_or(rest.len());
        for token in rest[..quote].split([' ', '\n', '\r', '\t']).filter(|token| !token.is_empty()) {
            hasher.write(token.as_bytes());
        }
        rest = &rest[quote..];
        let length = string_length(rest);
        let string = JsonValue::Json(&rest[..length]);
        if let Some(text) = string.as_str() {
            hasher.write_u8(b'"');
            hasher.write(text.as_bytes());
            hasher.write_u8(b'"');
        }
        rest = &rest[length..];
    }
}

/// The length of the JSON string that the text starts with, quotes included.
fn string_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> u64 {
        content_hash(&JsonObject::parse(text).unwrap())
    }

    #[test]
    fn the_way_of_writing_does_not_matter() {
        let plain = hash(r#"{"Id":"a/é","List":[{"x":1,"y":"b \" c"}]}"#);
        assert_eq!(plain, hash("{ \"List\" : [ {\"x\": 1,\n \"y\":\"b \\\" c\"}], \"Id\" : \"a\\/\\u00e9\"}"));
    }

    #[test]
    fn the_content_matters() {
        let hashes = [
            r#"{"a":"b c"}"#,
            r#"{"a":"bc"}"#,
            r#"{"a":["b","c"]}"#,
            r#"{"a":["bc"]}"#,
            r#"{"a":1}"#,
            r#"{"a":"1"}"#,
            "{}",
        ]
        .map(hash);
        for (index, one) in hashes.iter().enumerate() {
            assert!(hashes[index + 1..].iter().all(|other| other != one), "{index}");
        }
    }
}
