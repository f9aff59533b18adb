//! A backup is a workspace at one moment, and is restored whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{TimeDelta, Utc};
use serde_json::json;
use storage::{
    BackupSummary, CommitInfo, CompactionOptions, RestoreError, Stop, StorageError, VacuumOptions, Workspace, restore,
};

use crate::rows::{batch, frame, ingest, printed, table, time};

const TABLES: [&str; 2] = ["AuditLogs", "SigninLogs"];

/// Some ingests over two tables and days.
async fn fill(workspace: &Workspace, from: i64, to: i64) {
    let start = time("2024-01-01T12:00:00Z");
    for round in from..to {
        let append = workspace.begin().await.expect("begins");
        for name in TABLES {
            let operation = [("OperationName", json!(format!("{name} {round}")))];
            append
                .write(table(name), batch(table(name), &[(start + round * 3_600_000_000, &operation)]))
                .expect("writes");
        }
        append.commit(CommitInfo::default()).await.expect("commits");
    }
}

async fn rows(workspace: &Workspace) -> Vec<Vec<String>> {
    let snapshot = workspace.snapshot().await.expect("snapshots");
    let mut rows = Vec::new();
    for name in TABLES {
        rows.push(printed(frame(&snapshot, name)).await);
    }
    rows
}

async fn back_up(workspace: &Workspace, folder: &Path) -> BackupSummary {
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let backup = maintenance.begin_backup(folder, Utc::now()).await.expect("begins");
    fs::write(backup.beside().expect("makes it").join("watchlist.csv"), "users").expect("writes");
    fs::write(backup.apart().expect("makes it").join("state"), "tokens").expect("writes");
    backup.finish().await.expect("finishes")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("lists").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() { found.extend(files(&entry)) } else { found.push(entry) }
    }
    found.sort();
    found
}

