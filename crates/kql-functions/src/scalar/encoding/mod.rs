//! Base64, URL encoding, compression and punycode.

mod base64_bytes;
mod base64_text;
mod compress;
mod punycode;
mod url_text;

use crate::ScalarFunction;

pub(super) use url_text::decoded;

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    vec![
        &base64_bytes::BASE64_DECODE_TOGUID,
        &base64_bytes::BASE64_ENCODE_FROMARRAY,
        &base64_bytes::BASE64_ENCODE_FROMGUID,
        &base64_text::BASE64_ENCODE,
        &base64_text::BASE64_DECODE,
        &base64_text::BASE64_DECODE_TOARRAY,
        &compress::GZIP_COMPRESS,
        &compress::GZIP_DECOMPRESS,
        &compress::ZLIB_COMPRESS,
        &compress::ZLIB_DECOMPRESS,
        &punycode::FROM_STRING,
        &punycode::TO_STRING,
        &punycode::DOMAIN_FROM_STRING,
        &punycode::DOMAIN_TO_STRING,
        &url_text::URL_ENCODE,
        &url_text::URL_ENCODE_COMPONENT,
        &url_text::URL_DECODE,
    ]
}
