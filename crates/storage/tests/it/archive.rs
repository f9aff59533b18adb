//! Archived rows are kept, and seen only by who asks for them.

use std::fs;
use std::path::Path;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;
use storage::{
    ArchivedRows, CompactionOptions, Finding, LiveOptions, LiveWorkspace, Maintenance, Retention, RetentionOptions,
    Snapshot, Stop, VacuumOptions, Workspace, examine, restore,
};

use crate::rows::{batch, count, frame, ingest, printed, table, time};

const TABLE: &str = "SigninLogs";
const FIRST_DAY: &str = "2024-01-01T00:00:00Z";
const DAY: i64 = 86_400_000_000;
const DAYS: i64 = 6;

/// Each day's first and last moment, and two between.
fn times() -> Vec<i64> {
    let first = time(FIRST_DAY);
    (0..DAYS).flat_map(|day| [0, 1, DAY / 2, DAY - 1].map(|within| first + day * DAY + within)).collect()
}

fn rows(times: &[i64]) -> arrow::array::RecordBatch {
    let names: Vec<_> = times.iter().map(|time| [("UserPrincipalName", json!(format!("user {time}")))]).collect();
    let rows: Vec<_> = times.iter().zip(&names).map(|(time, name)| (*time, name.as_slice())).collect();
    batch(table(TABLE), &rows)
}

/// What queries see when this many days of the six are archived, and none is removed.
fn archiving(days: i64) -> (RetentionOptions, DateTime<Utc>) {
    let options = RetentionOptions {
        default: Retention { interactive_days: Some(10), total_days: Some(100) },
        ..RetentionOptions::default()
    };
    let now = DateTime::from_timestamp_micros(time(FIRST_DAY) + DAY / 3).expect("a time") + TimeDelta::days(10 + days);
    (options, now)
}

async fn archive(maintenance: &Maintenance, days: i64) -> Option<ArchivedRows> {
    let (options, now) = archiving(days);
    let retired = maintenance.retain(&options, now).await.expect("retains");
    assert!(retired.tables.is_empty(), "nothing is removed");
    retired.archived.get(TABLE).copied()
}

async fn users(snapshot: &Snapshot) -> Vec<String> {
    printed(frame(snapshot, TABLE).select_columns(&["UserPrincipalName"]).expect("has it")).await
}

fn expected(times: &[i64], from: i64) -> Vec<String> {
    let mut users: Vec<String> =
        times.iter().filter(|time| **time >= from).map(|time| format!("user {time}")).collect();
    users.sort();
    users
}

/// Rows, totals, spans and buckets of what is visible and of all, when the days from `from` on are visible.
async fn assert_split(snapshot: &Snapshot, times: &[i64], from: i64) {
    let all = snapshot.clone().with_archive();
    for (shown, from) in [(snapshot, from), (&all, i64::MIN)] {
        let expected = expected(times, from);
        assert_eq!(users(shown).await, expected);
        assert_eq!(count(shown, TABLE).await, expected.len());
        assert_eq!(shown.table_names().len(), usize::from(!expected.is_empty()));
        let statistics = shown.statistics(TABLE);
        let span = statistics.as_ref().map(|found| (found.first.map(micros), found.last.map(micros)));
        let shown_times = || times.iter().filter(|time| **time >= from).copied();
        let expected_span = shown_times().min().map(|first| (Some(first), shown_times().max()));
        assert_eq!(statistics.map_or(0, |found| found.rows), expected.len() as u64);
        assert_eq!(span, expected_span);
        let buckets = shown.time_buckets(TABLE, TimeDelta::hours(12)).await.expect("counts");
        assert_eq!(buckets.iter().map(|(_, rows)| rows).sum::<u64>(), expected.len() as u64);
        assert!(buckets.iter().all(|(start, _)| micros(*start) >= from.max(time(FIRST_DAY))));
    }
}

fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}

