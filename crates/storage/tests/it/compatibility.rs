//! A workspace written by format version 1 stays readable.
//!
//! The fixture was written by the test below: set its variable only to make a fixture for a new format version.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;
use storage::{BatchId, CommitInfo, LiveOptions, Retention, RetentionOptions, Workspace};

use crate::rows::{batch, frame, ingest, printed, table, time};

fn fixture(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/workspace-v{version}"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("creates");
    for entry in fs::read_dir(from).expect("lists").map(|entry| entry.expect("an entry")) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copies");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_of_version_1_is_read_and_appended_to() {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&fixture(1), folder.path());
    let workspace = Workspace::open(folder.path()).await.expect("opens");
    let snapshot = workspace.snapshot().await.expect("snapshots");
    assert_eq!(snapshot.table_names(), ["AuditLogs", "SigninLogs"]);
    let columns = ["TimeGenerated", "UserPrincipalName", "ResultType", "LocationDetails", "IsInteractive"];
    let lines = printed(frame(&snapshot, "SigninLogs").select_columns(&columns).expect("has them")).await;
    let expected = [
        "2024-01-01T08:00:00Z|ada@example.com|50126|null|true",
        "2024-01-02T08:00:00Z|bob@example.com|0|{\"countryOrRegion\":\"NO\"}|null",
        "2024-01-03T08:00:00Z|||null|null",
    ];
    assert_eq!(lines, expected);
    ingest(&workspace, table("AuditLogs"), &[(0, &[])]).await;
    let snapshot = workspace.snapshot().await.expect("snapshots");
    assert_eq!(crate::rows::count(&snapshot, "AuditLogs").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_of_version_2_has_the_rows_of_its_log() {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&fixture(2), folder.path());
    let workspace = Workspace::open(folder.path()).await.expect("opens");
    let operations = async |snapshot: storage::Snapshot| {
        printed(frame(&snapshot, "AuditLogs").select_columns(&["OperationName"]).expect("has it")).await
    };
    assert_eq!(operations(workspace.snapshot().await.expect("snapshots")).await, ["Add user", "Delete user"]);
    // Batch ids are remembered for a day, and the fixture's is of the evening before.
    let options = LiveOptions { clock: Arc::new(|| noon("2026-11-27")), ..LiveOptions::default() };
    let live = workspace.go_live(options).await.expect("goes live");
    let row = || vec![(table("AuditLogs"), batch(table("AuditLogs"), &[(0, &[])]))];
    let again = live.append(row(), Some(BatchId::new("fixture", "1"))).await.expect("is known");
    assert!(again.is_repeated);
    live.close().await.expect("closes");
    assert_eq!(operations(workspace.snapshot().await.expect("snapshots")).await, ["Add user", "Delete user"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_of_version_1_becomes_one_of_this_version_when_it_goes_live() {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&fixture(1), folder.path());
    let workspace = Workspace::open(folder.path()).await.expect("opens");
    let live = workspace.go_live(LiveOptions::default()).await.expect("goes live");
    let description = fs::read_to_string(folder.path().join("workspace.json")).expect("reads");
    assert!(description.contains("\"format\": 3"), "{description}");
    assert_eq!(crate::rows::count(&live.snapshot(), "SigninLogs").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_from_before_leaf_columns_answer_beside_those_with_them() {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&fixture(1), folder.path());
    let workspace = Workspace::open(folder.path()).await.expect("opens");
    let place = json!(r#"{"countryOrRegion":"DE"}"#);
    let row = (time("2024-01-04T08:00:00Z"), [("LocationDetails", place)]);
    ingest(&workspace, table("SigninLogs"), &[(row.0, &row.1)]).await;
    let snapshot = workspace.snapshot().await.expect("snapshots");
    let country = crate::leaves::countries(&snapshot.with_document_functions(crate::leaves::recognized)).await;
    assert_eq!(country, ["", "", "DE", "NO"]);
}

/// On the twelfth day, the first of January is archived.
fn archiving() -> RetentionOptions {
    let retention = Retention { interactive_days: Some(10), total_days: Some(4000) };
    RetentionOptions { tables: BTreeMap::from([("SigninLogs".to_owned(), retention)]), ..RetentionOptions::default() }
}

fn noon(day: &str) -> DateTime<Utc> {
    format!("{day}T12:00:00Z").parse().expect("a time")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_of_version_3_has_its_archive() {
    let folder = tempfile::tempdir().expect("a folder");
    copy(&fixture(3), folder.path());
    let workspace = Workspace::open(folder.path()).await.expect("opens");
    let shown = async |workspace: &Workspace| {
        let snapshot = workspace.snapshot().await.expect("snapshots");
        let visible = crate::rows::count(&snapshot, "SigninLogs").await;
        (visible, crate::rows::count(&snapshot.with_archive(), "SigninLogs").await)
    };
    assert_eq!(shown(&workspace).await, (2, 3));
    let live = workspace.go_live(LiveOptions::default()).await.expect("goes live");
    live.maintain().retain(&archiving(), noon("2024-01-13")).await.expect("retains");
    assert_eq!(shown(&workspace).await, (1, 3));
    live.maintain().retain(&RetentionOptions::default(), noon("2024-01-13")).await.expect("retains");
    assert_eq!(shown(&workspace).await, (3, 3));
}

/// Writes the fixture of a new format version; asked for by `VEDETTE_WRITE_FIXTURE=1`.
#[tokio::test(flavor = "multi_thread")]
async fn write_the_fixture() {
    if std::env::var_os("VEDETTE_WRITE_FIXTURE").is_none() {
        eprintln!("SKIPPED: writes a fixture; VEDETTE_WRITE_FIXTURE is not set");
        return;
    }
    let folder = fixture(storage::FORMAT_VERSION);
    assert!(!folder.exists(), "a published fixture is never rewritten");
    // Written elsewhere and copied: a log names the folder in which its table was made.
    let elsewhere = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(elsewhere.path()).await.expect("creates");
    let append = workspace.begin().await.expect("begins");
    let sign_ins = batch(
        table("SigninLogs"),
        &[
            (
                time("2024-01-01T08:00:00Z"),
                &[
                    ("UserPrincipalName", json!("ada@example.com")),
                    ("ResultType", json!("50126")),
                    ("IsInteractive", json!(true)),
                ],
            ),
            (
                time("2024-01-02T08:00:00Z"),
                &[
                    ("UserPrincipalName", json!("bob@example.com")),
                    ("ResultType", json!("0")),
                    ("LocationDetails", json!(r#"{"countryOrRegion":"NO"}"#)),
                ],
            ),
        ],
    );
    append.write(table("SigninLogs"), sign_ins).expect("writes");
    let audits = batch(table("AuditLogs"), &[(time("2024-01-01T09:00:00Z"), &[("OperationName", json!("Add user"))])]);
    append.write(table("AuditLogs"), audits).expect("writes");
    append.commit(CommitInfo { command: "ingest".to_owned(), ..CommitInfo::default() }).await.expect("commits");
    ingest(&workspace, table("SigninLogs"), &[(time("2024-01-03T08:00:00Z"), &[])]).await;
    // The first day of the sign-ins is archived.
    let maintenance = workspace.maintain().await.expect("takes the lock");
    maintenance.retain(&archiving(), noon("2024-01-12")).await.expect("retains");
    drop(maintenance);
    // And a row that is in the log alone.
    let live = workspace.go_live(LiveOptions::default()).await.expect("goes live");
    let row = batch(table("AuditLogs"), &[(time("2024-01-02T09:00:00Z"), &[("OperationName", json!("Delete user"))])]);
    live.append(vec![(table("AuditLogs"), row)], Some(BatchId::new("fixture", "1"))).await.expect("appends");
    drop(live);
    copy(elsewhere.path(), &folder);
}
