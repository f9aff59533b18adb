//! Replays that share the rows of tables find what they find alone, and read each table once.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use kql_engine::{Engine, EngineOptions, Limits, QueryError, QueryOptions, QueryResult, SharedReplay, SharedTables};
use serde_json::Value;

use crate::counted_tables::counted;
use crate::surroundings::TestCatalog;
use crate::tables::{catalog, ticks};

const HOUR: i64 = 36_000_000_000;
const MEMORY: usize = 64 << 20;

const QUERIES: [&str; 26] = [
    "SigninLogs | where ResultType != '0' | summarize n = count(), Last = max(TimeGenerated) by UserPrincipalName",
    "SigninLogs | where ResultType != '0' and UserPrincipalName has 'ann' | project TimeGenerated, DurationMs",
    "SigninLogs | where ResultType != '0' | where UserPrincipalName == 'bob' | count",
    "SigninLogs | summarize arg_max(TimeGenerated, *) by UserPrincipalName",
    "SigninLogs | where tostring(LocationDetails.countryOrRegion) == 'DE' | project City = tostring(LocationDetails.city)",
    "SigninLogs | where DurationMs > 5 and isnotnull(RiskScore) | top 2 by TimeGenerated desc",
    "SigninLogs | join kind=leftouter (AuditLogs | where Count > 0) on $left.UserPrincipalName == $right.Identity",
    "SigninLogs | where ResultType == '0' | join kind=inner (SigninLogs | where ResultType != '0' | project UserPrincipalName, Failed = TimeGenerated) on UserPrincipalName | where Failed > TimeGenerated",
    "SigninLogs | join kind=leftanti (AuditLogs) on $left.UserPrincipalName == $right.Identity | distinct UserPrincipalName",
    "union SigninLogs, AuditLogs | where TimeGenerated > datetime(2024-06-15T09:10:00Z) | count",
    "union withsource=Table * | summarize n = count() by Table",
    "search 'ann' | project $table",
    "SigninLogs | where TimeGenerated between (datetime(2024-06-15T09:00:00Z) .. 1h) | summarize make_list(UserPrincipalName)",
    "SigninLogs | serialize | extend n = row_number() | summarize max(n)",
    "SigninLogs | where ResultType != '0' | take 1 | count",
    "let users = SigninLogs | summarize n = count() by UserPrincipalName; users | where n > 1 | join kind=leftouter users on UserPrincipalName",
    "SigninLogs | where TimeGenerated > ago(45m) | count",
    "SigninLogs | extend Age = now() - TimeGenerated | summarize Oldest = max(Age), Young = countif(Age < 70m) by UserPrincipalName",
    "SigninLogs | join kind=inner (SigninLogs | project UserPrincipalName, Other = TimeGenerated) on UserPrincipalName | where Other between (TimeGenerated .. now()) and Other > ago(2h)",
    "let users = SigninLogs | summarize Last = max(TimeGenerated) by UserPrincipalName; users | where Last > ago(1h) | join kind=leftouter (users | where Last < ago(30m)) on UserPrincipalName",
    "let n = toscalar(SigninLogs | count); print n",
    "SigninLogs | where UserPrincipalName in ((AuditLogs | project Identity)) | project UserPrincipalName, TimeGenerated",
    "let failed = SigninLogs | where ResultType != '0' | distinct UserPrincipalName; SigninLogs | where ResultType == '0' and UserPrincipalName in (failed) and DurationMs > 0 | count",
    "SigninLogs | where RiskScore in ((SigninLogs | where ResultType == '0' | project RiskScore)) | summarize n = count(), sum(DurationMs)",
    "SigninLogs | where DurationMs + 0 in ((SigninLogs | where TimeGenerated > ago(90m) | project DurationMs)) | project UserPrincipalName",
    "SigninLogs | where TimeGenerated in ((SigninLogs | summarize max(TimeGenerated))) | project UserPrincipalName",
];

/// Windows of three hours, each an hour later.
fn windows() -> impl Iterator<Item = QueryOptions> {
    let first = ticks("2024-06-14T09:00:00Z");
    (0..30).map(move |hour| window(first + hour * HOUR))
}

fn window(end: i64) -> QueryOptions {
    QueryOptions { time_range: Some((end - 3 * HOUR, end)), ..QueryOptions::new(end) }
}

fn rows(result: &QueryResult) -> Vec<String> {
    let mut rows: Vec<String> = result.rows_json().map(|row| Value::Array(row).to_string()).collect();
    rows.sort();
    rows
}

struct Shared {
    engine: Engine,
    tables: Arc<SharedTables>,
    replays: Vec<(&'static str, SharedReplay)>,
}

async fn shared_with(catalog: &TestCatalog, queries: &[&'static str], memory: usize) -> Shared {
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() }).expect("an engine");
    let tables = engine.shared_tables(memory).expect("tables");
    let mut replays = Vec::new();
    for query in queries {
        let options = QueryOptions::new(0);
        let replay = engine.prepare_replay(query, catalog, &options).await.expect(query);
        let replay = engine.share_replay(replay, &tables, 3 * HOUR, &options).await.expect(query);
        replays.push((*query, replay));
    }
    Shared { engine, tables, replays }
}

