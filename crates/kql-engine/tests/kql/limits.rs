//! Limits name themselves.

use std::time::Duration;

use kql_engine::{Engine, EngineOptions, Limits, QueryError, QueryOptions};

use crate::tables::{NOW, catalog, ticks};

async fn run(query: &str, limits: Limits) -> Result<usize, QueryError> {
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() }).expect("an engine");
    let options = QueryOptions { limits, ..QueryOptions::new(ticks(NOW)) };
    engine.query(query, &catalog(), &options).await.map(|result| result.row_count())
}

#[tokio::test]
async fn too_many_rows_are_refused() {
    let limits = Limits { rows: 10, ..Limits::default() };
    assert_eq!(run("range x from 1 to 10 step 1", limits).await, Ok(10));
    let error = run("range x from 1 to 11 step 1", limits).await;
    assert_eq!(error, Err(QueryError::Limit { limit: 10, unit: "rows" }));
}

#[tokio::test]
async fn a_large_result_is_refused() {
    let limits = Limits { result_bytes: 1_000, ..Limits::default() };
    let error = run("range x from 1 to 100000 step 1", limits).await;
    assert_eq!(error, Err(QueryError::Limit { limit: 1_000, unit: "bytes of result" }));
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
