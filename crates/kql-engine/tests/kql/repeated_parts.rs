//! What a query repeats runs once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kql_engine::{Engine, EngineOptions, Limits, QueryOptions};

use crate::counted_tables::counted;
use crate::tables::{NOW, ticks};

/// The answer's rows in order of their text, and how often tables were scanned for it.
async fn run(query: &str, limits: Limits) -> (Vec<String>, usize) {
    let (catalog, scans): (_, Arc<AtomicUsize>) = counted();
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() }).expect("an engine");
    let options = QueryOptions { limits, ..QueryOptions::new(ticks(NOW)) };
    let result = engine.query(query, &catalog, &options).await.expect(query);
    let mut rows: Vec<String> = result.rows_json().map(|row| serde_json::Value::Array(row).to_string()).collect();
    rows.sort();
    (rows, scans.load(Ordering::Relaxed))
}

const BY_USER: &str =
    "SigninLogs | summarize n = count(), Last = max(TimeGenerated), Codes = make_set(ResultType) by UserPrincipalName";

#[tokio::test]
async fn a_table_of_a_let_that_groups_runs_once_for_all_its_uses() {
    let query = format!(
        "let users = {BY_USER};
         users | where n > 1 | join kind=inner (users | project UserPrincipalName, Last) on UserPrincipalName
         | project UserPrincipalName, n, Last1"
    );
    let (rows, scans) = run(&query, Limits::default()).await;
    assert_eq!((rows, scans), (vec![r#"["ann",2,"2024-06-15T10:00:00Z"]"#.to_owned()], 1));
}

#[tokio::test]
async fn a_part_that_is_written_twice_runs_once() {
    let query = format!("({BY_USER} | where n > 1 | count) | union ({BY_USER} | where n == 1 | count)");
    assert_eq!(run(&query, Limits::default()).await, (vec!["[1]".to_owned(), "[4]".to_owned()], 1));
    let other = BY_USER.replace("count()", "countif(DurationMs > 5)");
    let query = format!("({BY_USER} | where n > 1 | count) | union ({other} | where n == 1 | count)");
    assert_eq!(run(&query, Limits::default()).await.1, 2, "they are not the same");
}

#[tokio::test]
async fn what_only_filters_is_read_at_each_use_and_only_as_far_as_it_is_needed() {
    let query = "let failed = SigninLogs | where ResultType != '0';
        failed | project UserPrincipalName, TimeGenerated | join kind=inner (failed | project UserPrincipalName, DurationMs) on UserPrincipalName | count";
    assert_eq!(run(query, Limits::default()).await, (vec!["[3]".to_owned()], 2));
}

#[tokio::test]
async fn parts_that_differ_each_time_run_each_time() {
    let query = "let some = SigninLogs | summarize n = count() by UserPrincipalName, id = new_guid(); some | join kind=inner some on id | count";
    assert_eq!(run(query, Limits::default()).await, (vec!["[0]".to_owned()], 2));
}

#[tokio::test]
async fn a_part_that_takes_too_much_memory_runs_at_each_use() {
    let thousands = |letter: &str, n: usize| format!("strrep(strrep('{letter}', 1000), {n})");
    let query = format!(
        "let users = SigninLogs | summarize Text = max(strcat({}, {}, {}, UserPrincipalName)) by UserPrincipalName;
         (users | where UserPrincipalName == 'ann' | project L = strlen(Text))
         | union (users | where UserPrincipalName == 'bob' | project L = strlen(Text))",
        thousands("x", 1000),
        thousands("y", 1000),
        thousands("z", 200)
    );
    let found = vec!["[2200003]".to_owned(); 2];
    // Five texts of two megabytes are more than a quarter of the memory, one is not.
    let little = Limits { memory_bytes: 40 << 20, ..Limits::default() };
    assert_eq!(run(&query, little).await, (found.clone(), 3), "once in vain, then for each use");
    assert_eq!(run(&query, Limits::default()).await, (found, 1));
}

#[tokio::test]
async fn columns_that_only_some_uses_need_are_there() {
    let query = format!(
        "let users = {BY_USER};
         users | project UserPrincipalName, Codes | join kind=leftouter (users | where n == 2 | project UserPrincipalName, n) on UserPrincipalName
         | project UserPrincipalName, n, tostring(array_length(Codes))"
    );
    let (rows, scans) = run(&query, Limits::default()).await;
    assert_eq!(
        rows,
        [r#"["",null,"1"]"#, r#"["Ann",null,"1"]"#, r#"["ann",2,"2"]"#, r#"["bob",null,"1"]"#, r#"["cid",null,"1"]"#]
    );
    assert_eq!(scans, 1);
}
