//! Base64 and URL encoding.

mod base64_text;
mod url_text;

use crate::ScalarFunction;

pub(super) use url_text::decoded;

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    vec![
        &base64_text::BASE64_ENCODE,
        &base64_text::BASE64_DECODE,
        &base64_text::BASE64_DECODE_TOARRAY,
        &url_text::URL_ENCODE,
        &url_text::URL_ENCODE_COMPONENT,
        &url_text::URL_DECODE,
    ]
}
