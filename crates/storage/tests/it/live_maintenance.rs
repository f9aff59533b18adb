//! House-keeping of a workspace that takes rows meanwhile.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use storage::{
    AppendError, Appended, BatchId, CompactionOptions, FindingSeverity, LiveOptions, LiveWorkspace, Retention,
    RetentionOptions, Stop, StorageError, VacuumOptions, Workspace, restore,
};

use crate::rows::{batch, count, frame, printed, table, time};

const TABLE: &str = "SigninLogs";
const DAY: &str = "2024-01-01T12:00:00Z";

async fn live(folder: &tempfile::TempDir, options: LiveOptions) -> LiveWorkspace {
    let workspace = Workspace::open_or_create(folder.path().join("workspace")).await.expect("opens");
    workspace.go_live(options).await.expect("goes live")
}

async fn append(live: &LiveWorkspace, number: i64) -> Result<(), AppendError> {
    let user = [("UserPrincipalName", json!(format!("user{number:05}")))];
    let rows = batch(table(TABLE), &[(time(DAY) + number, &user)]);
    live.append(vec![(table(TABLE), rows)], None).await.map(drop)
}

async fn users(live: &LiveWorkspace) -> Vec<String> {
    printed(frame(&live.snapshot(), TABLE).select_columns(&["UserPrincipalName"]).expect("has it")).await
}

fn later() -> DateTime<Utc> {
    Utc::now() + TimeDelta::days(3)
}

#[tokio::test(flavor = "multi_thread")]
async fn merging_and_cleaning_beside_appends_and_flushes_lose_and_double_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let live = live(&folder, LiveOptions::default()).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let keeper = tokio::spawn({
        let (live, is_over) = (live.clone(), Arc::clone(&is_over));
        async move {
            // Two jobs at a time, as two handles of one process have them.
            let (one, other) = (live.maintain(), live.maintain());
            let (options, stop) = (CompactionOptions::default(), Stop::default());
            let mut merges = 0;
            loop {
                let is_last = is_over.load(Ordering::Acquire);
                let (left, right) =
                    tokio::join!(one.compact(&options, later(), &stop), other.compact(&options, later(), &stop));
                merges += left.expect("compacts").merges + right.expect("compacts").merges;
                one.vacuum(&VacuumOptions::default(), later()).await.expect("cleans");
                if is_last {
                    return merges;
                }
            }
        }
    });
    let mut expected = Vec::new();
    for number in 0..60 {
        append(&live, number).await.expect("appends");
        expected.push(format!("user{number:05}"));
        if number % 4 == 3 {
            live.flush().await.expect("flushes");
        }
        if number % 10 == 9 {
            assert_eq!(users(&live).await, expected);
        }
    }
    is_over.store(true, Ordering::Release);
    assert!(keeper.await.expect("ends") > 0);
    let totals = live.snapshot().statistics(TABLE).expect("has rows");
    assert_eq!((users(&live).await, totals.rows), (expected.clone(), 60));
    live.close().await.expect("closes");
    let workspace = Workspace::open(folder.path().join("workspace")).await.expect("opens");
    assert_eq!(count(&workspace.snapshot().await.expect("snapshots"), TABLE).await, 60);
    assert!(
        storage::examine(workspace.path(), Utc::now())
            .await
            .expect("examines")
            .iter()
            .all(|finding| finding.subject == "disk")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn retention_takes_old_days_and_rows_that_come_after_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let live = live(&folder, LiveOptions::default()).await;
    append(&live, 0).await.expect("appends");
    live.flush().await.expect("flushes");
    let days = Retention { interactive_days: Some(30), total_days: None };
    let options =
        RetentionOptions { default: Retention::default(), tables: BTreeMap::from([(TABLE.to_owned(), days)]) };
    live.maintain().retain(&options, Utc::now()).await.expect("retains");
    assert_eq!((users(&live).await.len(), live.snapshot().statistics(TABLE)), (0, None));
    // Late rows of an old day are taken in all the same, and go with the next run.
    append(&live, 1).await.expect("appends");
    let totals = live.snapshot().statistics(TABLE).expect("has rows");
    assert_eq!((totals.rows, totals.first), (1, DateTime::from_timestamp_micros(time(DAY) + 1)));
    live.flush().await.expect("flushes");
    assert_eq!(users(&live).await, ["user00001"]);
}

