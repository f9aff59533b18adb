//! A replay gives what the query gives over each range.

use kql_engine::{Engine, EngineOptions, QueryOptions};

use crate::tables::{catalog, ticks};

/// Queries whose plan is kept, and queries that are bound again for each range.
const QUERIES: [&str; 7] = [
    "SigninLogs | summarize n = count(), latest_time = max(TimeGenerated) by UserPrincipalName | sort by UserPrincipalName asc",
    "SigninLogs | where ResultType != '0' | project UserPrincipalName | sort by UserPrincipalName asc",
    "union SigninLogs, AuditLogs | count",
    "SigninLogs | take 1 | count",
    "SigninLogs | where TimeGenerated > ago(45m) | count",
    "let n = toscalar(SigninLogs | count); print n",
    "let f = materialize(SigninLogs | where ResultType != '0' | project UserPrincipalName); f | join kind=inner f on UserPrincipalName | count",
];

fn options(start: &str, end: &str) -> QueryOptions {
    QueryOptions { time_range: Some((ticks(start), ticks(end))), ..QueryOptions::new(ticks(end)) }
}

#[tokio::test]
async fn a_replay_gives_what_the_query_gives_over_each_range() {
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() }).expect("an engine");
    let catalog = catalog();
    for query in QUERIES {
        let first = options("2024-06-15T00:00:00Z", "2024-06-15T01:00:00Z");
        let replay = engine.prepare_replay(query, &catalog, &first).await.expect(query);
        let mut answers = Vec::new();
        for (start, end) in [("08:00", "09:30"), ("09:00", "10:05"), ("09:30", "11:30"), ("20:00", "21:00")] {
            let options = options(&format!("2024-06-15T{start}:00Z"), &format!("2024-06-15T{end}:00Z"));
            let direct = engine.query(query, &catalog, &options).await.expect(query);
            let replayed = engine.run_replay(&replay, &catalog, &options).await.expect(query);
            let rows: Vec<_> = replayed.rows_json().collect();
            assert_eq!(rows, direct.rows_json().collect::<Vec<_>>(), "{query} from {start} to {end}");
            answers.push(rows);
        }
        assert!(answers.iter().any(|rows| *rows != answers[0]), "the ranges make no difference to {query}");
    }
}

#[tokio::test]
async fn a_materialized_relation_gives_the_same_rows_at_each_use() {
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() }).expect("an engine");
    let query = "let r = materialize(range x from 1 to 3 step 1 | extend id = new_guid());
        r | join kind=inner r on id | count";
    let options = QueryOptions::new(ticks("2024-06-15T00:00:00Z"));
    let result = engine.query(query, &catalog(), &options).await.expect("a result");
    assert_eq!(result.rows_json().collect::<Vec<_>>(), vec![vec![serde_json::json!(3)]]);
}

#[tokio::test]
async fn a_materialized_relation_of_a_function_belongs_to_its_call() {
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() }).expect("an engine");
    let query = "let f = (n:long) { let r = materialize(range x from 1 to n step 1); r | count };
        union (f(2)), (f(5)) | sort by Count asc";
    let options = QueryOptions::new(ticks("2024-06-15T00:00:00Z"));
    let result = engine.query(query, &catalog(), &options).await.expect("a result");
    let counts: Vec<_> = result.rows_json().flatten().collect();
    assert_eq!(counts, [2, 5]);
}
