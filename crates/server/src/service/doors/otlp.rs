//! OpenTelemetry logs over HTTP.
//!
//! <https://opentelemetry.io/docs/specs/otlp/#otlphttp>

use access::Permission;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use ingest::doors::{OTLP_TABLE, OtlpEncoding, otlp_records};
use ingest::{IntakeSource, Target, Way};
use serde_json::json;

use super::intake_work::decode;
use super::sender::Sender;
use super::store::store;
use crate::service::app::App;
use crate::service::payload::Payload;
use crate::service::refusal::Refusal;
use crate::service::route::Route;
use crate::service::shapes::{JSON, Shape};

/// Most bytes of a body: what the collector's own receiver takes.
const BODY_BYTES: usize = 20 << 20;

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/logs", Permission::Ingest, logs)
            .body_bytes(BODY_BYTES)
            .summary("OpenTelemetry logs, protobuf or JSON: an `ExportLogsServiceRequest` and its response")
            .takes_as("application/x-protobuf", Shape::Text)
            .takes_as(JSON, Shape::Object)
            .gives_as(StatusCode::OK, "application/x-protobuf", Shape::Text)
            .gives_as(StatusCode::OK, JSON, Shape::Object),
    ]
}

async fn logs(
    State(app): State<App>,
    sender: Sender,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Refusal> {
    let encoding = encoding(&headers)?;
    let source = IntakeSource::new(Way::Otlp, "v1/logs");
    let bytes = body.len();
    let work = decode(&app, bytes, move |intake, now| {
        let records = otlp_records(&body, encoding)
            .map_err(|error| Refusal::bad_request("InvalidArgument", error.to_string()))?;
        let decoded = intake.decode(&records, &source, &Target::RecognizedOr(OTLP_TABLE.to_owned()), now)?;
        Ok((vec![decoded], ()))
    });
    let stored = store(&app, (Way::Otlp, &[sender]), work.await?, None).await?;
    Ok(answer(encoding, stored.rejected_count()))
}

fn encoding(headers: &HeaderMap) -> Result<OtlpEncoding, Refusal> {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/x-protobuf" => Ok(OtlpEncoding::Protobuf),
        "application/json" => Ok(OtlpEncoding::Json),
        _ => {
            let message =
                format!("content type `{given}` is not read; send `application/x-protobuf` or `application/json`");
            Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message))
        }
    }
}

/// An `ExportLogsServiceResponse`, in the encoding of the request; `partial_success` says how many were rejected.
fn answer(encoding: OtlpEncoding, rejected: usize) -> Response {
    let message = "see the table IngestionErrors";
    match encoding {
        OtlpEncoding::Json => {
            let partial =
                json!({"partialSuccess": {"rejectedLogRecords": rejected.to_string(), "errorMessage": message}});
            let body = if rejected > 0 { partial } else { json!({}) };
            ([(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
        }
        OtlpEncoding::Protobuf => {
            let body = if rejected > 0 { ingest::doors::otlp_partial_success(rejected, message) } else { Vec::new() };
            ([(CONTENT_TYPE, "application/x-protobuf")], body).into_response()
        }
    }
}
