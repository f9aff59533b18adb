//! Elasticsearch's `_bulk`, and what its clients ask before they send.
//!
//! <https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk>

use std::collections::HashMap;
use std::time::Instant;

use access::Permission;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use ingest::doors::{Bulk, BulkItem, table_of_index};
use ingest::{IntakeSource, Rejected, Target, Way};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use storage::BatchId;

use super::intake_work::decode;
use super::sender::Sender;
use super::store::store;
use crate::service::app::App;
use crate::service::payload::Payload;
use crate::service::refusal::Refusal;
use crate::service::route::Route;
use crate::service::surface::Surface;

/// Most bytes of a body. Beats send some MB at most; Elasticsearch's own limit of 100 MB is advised against by its vendor.
const BODY_BYTES: usize = 16 << 20;
/// The version that clients are told; those of 7 and 8 work with it.
const VERSION: &str = "8.15.0";

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    let bulk = |method: Method, path| match method {
        Method::PUT => Route::put(path, Permission::Ingest, bulk_route),
        _ => Route::post(path, Permission::Ingest, bulk_route),
    };
    let send = [
        bulk(Method::POST, "/_bulk"),
        bulk(Method::PUT, "/_bulk"),
        bulk(Method::POST, "/{index}/_bulk"),
        bulk(Method::PUT, "/{index}/_bulk"),
    ];
    let send = send.map(|route| route.body_bytes(BODY_BYTES).summary("Elasticsearch bulk: documents become rows"));
    let ask = [
        Route::get("/", Permission::Ingest, info).summary("What clients of Elasticsearch ask first"),
        Route::get("/_license", Permission::Ingest, license).summary("Elasticsearch license, asked by Beats"),
        Route::get("/_xpack", Permission::Ingest, xpack).summary("Elasticsearch features, asked by Beats"),
        Route::get("/_cat/health", Permission::Ingest, cat_health).summary("Elasticsearch health, asked by rsyslog"),
        Route::get("/_cluster/health", Permission::Ingest, cluster_health).summary("Elasticsearch health"),
    ];
    // Tables have their columns from their data, so that templates, policies and pipelines change nothing; senders set them up regardless.
    let set_up = [
        "/_index_template/{name}",
        "/_template/{name}",
        "/_component_template/{name}",
        "/_ilm/policy/{name}",
        "/_ingest/pipeline/{name}",
        "/_data_stream/{name}",
    ];
    let set_up = set_up.into_iter().flat_map(|path| {
        [
            Route::put(path, Permission::Ingest, acknowledge)
                .summary("Taken from senders of Elasticsearch; changes nothing"),
            Route::get(path, Permission::Ingest, absent)
                .summary("Nothing is kept of what senders of Elasticsearch set up"),
        ]
    });
    send.into_iter().chain(ask).chain(set_up).map(|route| route.surface(Surface::Elastic)).collect()
}

async fn info() -> Json<Value> {
    Json(json!({
        "name": "vedette",
        "cluster_name": "vedette",
        "cluster_uuid": "vedette",
        "version": {
            "number": VERSION,
            "build_flavor": "default",
            "build_type": "tar",
            "build_hash": "unknown",
            "build_date": "2024-08-05T00:00:00.000Z",
            "build_snapshot": false,
            "lucene_version": "9.11.1",
            "minimum_wire_compatibility_version": "7.17.0",
            "minimum_index_compatibility_version": "7.0.0",
        },
        "tagline": "You Know, for Search",
    }))
}

async fn license() -> Json<Value> {
    Json(json!({"license": {"status": "active", "uid": "vedette", "type": "basic", "mode": "basic"}}))
}

async fn xpack() -> Json<Value> {
    let feature = |enabled| json!({"available": enabled, "enabled": enabled});
    Json(json!({
        "build": {"hash": "unknown", "date": "2024-08-05T00:00:00.000Z"},
        "license": {"uid": "vedette", "type": "basic", "mode": "basic", "status": "active"},
        "features": {"ilm": feature(false), "security": feature(true), "monitoring": feature(false)},
        "tagline": "You know, for X",
    }))
}

async fn cat_health() -> &'static str {
    "vedette green 1 1\n"
}

async fn cluster_health() -> Json<Value> {
    Json(
        json!({"cluster_name": "vedette", "status": "green", "timed_out": false, "number_of_nodes": 1, "number_of_data_nodes": 1}),
    )
}

