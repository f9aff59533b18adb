//! Kusto's errors: the OneApi form.
//!
//! <https://learn.microsoft.com/kusto/api/rest/response-http-error>

use serde_json::{Map, Value as Json, json};

use crate::answer::CutOff;
use crate::failure::{Failure, FailureKind};
use crate::request_context::RequestContext;

/// How the OneApi form names a failure: code, message for everybody, .NET type, whether trying again is of no use.
struct Named {
    code: &'static str,
    message: &'static str,
    ty: &'static str,
    is_permanent: bool,
}

fn named(kind: &FailureKind) -> Named {
    const INVALID: &str = "Request is invalid and cannot be executed.";
    let (code, message, ty, is_permanent) = match kind {
        FailureKind::BadRequest | FailureKind::Syntax { .. } | FailureKind::Semantic { .. } => {
            ("General_BadRequest", INVALID, "Kusto.Data.Exceptions.KustoBadRequestException", true)
        }
        FailureKind::Unsupported => (
            "BadRequest_CommandNotSupported",
            INVALID,
            "Kusto.Common.Svc.Exceptions.CommandNotSupportedException",
            true,
        ),
        FailureKind::NotFound { .. } => {
            ("BadRequest_EntityNotFound", INVALID, "Kusto.Common.Svc.Exceptions.EntityNotFoundException", true)
        }
        FailureKind::Forbidden => (
            "Forbidden",
            "Caller is not authorized to perform this action",
            "Kusto.DataNode.Exceptions.PrincipalNotAuthorizedException",
            true,
        ),
        FailureKind::Timeout { .. } => (
            "General_RequestTimeout",
            "Request timed out.",
            "Kusto.Data.Exceptions.KustoServiceTimeoutException",
            false,
        ),
        FailureKind::OutOfMemory => (
            "LimitsExceeded",
            INVALID,
            "Kusto.Data.Exceptions.KustoServicePartialQueryFailureLowMemoryConditionException",
            true,
        ),
        FailureKind::Throttled { .. } => (
            "TooManyRequests",
            "Request is denied due to throttling.",
            "Kusto.DataNode.Exceptions.QueryThrottledException",
            false,
        ),
        FailureKind::Cancelled => {
            ("Cancelled", "Request was cancelled.", "Kusto.Data.Exceptions.KustoRequestCancelledException", false)
        }
        FailureKind::Internal => (
            "Internal service error",
            "Internal service error",
            "Kusto.Data.Exceptions.KustoDataStreamException",
            false,
        ),
    };
    Named { code, message, ty, is_permanent }
}

/// The body of a failure. `query` is the text that failed; empty where none did.
pub fn error_body(failure: &Failure, query: &str, context: &RequestContext) -> String {
    let named = named(&failure.kind);
    let mut error = Map::new();
    error.insert("code".to_owned(), json!(named.code));
    error.insert("message".to_owned(), json!(named.message));
    error.insert("@type".to_owned(), json!(named.ty));
    let detail = detail(failure, query);
    let prefix = if failure.status() == 400 { "Request is invalid and cannot be processed: " } else { "" };
    error.insert("@message".to_owned(), json!(format!("{prefix}{detail}")));
    error.insert("@context".to_owned(), context_json(context));
    error.insert("@permanent".to_owned(), json!(named.is_permanent));
    if let Some((code, place)) = failure.place() {
        let is_syntax = matches!(failure.kind, FailureKind::Syntax { .. });
        let ty =
            if is_syntax { "Kusto.Data.Exceptions.SyntaxException" } else { "Kusto.Data.Exceptions.SemanticException" };
        let inner = json!({
            "code": code,
            "message": failure.message,
            "@type": ty,
            "@message": detail,
            "@permanent": true,
            "@errorCode": code,
            "@errorMessage": failure.message,
            "@line": place.line,
            "@pos": place.position,
            "@token": place.token,
        });
        error.insert("innererror".to_owned(), inner);
    }
    json!({ "error": error }).to_string()
}

/// What users see: `Semantic error: SEM0100: …`, with the place.
fn detail(failure: &Failure, query: &str) -> String {
    let Some((code, place)) = failure.place() else { return failure.message.clone() };
    let word = if matches!(failure.kind, FailureKind::Syntax { .. }) { "Syntax" } else { "Semantic" };
    let message = failure.message.trim_end_matches('.');
    format!(
        "{word} error: {code}: {message}. [line:position={}:{}]. Query: '{}'",
        place.line,
        place.position,
        shortened(query)
    )
}

/// Longest text of a query that an error repeats, in bytes: enough to know it by.
const MAX_REPEATED_BYTES: usize = 2_000;

fn shortened(query: &str) -> &str {
    let mut end = query.len().min(MAX_REPEATED_BYTES);
    while !query.is_char_boundary(end) {
        end -= 1;
    }
    &query[..end]
}

fn context_json(context: &RequestContext) -> Json {
    json!({
        "timestamp": context.timestamp(),
        "serviceAlias": context.service,
        "clientRequestId": context.client_request_id,
        "activityId": context.activity_id,
        "subActivityId": context.activity_id,
        "activityType": "GW.Http.CallContext",
        "parentActivityId": context.activity_id,
        "activityStack": "",
    })
}

/// The error that stands beside the rows of a result that is cut off.
pub fn one_api_error(cut_off: CutOff, context: &RequestContext) -> Json {
    json!({"error": {
        "code": "LimitsExceeded",
        "message": "Request is invalid and cannot be executed.",
        "@type": "Kusto.Data.Exceptions.KustoServicePartialQueryFailureLimitsExceededException",
        "@message": cut_off.kusto_message(),
        "@context": context_json(context),
        "@permanent": false,
    }})
}

/// A list of that one error, as text.
pub(super) fn one_api_errors(cut_off: CutOff, context: &RequestContext) -> String {
    format!("[{}]", one_api_error(cut_off, context))
}
