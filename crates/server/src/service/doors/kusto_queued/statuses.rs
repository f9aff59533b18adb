//! The table of statuses, as the part of Azure Table Storage that clients of queued ingestion use: they make a row for a message and read it
//! until it says what became of the message. Each sender sees its own.
//!
//! <https://learn.microsoft.com/rest/api/storageservices/insert-entity>

use access::Permission;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use chrono::SecondsFormat;
use database::IngestionStatus;
use http::header::{CONTENT_TYPE, ETAG};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::STATUSES;
use crate::service::app::App;
use crate::service::doors::store::database_refusal;
use crate::service::gate::holder_of;
use crate::service::guard::Caller;
use crate::service::payload::Payload;
use crate::service::refusal::Refusal;
use crate::service::route::Route;
use crate::service::surface::Surface;

/// Most bytes of a row: a status has ten short fields, and an address.
const BODY_BYTES: usize = 16 << 10;
/// Longest half of a key: Azure's limit of 1 KiB.
const KEY_BYTES: usize = 1024;
/// Most rows of all senders; those that have not changed for a week go.
const MOST_STATUSES: i64 = 100_000;
/// Seconds after which to try again where there are too many.
const RETRY: u64 = 600;

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    let routes = [
        Route::post("/ingeststatus", Permission::Ingest, insert).body_bytes(BODY_BYTES),
        Route::get("/ingeststatus/{keys}", Permission::Ingest, show),
    ];
    routes
        .into_iter()
        .map(|route| route.surface(Surface::StorageTable).summary("Statuses of Kusto queued ingestion"))
        .collect()
}

async fn insert(
    State(app): State<App>,
    Caller(caller): Caller,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Response, Refusal> {
    let mut fields: Map<String, Value> =
        serde_json::from_slice(&body).map_err(|error| Refusal::bad_request("InvalidInput", error.to_string()))?;
    let mut key = |name: &str| match fields.remove(name) {
        Some(Value::String(key)) if key.len() <= KEY_BYTES => Ok(key),
        Some(_) => {
            Err(Refusal::bad_request("KeyValueTooLarge", format!("`{name}` is no text of up to {KEY_BYTES} bytes")))
        }
        None => Err(Refusal::bad_request("PropertiesNeedValue", format!("`{name}` is missing"))),
    };
    let (partition_key, row_key) = (key("PartitionKey")?, key("RowKey")?);
    if app.database().ingestion_status_count().await.map_err(database_refusal)? >= MOST_STATUSES {
        return Err(Refusal::unavailable(RETRY, format!("{MOST_STATUSES} statuses are kept")));
    }
    let document = Value::Object(fields).to_string();
    let status = IngestionStatus { holder: holder_of(&caller), partition_key, row_key, document, updated: app.now() };
    if !app.database().insert_ingestion_status(&status).await.map_err(database_refusal)? {
        return Err(Refusal::new(StatusCode::CONFLICT, "EntityAlreadyExists", "there is a row of this key"));
    }
    let wants_nothing = headers.get("prefer").is_some_and(|prefer| prefer == "return-no-content");
    if wants_nothing {
        let headers = [(ETAG.as_str(), etag(&status)), ("preference-applied", "return-no-content".to_owned())];
        return Ok((StatusCode::NO_CONTENT, headers).into_response());
    }
    Ok((StatusCode::CREATED, entity(&status)).into_response())
}

async fn show(State(app): State<App>, Caller(caller): Caller, Path(keys): Path<String>) -> Result<Response, Refusal> {
    let Some((partition_key, row_key)) = read_keys(&keys) else {
        let message = "rows are asked for one by one: `(PartitionKey='…',RowKey='…')`";
        return Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message));
    };
    let status = app.database().ingestion_status(&holder_of(&caller), &partition_key, &row_key).await;
    let status = status.map_err(database_refusal)?;
    let status = status.ok_or_else(|| Refusal::not_found("ResourceNotFound", "there is no row of this key"))?;
    Ok(entity(&status).into_response())
}

fn etag(status: &IngestionStatus) -> String {
    format!("W/\"datetime'{}'\"", status.updated.to_rfc3339_opts(SecondsFormat::Micros, true).replace(':', "%3A"))
}

fn entity(status: &IngestionStatus) -> impl IntoResponse {
    let fields: Map<String, Value> = serde_json::from_str(&status.document).unwrap_or_default();
    let mut entity = Map::from_iter([
        ("odata.metadata".to_owned(), Value::from(format!("$metadata#{STATUSES}/@Element"))),
        ("odata.etag".to_owned(), etag(status).into()),
    ]);
    entity.extend(fields);
    entity.insert("PartitionKey".to_owned(), status.partition_key.clone().into());
    entity.insert("RowKey".to_owned(), status.row_key.clone().into());
    entity.insert("Timestamp".to_owned(), status.updated.to_rfc3339_opts(SecondsFormat::Micros, true).into());
    let headers = [
        (ETAG.as_str(), etag(status)),
        (CONTENT_TYPE.as_str(), "application/json;odata=minimalmetadata;charset=utf-8".to_owned()),
    ];
    (headers, Value::Object(entity).to_string())
}

/// The halves of a key: `(PartitionKey='a',RowKey='b')`, with a quotation mark in them doubled.
fn read_keys(text: &str) -> Option<(String, String)> {
    let rest = text.strip_prefix("(PartitionKey=")?.strip_suffix(')')?;
    let (partition_key, rest) = read_quoted(rest)?;
    let (row_key, rest) = read_quoted(rest.trim_start().strip_prefix(',')?.trim_start().strip_prefix("RowKey=")?)?;
    rest.is_empty().then_some((partition_key, row_key))
}

fn read_quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('\'')?;
    let mut read = String::new();
    loop {
        let (part, after) = rest.split_once('\'')?;
        read.push_str(part);
        match after.strip_prefix('\'') {
            Some(more) => {
                read.push('\'');
                rest = more;
            }
            None => return Some((read, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_two_quoted_halves() {
        let read = |text: &str| read_keys(text);
        let both = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(read("(PartitionKey='a',RowKey='b')"), both("a", "b"));
        assert_eq!(read("(PartitionKey='it''s',RowKey='')"), both("it's", ""));
        for damaged in [
            "()",
            "(PartitionKey='a')",
            "(PartitionKey='a',RowKey='b'",
            "(PartitionKey='a',RowKey='b'x)",
            "(RowKey='b')",
        ] {
            assert_eq!(read(damaged), None, "{damaged}");
        }
    }
}
