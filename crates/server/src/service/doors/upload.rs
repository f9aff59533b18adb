//! Files that `vedette ingest --server` sends, in parts.

use access::Permission;
use axum::Json;
use axum::extract::{Query, State};
use http::HeaderMap;
use ingest::{IntakeSource, Records, Target, Way};
use serde::Deserialize;
use serde_json::{Value, json};
use storage::BatchId;

use super::intake_work::decode;
use super::store::store;
use crate::service::app::App;
use crate::service::payload::Payload;
use crate::service::refusal::Refusal;
use crate::service::route::Route;

/// Most bytes of a part.
const BODY_BYTES: usize = 16 << 20;
/// The header that names a part, so that one sent again is not stored again.
pub(crate) const BATCH_HEADER: &str = "x-vedette-batch-id";
/// Longest name of a part or a source.
const NAME_BYTES: usize = 4096;

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/api/v1/ingest", Permission::Ingest, upload)
            .body_bytes(BODY_BYTES)
            .summary("A part of a file: JSON in any envelope, CSV with its header, lines of syslog or CEF"),
    ]
}

#[derive(Debug, Deserialize)]
struct Parameters {
    /// The file's path.
    source: String,
    /// The table of all records, by column name; found by content where it is absent.
    table: Option<String>,
}

async fn upload(
    State(app): State<App>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Json<Value>, Refusal> {
    if parameters.source.len() > NAME_BYTES {
        return Err(Refusal::bad_request("BadRequest", format!("`source` is longer than {NAME_BYTES} bytes")));
    }
    let target = match &parameters.table {
        None => Target::Recognized,
        Some(name) => {
            let intake = app.doors().intake();
            let make = || schema::is_custom_table_name(name).then(|| intake.declare(schema::custom_table(name, &[])));
            let table = intake.table(name).or_else(make);
            Target::Table(table.ok_or_else(|| Refusal::not_found("NotFound", format!("no table `{name}`")))?)
        }
    };
    let name = headers.get(BATCH_HEADER).filter(|name| name.len() <= NAME_BYTES);
    let id = name.map(|name| BatchId::new(&format!("upload:{}", parameters.source), name.as_bytes()));
    let source = IntakeSource::file(Way::Upload, &parameters.source);
    let bytes = body.len();
    let work = decode(&app, bytes, move |intake, now| {
        let records = Records::of_text(&body, intake.limits())
            .map_err(|reason| Refusal::new(http::StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedContent", reason))?;
        Ok((vec![intake.decode(&records, &source, &target, now)?], ()))
    });
    let stored = store(&app, Way::Upload, work.await?, id).await?;
    Ok(Json(json!({
        "accepted": stored.accepted,
        "rejected": stored.rejected_count(),
        "repeated": stored.is_repeated,
    })))
}
