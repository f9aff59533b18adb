//! Readers see an ingest whole or not at all.

use std::fs;
use std::path::Path;

use serde_json::json;
use storage::{CommitInfo, Workspace};

use crate::rows::{batch, count, frame, ingest, printed, table, time};

/// Data files and those of their terms.
fn data_files(folder: &Path) -> usize {
    let mut found = 0;
    for entry in fs::read_dir(folder).expect("lists").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() && !entry.ends_with("_delta_log") {
            found += data_files(&entry);
        } else if entry.extension().is_some_and(|extension| extension == "parquet" || extension == "terms") {
            found += 1;
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_does_not_change_under_its_reader() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    ingest(&workspace, table("SigninLogs"), &[(0, &[])]).await;
    // Not scanned before the second ingest: its log is read at the old version even then.
    let before = workspace.snapshot().await.expect("snapshots");
    ingest(&workspace, table("SigninLogs"), &[(0, &[]), (1, &[])]).await;
    let after = workspace.snapshot().await.expect("snapshots");
    assert_eq!((count(&before, "SigninLogs").await, count(&after, "SigninLogs").await), (1, 3));
    assert_eq!((before.sequence(), after.sequence()), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aborted_ingest_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let append = workspace.begin().await.expect("begins");
    append.write(table("SigninLogs"), batch(table("SigninLogs"), &[(0, &[])])).expect("writes");
    append.abort().await;
    assert_eq!(data_files(folder.path()), 0);
    assert!(workspace.snapshot().await.expect("snapshots").table_names().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_an_ingest_that_never_was_are_removed_by_the_next_writer() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    ingest(&workspace, table("SigninLogs"), &[(0, &[])]).await;
    let day = folder.path().join("tables/SigninLogs/_Day=1970-01-01");
    fs::write(day.join("part-0000000002-00000000-0000-0000-0000-000000000000.parquet"), "half").expect("writes");
    let terms = folder.path().join("tables/SigninLogs/_terms");
    fs::write(terms.join("part-0000000002-00000000-0000-0000-0000-000000000000.terms"), "half").expect("writes");
    drop(workspace.begin().await.expect("begins"));
    assert_eq!(data_files(folder.path()), 2);
    assert_eq!(count(&workspace.snapshot().await.expect("snapshots"), "SigninLogs").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_ingests_are_read_through_checkpoints() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let day = time("2024-01-01T00:00:00Z");
    for round in 0..102 {
        ingest(
            &workspace,
            table("SigninLogs"),
            &[(day + round, &[("UserPrincipalName", json!(format!("u{round:03}")))])],
        )
        .await;
    }
    let log = folder.path().join("tables/SigninLogs/_delta_log");
    assert!(log.join("_last_checkpoint").exists());
    let snapshot = Workspace::open(folder.path()).await.expect("opens").snapshot().await.expect("snapshots");
    let users = printed(frame(&snapshot, "SigninLogs").select_columns(&["UserPrincipalName"]).expect("has it")).await;
    assert_eq!(users, (0..102).map(|round| format!("u{round:03}")).collect::<Vec<_>>());
    // Bounds survive the checkpoint.
    let filtered = frame(&snapshot, "SigninLogs")
        .filter(datafusion::prelude::col("\"UserPrincipalName\"").eq(datafusion::prelude::lit("u007")))
        .expect("filters");
    let plan = filtered.create_physical_plan().await.expect("plans");
    let plan = datafusion::physical_plan::displayable(plan.as_ref()).indent(false).to_string();
    assert_eq!(plan.matches(".parquet").count(), 1, "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_a_table_names_what_wrote_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let append = workspace.begin().await.expect("begins");
    append.write(table("SigninLogs"), batch(table("SigninLogs"), &[(0, &[])])).expect("writes");
    let details = json!({"files": 3}).as_object().cloned().expect("an object");
    append.commit(CommitInfo { command: "investigate".to_owned(), details }).await.expect("commits");
    let log = folder.path().join("tables/SigninLogs/_delta_log/00000000000000000000.json");
    let log = fs::read_to_string(log).expect("reads");
    assert!(log.contains(r#""investigate""#) && log.contains(r#""files":3"#), "{log}");
}
