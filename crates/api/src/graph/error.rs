//! Graph's errors.

use serde_json::json;

use crate::failure::{Failure, FailureKind};
use crate::request_context::RequestContext;

/// The body of a failure.
pub fn error_body(failure: &Failure, context: &RequestContext) -> String {
    let code = match failure.kind {
        FailureKind::BadRequest
        | FailureKind::Syntax { .. }
        | FailureKind::Semantic { .. }
        | FailureKind::Unsupported
        | FailureKind::OutOfMemory => "BadRequest",
        FailureKind::NotFound { .. } => "ResourceNotFound",
        FailureKind::Forbidden => "Forbidden",
        FailureKind::Timeout { .. } => "GatewayTimeout",
        FailureKind::Throttled { .. } => "TooManyRequests",
        FailureKind::Cancelled => "ClientClosedRequest",
        FailureKind::Internal => "InternalServerError",
    };
    let message = match failure.place() {
        Some((code, place)) => format!("{code}: {} [line:position={}:{}]", failure.message, place.line, place.position),
        None => failure.message.clone(),
    };
    json!({"error": {
        "code": code,
        "message": message,
        "innerError": {
            "date": context.now.format("%Y-%m-%dT%H:%M:%S").to_string(),
            "request-id": context.activity_id,
            "client-request-id": context.client_request_id,
        },
    }})
    .to_string()
}
