//! The routes of Azure Blob Storage that clients of queued ingestion use.
//!
//! <https://learn.microsoft.com/rest/api/storageservices/put-blob>

use std::io;

use access::Permission;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::header::{ETAG, LAST_MODIFIED};
use http::{HeaderValue, StatusCode};
use serde::Deserialize;

use super::blob_store::BlobStore;
use super::messages::http_date;
use crate::service::app::App;
use crate::service::payload::Payload;
use crate::service::refusal::Refusal;
use crate::service::route::Route;
use crate::service::surface::Surface;

/// Most bytes of a blob or block in one request: clients send 64 MiB at once, and larger blobs in blocks of 4.
const BODY_BYTES: usize = 64 << 20;
/// Most blocks of a blob.
const MOST_BLOCKS: usize = 1024;
/// Longest name of a blob.
const NAME_BYTES: usize = 1024;
/// The version of Azure Storage whose answers these are.
const VERSION: &str = "2024-11-04";
/// Seconds after which to try again where too many blobs wait.
const RETRY: u64 = 30;

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::put("/ingest-blobs/{*name}", Permission::Ingest, put)
            .surface(Surface::Storage)
            .body_bytes(BODY_BYTES)
            .summary("Blobs of Kusto queued ingestion"),
    ]
}

#[derive(Debug, Deserialize)]
struct Parameters {
    comp: Option<String>,
    blockid: Option<String>,
}

async fn put(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(parameters): Query<Parameters>,
    Payload(body): Payload,
) -> Result<Response, Refusal> {
    if name.len() > NAME_BYTES {
        return Err(Refusal::bad_request("InvalidResourceName", format!("longer than {NAME_BYTES} bytes")));
    }
    let store = BlobStore::of_workspace(app.live().path());
    let kept = tokio::task::spawn_blocking(move || match (parameters.comp.as_deref(), parameters.blockid) {
        (None, _) => store.put(&name, &body).map_err(|error| refusal(&error)),
        (Some("block"), Some(block)) => store.put_block(&name, &block, &body).map_err(|error| refusal(&error)),
        (Some("blocklist"), _) => {
            let blocks = block_ids(&String::from_utf8_lossy(&body))?;
            store.commit_blocks(&name, &blocks).map_err(|error| refusal(&error))
        }
        (Some(other), _) => Err(Refusal::bad_request("InvalidQueryParameterValue", format!("comp={other}"))),
    });
    kept.await.map_err(|_| Refusal::internal("the blob was not kept"))??;
    let now = app.now();
    let mut response = StatusCode::CREATED.into_response();
    let headers = response.headers_mut();
    for (name, text) in [(ETAG, format!("\"0x{:X}\"", now.timestamp_micros())), (LAST_MODIFIED, http_date(now))] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    }
    headers.insert("x-ms-version", HeaderValue::from_static(VERSION));
    headers.insert("x-ms-request-server-encrypted", HeaderValue::from_static("false"));
    Ok(response)
}

/// The ids in the order of a block list: `<Latest>…</Latest>`, `<Uncommitted>` or `<Committed>`.
fn block_ids(xml: &str) -> Result<Vec<String>, Refusal> {
    let mut ids = Vec::new();
    for part in xml.split('<').skip(1) {
        if let Some(id) = ["Latest>", "Uncommitted>", "Committed>"].iter().find_map(|tag| part.strip_prefix(tag)) {
            ids.push(id.trim().to_owned());
        }
    }
    if ids.is_empty() || ids.len() > MOST_BLOCKS {
        return Err(Refusal::bad_request("InvalidBlockList", format!("expected 1 to {MOST_BLOCKS} blocks")));
    }
    Ok(ids)
}

fn refusal(error: &io::Error) -> Refusal {
    match error.kind() {
        io::ErrorKind::NotFound => Refusal::bad_request("InvalidBlockList", "a block of the list was not sent"),
        io::ErrorKind::QuotaExceeded | io::ErrorKind::StorageFull => Refusal::unavailable(RETRY, error.to_string()),
        _ => {
            tracing::error!(%error, "a blob was not kept");
            Refusal::internal("the blob was not kept")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_blocks_of_a_list_are_in_its_order() {
        let xml = "<?xml version=\"1.0\"?><BlockList><Latest>Yg==</Latest><Uncommitted>YQ==</Uncommitted></BlockList>";
        assert_eq!(block_ids(xml).unwrap(), ["Yg==", "YQ=="]);
        assert!(block_ids("<BlockList></BlockList>").is_err());
    }
}
