//! Limits name themselves.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::{ArrayRef, Int64Array, StringArray};
use kql_engine::{
    CatalogColumn, CatalogTable, Engine, EngineOptions, Limits, Partial, QueryError, QueryOptions, QueryResult,
    TableMap,
};
use kql_functions::Type;

use crate::tables::{NOW, catalog, ticks};

async fn run(query: &str, limits: Limits) -> Result<usize, QueryError> {
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() }).expect("an engine");
    let options = QueryOptions { limits, ..QueryOptions::new(ticks(NOW)) };
    engine.query(query, &catalog(), &options).await.map(|result| result.row_count())
}

async fn result(query: &str, limits: Limits) -> QueryResult {
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() }).expect("an engine");
    let options = QueryOptions { limits, ..QueryOptions::new(ticks(NOW)) };
    engine.query(query, &catalog(), &options).await.expect("a result")
}

#[tokio::test]
async fn a_result_of_too_many_rows_is_cut_off_and_says_so() {
    let limits = Limits { rows: 10, ..Limits::default() };
    let whole = result("range x from 1 to 10 step 1", limits).await;
    assert_eq!((whole.row_count(), whole.partial), (10, None));
    let cut = result("range x from 1 to 11 step 1", limits).await;
    assert_eq!((cut.row_count(), cut.partial), (10, Some(Partial { limit: 10, unit: "rows" })));
    let error = cut.partial.expect("a reason").to_json();
    assert_eq!(error["code"], "PartialError");
    assert_eq!(error["details"][0]["innererror"]["code"], "-2133196797");
    assert_eq!(cut.complete().unwrap_err(), QueryError::Limit { limit: 10, unit: "rows" });
}

/// Rows that are left of a scan hold the memory of all that were decoded with them.
#[tokio::test]
async fn a_small_result_out_of_many_rows_is_not_large() {
    let columns = vec![CatalogColumn::new("N", Type::Long), CatalogColumn::new("Text", Type::String)];
    let text = |n: i64| format!("{n} and more than a view holds");
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(0..100_000)),
        Arc::new(StringArray::from_iter_values((0..100_000).map(text))),
    ];
    let mut tables = TableMap::new();
    tables.insert(CatalogTable::in_memory("Many", columns, arrays).expect("a table"));
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() }).expect("an engine");
    let within = |result_bytes| {
        let limits = Limits { result_bytes, ..Limits::default() };
        QueryOptions { limits, ..QueryOptions::new(ticks(NOW)) }
    };
    let query = "Many | where N % 100 == 7";
    let result = engine.query(query, &tables, &within(80_000)).await.expect("a result");
    assert_eq!((result.row_count(), result.partial), (1_000, None));
    let cut = engine.query(query, &tables, &within(40_000)).await.expect("a result");
    assert_eq!(cut.partial, Some(Partial { limit: 40_000, unit: "bytes of result" }));
    assert!((500..1_000).contains(&cut.row_count()), "{} rows", cut.row_count());
}

#[tokio::test]
async fn a_large_result_is_cut_off_and_says_so() {
    let limits = Limits { result_bytes: 100_000, ..Limits::default() };
    let cut = result("range x from 1 to 100000 step 1", limits).await;
    assert_eq!(cut.partial, Some(Partial { limit: 100_000, unit: "bytes of result" }));
    assert!((1..100_000).contains(&cut.row_count()), "{} rows", cut.row_count());
}

#[tokio::test]
async fn the_limit_on_rows_is_not_one_on_parts_that_run_first() {
    let limits = Limits { rows: 10, ..Limits::default() };
    let query = "let m = materialize(range x from 1 to 100 step 1); m | count";
    assert_eq!(run(query, limits).await, Ok(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sorts_groups_and_joins_that_outgrow_their_memory_go_to_disk() {
    let rows = "range x from 1 to 300000 step 1 \
                | extend s = strcat('a long text that takes memory ', x * 7919 % 300007), t = datetime(2024-06-01) + x * 1s";
    for (megabytes, stage) in [
        (40, "sort by s asc | take 1"),
        (40, "summarize c = count() by s | count"),
        (40, "as T | join kind=inner (T) on s | count"),
        (40, "as T | join (T) on s | where x > 0 | count"),
        (40, "as T | join kind=inner (T) on s | where t1 between (t .. (t + 1m)) | count"),
        (15, "as T | join kind=inner (T) on s | count"),
        (15, "as T | join kind=leftanti (T | where x > 1000) on s | count"),
    ] {
        let limits = Limits { memory_bytes: megabytes << 20, ..Limits::default() };
        let query = format!("{rows} | {stage}");
        assert_eq!(run(&query, limits).await, Ok(1), "{stage}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_query_stops() {
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() }).expect("an engine");
    let options = QueryOptions::new(ticks(NOW));
    let cancel = options.cancel.clone();
    let running = tokio::spawn(async move {
        // 10^12 pairs of one key: it can not end before it is cancelled.
        let query = "range x from 1 to 1000000 step 1 | extend k = x % 1 | as T | join kind=inner (T) on k \
                     | summarize c = sum(x1) by y = x % 10 | summarize sum(c)";
        engine.query(query, &catalog(), &options).await.map(|result| result.row_count())
    });
    tokio::task::yield_now().await;
    cancel.cancel();
    assert_eq!(running.await.expect("no panic"), Err(QueryError::Cancelled));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_limited() {
    let limits = Limits { memory_bytes: 100_000, ..Limits::default() };
    let query = "range x from 1 to 200000 step 1 | summarize s = make_set(x) by y = x % 50000 | count";
    let error = run(query, limits).await;
    assert_eq!(error, Err(QueryError::Limit { limit: 100_000, unit: "bytes of memory" }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn time_is_limited() {
    let limits = Limits { duration: Duration::ZERO, ..Limits::default() };
    let query = "range x from 1 to 500000 step 1 | summarize c = count() by y = x % 100000 | summarize sum(c)";
    let error = run(query, limits).await;
    assert_eq!(error, Err(QueryError::Limit { limit: 0, unit: "seconds" }));
}

#[tokio::test]
async fn long_and_deep_queries_run_on_an_ordinary_stack() {
    let names: Vec<String> = (0..2_000).map(|i| format!("UserPrincipalName == \"u{i}\"")).collect();
    let long = format!("SigninLogs | where {} | count", names.join(" or "));
    assert_eq!(run(&long, Limits::default()).await, Ok(1));
    let stages: Vec<String> = (0..100).map(|i| format!("| extend a{i} = DurationMs + {i}")).collect();
    let stages = format!("SigninLogs {} | count", stages.join(" "));
    assert_eq!(run(&stages, Limits::default()).await, Ok(1));
    let filters: Vec<String> = (0..150).map(|i| format!("| where DurationMs != {i}")).collect();
    let filters = format!("SigninLogs {} | count", filters.join(" "));
    assert_eq!(run(&filters, Limits::default()).await, Ok(1));
    let nested =
        format!("SigninLogs | extend x = {}UserPrincipalName{} | count", "strcat(".repeat(60), ", 'x')".repeat(60));
    assert_eq!(run(&nested, Limits::default()).await, Ok(1));
    let deep = format!("print x = {}1{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(matches!(run(&deep, Limits::default()).await, Err(QueryError::Invalid(_))));
}
