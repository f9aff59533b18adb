//! Base64 of guids and of arrays of bytes.

use base64::Engine;
use uuid::Uuid;

use super::base64_text::ENGINE;
use crate::Type::{Dynamic, Guid, String as Text};
use crate::column::{Strings, result_rows, written_nullable, written_strings};
use crate::definition::Definition;
use crate::dynamic::elements;
use crate::signature::fixed;

/// The bytes of a guid are in the order of Windows: its first three groups in little-endian.
pub(super) static BASE64_DECODE_TOGUID: Definition = Definition::new(
    "base64_decode_toguid",
    |args| fixed(args, &[Text], 1, Guid),
    |args, _, ctx| {
        let texts = Strings::of(&args[0]);
        written_nullable(result_rows(args, ctx), |row, out| {
            let bytes = ENGINE.decode(texts.text(row)).ok().and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
            bytes.map(|bytes| out.push_str(&Uuid::from_bytes_le(bytes).to_string())).is_some()
        })
    },
);

pub(super) static BASE64_ENCODE_FROMGUID: Definition = Definition::new(
    "base64_encode_fromguid",
    |args| fixed(args, &[Guid], 1, Text),
    |args, _, ctx| {
        let guids = Strings::of(&args[0]);
        written_strings(result_rows(args, ctx), |row, out| {
            if let Some(guid) = guids.get(row).and_then(|text| text.parse::<Uuid>().ok()) {
                ENGINE.encode_string(guid.to_bytes_le(), out);
            }
        })
    },
);

/// Nothing for an array with anything but bytes.
pub(super) static BASE64_ENCODE_FROMARRAY: Definition = Definition::new(
    "base64_encode_fromarray",
    |args| fixed(args, &[Dynamic], 1, Text),
    |args, _, ctx| {
        let arrays = Strings::of(&args[0]);
        written_strings(result_rows(args, ctx), |row, out| {
            let bytes: Option<Vec<u8>> = elements(arrays.text(row)).map(|item| item.trim().parse().ok()).collect();
            ENGINE.encode_string(bytes.unwrap_or_default(), out);
        })
    },
);

#[cfg(test)]
mod tests {
    use crate::scalar::testing::{check, json, text};
    use crate::{Type, Value};

    #[test]
    fn guids_are_in_the_order_of_windows() {
        let guid = || Value::Guid("ae3133f2-6e22-49ae-b06a-16e6a9b212eb".to_owned());
        check("base64_encode_fromguid", &[guid()], text("8jMxriJurkmwahbmqbIS6w=="));
        check("base64_decode_toguid", &[text("8jMxriJurkmwahbmqbIS6w==")], guid());
        check("base64_decode_toguid", &[text("8jMx")], Value::Null(Type::Guid));
        check("base64_encode_fromarray", &[json("[75,117,115,116,111]")], text("S3VzdG8="));
        check("base64_encode_fromarray", &[json("[1,256]")], text(""));
    }
}
