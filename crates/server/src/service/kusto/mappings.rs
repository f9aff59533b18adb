//! Ingestion mappings, kept in the database.

use api::kusto::{MappingKind, MappingRow, ingestion_mappings, parse_mapping};
use api::{Failure, ResultSet};
use database::{DatabaseError, IngestionMapping};

use super::commands::schema_table;
use crate::service::app::App;
use crate::service::queries::{Asking, database_failure};
use crate::ticks::to_ticks;

/// Longest name of a mapping, in bytes.
const MAX_NAME_BYTES: usize = 1024;
/// Most mappings of a table.
const MAX_MAPPINGS: usize = 500;

/// Keeps a mapping.
pub(super) async fn create(
    app: &App,
    asking: &Asking,
    table: &str,
    (kind, name): (MappingKind, &str),
    text: &str,
    replaces: bool,
) -> Result<ResultSet, Failure> {
    let catalog = app.queries().catalog(app, &asking.caller.tables).await?;
    let columns = schema_table(&catalog, table)?.columns;
    if name.is_empty() || name.len() > MAX_NAME_BYTES {
        return Err(Failure::bad_request(format!(
            "name of the ingestion mapping has {} bytes\nit can have 1 to {MAX_NAME_BYTES}",
            name.len()
        )));
    }
    for mapped in parse_mapping(kind, text)? {
        if !columns.iter().any(|column| column.name == mapped.column) {
            let column = mapped.column;
            return Err(Failure::bad_request(format!(
                "table `{table}` has no column `{column}`, which the ingestion mapping names"
            )));
        }
    }
    let mappings = app.database().ingestion_mappings(table).await.map_err(database_failure)?;
    if mappings.len() >= MAX_MAPPINGS {
        return Err(Failure::bad_request(format!(
            "table `{table}` has {MAX_MAPPINGS} ingestion mappings, the most that it can have"
        )));
    }
    let mapping = IngestionMapping {
        table: table.to_owned(),
        kind: kind.name().to_owned(),
        name: name.to_owned(),
        mapping: text.to_owned(),
        updated: asking.context.now,
    };
    match app.database().put_ingestion_mapping(&mapping, replaces).await {
        Ok(()) => Ok(ingestion_mappings(&[row(app, mapping)])),
        Err(error @ DatabaseError::Taken { .. }) => Err(Failure::bad_request(error.to_string())),
        Err(error) => Err(database_failure(error)),
    }
}

/// Removes a mapping.
pub(super) async fn remove(
    app: &App,
    asking: &Asking,
    table: &str,
    kind: MappingKind,
    name: &str,
) -> Result<ResultSet, Failure> {
    let catalog = app.queries().catalog(app, &asking.caller.tables).await?;
    schema_table(&catalog, table)?;
    if !app.database().remove_ingestion_mapping(table, kind.name(), name).await.map_err(database_failure)? {
        return Err(Failure::not_found("MappingReference", name));
    }
    show(app, asking, table, None, None).await
}

/// The mappings of a table, of one kind and name where these are given.
pub(super) async fn show(
    app: &App,
    asking: &Asking,
    table: &str,
    kind: Option<MappingKind>,
    name: Option<&str>,
) -> Result<ResultSet, Failure> {
    let catalog = app.queries().catalog(app, &asking.caller.tables).await?;
    schema_table(&catalog, table)?;
    let mut mappings = app.database().ingestion_mappings(table).await.map_err(database_failure)?;
    mappings.retain(|mapping| {
        kind.is_none_or(|kind| kind.name() == mapping.kind) && name.is_none_or(|name| name == mapping.name)
    });
    if let (true, Some(name)) = (mappings.is_empty(), name) {
        return Err(Failure::not_found("MappingReference", name));
    }
    let rows: Vec<MappingRow> = mappings.into_iter().map(|mapping| row(app, mapping)).collect();
    Ok(ingestion_mappings(&rows))
}

fn row(app: &App, mapping: IngestionMapping) -> MappingRow {
    MappingRow {
        name: mapping.name,
        kind: MappingKind::of(&mapping.kind).unwrap_or(MappingKind::Json),
        mapping: mapping.mapping,
        updated: to_ticks(mapping.updated),
        database: app.config().workspace.name.clone(),
        table: mapping.table,
    }
}
