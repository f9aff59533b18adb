//! The queues of outcomes, as the part of Azure Queue Storage that clients read status queues with. Each sender sees its own.
//!
//! <https://learn.microsoft.com/rest/api/storageservices/get-messages>

use access::Permission;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::TimeDelta;
use database::OutcomeQueue;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use uuid::Uuid;

use super::messages::{KEPT, http_date};
use crate::service::app::App;
use crate::service::doors::store::database_refusal;
use crate::service::gate::holder_of;
use crate::service::guard::Caller;
use crate::service::refusal::Refusal;
use crate::service::route::Route;
use crate::service::surface::Surface;

/// Most messages in an answer: Azure's limit.
const MOST_AT_ONCE: u32 = 32;
/// Seconds for which a received message is hidden where the client says nothing: Azure's default.
const HIDDEN_SECONDS: i64 = 30;
/// Most of these seconds: Azure's limit of seven days.
const MOST_HIDDEN_SECONDS: i64 = 7 * 24 * 60 * 60;

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    let of = |paths: [&'static str; 3], queue: OutcomeQueue| {
        let [queue_path, messages, message] = paths;
        [
            Route::get(queue_path, Permission::Ingest, move |app, caller, query| about(app, caller, query, queue)),
            Route::get(messages, Permission::Ingest, move |app, caller, query| read(app, caller, query, queue)),
            Route::delete(message, Permission::Ingest, move |app, caller, path, query| {
                remove(app, caller, path, query, queue)
            }),
        ]
    };
    let failed = ["/ingest-failed", "/ingest-failed/messages", "/ingest-failed/messages/{id}"];
    let succeeded = ["/ingest-succeeded", "/ingest-succeeded/messages", "/ingest-succeeded/messages/{id}"];
    [of(failed, OutcomeQueue::Failed), of(succeeded, OutcomeQueue::Succeeded)]
        .into_iter()
        .flatten()
        .map(|route| route.surface(Surface::Storage).summary("Outcomes of Kusto queued ingestion"))
        .collect()
}

#[derive(Debug, Deserialize)]
struct Parameters {
    comp: Option<String>,
    #[serde(rename = "numofmessages")]
    most: Option<u32>,
    #[serde(rename = "peekonly")]
    peeks: Option<String>,
    #[serde(rename = "visibilitytimeout")]
    hidden: Option<i64>,
    #[serde(rename = "popreceipt")]
    receipt: Option<String>,
}

/// How many messages there are.
async fn about(
    State(app): State<App>,
    Caller(caller): Caller,
    Query(parameters): Query<Parameters>,
    queue: OutcomeQueue,
) -> Result<Response, Refusal> {
    if parameters.comp.as_deref() != Some("metadata") {
        return Err(Refusal::bad_request("InvalidQueryParameterValue", "expected `comp=metadata`"));
    }
    let count = app.database().ingestion_outcome_count(queue, &holder_of(&caller)).await.map_err(database_refusal)?;
    Ok((StatusCode::OK, [("x-ms-approximate-messages-count", count.to_string())]).into_response())
}

/// Messages, with or without hiding them.
async fn read(
    State(app): State<App>,
    Caller(caller): Caller,
    Query(parameters): Query<Parameters>,
    queue: OutcomeQueue,
) -> Result<Response, Refusal> {
    let most = parameters.most.unwrap_or(1);
    let hidden = parameters.hidden.unwrap_or(HIDDEN_SECONDS);
    if !(1..=MOST_AT_ONCE).contains(&most) || !(1..=MOST_HIDDEN_SECONDS).contains(&hidden) {
        let message = format!(
            "expected `numofmessages` from 1 to {MOST_AT_ONCE} and `visibilitytimeout` from 1 to {MOST_HIDDEN_SECONDS}"
        );
        return Err(Refusal::bad_request("OutOfRangeQueryParameterValue", message));
    }
    let (holder, now, database) = (holder_of(&caller), app.now(), app.database());
    let peeks = parameters.peeks.is_some_and(|peeks| peeks.eq_ignore_ascii_case("true"));
    let (receipt, visible) = (Uuid::new_v4().simple().to_string(), now + TimeDelta::seconds(hidden));
    let found = match peeks {
        true => database.peek_ingestion_outcomes(queue, &holder, most, now).await,
        false => database.receive_ingestion_outcomes(queue, &holder, most, (now, visible), &receipt).await,
    };
    let mut xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?><QueueMessagesList>".to_owned();
    for outcome in found.map_err(database_refusal)? {
        let (inserted, expires) = (http_date(outcome.inserted), http_date(outcome.inserted + KEPT));
        let handle = match peeks {
            true => String::new(),
            false => {
                format!("<PopReceipt>{receipt}</PopReceipt><TimeNextVisible>{}</TimeNextVisible>", http_date(visible))
            }
        };
        xml.push_str(&format!(
            "<QueueMessage><MessageId>{}</MessageId><InsertionTime>{inserted}</InsertionTime>\
             <ExpirationTime>{expires}</ExpirationTime>{handle}<DequeueCount>{}</DequeueCount>\
             <MessageText>{}</MessageText></QueueMessage>",
            outcome.id,
            outcome.receives,
            BASE64.encode(&outcome.document)
        ));
    }
    xml.push_str("</QueueMessagesList>");
    Ok((StatusCode::OK, [(CONTENT_TYPE, "application/xml")], xml).into_response())
}

/// Deletes a message that was received.
async fn remove(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Query(parameters): Query<Parameters>,
    queue: OutcomeQueue,
) -> Result<StatusCode, Refusal> {
    let receipt = parameters.receipt.unwrap_or_default();
    let removed = app.database().delete_ingestion_outcome(queue, &holder_of(&caller), &id, &receipt).await;
    match removed.map_err(database_refusal)? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Refusal::not_found("MessageNotFound", "no message of this id was received under this receipt")),
    }
}
