//! Files that `vedette ingest --server` sends, in parts.

use access::Permission;
use axum::Json;
use axum::extract::{Query, State};
use http::{HeaderMap, StatusCode};
use ingest::{IntakeSource, Records, Target, Way};
use serde::{Deserialize, Serialize};
use storage::BatchId;
use utoipa::ToSchema;

use super::intake_work::decode;
use super::sender::Sender;
use super::store::store;
use crate::service::app::App;
use crate::service::payload::Payload;
use crate::service::refusal::Refusal;
use crate::service::route::Route;
use crate::service::shapes::Shape;

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
            .summary("A part of a file: JSON in any envelope, CSV with its header, lines of syslog or CEF")
            .asks("source", true, "The file's path")
            .asks("table", false, "The table of all records, by column name; found by content where it is absent")
            .takes_as("application/octet-stream", Shape::Text)
            .gives::<Uploaded>(StatusCode::OK),
    ]
}

#[derive(Debug, Deserialize)]
struct Parameters {
    /// The file's path.
    source: String,
    /// The table of all records, by column name; found by content where it is absent.
    table: Option<String>,
}

/// What became of a part.
#[derive(Debug, Serialize, ToSchema)]
struct Uploaded {
    /// Records that have a place.
    accepted: usize,
    /// Records that went to `IngestionErrors`.
    rejected: usize,
    /// Whether the part was stored before.
    repeated: bool,
}

async fn upload(
    State(app): State<App>,
    sender: Sender,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Json<Uploaded>, Refusal> {
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
            .map_err(|reason| Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedContent", reason))?;
        Ok((vec![intake.decode(&records, &source, &target, now)?], ()))
    });
    let stored = store(&app, (Way::Upload, &[sender]), work.await?, id).await?;
    let (rejected, repeated) = (stored.rejected_count(), stored.is_repeated);
    Ok(Json(Uploaded { accepted: stored.accepted, rejected, repeated }))
}
