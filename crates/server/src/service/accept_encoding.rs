//! Answers as gzip, for clients that take it.

use std::io::Write;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::{StreamExt, stream};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, VARY};
use http::{HeaderMap, HeaderValue};
use http_body::Body as _;

/// Answers below this size gain nothing, in bytes.
const SMALLEST: u64 = 1024;

/// Whether the client takes gzip.
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).any(|value| {
        value.split(',').any(|part| {
            let mut parts = part.split(';').map(str::trim);
            let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip") || name == "*");
            is_gzip && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    })
}

/// The same answer, compressed piece by piece as it comes.
pub(crate) fn gzip(response: Response) -> Response {
    let is_small = response.body().size_hint().exact().is_some_and(|bytes| bytes < SMALLEST);
    if is_small || response.headers().contains_key(CONTENT_ENCODING) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    let encoder = Some(GzEncoder::new(Vec::new(), Compression::fast()));
    let pieces = stream::unfold((body.into_data_stream(), encoder), |(mut pieces, encoder)| async move {
        let mut encoder = encoder?;
        loop {
            let Some(piece) = pieces.next().await else {
                return Some((encoder.finish().map(Bytes::from).map_err(axum::Error::new), (pieces, None)));
            };
            let piece = match piece {
                Ok(piece) => piece,
                Err(error) => return Some((Err(error), (pieces, None))),
            };
            if let Err(error) = encoder.write_all(&piece) {
                return Some((Err(axum::Error::new(error)), (pieces, None)));
            }
            if !encoder.get_ref().is_empty() {
                let ready = Bytes::from(std::mem::take(encoder.get_mut()));
                return Some((Ok(ready), (pieces, Some(encoder))));
            }
        }
    });
    Response::from_parts(parts, Body::from_stream(pieces))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use http_body_util::BodyExt;

    use super::*;

    #[test]
    fn gzip_is_taken_where_it_is_listed_and_not_weighed_zero() {
        let accepts = |value: &str| accepts_gzip(&HeaderMap::from_iter([(ACCEPT_ENCODING, value.parse().unwrap())]));
        assert!(accepts("gzip,deflate") && accepts("br, gzip;q=0.5") && accepts("*"));
        assert!(!accepts("br") && !accepts("gzip;q=0"));
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn a_large_answer_comes_back_as_it_was() {
        let text = "sign-in ".repeat(10_000);
        let response = gzip(Response::new(Body::from(text.clone())));
        assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let mut decoded = String::new();
        GzDecoder::new(bytes.as_ref()).read_to_string(&mut decoded).unwrap();
        assert_eq!(decoded, text);
        assert!(bytes.len() < text.len() / 50);
    }

    #[tokio::test]
    async fn a_small_answer_stays_plain() {
        let response = gzip(Response::new(Body::from("ok")));
        assert!(!response.headers().contains_key(CONTENT_ENCODING));
    }
}
