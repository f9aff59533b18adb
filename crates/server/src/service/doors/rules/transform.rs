//! `transformKql` over a batch: KQL over the one table `source`.
//!
//! <https://learn.microsoft.com/azure/azure-monitor/data-collection/data-collection-transformations-kql>

use std::time::Duration;

use chrono::{DateTime, Utc};
use ingest::{JsonObject, JsonValue, Records, RowBuilder, time::parse_time};
use kql_engine::{CatalogColumn, CatalogTable, QueryError, QueryOptions, TableMap};
use kql_functions::Type;
use schema::{ColumnType, CustomColumn, Table, custom_table};
use serde_json::{Map, Value};

use crate::service::app::App;
use crate::service::refusal::Refusal;
use crate::ticks::to_ticks;

/// The table that a transformation reads; the name of its description is not seen.
const SOURCE: &str = "source";
/// The description's name: that of a custom table.
const SOURCE_TABLE: &str = "source_CL";
/// Time for one transformation of a body of a MiB; one that takes longer would hold up all senders.
const TIME: Duration = Duration::from_secs(20);

/// A transformation that cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("transformKql failed: {0}")]
pub(crate) struct TransformError(String);

impl From<TransformError> for Refusal {
    fn from(error: TransformError) -> Self {
        Refusal::bad_request("InvalidTransformOutput", error.to_string())
    }
}

/// The records of a stream as rows of its columns. Undeclared fields are left out, as in Azure; a record without a time has that of its
/// arrival. Damaged records stay as they are.
pub(super) fn source_rows(
    columns: &[CustomColumn],
    records: &Records,
    now: DateTime<Utc>,
) -> Result<SourceRows, TransformError> {
    let table = custom_table(SOURCE_TABLE, columns);
    let mut builder = RowBuilder::new(table);
    let mut damaged = Records::json();
    let time = builder.column("TimeGenerated");
    for (text, damage) in records.iter() {
        let object = match damage {
            Some(reason) => {
                damaged.push_damage(text, reason);
                continue;
            }
            None => JsonObject::parse(text).map_err(|error| TransformError(error.to_string()))?,
        };
        for column in columns {
            let value = object.get(&column.name);
            if let (Some(index), Some(value)) = (builder.column(&column.name), value) {
                builder.set_json(index, value);
            }
        }
        if let Some(time) = time {
            let sent = object.get("TimeGenerated").and_then(JsonValue::as_str);
            builder.set_time(time, sent.and_then(|text| parse_time(&text)).unwrap_or(now));
        }
        builder.end_row();
    }
    Ok(SourceRows { table, builder, damaged })
}

/// Rows for a transformation.
pub(super) struct SourceRows {
    table: &'static Table,
    builder: RowBuilder,
    /// What was no record.
    pub(super) damaged: Records,
}

/// Runs a transformation; gives the rows as records of the output's columns.
pub(super) async fn transform(
    app: &App,
    query: &str,
    mut rows: SourceRows,
    now: DateTime<Utc>,
) -> Result<Records, TransformError> {
    let failed = |error: String| TransformError(error);
    let batch = rows.builder.finish().map_err(failed)?;
    let columns: Vec<CatalogColumn> = rows
        .table
        .stored_columns()
        .map(|column| CatalogColumn {
            name: column.name.clone(),
            ty: kql_type(column.ty),
            hidden: column.hidden || matches!(column.name.as_str(), "TenantId" | "Type"),
            alias_of: None,
        })
        .collect();
    let source = CatalogTable::in_memory(SOURCE, columns, batch.columns().to_vec());
    let mut catalog = TableMap::new();
    catalog.insert(source.map_err(|error| failed(error.to_string()))?);
    let mut options = QueryOptions::new(to_ticks(now));
    options.limits.duration = TIME;
    let result = app.engine().query(query, &catalog, &options).await.and_then(kql_engine::QueryResult::complete);
    let result = result.map_err(|error| failed(describe(&error, query)))?;
    let mut records = rows.damaged;
    for values in result.rows_json() {
        let fields = result.columns.iter().map(|column| column.name.clone()).zip(values);
        let row: Map<String, Value> = fields.filter(|(_, value)| !value.is_null()).collect();
        records.push(&Value::Object(row).to_string());
    }
    Ok(records)
}

fn describe(error: &QueryError, query: &str) -> String {
    crate::query::query_error(error, query).to_string()
}

fn kql_type(ty: ColumnType) -> Type {
    match ty {
        ColumnType::Bool => Type::Bool,
        ColumnType::Int => Type::Int,
        ColumnType::Long => Type::Long,
        ColumnType::Real => Type::Real,
        ColumnType::Decimal => Type::Decimal,
        ColumnType::String => Type::String,
        ColumnType::Guid => Type::Guid,
        ColumnType::DateTime => Type::DateTime,
        ColumnType::TimeSpan => Type::TimeSpan,
        ColumnType::Dynamic => Type::Dynamic,
    }
}
