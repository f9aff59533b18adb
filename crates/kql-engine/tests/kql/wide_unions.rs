//! Unions of so many tables and columns that they are put together only when they are scanned.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray, TimestampMicrosecondArray};
use kql_engine::{CatalogColumn, CatalogTable, Engine, EngineOptions, QueryOptions, TableMap};
use kql_functions::{Type, datetime};
use serde_json::{Value as Json, json};

use crate::tables::{NOW, ticks};

/// Tables of the catalog.
const TABLES: i64 = 40;
/// Columns that one table alone has.
const OWN_COLUMNS: usize = 10;

/// `T00`, `T01`, …: two rows each, at the hour before now and a day before; `N` is a long in even tables and a string in odd.
fn wide_catalog() -> TableMap {
    let mut tables = TableMap::new();
    let recent = datetime::ticks_to_micros(ticks("2024-06-15T11:30:00Z"));
    let old = datetime::ticks_to_micros(ticks("2024-06-14T11:30:00Z"));
    for number in 0..TABLES {
        let name = format!("T{number:02}");
        let is_even = number % 2 == 0;
        let mut columns = vec![
            CatalogColumn::new("TimeGenerated", Type::DateTime),
            CatalogColumn::new("Who", Type::String),
            CatalogColumn::new("N", if is_even { Type::Long } else { Type::String }),
        ];
        let n: ArrayRef = if is_even {
            Arc::new(Int64Array::from(vec![number, 100 + number]))
        } else {
            Arc::new(StringArray::from(vec!["odd one", "odd other"]))
        };
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(TimestampMicrosecondArray::from(vec![recent, old]).with_timezone("UTC")),
            Arc::new(StringArray::from(vec!["ann", "bob"])),
            n,
        ];
        for own in 0..OWN_COLUMNS {
            columns.push(CatalogColumn::new(&format!("C{number:02}_{own}"), Type::Long));
            arrays.push(Arc::new(Int64Array::from(vec![Some(number), None])));
        }
        let table = CatalogTable::in_memory(&name, columns, arrays).expect("a table");
        tables.insert(CatalogTable { time_column: Some("TimeGenerated".to_owned()), ..table });
    }
    tables
}

fn engine(optimize: bool, encode: bool) -> Engine {
    let options = EngineOptions { threads: 2, optimize, encode, ..EngineOptions::default() };
    Engine::new(&options).expect("an engine")
}

async fn rows(engine: &Engine, query: &str, options: &QueryOptions) -> Vec<Vec<Json>> {
    engine.query(query, &wide_catalog(), options).await.expect(query).rows_json().collect()
}

#[tokio::test]
async fn rows_columns_and_filters_are_those_of_a_union() {
    let options = QueryOptions::new(ticks(NOW));
    let cases = [
        ("union * | count", json!([[80]])),
        ("union * | where TimeGenerated > ago(1h) | count", json!([[40]])),
        (
            "union withsource=Table * | where N_long == 8 | project Table, Who, N_string, C08_3, C09_3",
            json!([["T08", "ann", "", 8, null]]),
        ),
        ("union * | where C07_0 == 7 or C05_1 == 5 | summarize n = count(), s = sum(C07_9)", json!([[2, 7]])),
        ("union * | where isempty(N_string) | count", json!([[40]])),
        ("union * | summarize n = count() by Who | sort by Who asc", json!([["ann", 40], ["bob", 40]])),
        ("search 'other' | summarize n = count(), dcount($table)", json!([[20, 20]])),
        ("search C07_0 == 7 | project $table, Who, N_string", json!([["T07", "ann", "odd one"]])),
        ("union * | top 1 by C39_0 desc | project N_string, C39_0, C38_0", json!([["odd one", 39, null]])),
        ("find where C07_0 == 7 | project source_, Who", json!([["T07", "ann"]])),
        ("union * | take 3 | count", json!([[3]])),
    ];
    for (optimize, encode) in [(true, false), (false, false), (true, true)] {
        let engine = engine(optimize, encode);
        for (query, expected) in &cases {
            assert_eq!(json!(rows(&engine, query, &options).await), *expected, "{query} ({optimize}, {encode})");
        }
    }
}

#[tokio::test]
async fn the_time_range_restricts_each_table_and_tables_that_cannot_match_are_not_read() {
    let engine = engine(true, false);
    let range = Some((ticks("2024-06-15T11:00:00Z"), ticks("2024-06-15T12:00:00Z")));
    let options = QueryOptions { time_range: range, ..QueryOptions::new(ticks(NOW)) };
    assert_eq!(json!(rows(&engine, "union * | count", &options).await), json!([[40]]));
    let replay = engine.prepare_replay("union * | count", &wide_catalog(), &options).await.expect("a replay");
    let whole = QueryOptions { time_range: None, ..options.clone() };
    let result = engine.run_replay(&replay, &wide_catalog(), &whole).await.expect("a result");
    assert_eq!(result.rows_json().collect::<Vec<_>>(), vec![vec![json!(80)]]);
    let plan =
        engine.explain("union * | where C07_0 == 7 | project Who", &wide_catalog(), &whole).await.expect("a plan");
    assert_eq!(plan.physical.matches("DataSourceExec").count(), 1, "{}", plan.physical);
}
