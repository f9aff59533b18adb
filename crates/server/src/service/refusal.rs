//! Why a request was refused.

use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::surface::Surface;

/// A request that is not served. The guard writes it in the form of the route's surface.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Refusal {
    /// The status of the answer, 4xx or 5xx.
    pub(crate) status: StatusCode,
    /// A code in the words of the surface.
    pub(crate) code: String,
    /// What is wrong and what to do.
    pub(crate) message: String,
    /// Seconds after which to try again.
    pub(crate) retry_after: Option<u64>,
}

impl Refusal {
    /// A refusal with this status, code and message.
    pub(crate) fn new(status: StatusCode, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), retry_after: None }
    }

    /// 400.
    pub(crate) fn bad_request(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 401.
    pub(crate) fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", message)
    }

    /// 403.
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden", message)
    }

    /// 404.
    pub(crate) fn not_found(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    /// 413.
    pub(crate) fn too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "ContentLengthLimitExceeded", message)
    }

    /// 429: try again after that many seconds.
    pub(crate) fn busy(seconds: u64, message: impl Into<String>) -> Self {
        let refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequests", message);
        Self { retry_after: Some(seconds), ..refusal }
    }

    /// 500: our fault. The message is for the caller; causes go to the log.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", message)
    }

    /// 503: cannot be served now.
    pub(crate) fn unavailable(seconds: u64, message: impl Into<String>) -> Self {
        let refusal = Self::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message);
        Self { retry_after: Some(seconds), ..refusal }
    }

    /// Whether the same request will be refused again.
    pub(crate) fn is_permanent(&self) -> bool {
        self.status.is_client_error() && self.status != StatusCode::TOO_MANY_REQUESTS
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        // In our own form until the guard, which knows the route, writes it anew.
        let mut response = Surface::Vedette.render(&self);
        response.extensions_mut().insert(self);
        response
    }
}
