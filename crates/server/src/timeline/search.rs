//! Rows of one table that hold a term.

use chrono::{DateTime, TimeDelta, Utc};
use schema::{ColumnType, Table};

use super::terms::row_holds;
use crate::catalog::WorkspaceCatalog;
use crate::json_rows::{JsonRow, count, json_rows, kql_list, text, time};
use crate::{Error, Session};

/// Tables without events: what we write ourselves, and states of a directory.
const NO_LOGS: [&str; 9] = [
    "DirectoryMemberships",
    "DirectoryObjects",
    "DirectoryRelationships",
    "IdentityInfo",
    "IngestedFiles",
    "IngestionErrors",
    "InvestigationRuns",
    "SecurityIncident",
    "SentinelHealth",
];
/// Columns that name nobody; not looking into them saves time.
const NAMELESS: [&str; 7] =
    ["Type", "TenantId", "SourceSystem", "_BilledSize", "_IsBillable", "_SourceFile", "_ItemId"];

/// A row that holds a term.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) table: &'static str,
    pub(crate) time: DateTime<Utc>,
    pub(crate) file: String,
    pub(crate) offset: Option<i64>,
    pub(crate) row: JsonRow,
}

/// Rows of a table, and how many more there may be.
#[derive(Debug, Default)]
pub(super) struct Search {
    pub(super) found: Vec<Found>,
    /// Rows beyond the limit, counted by the engine's own (wider) sense of terms.
    pub(super) more: u64,
}

/// The tables that hold events, by name.
pub(crate) fn log_tables(catalog: &WorkspaceCatalog) -> Vec<&'static Table> {
    let snapshot = catalog.snapshot();
    let names = snapshot.table_names().into_iter().filter(|name| !NO_LOGS.contains(&name.as_str()));
    names
        .filter(|name| snapshot.statistics(name).is_some_and(|statistics| statistics.rows > 0))
        .filter_map(|name| snapshot.describe(&name))
        .collect()
}

/// The first rows, by time, between two times (both included) that hold one of these terms (in lower case).
pub(super) fn search(
    session: &Session,
    catalog: &WorkspaceCatalog,
    table: &'static Table,
    terms: &[String],
    (first, last): (DateTime<Utc>, DateTime<Utc>),
    limit: usize,
) -> Result<Search, Error> {
    if terms.is_empty() {
        return Ok(Search::default());
    }
    let range = Some((first, last + TimeDelta::microseconds(1)));
    let filter = filter(table, terms);
    let text = format!(
        "{filter} | sort by {time} asc | take {limit} | extend vedette_file = _SourceFile, vedette_offset = _SourceOffset, vedette_extra = _RawExtra",
        time = table.time_column
    );
    let rows = json_rows(session, catalog, &text, range)?;
    let mut more = 0;
    if rows.len() == limit {
        let counted = json_rows(session, catalog, &format!("{filter} | count"), range)?;
        more = counted.first().map_or(0, |row| count(row, "Count")).saturating_sub(limit as u64);
    }
    let found = rows.into_iter().filter(|row| row_holds(row, terms)).filter_map(|row| found(table, row)).collect();
    Ok(Search { found, more })
}

fn found(table: &'static Table, mut row: JsonRow) -> Option<Found> {
    let at = time(&row, &table.time_column)?;
    let file = text(&row, "vedette_file");
    let offset = row.get("vedette_offset").and_then(serde_json::Value::as_i64);
    row.retain(|name, _| name != "vedette_file" && name != "vedette_offset");
    Some(Found { table: &table.name, time: at, file, offset, row })
}

fn filter(table: &Table, terms: &[String]) -> String {
    let columns = table.stored_columns().filter(|column| {
        matches!(column.ty, ColumnType::String | ColumnType::Dynamic | ColumnType::Guid)
            && !NAMELESS.contains(&column.name.as_str())
    });
    let conditions: Vec<String> = columns
        .map(|column| match column.ty {
            ColumnType::String => format!("['{}'] has_any (terms)", column.name),
            _ => format!("tostring(['{}']) has_any (terms)", column.name),
        })
        .collect();
    // Alerts that rules of ours raised are findings, not events.
    let ours = if table.name == "SecurityAlert" { " | where isnotempty(_SourceFile)" } else { "" };
    format!("let terms = dynamic([{}]); ['{}']{ours} | where {}", kql_list(terms), table.name, conditions.join(" or "))
}