/// A file of its own: a backup on the workspace's disk shares the data files.
fn overwrite(path: &Path, content: &[u8]) {
    fs::remove_file(path).expect("removes");
    fs::write(path, content).expect("writes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_workspace_shows_the_rows_of_the_position_and_goes_on_from_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let (source, copy, target) =
        (folder.path().join("source"), folder.path().join("copy"), folder.path().join("target"));
    let workspace = Workspace::create(&source).await.expect("creates");
    // Over a checkpoint, with files that left the tables.
    fill(&workspace, 0, 52).await;
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let done = maintenance.compact(&CompactionOptions::default(), Utc::now(), &Stop::default()).await;
    assert!(done.expect("compacts").merges > 0);
    drop(maintenance);
    fill(&workspace, 52, 54).await;
    let (expected, position) = (rows(&workspace).await, workspace.snapshot().await.expect("snapshots").sequence());
    let summary = back_up(&workspace, &copy).await;
    assert_eq!((summary.position, summary.rows), (position, 108));

    // What comes later is not in it, and what goes later is.
    fill(&workspace, 54, 60).await;
    let maintenance = workspace.maintain().await.expect("takes the lock");
    maintenance.compact(&CompactionOptions::default(), Utc::now(), &Stop::default()).await.expect("compacts");
    let later = Utc::now() + TimeDelta::days(2);
    assert!(maintenance.vacuum(&VacuumOptions::default(), later).await.expect("cleans").files > 0);
    drop((maintenance, workspace));
    fs::remove_dir_all(&source).expect("removes");

    let restored = restore(&copy, &target).await.expect("restores");
    assert_eq!((restored.position, restored.rows), (summary.position, 108));
    assert_eq!(rows(&restored.workspace).await, expected);
    assert_eq!(restored.beside, 1);
    assert_eq!(fs::read_to_string(target.join("watchlist.csv")).expect("reads"), "users");
    assert!(!target.join("state").exists(), "its place is elsewhere");
    assert_eq!(fs::read_to_string(&restored.apart["state"]).expect("reads"), "tokens");
    fill(&restored.workspace, 100, 101).await;
    let snapshot = restored.workspace.snapshot().await.expect("snapshots");
    assert_eq!((snapshot.sequence(), snapshot.statistics(TABLES[0]).expect("has rows").rows), (position + 1, 55));
    assert_eq!(rows(&Workspace::open(&target).await.expect("opens")).await[0].len(), 55);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_damaged_or_missing_file_of_a_backup_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("copy");
    let workspace = Workspace::create(folder.path().join("source")).await.expect("creates");
    fill(&workspace, 0, 2).await;
    back_up(&workspace, &copy).await;
    let all = files(&copy);
    for (at, path) in all.iter().enumerate() {
        let whole = fs::read(path).expect("reads");
        let below = path.strip_prefix(&copy).expect("is below").display().to_string();
        let mut changed = whole.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        let cut = &whole[..whole.len() - 1];
        for content in [Some(changed.as_slice()), Some(cut), None] {
            match content {
                Some(content) => overwrite(path, content),
                None => fs::remove_file(path).expect("removes"),
            }
            let target = folder.path().join(format!("target{at}"));
            let error = restore(&copy, &target).await.expect_err("is refused");
            match &error {
                RestoreError::Damaged { files, .. } => assert_eq!(files[0].0, below),
                RestoreError::DamagedManifest { .. } => assert_eq!(below, "backup.json"),
                RestoreError::NotABackup { .. } => assert!(content.is_none() && below == "backup.json"),
                other => panic!("{below}: {other}"),
            }
            assert!(!target.exists(), "{below}: nothing is left in the target");
            if content.is_none() {
                fs::write(path, &whole).expect("writes");
            } else {
                overwrite(path, &whole);
            }
        }
    }
    restore(&copy, &folder.path().join("target")).await.expect("is whole again");
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_backup_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("copy");
    let workspace = Workspace::create(folder.path().join("source")).await.expect("creates");
    fill(&workspace, 0, 1).await;
    let maintenance = workspace.maintain().await.expect("takes the lock");
    drop(maintenance.begin_backup(&copy, Utc::now()).await.expect("begins"));
    let error = restore(&copy, &folder.path().join("target")).await.expect_err("is refused");
    assert!(matches!(error, RestoreError::NotABackup { .. }), "{error}");
    assert!(error.hint().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn vacuum_waits_for_a_backup() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("copy");
    let workspace = Workspace::create(folder.path().join("source")).await.expect("creates");
    fill(&workspace, 0, 4).await;
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let backup = maintenance.begin_backup(&copy, Utc::now()).await.expect("begins");
    let options = VacuumOptions::default();
    let mut vacuum = Box::pin(maintenance.vacuum(&options, Utc::now()));
    let is_waiting = futures::poll!(&mut vacuum).is_pending();
    assert!(is_waiting);
    backup.finish().await.expect("finishes");
    vacuum.await.expect("cleans");
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_that_hold_something_are_neither_backed_up_nor_restored_into() {
    let folder = tempfile::tempdir().expect("a folder");
    let (source, copy) = (folder.path().join("source"), folder.path().join("copy"));
    let workspace = Workspace::create(&source).await.expect("creates");
    ingest(&workspace, table("SigninLogs"), &[(0, &[])]).await;
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let error = maintenance.begin_backup(folder.path(), Utc::now()).await.expect_err("holds something");
    assert!(matches!(error, StorageError::NotEmpty { .. }));
    let error = maintenance.begin_backup(&source.join("copy"), Utc::now()).await.expect_err("is within");
    assert!(matches!(error, StorageError::WithinWorkspace { .. }));
    maintenance.begin_backup(&copy, Utc::now()).await.expect("begins").finish().await.expect("finishes");
    let error = restore(&copy, &source).await.expect_err("holds something");
    assert!(matches!(error, RestoreError::Storage { source: StorageError::NotEmpty { .. } }));
    assert_eq!(rows(&workspace).await[1].len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_is_damaged_is_not_backed_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("source");
    let workspace = Workspace::create(&source).await.expect("creates");
    ingest(&workspace, table("SigninLogs"), &[(0, &[])]).await;
    let day = source.join("tables/SigninLogs/_Day=1970-01-01");
    let file = files(&day).remove(0);
    let whole = fs::read(&file).expect("reads");
    fs::write(&file, &whole[1..]).expect("writes");
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let backup = maintenance.begin_backup(&folder.path().join("copy"), Utc::now()).await.expect("begins");
    let error = backup.finish().await.expect_err("is refused");
    assert!(matches!(error, StorageError::WrongSize { .. }), "{error}");
}
