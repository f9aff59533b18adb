//! Kusto streaming ingestion.
//!
//! <https://learn.microsoft.com/kusto/api/rest/streaming-ingest>

use access::Permission;
use axum::Json;
use axum::extract::{Path, Query, State};
use http::{HeaderMap, StatusCode};
use ingest::doors::{KustoFormat, KustoMapping, kusto_records};
use ingest::{IntakeSource, Target, Way};
use schema::{CustomColumn, Table, custom_table};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use storage::BatchId;

use super::intake_work::decode;
use super::sender::Sender;
use super::store::{database_refusal, store};
use crate::service::app::App;
use crate::service::payload::Payload;
use crate::service::refusal::Refusal;
use crate::service::route::Route;
use crate::service::surface::Surface;

/// Most bytes of a body, decoded. Clients stream up to 4 MiB and queue what is larger; the vendor's service takes 10 MB.
const BODY_BYTES: usize = 10 << 20;

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/rest/ingest/{database}/{table}", Permission::Ingest, stream)
            .surface(Surface::Kusto)
            .body_bytes(BODY_BYTES)
            .summary("Kusto streaming ingestion"),
    ]
}

#[derive(Debug, Deserialize)]
struct Parameters {
    #[serde(rename = "streamFormat")]
    format: Option<String>,
    #[serde(rename = "mappingName")]
    mapping: Option<String>,
    #[serde(rename = "sourceKind")]
    source_kind: Option<String>,
}

async fn stream(
    State(app): State<App>,
    sender: Sender,
    Path((database, table)): Path<(String, String)>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    Payload(body): Payload,
) -> Result<Json<Value>, Refusal> {
    let bad = |message: String| Refusal::bad_request("BadRequest", message);
    if parameters.source_kind.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("uri")) {
        return Err(bad("sourceKind=uri is not served: send the data itself".to_owned()));
    }
    let format: KustoFormat = parameters.format.as_deref().unwrap_or("csv").parse().map_err(bad)?;
    let target = known_table(&app, &table).await?;
    let mapping = match parameters.mapping.as_deref().filter(|name| !name.is_empty()) {
        None => None,
        Some(name) => Some(find_mapping(&app, &target.name, format, name).await?),
    };
    let columns = ordinal_columns(&app, target).await?;
    let source = IntakeSource::new(Way::KustoStreaming, &format!("{database}/{table}"));
    let id = headers.get("x-ms-client-request-id").map(|id| {
        let digest = Sha256::digest(&body);
        BatchId::new(&source.name, [id.as_bytes(), &digest].concat())
    });
    let bytes = body.len();
    let work = decode(&app, bytes, move |intake, now| {
        let records = kusto_records(&body, format, mapping.as_ref(), &columns, false)
            .map_err(|error| Refusal::bad_request("BadRequest", error.to_string()))?;
        let decoded = intake.decode(&records, &source, &Target::Table(target), now)?;
        Ok((vec![decoded], ()))
    });
    let stored = store(&app, (Way::KustoStreaming, &[sender]), work.await?, id).await?;
    let rejected = stored.rejected_count();
    if stored.accepted == 0 && rejected > 0 {
        let reason = stored.rejected.iter().flatten().next().map_or("", |rejected| rejected.reason.as_str());
        let message =
            format!("no record of the data can be read; the first: {reason}; all {rejected} went to IngestionErrors");
        return Err(Refusal::bad_request("BadRequest_StreamingIngestionFailed", message));
    }
    Ok(Json(answer(stored.accepted, rejected)))
}

/// The table of an ingestion: one that has rows, is built in, or was declared.
pub(super) async fn known_table(app: &App, name: &str) -> Result<&'static Table, Refusal> {
    if let Some(table) = app.doors().intake().table(name) {
        return Ok(table);
    }
    let declared =
        declared_columns(app, name).await?.map(|columns| app.doors().intake().declare(custom_table(name, &columns)));
    declared.ok_or_else(|| {
        let message = format!("Entity ID '{name}' of kind 'Table' was not found.");
        Refusal::new(StatusCode::BAD_REQUEST, "BadRequest_EntityNotFound", message)
    })
}

/// The columns that a table was declared with, in their order.
async fn declared_columns(app: &App, name: &str) -> Result<Option<Vec<CustomColumn>>, Refusal> {
    let declared = app.database().declared_tables().await.map_err(database_refusal)?;
    let found = declared.into_iter().find(|declared| declared.name == name);
    found
        .map(|found| serde_json::from_str(&found.columns))
        .transpose()
        .map_err(|error| Refusal::internal(format!("the declaration of `{name}` cannot be read: {error}")))
}

/// The mapping of this name, of the kind that the format needs.
pub(super) async fn find_mapping(
    app: &App,
    table: &str,
    format: KustoFormat,
    name: &str,
) -> Result<KustoMapping, Refusal> {
    let kind = if format.is_json() { "Json" } else { "Csv" };
    let mappings = app.database().ingestion_mappings(table).await.map_err(database_refusal)?;
    let found = mappings.iter().find(|mapping| mapping.name == name && mapping.kind.eq_ignore_ascii_case(kind));
    let found = found.ok_or_else(|| {
        let message = format!("Entity ID '{name}' of kind '{kind}IngestionMapping' was not found.");
        Refusal::bad_request("BadRequest_EntityNotFound", message)
    })?;
    KustoMapping::parse(&found.mapping).map_err(|error| Refusal::bad_request("BadRequest", error.to_string()))
}

/// The columns that values without names go to, in order: as the table was declared, else as it shows them.
pub(super) async fn ordinal_columns(app: &App, table: &Table) -> Result<Vec<String>, Refusal> {
    if table.is_custom()
        && let Some(columns) = declared_columns(app, &table.name).await?
    {
        return Ok(columns.into_iter().map(|column| column.name).collect());
    }
    let every = |name: &str| table.is_custom() && matches!(name, "TenantId" | "Type");
    let own = table.stored_columns().filter(|column| !column.hidden && !every(&column.name));
    Ok(own.map(|column| column.name.clone()).collect())
}

/// The table that clients read the outcome from.
fn answer(consumed: usize, rejected: usize) -> Value {
    let column = |name: &str, data_type: &str, column_type: &str| json!({"ColumnName": name, "DataType": data_type, "ColumnType": column_type});
    json!({"Tables": [{
        "TableName": "Table_0",
        "Columns": [
            column("ConsumedRecordsCount", "Int64", "long"),
            column("UpdatePolicyStatus", "String", "string"),
            column("RejectedRecordsCount", "Int64", "long"),
        ],
        "Rows": [[consumed, "Inactive", rejected]],
    }]})
}