#[tokio::test(flavor = "multi_thread")]
async fn at_every_day_visible_and_archived_rows_are_all_rows_wherever_they_lie() {
    let times = times();
    // All in files of one ingest, in files of several, partly and all in the log alone.
    for (in_files, parts) in [(times.len(), 1), (times.len(), 5), (times.len() / 2, 2), (1, 1)] {
        let folder = tempfile::tempdir().expect("a folder");
        let workspace = Workspace::create(folder.path()).await.expect("creates");
        let live = workspace.go_live(LiveOptions::default()).await.expect("goes live");
        for part in 0..parts {
            // Every part has rows of every day.
            let part: Vec<i64> = times[..in_files].iter().copied().skip(part).step_by(parts).collect();
            live.append(vec![(table(TABLE), rows(&part))], None).await.expect("appends");
            live.flush().await.expect("flushes");
        }
        for part in times[in_files..].chunks(7) {
            live.append(vec![(table(TABLE), rows(part))], None).await.expect("appends");
        }
        assert_split(&live.snapshot(), &times, i64::MIN).await;
        // Forth and, as after a longer retention, back.
        for days in (0..=DAYS).chain((0..=DAYS).rev()) {
            archive(&live.maintain(), days).await;
            assert_split(&live.snapshot(), &times, time(FIRST_DAY) + days * DAY).await;
        }
        for days in [3, DAYS] {
            archive(&live.maintain(), days).await;
            let merged = live.maintain().compact(&CompactionOptions::default(), Utc::now(), &Stop::default()).await;
            merged.expect("compacts");
            assert_split(&live.snapshot(), &times, time(FIRST_DAY) + days * DAY).await;
        }
        // What is in the log goes into files of archived days.
        live.flush().await.expect("flushes");
        assert_split(&live.snapshot(), &times, time(FIRST_DAY) + DAYS * DAY).await;
        live.close().await.expect("closes");
        let again = Workspace::open(folder.path()).await.expect("opens");
        assert_split(&again.snapshot().await.expect("snapshots"), &times, time(FIRST_DAY) + DAYS * DAY).await;
        let maintenance = again.maintain().await.expect("takes the lock");
        maintenance.retain(&RetentionOptions::default(), Utc::now()).await.expect("retains");
        assert_split(&again.snapshot().await.expect("snapshots"), &times, i64::MIN).await;
    }
}

async fn filled(folder: &Path) -> Workspace {
    let workspace = Workspace::create(folder).await.expect("creates");
    let append = workspace.begin().await.expect("begins");
    append.write(table(TABLE), rows(&times())).expect("writes");
    append.commit(storage::CommitInfo::default()).await.expect("commits");
    workspace
}