async fn acknowledge(Path(_name): Path<String>, _body: Payload) -> Json<Value> {
    Json(json!({"acknowledged": true}))
}

async fn absent(Path(name): Path<String>) -> Refusal {
    Refusal::not_found("resource_not_found_exception", format!("`{name}` is not kept"))
}

async fn bulk_route(
    State(app): State<App>,
    sender: Sender,
    index: Option<Path<String>>,
    Payload(body): Payload,
) -> Result<Response, Refusal> {
    let (started, bytes) = (Instant::now(), body.len());
    let index = index.map(|Path(index)| index);
    let work = decode(&app, bytes, move |intake, now| {
        let bulk = Bulk::parse(&body, index.as_deref());
        if bulk.items.is_empty() {
            let message = "request body is required";
            return Err(Refusal::bad_request("parse_exception", message));
        }
        let mut decoded = Vec::with_capacity(bulk.indexes.len());
        for (index, records) in &bulk.indexes {
            let source = IntakeSource::new(Way::ElasticBulk, index);
            decoded.push(intake.decode(records, &source, &Target::RecognizedOr(table_of_index(index)), now)?);
        }
        let indexes: Vec<String> = bulk.indexes.into_iter().map(|(index, _)| index).collect();
        let id = batch_id(&bulk.items, index.as_deref(), &body);
        Ok((decoded, (bulk.items, indexes, id)))
    });
    let (work, (items, indexes, id)) = work.await?.split();
    let outcome = match store(&app, (Way::ElasticBulk, &[sender]), work, id).await {
        Ok(stored) => Outcome::Stored(reasons(indexes, stored.rejected)),
        // Clients send again what is answered so, item by item.
        Err(refusal) if refusal.status == StatusCode::TOO_MANY_REQUESTS => Outcome::Busy(refusal.message),
        Err(refusal) => return Err(refusal),
    };
    let answers: Vec<Value> = items.iter().map(|item| answer(item, &outcome)).collect();
    let is_error = |answer: &Value| {
        let item = answer.as_object().and_then(|action| action.values().next());
        item.and_then(|item| item["status"].as_u64()).is_none_or(|status| status >= 300)
    };
    let errors = answers.iter().any(is_error);
    let took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Json(json!({"took": took, "errors": errors, "items": answers})).into_response())
}

/// The id of a batch whose documents all have one, so that it is stored once when it is sent again. The same bytes without ids may be other events.
fn batch_id(items: &[BulkItem], index: Option<&str>, body: &[u8]) -> Option<BatchId> {
    items.iter().all(|item| item.id.is_some()).then(|| BatchId::new(index.unwrap_or("_bulk"), Sha256::digest(body)))
}

enum Outcome {
    /// Stored but for these: reasons by index and place.
    Stored(HashMap<String, HashMap<usize, String>>),
    Busy(String),
}

fn reasons(indexes: Vec<String>, rejected: Vec<Vec<Rejected>>) -> HashMap<String, HashMap<usize, String>> {
    let by_place = |rejected: Vec<Rejected>| rejected.into_iter().map(|one| (one.index, one.reason)).collect();
    indexes.into_iter().zip(rejected.into_iter().map(by_place)).collect()
}

/// The answer to one action.
fn answer(item: &BulkItem, outcome: &Outcome) -> Value {
    let id = item.id.clone().unwrap_or_default();
    let failed = |status: u16, kind: &str, reason: &str| json!({"_index": item.index, "_id": id, "status": status, "error": {"type": kind, "reason": reason}});
    let found = match (&item.record, outcome) {
        (Err(reason), _) => failed(400, "illegal_argument_exception", reason),
        (Ok(_), Outcome::Busy(reason)) => failed(429, "es_rejected_execution_exception", reason),
        (Ok(place), Outcome::Stored(reasons)) => {
            match reasons.get(&item.index).and_then(|reasons| reasons.get(place)) {
                Some(reason) => failed(400, "document_parsing_exception", reason),
                None => json!({
                    "_index": item.index, "_id": id, "_version": 1, "result": "created", "status": 201,
                    "_shards": {"total": 1, "successful": 1, "failed": 0}, "_seq_no": 0, "_primary_term": 1,
                }),
            }
        }
    };
    json!({ item.action.name(): found })
}