async fn all_agree(shared: &Shared, catalog: &TestCatalog) {
    for (query, replay) in &shared.replays {
        let mut answers = Vec::new();
        for options in windows() {
            let alone = shared.engine.query(query, catalog, &options).await.expect(query);
            let found = shared.engine.run_shared(replay, catalog, &options).await.expect(query);
            assert_eq!(found.columns, alone.columns, "{query}");
            assert_eq!(rows(&found), rows(&alone), "{query} up to {}", options.now);
            answers.push(rows(&found));
        }
        assert!(answers.iter().any(|answer| *answer != answers[0]), "the windows make no difference to {query}");
    }
}

#[tokio::test]
async fn replays_that_share_tables_give_what_the_query_gives_over_each_window() {
    let catalog = catalog();
    let shared = shared_with(&catalog, &QUERIES, MEMORY).await;
    all_agree(&shared, &catalog).await;
    assert!(shared.tables.bytes() > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn windows_of_one_replay_that_run_side_by_side_have_each_their_own_time() {
    let catalog = catalog();
    let query = QUERIES.iter().find(|query| query.contains("Oldest")).expect("a query");
    let shared = shared_with(&catalog, &[query], MEMORY).await;
    let (_, replay) = &shared.replays[0];
    let windows: Vec<QueryOptions> = windows().collect();
    let runs = windows.iter().map(|options| shared.engine.run_shared(replay, &catalog, options));
    let found = futures::future::join_all(runs).await;
    for (options, found) in windows.iter().zip(found) {
        let alone = shared.engine.query(query, &catalog, options).await.expect("rows");
        assert_eq!(rows(&found.expect("rows")), rows(&alone), "up to {}", options.now);
    }
}

#[tokio::test]
async fn a_table_is_scanned_once_a_day_for_all_replays() {
    let (catalog, scans) = counted();
    let shared = shared_with(&catalog, &QUERIES[..10], MEMORY).await;
    for (query, replay) in &shared.replays {
        for options in windows() {
            shared.engine.run_shared(replay, &catalog, &options).await.expect(query);
        }
    }
    assert_eq!(shared.tables.scans(), 4, "two tables on two days");
    assert_eq!(scans.load(Ordering::Relaxed), 4);
}

#[tokio::test]
async fn replays_whose_rows_do_not_fit_scan_tables_themselves() {
    let catalog = catalog();
    let shared = shared_with(&catalog, &QUERIES, 200).await;
    all_agree(&shared, &catalog).await;
    assert!(shared.tables.bytes() <= 200, "{} bytes", shared.tables.bytes());
}

#[tokio::test]
async fn rows_that_no_later_window_shows_are_forgotten_and_read_again_when_one_does() {
    let (catalog, _) = counted();
    let shared = shared_with(&catalog, &QUERIES[..6], MEMORY).await;
    let (_, replay) = &shared.replays[0];
    let early = window(ticks("2024-06-14T12:00:00Z"));
    let before = shared.engine.run_shared(replay, &catalog, &early).await.expect("rows");
    let held = shared.tables.bytes();
    shared.tables.forget_before(ticks("2024-06-15T02:00:00Z"));
    assert_eq!(shared.tables.bytes(), held, "a window that ends at three looks back to midnight");
    shared.tables.forget_before(ticks("2024-06-15T03:00:00Z"));
    assert_eq!(shared.tables.bytes(), 0);
    let again = shared.engine.run_shared(replay, &catalog, &early).await.expect("rows");
    assert_eq!((rows(&again), shared.tables.scans()), (rows(&before), 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_run_has_its_own_limits() {
    let catalog = catalog();
    let shared = shared_with(&catalog, &QUERIES[..1], MEMORY).await;
    let (_, replay) = &shared.replays[0];
    let whole = window(ticks("2024-06-15T11:30:00Z"));
    let long =
        "SigninLogs | extend x = range(1, 1000000) | mv-expand x to typeof(long) | summarize n = count() by x | count";
    let others = shared_with(&catalog, &[long], MEMORY).await;
    let limits = Limits { duration: Duration::from_millis(20), ..Limits::default() };
    let late = QueryOptions { limits, ..whole.clone() };
    let error = others.engine.run_shared(&others.replays[0].1, &catalog, &late).await.unwrap_err();
    assert_eq!(error, QueryError::Limit { limit: 0, unit: "seconds" });
    let cancelled = whole.clone();
    cancelled.cancel.cancel();
    assert_eq!(shared.engine.run_shared(replay, &catalog, &cancelled).await.unwrap_err(), QueryError::Cancelled);
    let cut = QueryOptions { limits: Limits { rows: 1, ..Limits::default() }, ..window(ticks("2024-06-15T11:30:00Z")) };
    let result = shared.engine.run_shared(replay, &catalog, &cut).await.expect("rows");
    assert_eq!((result.row_count(), result.partial.is_some()), (1, true));
    let result =
        shared.engine.run_shared(replay, &catalog, &window(ticks("2024-06-15T11:30:00Z"))).await.expect("rows");
    assert_eq!((result.row_count(), result.partial.is_some()), (2, false), "a cut result is not remembered");
}
