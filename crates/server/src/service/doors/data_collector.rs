//! The HTTP Data Collector API, which senders use that were not moved when its vendor ended it.
//!
//! <https://learn.microsoft.com/previous-versions/azure/azure-monitor/logs/data-collector-api>

use access::Permission;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use ingest::doors::JsonArray;
use ingest::{IntakeSource, Target, Way};
use schema::CUSTOM_SUFFIX;
use serde::Deserialize;

use super::intake_work::decode;
use super::sender::Sender;
use super::store::store;
use crate::service::app::App;
use crate::service::payload::Payload;
use crate::service::refusal::Refusal;
use crate::service::route::Route;
use crate::service::surface::Surface;

/// Most bytes of a body, as in the vendor's service: 30 MB.
const BODY_BYTES: usize = 30 << 20;
/// Longest `Log-Type`.
const LOG_TYPE_BYTES: usize = 100;

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/logs", Permission::Ingest, collect)
            .surface(Surface::DataCollector)
            .body_bytes(BODY_BYTES)
            .summary("HTTP Data Collector API, with a signature by a shared key"),
    ]
}

#[derive(Debug, Deserialize)]
struct Parameters {
    #[serde(rename = "api-version")]
    api_version: Option<String>,
}

async fn collect(
    State(app): State<App>,
    sender: Sender,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Refusal> {
    match parameters.api_version.as_deref() {
        Some("2016-04-01") => {}
        None => return Err(Refusal::bad_request("MissingApiVersion", "the parameter api-version is missing")),
        Some(other) => return Err(Refusal::bad_request("InvalidApiVersion", format!("no version `{other}`"))),
    }
    check_content_type(&headers)?;
    let (table, target) = target(&headers)?;
    let source = IntakeSource::new(Way::DataCollector, &table);
    let bytes = body.len();
    let work = decode(&app, bytes, move |intake, now| {
        let array = JsonArray::parse_one_or_many(&body);
        let decoded = intake.decode(&array.records, &source, &target, now)?;
        Ok((vec![decoded], array.damage))
    });
    let (work, damage) = work.await?.split();
    let stored = store(&app, (Way::DataCollector, &[sender]), work, None).await?;
    match damage {
        None => Ok(StatusCode::OK.into_response()),
        Some(damage) => {
            let (accepted, rejected) = (stored.accepted, stored.rejected_count());
            let message = format!(
                "record {} at byte {}: {}; {accepted} records were stored, {rejected} went to IngestionErrors",
                damage.element, damage.byte, damage.reason
            );
            Err(Refusal::bad_request("InvalidDataFormat", message))
        }
    }
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let given =
        given.ok_or_else(|| Refusal::bad_request("MissingContentType", "the header Content-Type is missing"))?;
    let is_json = given.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json");
    let refusal = || Refusal::bad_request("UnsupportedContentType", "send `application/json`");
    if is_json { Ok(()) } else { Err(refusal()) }
}

/// The table that the headers name, and where records go that no decoder knows.
fn target(headers: &HeaderMap) -> Result<(String, Target), Refusal> {
    let text = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        value.filter(|value| !value.is_empty()).map(str::to_owned)
    };
    let log_type =
        text("log-type").ok_or_else(|| Refusal::bad_request("MissingLogType", "the header Log-Type is missing"))?;
    let table = format!("{log_type}{CUSTOM_SUFFIX}");
    if log_type.len() > LOG_TYPE_BYTES || !schema::is_custom_table_name(&table) {
        let message = "Log-Type begins with a letter and has letters, digits and underscores";
        return Err(Refusal::bad_request("InvalidLogType", message));
    }
    let target = Target::RecognizedOrTyped {
        table: table.clone(),
        time_field: text("time-generated-field"),
        resource_id: text("x-ms-azureresourceid"),
    };
    Ok((table, target))
}
