//! The queue of messages, as the part of Azure Queue Storage that clients of queued ingestion use.
//!
//! <https://learn.microsoft.com/rest/api/storageservices/put-message>

use access::Permission;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use uuid::Uuid;

use super::message::IngestMessage;
use crate::service::app::App;
use crate::service::doors::store::database_refusal;
use crate::service::gate::holder_of;
use crate::service::guard::Caller;
use crate::service::payload::Payload;
use crate::service::refusal::Refusal;
use crate::service::route::Route;
use crate::service::surface::Surface;

/// Most bytes of a message: Azure's limit of 64 KiB and what XML puts around it.
const BODY_BYTES: usize = 128 << 10;
/// Messages that wait at a time.
const MOST_MESSAGES: i64 = 20_000;
/// Longest id of a message.
const ID_BYTES: usize = 256;
/// Seconds after which to try again where too many wait.
const RETRY: u64 = 30;
/// How long messages say that they are kept; they are kept until they are done. Outcomes are removed then.
pub(super) const KEPT: TimeDelta = TimeDelta::days(7);

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/ingest-queue/messages", Permission::Ingest, post)
            .surface(Surface::Storage)
            .body_bytes(BODY_BYTES)
            .summary("Messages of Kusto queued ingestion"),
    ]
}

async fn post(State(app): State<App>, Caller(caller): Caller, Payload(body): Payload) -> Result<Response, Refusal> {
    let invalid = |reason: String| Refusal::bad_request("InvalidXmlDocument", reason);
    let (message, json) = IngestMessage::of_xml(&String::from_utf8_lossy(&body)).map_err(invalid)?;
    if app.database().queued_message_count().await.map_err(database_refusal)? >= MOST_MESSAGES {
        return Err(Refusal::unavailable(RETRY, format!("{MOST_MESSAGES} messages wait to be stored")));
    }
    // A client that sends again sends the same id.
    let is_proper = !message.id.is_empty() && message.id.len() <= ID_BYTES;
    let id = if is_proper { message.id } else { Uuid::new_v4().to_string() };
    // Ids are the senders': one's does not stand in another's way.
    let holder = holder_of(&caller);
    let id = format!("{holder}/{id}");
    app.database().put_queued_message(&id, &holder, &json, app.now()).await.map_err(database_refusal)?;
    Ok((StatusCode::CREATED, [(CONTENT_TYPE, "application/xml")], answer(app.now())).into_response())
}

/// A time as headers and queues of Azure Storage have it.
pub(super) fn http_date(time: DateTime<Utc>) -> String {
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

fn answer(now: DateTime<Utc>) -> String {
    let (inserted, expires) = (http_date(now), http_date(now + KEPT));
    let (id, receipt) = (Uuid::new_v4(), Uuid::new_v4().simple());
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><QueueMessagesList><QueueMessage><MessageId>{id}</MessageId>\
         <InsertionTime>{inserted}</InsertionTime><ExpirationTime>{expires}</ExpirationTime>\
         <PopReceipt>{receipt}</PopReceipt><TimeNextVisible>{inserted}</TimeNextVisible></QueueMessage></QueueMessagesList>"
    )
}
