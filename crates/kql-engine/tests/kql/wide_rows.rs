//! `arg_max(.., *)` over wide tables: rows are read late, and columns that nobody reads not at all.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray, TimestampMicrosecondArray};
use kql_engine::{CatalogColumn, CatalogTable, Engine, EngineOptions, QueryOptions, TableMap};
use kql_functions::{Type, datetime};
use serde_json::Value as Json;

use crate::tables::{NOW, ticks};

/// Rows of the table.
const ROWS: i64 = 1_000;
/// Columns beside time, user, number and result.
const OTHERS: i64 = 20;

/// Rows in no order of time, of which some have the same user and time; then all columns are the same.
fn wide_table() -> TableMap {
    let start = datetime::ticks_to_micros(ticks("2024-06-15T00:00:00Z"));
    let moment = |row: i64| row * 7_919 % 613;
    let user = |row: i64| row * row % 37;
    let number = |row: i64| (moment(row) % 5 != 0 && user(row) != 1).then(|| moment(row) % 50 - 25);
    let mut columns = vec![
        CatalogColumn::new("TimeGenerated", Type::DateTime),
        CatalogColumn::new("User", Type::String),
        CatalogColumn::new("Number", Type::Long),
        CatalogColumn::new("Result", Type::String),
    ];
    let rows = || 0..ROWS;
    let times: Vec<i64> = rows().map(|row| start + moment(row) * 60_000_000).collect();
    let mut arrays: Vec<ArrayRef> = vec![
        Arc::new(TimestampMicrosecondArray::from(times).with_timezone("UTC")),
        Arc::new(StringArray::from_iter_values(rows().map(|row| format!("user {}", user(row))))),
        Arc::new(rows().map(number).collect::<Int64Array>()),
        Arc::new(StringArray::from_iter_values(rows().map(|row| (moment(row) % 3).to_string()))),
    ];
    for other in 0..OTHERS {
        columns.push(CatalogColumn::new(&format!("C{other:02}"), Type::String));
        let text = |row: i64| format!("{}-{}-{other} and more than a view holds", user(row), moment(row));
        arrays.push(Arc::new(StringArray::from_iter_values(rows().map(text))));
    }
    let table = CatalogTable::in_memory("Wide", columns, arrays).expect("a table");
    let mut tables = TableMap::new();
    tables.insert(CatalogTable { time_column: Some("TimeGenerated".to_owned()), ..table });
    tables
}

fn engine(optimize: bool, encode: bool) -> Engine {
    let options = EngineOptions { threads: 2, optimize, encode, ..EngineOptions::default() };
    Engine::new(&options).expect("an engine")
}

async fn plan(query: &str) -> String {
    let options = QueryOptions::new(ticks(NOW));
    engine(true, false).explain(query, &wide_table(), &options).await.expect("a plan").to_string()
}

#[tokio::test]
async fn late_rows_are_the_rows() {
    for query in [
        "Wide | summarize arg_max(TimeGenerated, *) by User | sort by User asc",
        "Wide | where Result != '1' | summarize arg_min(TimeGenerated, *) by User, Result | sort by User asc, Result asc",
        "Wide | where C03 has '12' | extend X = strcat(C01, C02) | summarize arg_max(TimeGenerated, *) by User | sort by User asc",
        "Wide | where C00 startswith '0-' | summarize arg_max(Number, *) by User, TimeGenerated | sort by User asc, TimeGenerated asc",
        "Wide | where isnull(Number) | summarize arg_max(Number, *) by User, TimeGenerated | sort by User asc, TimeGenerated asc",
        "Wide | summarize arg_max(TimeGenerated, *)",
        "Wide | where User == 'nobody' | summarize arg_max(TimeGenerated, *) by User",
        "Wide | where User == 'nobody' | summarize arg_max(TimeGenerated, *)",
        "Wide | summarize arg_max(TimeGenerated, *) by User | where C05 has '3' | project User, TimeGenerated, C05 | sort by User asc",
        "Wide | summarize arg_max(TimeGenerated, *) by User | join kind=inner (Wide | summarize arg_min(TimeGenerated, *) by User) on User | sort by User asc",
    ] {
        let options = QueryOptions::new(ticks(NOW));
        let mut answers: Vec<Vec<Vec<Json>>> = Vec::new();
        for (optimize, encode) in [(false, false), (true, false), (true, true)] {
            let result = engine(optimize, encode).query(query, &wide_table(), &options).await.expect(query);
            answers.push(result.rows_json().collect());
        }
        assert!(query.contains("nobody") || !answers[0].is_empty(), "{query}");
        assert_eq!(answers[0], answers[1], "{query}");
        assert_eq!(answers[1], answers[2], "{query}");
    }
}

#[tokio::test]
async fn wide_rows_are_read_late_and_narrow_ones_at_once() {
    let wide = plan("Wide | summarize arg_max(TimeGenerated, *) by User").await;
    assert!(wide.contains("RightSemi") && wide.contains("TableScan: Wide projection=[TimeGenerated, User]"), "{wide}");
    let narrow = plan("Wide | summarize arg_max(TimeGenerated, C01, C02) by User").await;
    assert!(!narrow.contains("Semi"), "{narrow}");
    // Of several aggregates each would need the rows.
    let several = plan("Wide | summarize count(), arg_max(TimeGenerated, *) by User").await;
    assert!(!several.contains("Semi"), "{several}");
}

#[tokio::test]
async fn columns_of_a_row_that_nobody_reads_are_not_scanned() {
    let text = plan("Wide | summarize arg_max(TimeGenerated, *) by User | where C05 has '3' | project User, C07").await;
    assert!(text.contains("projection=[TimeGenerated, User, C05, C07]"), "{text}");
    assert!(!text.contains("C06"), "{text}");
}
