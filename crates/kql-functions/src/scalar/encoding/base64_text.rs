//! `base64_encode_tostring` and its opposites; what is no base64 of UTF-8 gives an empty string.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::Type::{Dynamic, String as Text};
use crate::column::{Strings, result_rows, written_nullable, written_strings};
use crate::definition::Definition;
use crate::dynamic::ArrayWriter;
use crate::signature::fixed;

/// Writes padding, and reads without asking for it.
pub(super) const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) static BASE64_ENCODE: Definition = Definition::new(
    "base64_encode_tostring",
    |args| fixed(args, &[Text], 1, Text),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_strings(result_rows(args, ctx), |row, out| ENGINE.encode_string(texts.text(row), out))
    },
)
.alias(&["base64_encodestring"]);

pub(super) static BASE64_DECODE: Definition = Definition::new(
    "base64_decode_tostring",
    |args| fixed(args, &[Text], 1, Text),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        let mut bytes = Vec::new();
        written_strings(result_rows(args, ctx), |row, out| {
            bytes.clear();
            if ENGINE.decode_vec(texts.text(row), &mut bytes).is_ok() {
                out.push_str(std::str::from_utf8(&bytes).unwrap_or(""));
            }
        })
    },
)
.alias(&["base64_decodestring"]);

pub(super) static BASE64_DECODE_TOARRAY: Definition = Definition::new(
    "base64_decode_toarray",
    |args| fixed(args, &[Text], 1, Dynamic),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let Ok(bytes) = ENGINE.decode(texts.text(row)) else { return false };
            let mut array = ArrayWriter::new(out);
            bytes.iter().for_each(|byte| array.push(&byte.to_string()));
            array.end();
            true
        })
    },
);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};
    use crate::{Type, Value};

    #[test]
    fn texts_are_encoded_and_decoded() {
        check("base64_encode_tostring", &[text("Kusto")], text("S3VzdG8="));
        check("base64_decode_tostring", &[text("S3VzdG8=")], text("Kusto"));
        check("base64_decodestring", &[text("S3VzdG8")], text("Kusto"));
        check("base64_decode_tostring", &[text("U3RyaW5n0KHR0tGA0L7Rh9C60LA=")], text(""));
        check("base64_decode_tostring", &[text("!")], text(""));
        check("base64_decode_toarray", &[text("S3VzdG8=")], json("[75,117,115,116,111]"));
        check("base64_decode_toarray", &[text("!")], Value::Null(Type::Dynamic));
    }
}
