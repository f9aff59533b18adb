//! Legs of a union that read one table are read together, and give what they give one by one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kql_engine::{Engine, EngineOptions, QueryOptions};

use crate::counted_tables::counted;
use crate::tables::{NOW, ticks};

/// The answer's rows in order of their text, and how often tables were scanned for it.
async fn run(query: &str, options: EngineOptions, time_range: Option<(i64, i64)>) -> (Vec<String>, usize) {
    let (catalog, scans): (_, Arc<AtomicUsize>) = counted();
    let engine = Engine::new(&EngineOptions { threads: 2, ..options }).expect("an engine");
    let options = QueryOptions { time_range, ..QueryOptions::new(ticks(NOW)) };
    let result = engine.query(query, &catalog, &options).await.expect(query);
    let mut rows: Vec<String> = result.rows_json().map(|row| serde_json::Value::Array(row).to_string()).collect();
    rows.sort();
    (rows, scans.load(Ordering::Relaxed))
}

/// What a query gives without rules of the optimizer is what it gives, read so many times, with them, also where the plan travels.
async fn is_read(query: &str, scans: usize) {
    let plain = EngineOptions { optimize: false, ..EngineOptions::default() };
    let morning = Some((ticks("2024-06-15T09:00:00Z"), ticks("2024-06-15T10:05:00Z")));
    for range in [None, morning] {
        let (expected, _) = run(query, plain.clone(), range).await;
        let (found, times) = run(query, EngineOptions::default(), range).await;
        assert_eq!((found, times), (expected.clone(), scans), "{query}");
        let (found, _) = run(query, EngineOptions { encode: true, ..EngineOptions::default() }, range).await;
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn legs_of_one_table_are_read_once() {
    for query in [
        // Rows of one leg, of both, of none.
        "union (SigninLogs | where ResultType == '0' | project UserPrincipalName, Kind = 'ok'),
               (SigninLogs | where ResultType == '50126' | project UserPrincipalName, Kind = 'password')",
        "union (SigninLogs | where ResultType != '0'), (SigninLogs | where UserPrincipalName == 'bob')",
        "union (SigninLogs | where ResultType == '0'), (SigninLogs | where ResultType == 'no such') | summarize count() by ResultType",
        // One wants all rows.
        "union (SigninLogs | where ResultType == '0' | project UserPrincipalName, ResultType, Few = true),
               (SigninLogs | project UserPrincipalName, ResultType, Few = false)",
        "union SigninLogs, SigninLogs, SigninLogs | summarize count() by UserPrincipalName",
        // Conditions that are null of some rows, and such that all legs have.
        "union (SigninLogs | where DurationMs > 10 and IsInteractive | project UserPrincipalName, N = DurationMs),
               (SigninLogs | where not(DurationMs > 10) and IsInteractive | project UserPrincipalName, N = DurationMs * 2)",
        // Functions of what is read, in conditions and columns, and a column that one leg lacks.
        "union (SigninLogs | where strlen(UserPrincipalName) + DurationMs > 15 | project Name = toupper(UserPrincipalName), DurationMs),
               (SigninLogs | where UserPrincipalName matches regex 'an+' | project Name = UserPrincipalName, DurationMs),
               (SigninLogs | where UserPrincipalName startswith 'c' and DurationMs > 1 | project Name = UserPrincipalName)",
        // Documents and times.
        "union (SigninLogs | where tostring(LocationDetails.countryOrRegion) == 'DE' | project Day = bin(TimeGenerated, 1d), City = tostring(LocationDetails.city)),
               (SigninLogs | where isempty(tostring(LocationDetails.city)) | project Day = TimeGenerated, City = 'none')
         | summarize count() by Day, City",
        "let recent = SigninLogs | where TimeGenerated > ago(1d);
         union (recent | where ResultType == '0'), (recent | where ResultType == '50126') | summarize dcount(UserPrincipalName) by ResultType",
        // Another union's leg is as good as this one's.
        "union (SigninLogs | where ResultType == '0'), (union (SigninLogs | where ResultType == '50053'), (SigninLogs | where ResultType == '50126'))
         | count",
        "union withsource = Source (SigninLogs | where ResultType == '0'), (SigninLogs | where ResultType == '50126') | summarize count() by Source",
    ] {
        is_read(query, 1).await;
    }
}

#[tokio::test]
async fn legs_of_other_tables_stay_beside() {
    is_read(
        "union (SigninLogs | where ResultType == '0' | project Who = UserPrincipalName), (AuditLogs | project Who = Identity),
               (SigninLogs | where ResultType == '50126' | project Who = UserPrincipalName), (AuditLogs | where Count == 1 | project Who = OperationName)",
        // Nearly all of what the legs of `AuditLogs` read is different.
        3,
    )
    .await;
}

#[tokio::test]
async fn legs_that_read_other_rows_or_columns_are_read_one_by_one() {
    for query in [
        "union (SigninLogs | where TimeGenerated > ago(1h) and ResultType == '0'), (SigninLogs | where TimeGenerated > ago(2d) and ResultType == '50126')",
        "union (SigninLogs | where ResultType == '0' | project ResultType), (SigninLogs | where DurationMs > 5 | project UserPrincipalName, DurationMs)",
        "union (SigninLogs | where UserPrincipalName != 'no such' | project A = rand(1), UserPrincipalName), (SigninLogs | project A = 0.0, UserPrincipalName)",
        "union (SigninLogs | where ResultType == '0' | summarize count() by ResultType), (SigninLogs | where ResultType == '50126' | project ResultType)",
    ] {
        is_read(query, 2).await;
    }
}

#[tokio::test]
async fn legs_are_asked_one_by_one_for_first_rows() {
    let legs = "union (SigninLogs | where ResultType == '0'), (SigninLogs | where ResultType == '50126')";
    for last in ["top 2 by TimeGenerated", "summarize max(TimeGenerated)"] {
        is_read(&format!("{legs} | {last}"), 2).await;
    }
    is_read(&format!("{legs} | summarize Last = max(TimeGenerated) by UserPrincipalName | top 1 by Last"), 1).await;
}
