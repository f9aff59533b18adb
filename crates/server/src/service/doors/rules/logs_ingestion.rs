//! The Logs Ingestion API.
//!
//! <https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview>

use access::Permission;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use ingest::doors::{Damage, JsonArray};
use ingest::{Decoded, IntakeSource, Records, Target, Way};
use sha2::{Digest, Sha256};
use storage::BatchId;

use super::rule::{Flow, Stream};
use super::transform::{source_rows, transform};
use crate::service::app::App;
use crate::service::doors::intake_work::{Work, decode};
use crate::service::doors::sender::Sender;
use crate::service::doors::store::store;
use crate::service::payload::Payload;
use crate::service::refusal::Refusal;
use crate::service::route::Route;
use crate::service::surface::Surface;

/// Most bytes of a body: Azure's limit of 1 MiB and some slack, since its clients count each record without the commas and brackets around.
const BODY_BYTES: usize = (1 << 20) + (64 << 10);

/// How many records went to `IngestionErrors`; the protocol's answer has no body.
const REJECTED: HeaderName = HeaderName::from_static("x-vedette-rejected-records");

/// The id that Azure's clients give a request, the same when they send it again.
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    // Axum's names of parameters; in a request the path is as senders write it.
    vec![
        Route::post("/dataCollectionRules/{id}/streams/{stream}", Permission::Ingest, ingest)
            .surface(Surface::Arm)
            .body_bytes(BODY_BYTES)
            .summary("Logs Ingestion API: records of a stream of a data collection rule"),
    ]
}

async fn ingest(
    State(app): State<App>,
    sender: Sender,
    Path((id, stream)): Path<(String, String)>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Refusal> {
    let found = find_stream(&app, &id, &stream)?;
    check_content_type(&headers)?;
    let source = IntakeSource::new(Way::LogsIngestion, &format!("{id}/{stream}"));
    let (bytes, id) = (body.len(), batch_id(&headers, &source.name, &body));
    let needs_transform = found.flows.iter().any(|flow| flow.transform.is_some());
    let (work, damage) = if needs_transform {
        transformed(&app, &found, source, body).await?
    } else {
        let decoded = decode(&app, bytes, move |intake, now| {
            let array = JsonArray::parse(&body);
            let mut decoded = Vec::with_capacity(found.flows.len());
            for flow in &found.flows {
                let target = flow.output.target(intake, &found.columns);
                decoded.push(intake.decode(&array.records, &source, &target, now)?);
            }
            Ok((decoded, array.damage))
        });
        decoded.await?.split()
    };
    // A body that is refused, its good records stored, is not stored again when it is sent again.
    let id = if damage.is_some() { Some(id.1) } else { id.0 };
    let stored = store(&app, (Way::LogsIngestion, &[sender]), work, id).await?;
    let rejected = stored.rejected_count();
    if let Some(damage) = damage {
        return Err(invalid_payload(&damage, stored.accepted, rejected));
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    if rejected > 0 {
        response.headers_mut().insert(REJECTED, HeaderValue::from(rejected));
    }
    Ok(response)
}

fn find_stream(app: &App, id: &str, stream: &str) -> Result<Stream, Refusal> {
    let missing = || {
        let message = format!("Data collection rule with immutable Id '{id}' not found.");
        Refusal::not_found("NotFound", message)
    };
    let rule = app.doors().rules().rule(id).ok_or_else(missing)?;
    let unknown = || {
        let message = format!("The stream '{stream}' is not declared in the data collection rule '{}'.", rule.name);
        Refusal::bad_request("InvalidStream", message)
    };
    rule.stream(stream).ok_or_else(unknown)
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = given.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let message = format!("content type `{given}` is not read; send `application/json`");
    Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message))
}

/// The id of a batch that its sender names, and that of the same bytes.
fn batch_id(headers: &HeaderMap, source: &str, body: &Bytes) -> (Option<BatchId>, BatchId) {
    let digest = Sha256::digest(body);
    let named = headers.get(CLIENT_REQUEST_ID).map(|id| {
        let mut name = id.as_bytes().to_vec();
        name.extend_from_slice(&digest);
        BatchId::new(source, name)
    });
    (named, BatchId::new(source, digest))
}

fn invalid_payload(damage: &Damage, accepted: usize, rejected: usize) -> Refusal {
    let Damage { element, byte, reason } = damage;
    let message = format!(
        "the body is no valid JSON array of records: element {element} at byte {byte}: {reason}; \
         {accepted} records were stored, {rejected} went to IngestionErrors"
    );
    Refusal::bad_request("InvalidPayload", message)
}

/// Decodes a body of which some flow transforms the records.
async fn transformed(
    app: &App,
    stream: &Stream,
    source: IntakeSource,
    body: Bytes,
) -> Result<(Work<()>, Option<Damage>), Refusal> {
    let (now, bytes) = (app.now(), body.len());
    let (array, flows) = (JsonArray::parse(&body), &stream.flows);
    let mut parts: Vec<(Records, Target)> = Vec::with_capacity(flows.len());
    for Flow { transform: query, output } in flows {
        let records = match query {
            Some(query) => transform(app, query, source_rows(&stream.columns, &array.records, now)?, now).await?,
            None => JsonArray::parse(&body).records,
        };
        let columns = if query.is_some() { [].as_slice() } else { &stream.columns };
        parts.push((records, output.target(app.doors().intake(), columns)));
    }
    let damage = array.damage;
    let work = decode(app, bytes, move |intake, now| {
        let decoded = parts.iter().map(|(records, target)| intake.decode(records, &source, target, now));
        Ok((decoded.collect::<Result<Vec<Decoded>, _>>()?, ()))
    });
    Ok((work.await?, damage))
}