async fn shown(workspace: &Workspace) -> (usize, usize) {
    let snapshot = workspace.snapshot().await.expect("snapshots");
    (count(&snapshot, TABLE).await, count(&snapshot.with_archive(), TABLE).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_open_no_file_of_an_archived_day() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = filled(folder.path()).await;
    archive(&workspace.maintain().await.expect("takes the lock"), 2).await;
    for day in ["2024-01-01", "2024-01-02"] {
        fs::remove_dir_all(folder.path().join("tables").join(TABLE).join(format!("_Day={day}"))).expect("removes");
    }
    let workspace = Workspace::open(folder.path()).await.expect("opens");
    let snapshot = workspace.snapshot().await.expect("snapshots");
    assert_eq!(users(&snapshot).await, expected(&times(), time(FIRST_DAY) + 2 * DAY));
    frame(&snapshot.with_archive(), TABLE).collect().await.expect_err("those files are read here");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_from_before_shows_what_it_showed() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = filled(folder.path()).await;
    let before = workspace.snapshot().await.expect("snapshots");
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let noted = archive(&maintenance, 2).await.expect("is another one");
    assert_eq!((noted.first_visible, noted.rows), (NaiveDate::from_ymd_opt(2024, 1, 3), 8));
    assert_eq!(archive(&maintenance, 2).await, None, "nothing is to be noted again");
    assert_eq!(users(&before).await.len(), times().len());
    assert_eq!(shown(&workspace).await, (16, 24));
}

#[tokio::test(flavor = "multi_thread")]
async fn archived_rows_go_when_their_total_retention_is_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = filled(folder.path()).await;
    let maintenance = workspace.maintain().await.expect("takes the lock");
    archive(&maintenance, 4).await;
    let retention = Retention { interactive_days: Some(10), total_days: Some(12) };
    let options = RetentionOptions { default: retention, ..RetentionOptions::default() };
    let retired = maintenance.retain(&options, archiving(4).1).await.expect("retains");
    assert_eq!((retired.tables[TABLE].rows, retired.archived[TABLE].rows), (8, 8));
    assert_eq!(shown(&workspace).await, (8, 16));
    assert_split(&workspace.snapshot().await.expect("snapshots"), &times()[8..], time(FIRST_DAY) + 4 * DAY).await;
    // One number of days: nothing is archived any more.
    let retention = Retention { interactive_days: Some(10), total_days: None };
    let options = RetentionOptions { default: retention, ..RetentionOptions::default() };
    let retired = maintenance.retain(&options, archiving(4).1).await.expect("retains");
    assert_eq!((retired.tables[TABLE].rows, retired.archived[TABLE]), (8, ArchivedRows::default()));
    assert_eq!(shown(&workspace).await, (8, 8));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_come_late_are_archived_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = filled(folder.path()).await;
    archive(&workspace.maintain().await.expect("takes the lock"), 3).await;
    ingest(&workspace, table(TABLE), &[(time(FIRST_DAY), &[]), (time(FIRST_DAY) + 3 * DAY, &[])]).await;
    assert_eq!(shown(&workspace).await, (13, 26));
    let snapshot = workspace.snapshot().await.expect("snapshots");
    assert_eq!(snapshot.statistics(TABLE).map(|found| (found.rows, found.files)), Some((13, 4)));
    assert_eq!(snapshot.with_archive().statistics(TABLE).map(|found| (found.rows, found.files)), Some((26, 8)));
}

#[tokio::test(flavor = "multi_thread")]
async fn house_keeping_backup_and_examination_keep_archived_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let (source, copy, target) =
        (folder.path().join("source"), folder.path().join("copy"), folder.path().join("target"));
    let workspace = filled(&source).await;
    let maintenance = workspace.maintain().await.expect("takes the lock");
    archive(&maintenance, 3).await;
    maintenance.vacuum(&VacuumOptions::default(), Utc::now() + TimeDelta::days(400)).await.expect("cleans");
    let backup = maintenance.begin_backup(&copy, Utc::now()).await.expect("begins");
    assert_eq!(backup.finish().await.expect("finishes").rows, 24);
    let restored = restore(&copy, &target).await.expect("restores");
    assert_eq!((shown(&workspace).await, shown(&restored.workspace).await), ((12, 24), (12, 24)));
    let findings: Vec<Finding> = examine(&target, Utc::now()).await.expect("examines");
    assert!(findings.is_empty(), "{findings:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_of_an_older_format_is_raised_before_rows_of_it_are_archived() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = filled(folder.path()).await;
    let description = folder.path().join("workspace.json");
    let of_format = |format: u32| {
        let text = fs::read_to_string(&description).expect("reads");
        text.replace(&format!("\"format\": {}", storage::FORMAT_VERSION), &format!("\"format\": {format}"))
    };
    fs::write(&description, of_format(2)).expect("writes");
    let maintenance = workspace.maintain().await.expect("takes the lock");
    maintenance.retain(&RetentionOptions::default(), Utc::now()).await.expect("retains");
    assert!(fs::read_to_string(&description).expect("reads").contains("\"format\": 2"), "nothing is archived");
    archive(&maintenance, 1).await;
    assert!(fs::read_to_string(&description).expect("reads").contains("\"format\": 3"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_whose_rows_are_all_in_the_log_has_no_archive_yet() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let live: LiveWorkspace = workspace.go_live(LiveOptions::default()).await.expect("goes live");
    live.append(vec![(table(TABLE), rows(&times()))], None).await.expect("appends");
    assert_eq!(archive(&live.maintain(), 2).await, None);
    assert_split(&live.snapshot(), &times(), i64::MIN).await;
    live.flush().await.expect("flushes");
    archive(&live.maintain(), 2).await;
    assert_split(&live.snapshot(), &times(), time(FIRST_DAY) + 2 * DAY).await;
}
