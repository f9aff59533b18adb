//! A query over what a command gave: `.show tables | where …`.

use std::sync::Arc;
use std::time::Duration;

use api::{Failure, QueryStatistics, ResultSet};
use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray, new_empty_array};
use arrow::compute::{cast, concat};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use kql_engine::{CatalogColumn, CatalogTable, Limits, QueryOptions, TableMap};
use kql_functions::Type;
use kql_functions::datetime::ticks_to_micros;

use crate::service::app::App;
use crate::service::queries::{Asking, answer_of, failure_in_words};
use crate::ticks::to_ticks;

/// The name that the query's source has.
const SOURCE: &str = "CommandResult";
/// What such a query may take: what it reads is small.
const DURATION: Duration = Duration::from_secs(60);
const MEMORY_BYTES: usize = 64 << 20;

/// Runs `| …` over a table.
pub(super) async fn over(app: &App, asking: &Asking, table: ResultSet, query: &str) -> Result<ResultSet, Failure> {
    let text = format!("{SOURCE} {query}");
    let failed = |error: String| Failure::new(api::FailureKind::Internal, error);
    let columns: Vec<CatalogColumn> =
        table.columns.iter().map(|column| CatalogColumn::new(&column.name, column.ty)).collect();
    let arrays = columns.iter().enumerate().map(|(at, column)| stored(&table, at, column));
    let arrays = arrays.collect::<Result<Vec<ArrayRef>, String>>().map_err(failed)?;
    let mut tables = TableMap::new();
    tables.insert(CatalogTable::in_memory(SOURCE, columns, arrays).map_err(|error| failed(error.to_string()))?);
    let mut options = QueryOptions::new(to_ticks(asking.context.now));
    options.limits = Limits { duration: DURATION, memory_bytes: MEMORY_BYTES, ..Limits::default() };
    let result = app.engine().query(&text, &tables, &options).await;
    let result = result.and_then(kql_engine::QueryResult::complete).map_err(|error| failure_in_words(error, &text))?;
    let answer = answer_of(result, QueryStatistics::default());
    Ok(answer.tables.into_iter().next().unwrap_or_default())
}

/// A column as stored tables have it.
fn stored(table: &ResultSet, at: usize, column: &CatalogColumn) -> Result<ArrayRef, String> {
    let parts: Vec<&dyn Array> = table.batches.iter().map(|batch| batch.column(at).as_ref()).collect();
    let whole = match parts.is_empty() {
        true => new_empty_array(&column.ty.arrow()),
        false => concat(&parts).map_err(|error| error.to_string())?,
    };
    if column.ty == Type::DateTime {
        let ticks = whole.as_primitive_opt::<Int64Type>().ok_or("datetimes are not ticks")?;
        let micros: PrimitiveArray<TimestampMicrosecondType> = ticks.unary(ticks_to_micros);
        return Ok(Arc::new(micros.with_timezone("UTC")));
    }
    cast(&whole, &column.stored_type()).map_err(|error| error.to_string())
}
