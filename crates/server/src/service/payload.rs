//! A request's body, within its limits.

use std::io::Read;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::{Bytes, BytesMut};
use flate2::read::{GzDecoder, ZlibDecoder};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

use super::app::App;
use super::guard::RouteOf;
use super::refusal::Refusal;

/// Slowest pace at which a body may come beyond the time that any has (`limits.body_time`). A sender that is slower holds memory and a connection
/// for nothing.
const BYTES_PER_SECOND: u64 = 4096;
/// Decoded bytes per byte of a compressed body, at most: zlib's own bound is 1032; logs compress ten- to fortyfold.
const MOST_RATIO: usize = 1100;

/// A pace at which a body comes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Time that any body has, however small.
    grace: Duration,
    bytes_per_second: u64,
}

/// The body of a request: decoded (`Content-Encoding: gzip` or `deflate`) and within the route's limit.
#[derive(Debug, Clone)]
pub(crate) struct Payload(pub(crate) Bytes);

impl FromRequest<App> for Payload {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        let limit = RouteOf::body_bytes(request.extensions());
        let (parts, body) = request.into_parts();
        // Room is taken for what the body may become before a byte of it is read.
        let _room = app.body_room(limit)?;
        let pace = Pace { grace: app.config().limits.body_time.0, bytes_per_second: BYTES_PER_SECOND };
        let encoded = read(body, &parts.headers, limit, pace).await?;
        decode(encoded, &parts.headers, limit).map(Payload)
    }
}

/// Reads a body of up to so many bytes from a sender that is not too slow.
pub(crate) async fn read(mut body: Body, headers: &HeaderMap, limit: usize, pace: Pace) -> Result<Bytes, Refusal> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if let Some(announced) = announced.filter(|&announced| announced > limit) {
        return Err(too_large(announced, limit));
    }
    let start = Instant::now();
    let mut bytes = BytesMut::with_capacity(announced.unwrap_or(0));
    loop {
        let deadline = start + pace.grace + Duration::from_secs(bytes.len() as u64 / pace.bytes_per_second);
        let frame = match timeout_at(deadline, body.frame()).await {
            Err(_) => return Err(too_slow(pace)),
            Ok(None) => return Ok(bytes.freeze()),
            Ok(Some(frame)) => {
                frame.map_err(|error| Refusal::bad_request("BadRequest", format!("body broke off: {error}")))?
            }
        };
        if let Some(data) = frame.data_ref() {
            if bytes.len() + data.len() > limit {
                return Err(too_large(bytes.len() + data.len(), limit));
            }
            bytes.extend_from_slice(data);
        }
    }
}

/// The body without its encoding.
pub(crate) fn decode(encoded: Bytes, headers: &HeaderMap, limit: usize) -> Result<Bytes, Refusal> {
    let Some(encoding) = headers.get(CONTENT_ENCODING) else { return Ok(encoded) };
    let encoding = encoding.to_str().unwrap_or_default().trim().to_ascii_lowercase();
    match encoding.as_str() {
        "" | "identity" => Ok(encoded),
        "gzip" | "x-gzip" => inflate(GzDecoder::new(encoded.as_ref()), encoded.len(), limit),
        "deflate" => inflate(ZlibDecoder::new(encoded.as_ref()), encoded.len(), limit),
        other => Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UnsupportedContentEncoding",
            format!("content encoding `{other}` is not read; send `gzip`, `deflate` or none"),
        )),
    }
}

fn inflate(decoder: impl Read, encoded: usize, limit: usize) -> Result<Bytes, Refusal> {
    let mut decoded = Vec::with_capacity(encoded.saturating_mul(4).min(limit));
    let read = decoder.take(limit as u64 + 1).read_to_end(&mut decoded);
    if decoded.len() > limit.min(encoded.saturating_mul(MOST_RATIO)) {
        return Err(too_large(decoded.len(), limit));
    }
    read.map_err(|error| Refusal::bad_request("BadRequest", format!("body cannot be decompressed: {error}")))?;
    Ok(Bytes::from(decoded))
}

fn too_large(bytes: usize, limit: usize) -> Refusal {
    Refusal::too_large(format!("body of {bytes} bytes or more is over the limit of {limit} bytes"))
}

fn too_slow(pace: Pace) -> Refusal {
    Refusal::new(
        StatusCode::REQUEST_TIMEOUT,
        "RequestTimeout",
        format!("body came slower than {} bytes a second", pace.bytes_per_second),
    )
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const PACE: Pace = Pace { grace: Duration::from_secs(20), bytes_per_second: BYTES_PER_SECOND };

    fn gzip(bytes: &[u8]) -> Bytes {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap().into()
    }

    fn gzip_headers() -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_ENCODING, "gzip".parse().unwrap())])
    }

    #[test]
    fn a_gzip_body_is_decoded() {
        let decoded = decode(gzip(b"[1,2]"), &gzip_headers(), 100).unwrap();
        assert_eq!(decoded.as_ref(), b"[1,2]");
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let refusal = decode(gzip(&vec![0; 10 << 20]), &gzip_headers(), 1 << 20).unwrap_err();
        assert_eq!(refusal.status, StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[test]
    fn damaged_gzip_is_a_bad_request() {
        let refusal = decode(Bytes::from_static(b"no gzip"), &gzip_headers(), 100).unwrap_err();
        assert_eq!(refusal.status, StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused_whether_announced_or_not() {
        let announced = HeaderMap::from_iter([(CONTENT_LENGTH, "11".parse().unwrap())]);
        let refusal = read(Body::from("x"), &announced, 10, PACE).await.unwrap_err();
        assert_eq!(refusal.status, StatusCode::PAYLOAD_TOO_LARGE);
        let refusal = read(Body::from("12345678901"), &HeaderMap::new(), 10, PACE).await.unwrap_err();
        assert_eq!(refusal.status, StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn a_sender_that_stalls_is_let_go() {
        let stalled = Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
        let refusal = read(stalled, &HeaderMap::new(), 10, Pace { grace: Duration::ZERO, ..PACE }).await.unwrap_err();
        assert_eq!(refusal.status, StatusCode::REQUEST_TIMEOUT);
    }
}
