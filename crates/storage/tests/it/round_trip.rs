//! What is written comes back.

use std::sync::Arc;

use datafusion::prelude::{col, lit};
use serde_json::{Value, json};
use storage::{CommitInfo, Workspace};

use crate::rows::{Row, batch, count, frame, ingest, printed, table, time};

/// A value of every type, each in its own column of a table that has it.
const TYPED: [(&str, &str, &str); 6] = [
    ("SigninLogs", "UserPrincipalName", "a@b.example"),
    ("SigninLogs", "LocationDetails", r#"{"countryOrRegion":"NO"}"#),
    ("SigninLogs", "CreatedDateTime", "2024-01-01T00:00:00.000001Z"),
    ("SigninLogs", "IsInteractive", "true"),
    ("SecurityEvent", "EventID", "4624"),
    ("SigninLogs", "_SourceOffset", "17"),
];

fn value(text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(number) => json!(number),
        Err(_) if text == "true" => json!(true),
        Err(_) => json!(text),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_of_each_type_comes_back_and_an_absent_one_is_empty_or_null() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    for (name, column, text) in TYPED {
        let before = workspace.snapshot().await.expect("snapshots").statistics(name).map_or(0, |found| found.rows);
        let day = time("2024-01-01T00:00:00Z");
        // One file has the column, the other does not.
        ingest(&workspace, table(name), &[(day, &[(column, value(text))])]).await;
        ingest(&workspace, table(name), &[(day, &[])]).await;
        let snapshot = workspace.snapshot().await.expect("snapshots");
        let lines = printed(frame(&snapshot, name).select_columns(&[column]).expect("has it")).await;
        let absent = if column == "UserPrincipalName" { "" } else { "null" };
        assert_eq!(lines.iter().filter(|line| *line == text).count(), 1, "{column}: {lines:?}");
        assert_eq!(lines.iter().filter(|line| *line == absent).count() as u64, before + 1, "{column}: {lines:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_on_a_column_that_a_file_leaves_out_see_the_empty_string() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let day = time("2024-01-01T00:00:00Z");
    ingest(&workspace, table("SigninLogs"), &[(day, &[("ResultType", json!("0"))]), (day, &[])]).await;
    ingest(&workspace, table("SigninLogs"), &[(day, &[("Identity", json!("x"))])]).await;
    let snapshot = workspace.snapshot().await.expect("snapshots");
    let cases = [
        (col("\"ResultType\"").eq(lit("")), 2),
        (col("\"ResultType\"").not_eq(lit("")), 1),
        (col("\"ResultType\"").not_eq(lit("0")), 2),
        (col("\"ResultType\"").eq(lit("0")), 1),
        (col("\"ResultType\"").gt(lit("1")), 0),
        (col("\"ResultType\"").is_null(), 0),
        (col("\"CorrelationId\"").is_null(), 0),
        (col("\"CreatedDateTime\"").is_null(), 3),
        (col("\"LocationDetails\"").is_null(), 3),
        (col("\"Identity\"").eq(col("\"ResultType\"")), 1),
        (col("\"UserAgent\"").eq(lit("")).and(col("\"ResultType\"").eq(lit("0"))), 1),
    ];
    for pushdown in [false, true] {
        for (filter, expected) in &cases {
            let context = crate::rows::session();
            context.state_ref().write().config_mut().options_mut().execution.parquet.pushdown_filters = pushdown;
            let provider = snapshot.table("SigninLogs").expect("built in");
            let frame = context.read_table(provider).expect("reads").filter(filter.clone()).expect("filters");
            assert_eq!(frame.count().await.expect("counts"), *expected, "{filter}, pushdown {pushdown}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_threads_write_several_tables_in_one_ingest() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let append = workspace.begin().await.expect("begins");
    let day = time("2024-01-01T00:00:00Z");
    std::thread::scope(|scope| {
        for thread in 0..4i64 {
            let append = &append;
            scope.spawn(move || {
                for round in 0..10 {
                    let at = day + (round * 4 + thread) * 3_600_000_000;
                    append.write(table("SigninLogs"), batch(table("SigninLogs"), &[(at, &[])])).expect("writes");
                    append
                        .write(table("AuditLogs"), batch(table("AuditLogs"), &[(at, &[]), (at, &[])]))
                        .expect("writes");
                }
            });
        }
    });
    let summary = append.commit(CommitInfo { command: "ingest".to_owned(), ..CommitInfo::default() }).await;
    let summary = summary.expect("commits");
    assert_eq!(summary.tables["SigninLogs"].rows, 40);
    assert_eq!(summary.tables["SigninLogs"].files, 2);
    let snapshot = workspace.snapshot().await.expect("snapshots");
    assert_eq!((count(&snapshot, "SigninLogs").await, count(&snapshot, "AuditLogs").await), (40, 80));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_sorted_by_time_across_batches_and_row_groups() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let day = time("2024-01-01T00:00:00Z");
    let append = workspace.begin().await.expect("begins");
    const ROWS: i64 = 200_000;
    for half in 0..2 {
        let rows: Vec<Row<'_>> = (0..ROWS / 2).map(|row| (day + (ROWS - 2 * row - half) * 1000, &[][..])).collect();
        append.write(table("SigninLogs"), batch(table("SigninLogs"), &rows)).expect("writes");
    }
    append.commit(CommitInfo::default()).await.expect("commits");
    let snapshot = workspace.snapshot().await.expect("snapshots");
    let context = datafusion::prelude::SessionContext::new_with_config(
        datafusion::prelude::SessionConfig::new().with_target_partitions(1),
    );
    let provider = snapshot.table("SigninLogs").expect("built in");
    let frame = context.read_table(provider).expect("reads").select_columns(&["TimeGenerated"]).expect("has it");
    let batches = frame.collect().await.expect("runs");
    let times: Vec<i64> = batches
        .iter()
        .flat_map(|batch| {
            let column =
                arrow::array::AsArray::as_primitive::<arrow::datatypes::TimestampMicrosecondType>(batch.column(0));
            column.values().to_vec()
        })
        .collect();
    assert_eq!(times.len(), ROWS as usize);
    assert!(times.is_sorted());
}

#[tokio::test(flavor = "multi_thread")]
async fn buffers_beyond_their_limit_are_written_early_and_lose_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let append = workspace.begin().await.expect("begins");
    let day = time("2024-01-01T00:00:00Z");
    let text = json!("x".repeat(1 << 20));
    let values = [("UserAgent", text)];
    let rows: Vec<Row<'_>> = (0..70).map(|row| (day + row, &values[..])).collect();
    let rows = batch(table("SigninLogs"), &rows);
    for _ in 0..8 {
        append.write(table("SigninLogs"), rows.clone()).expect("writes");
    }
    let part = folder.path().join("tables/SigninLogs/_Day=2024-01-01");
    let early = std::fs::read_dir(&part).expect("has files").count() as u64;
    assert!(early > 0);
    assert_eq!(workspace.snapshot().await.expect("snapshots").sequence(), 0);
    let summary = append.commit(CommitInfo::default()).await.expect("commits");
    assert_eq!(summary.tables["SigninLogs"].rows, 560);
    assert!(summary.tables["SigninLogs"].files >= early);
    let snapshot = Arc::new(workspace.snapshot().await.expect("snapshots"));
    assert_eq!(count(&snapshot, "SigninLogs").await, 560);
}
