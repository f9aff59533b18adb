//! Creating, opening, locking.

use std::fs;

use serde_json::json;
use storage::{CommitInfo, StorageError, Workspace};

use crate::rows::{batch, count, frame, ingest, printed, table, time};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_workspace_has_every_table_without_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let snapshot = workspace.snapshot().await.expect("snapshots");
    assert!(snapshot.table_names().is_empty());
    assert!(snapshot.table("NoSuchTable").is_none());
    assert!(snapshot.statistics("SigninLogs").is_none());
    for table in schema::tables() {
        let provider = snapshot.table(&table.name).expect("a built-in table");
        let fields = datafusion::catalog::TableProvider::schema(provider.as_ref()).fields().len();
        assert_eq!(fields, table.stored_columns().count(), "{}", table.name);
    }
    assert_eq!(count(&snapshot, "SigninLogs").await, 0);
    assert!(printed(frame(&snapshot, "SigninLogs")).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn creating_and_opening_say_what_is_wrong_with_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = Workspace::open(folder.path()).await.expect_err("is empty");
    assert!(matches!(error, StorageError::NotAWorkspace { .. }), "{error}");
    assert!(error.hint().is_some());

    fs::write(folder.path().join("notes.txt"), "mine").expect("writes");
    let error = Workspace::open_or_create(folder.path()).await.expect_err("is not empty");
    assert!(matches!(error, StorageError::NotEmpty { .. }), "{error}");

    let inner = folder.path().join("a/workspace");
    Workspace::open_or_create(&inner).await.expect("creates");
    Workspace::open_or_create(&inner).await.expect("opens");
    assert!(matches!(Workspace::create(&inner).await, Err(StorageError::NotEmpty { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_format_and_a_damaged_description_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    Workspace::create(folder.path()).await.expect("creates");
    let description = folder.path().join("workspace.json");
    fs::write(&description, r#"{"format": 4, "anything": "else"}"#).expect("writes");
    let error = Workspace::open(folder.path()).await.expect_err("is newer");
    let expected = format!("workspace `{}` has format 4, this version reads up to 3", folder.path().display());
    assert_eq!(error.to_string(), expected);
    fs::write(&description, "{").expect("writes");
    assert!(matches!(Workspace::open(folder.path()).await, Err(StorageError::Damaged { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_writer_is_told_who_holds_the_workspace() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let first = workspace.begin().await.expect("begins");
    let error = Workspace::open(folder.path()).await.expect("opens").begin().await.expect_err("is locked");
    assert!(error.to_string().ends_with(&format!("is being written by process {}", std::process::id())), "{error}");
    drop(first);
    workspace.begin().await.expect("begins again").abort().await;
    workspace.begin().await.expect("begins again");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_with_other_columns_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let append = workspace.begin().await.expect("begins");
    let rows = batch(table("AuditLogs"), &[(0, &[])]);
    let error = append.write(table("SigninLogs"), rows.clone()).expect_err("has other columns");
    assert!(matches!(error, StorageError::WrongColumns { .. }), "{error}");
    let missing = rows.project(&[0, 1]).expect("projects");
    let error = append.write(table("AuditLogs"), missing).expect_err("lacks columns");
    assert!(error.to_string().contains("2 columns instead of"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_without_rows_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let summary = workspace.begin().await.expect("begins").commit(CommitInfo::default()).await.expect("commits");
    assert_eq!((summary.sequence, summary.tables.len()), (0, 0));
    let summary = ingest(&workspace, table("Syslog"), &[(0, &[])]).await;
    assert_eq!(summary.sequence, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn statistics_tell_rows_files_and_span() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let (first, last) = (time("1601-01-01T00:00:00Z"), time("2099-12-31T23:59:59Z"));
    let middle = time("2024-01-01T12:00:00Z");
    let summary = ingest(&workspace, table("SigninLogs"), &[(last, &[]), (first, &[]), (middle, &[])]).await;
    assert_eq!((summary.tables["SigninLogs"].rows, summary.tables["SigninLogs"].files), (3, 3));
    ingest(&workspace, table("SigninLogs"), &[(middle, &[("UserPrincipalName", json!("a@b"))])]).await;

    let snapshot = Workspace::open(folder.path()).await.expect("opens").snapshot().await.expect("snapshots");
    let statistics = snapshot.statistics("SigninLogs").expect("has rows");
    assert_eq!((statistics.rows, statistics.files), (4, 4));
    assert_eq!(statistics.first.map(|time| time.timestamp_micros()), Some(first));
    assert_eq!(statistics.last.map(|time| time.timestamp_micros()), Some(last));
    assert!(statistics.bytes > 0);
    assert_eq!(snapshot.table_names(), ["SigninLogs"]);
    assert_eq!(count(&snapshot, "SigninLogs").await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_buckets_count_rows_where_there_are_any() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let times = ["2024-01-01T00:04:59.999999Z", "2024-01-01T00:05:00Z", "2024-01-02T10:00:00Z", "2024-01-02T10:04:00Z"];
    for text in times {
        ingest(&workspace, table("SigninLogs"), &[(time(text), &[])]).await;
    }
    let snapshot = workspace.snapshot().await.expect("snapshots");
    let five_minutes = chrono::TimeDelta::minutes(5);
    let buckets = snapshot.time_buckets("SigninLogs", five_minutes).await.expect("counts");
    let found: Vec<(String, u64)> = buckets.iter().map(|(start, rows)| (start.to_rfc3339(), *rows)).collect();
    let expected =
        [("2024-01-01T00:00:00+00:00", 1), ("2024-01-01T00:05:00+00:00", 1), ("2024-01-02T10:00:00+00:00", 2)];
    assert_eq!(found, expected.map(|(start, rows)| (start.to_owned(), rows)));
    assert!(snapshot.time_buckets("AuditLogs", five_minutes).await.expect("is empty").is_empty());
    assert!(snapshot.time_buckets("SigninLogs", chrono::TimeDelta::zero()).await.is_err());
}
