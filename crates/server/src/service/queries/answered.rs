//! A response whose body is written as its client reads it.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};

use api::{Chunks, Failure};

use super::admission::Turn;

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// A response with chunks as its body; each is written when the one before it was taken. `turns` hold the memory of the result and are
/// given back when the body is done or its client is gone.
pub(crate) fn streamed(chunks: Chunks, turns: Vec<Turn>) -> Response {
    let pieces = stream::unfold((chunks, turns), |(mut chunks, turns)| async move {
        let piece = chunks.next()?;
        Some((Ok::<_, std::convert::Infallible>(Bytes::from(piece)), (chunks, turns)))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// A response of a short JSON text.
pub(crate) fn json_response(status: u16, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// The response of a failure whose body is already in its surface's form.
pub(crate) fn failed(failure: &Failure, body: String) -> Response {
    let mut response = json_response(failure.status(), body);
    if let Some(seconds) = failure.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
