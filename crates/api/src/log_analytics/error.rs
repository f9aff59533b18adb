//! Errors of Log Analytics' query API: clients show the innermost message.
//!
//! <https://learn.microsoft.com/azure/azure-monitor/logs/api/errors>

use serde_json::{Value as Json, json};

use crate::failure::{Failure, FailureKind};
use crate::request_context::RequestContext;

/// The body of a failure.
pub fn error_body(failure: &Failure, context: &RequestContext) -> String {
    json!({ "error": error_object(failure, context) }).to_string()
}

/// The error itself, which `$batch` puts into its responses too.
pub(super) fn error_object(failure: &Failure, context: &RequestContext) -> Json {
    let (code, message) = named(failure);
    let mut error = json!({"message": message, "code": code, "correlationId": context.activity_id});
    if let Some(inner) = inner(failure) {
        error["innererror"] = inner;
    }
    error
}

fn named(failure: &Failure) -> (&'static str, &str) {
    match &failure.kind {
        FailureKind::Syntax { .. }
        | FailureKind::Semantic { .. }
        | FailureKind::BadRequest
        | FailureKind::Unsupported => ("BadArgumentError", "The request had some invalid properties"),
        FailureKind::NotFound { entity: "Path" } => ("PathNotFoundError", "The requested path does not exist"),
        FailureKind::NotFound { entity: "Workspace" } => ("WorkspaceNotFoundError", &failure.message),
        FailureKind::NotFound { .. } => ("NotFoundError", &failure.message),
        FailureKind::Forbidden => (
            "InsufficientAccessError",
            "The provided credentials have insufficient access to perform the requested operation",
        ),
        FailureKind::OutOfMemory => ("BadArgumentError", "The request had some invalid properties"),
        FailureKind::Timeout { .. } => ("GatewayTimeout", "The query took longer than it may"),
        FailureKind::Throttled { .. } => ("ThrottledError", &failure.message),
        FailureKind::Cancelled => ("CancelledError", &failure.message),
        FailureKind::Internal => ("InternalServerError", "An internal server error occurred"),
    }
}

fn inner(failure: &Failure) -> Option<Json> {
    let message = &failure.message;
    Some(match &failure.kind {
        FailureKind::Syntax { code, place } => json!({
            "code": "SyntaxError",
            "message": "A recognition error occurred in the query.",
            "innererror": {"code": code, "message": message, "line": place.line, "pos": place.position, "token": place.token},
        }),
        FailureKind::Semantic { code, place } => json!({
            "code": "SemanticError",
            "message": "A semantic error occurred.",
            "innererror": {
                "code": code,
                "message": format!("{message} [line:position={}:{}]", place.line, place.position),
            },
        }),
        FailureKind::BadRequest | FailureKind::Unsupported => json!({"code": "ValidationError", "message": message}),
        FailureKind::OutOfMemory => json!({"code": "LowMemory", "message": message}),
        FailureKind::Timeout { .. } => json!({"code": "QueryTimeout", "message": message}),
        FailureKind::Internal => json!({"code": "InternalError", "message": message}),
        // The outer words are Azure's; what is missing is told here.
        FailureKind::Forbidden => json!({"code": "InsufficientAccessError", "message": message}),
        FailureKind::NotFound { .. } | FailureKind::Throttled { .. } | FailureKind::Cancelled => return None,
    })
}