/// A batch with its id and a row in each of two tables.
async fn send(live: &LiveWorkspace, number: i64) -> Appended {
    let names = [TABLE, "AuditLogs"].map(table);
    let rows = names.map(|table| (table, batch(table, &[(time(DAY) + number, &[])])));
    let id = BatchId::new("test", number.to_string());
    live.append(rows.to_vec(), Some(id)).await.expect("appends")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_has_whole_batches_and_remembers_them_and_no_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = LiveOptions { flush_bytes: 4096, ..LiveOptions::default() };
    let live = live(&folder, options).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let sender = tokio::spawn({
        let (live, is_over) = (live.clone(), Arc::clone(&is_over));
        async move {
            let mut number = 0;
            while !is_over.load(Ordering::Acquire) {
                send(&live, number).await;
                // Flushes of the larger table alone, as by size.
                live.tick(Instant::now()).await;
                number += 1;
            }
            number
        }
    });
    let mut copies = Vec::new();
    for name in ["first", "second", "third"] {
        let acknowledged = live.status().sequence;
        let backup = live.maintain().begin_backup(&folder.path().join(name), Utc::now()).await.expect("begins");
        let summary = backup.finish().await.expect("finishes");
        assert!(summary.rows >= 2 * acknowledged, "{} of {acknowledged}", summary.rows);
        copies.push((name, summary));
    }
    is_over.store(true, Ordering::Release);
    let sent = sender.await.expect("ended");
    for (name, summary) in copies {
        let target = folder.path().join(format!("{name} restored"));
        let restored = restore(&folder.path().join(name), &target).await.expect("restores");
        let again = restored.workspace.go_live(LiveOptions::default()).await.expect("goes live");
        let rows = |name: &'static str| {
            let snapshot = again.snapshot();
            async move { count(&snapshot, name).await as u64 }
        };
        let stored = rows(TABLE).await;
        assert_eq!((rows("AuditLogs").await, 2 * stored), (stored, summary.rows), "a batch is in both tables");
        for number in 0..sent {
            // Batches were sent in this order.
            let is_repeated = send(&again, number).await.is_repeated;
            assert_eq!(is_repeated, u64::try_from(number).expect("small") < stored, "{number} of {stored}");
        }
        let sent = u64::try_from(sent).expect("small");
        assert_eq!((rows(TABLE).await, rows("AuditLogs").await), (sent, sent));
        // Also after a restart: the log of the restored workspace begins anew and goes on behind what its tables have.
        drop(again);
        let again = restored.workspace.go_live(LiveOptions::default()).await.expect("goes live");
        assert!(send(&again, 0).await.is_repeated);
        assert_eq!(count(&again.snapshot(), TABLE).await as u64, sent);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_workspace_that_was_killed_has_what_its_log_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let killed = live(&folder, LiveOptions::default()).await;
    for number in 0..3 {
        send(&killed, number).await;
    }
    // Not closed.
    drop(killed);
    let workspace = Workspace::open(folder.path().join("workspace")).await.expect("opens");
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let backup = maintenance.begin_backup(&folder.path().join("copy"), Utc::now()).await.expect("begins");
    drop(maintenance);
    assert!(matches!(workspace.maintain().await, Err(StorageError::Locked { .. })), "nobody writes meanwhile");
    assert_eq!(backup.finish().await.expect("finishes").rows, 6);
    let restored = restore(&folder.path().join("copy"), &folder.path().join("restored")).await.expect("restores");
    let again = restored.workspace.go_live(LiveOptions::default()).await.expect("goes live");
    assert!(send(&again, 2).await.is_repeated);
    assert_eq!(count(&again.snapshot(), TABLE).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_refused_before_the_disk_is_full() {
    let folder = tempfile::tempdir().expect("a folder");
    let full = live(&folder, LiveOptions { reserve_bytes: Some(u64::MAX), ..LiveOptions::default() }).await;
    let error = append(&full, 0).await.expect_err("is refused");
    assert!(matches!(error, AppendError::Full { .. }), "{error}");
    assert!(full.status().free_disk_bytes.is_some_and(|free| free > 0));
    assert_eq!(count(&full.snapshot(), TABLE).await, 0);
    drop(full);
    let room = live(&folder, LiveOptions { reserve_bytes: Some(0), ..LiveOptions::default() }).await;
    append(&room, 0).await.expect("appends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_workspace_is_kept_by_its_own_process_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let _live = live(&folder, LiveOptions::default()).await;
    let other = Workspace::open(folder.path().join("workspace")).await.expect("opens");
    assert!(matches!(other.maintain().await, Err(StorageError::Locked { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_log_is_found_and_rows_that_wait_in_it_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("workspace");
    let live = live(&folder, LiveOptions::default()).await;
    for number in 0..3 {
        append(&live, number).await.expect("appends");
    }
    drop(live);
    let of_log = async || {
        let findings = storage::examine(&path, Utc::now()).await.expect("examines");
        findings.into_iter().find(|finding| finding.subject == "write-ahead log").expect("a finding")
    };
    let waiting = of_log().await;
    assert_eq!(waiting.severity, FindingSeverity::Notice);
    assert!(waiting.problem.starts_with("3 rows"), "{}", waiting.problem);
    // In the middle: what follows shows that it is no write that was cut off.
    let segments = fs::read_dir(path.join("_wal")).expect("lists").map(|entry| entry.expect("an entry").path());
    let segment = segments.filter(|path| path.extension().is_some_and(|end| end == "log")).max().expect("a segment");
    let mut bytes = fs::read(&segment).expect("reads");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&segment, bytes).expect("writes");
    let damaged = of_log().await;
    assert_eq!(damaged.severity, FindingSeverity::Error, "{}", damaged.problem);
}
