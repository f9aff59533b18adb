//! A compaction cut off at each step, and two of them at once: each row is there once.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, new_null_array};
use arrow::datatypes::DataType;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use datafusion::prelude::SessionContext;
use schema::Table;

use super::compaction::{Compacted, Stop};
use super::compaction_plan::{self, CompactionOptions};
use super::owner::{Maintenance, Writer};
use crate::crash_point::{CrashAt, CrashPoint};
use crate::{CommitInfo, Retention, RetentionOptions, StorageError, Workspace, journal};

const TABLE: &str = "SigninLogs";
const FILES: usize = 4;

fn table() -> &'static Table {
    schema::table(TABLE).expect("built in")
}

fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2024-05-01T00:00:00Z").expect("a time").to_utc()
}

fn rows(users: &[String], times: Vec<i64>) -> RecordBatch {
    let schema = table().arrow_schema();
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        match field.data_type() {
            _ if *field.name() == table().time_column => {
                Arc::new(TimestampMicrosecondArray::from(times.clone()).with_timezone("UTC"))
            }
            _ if field.name() == "UserPrincipalName" => Arc::new(StringArray::from(users.to_vec())),
            DataType::Utf8 if !field.is_nullable() => Arc::new(StringArray::from(vec![""; users.len()])),
            other => new_null_array(other, users.len()),
        }
    });
    RecordBatch::try_new(schema.clone(), columns.collect()).expect("fits")
}

/// A day in several small files with times in turn.
async fn filled(folder: &Path) -> Workspace {
    let workspace = Workspace::create(folder).await.expect("creates");
    for file in 0..FILES {
        let append = workspace.begin().await.expect("begins");
        let users: Vec<String> = (0..5).map(|row| format!("user{file}{row}")).collect();
        append.write(table(), rows(&users, (0..5).map(|row| row * 10 + file as i64).collect())).expect("writes");
        append.commit(CommitInfo::default()).await.expect("commits");
    }
    workspace
}

/// The users as they are scanned, how many rows and files the totals tell, and how many files are on disk.
async fn state(folder: &Path) -> (Vec<String>, u64, u64, usize) {
    let workspace = Workspace::open(folder).await.expect("opens");
    let snapshot = workspace.snapshot().await.expect("snapshots");
    let frame = SessionContext::new().read_table(snapshot.table(TABLE).expect("built in")).expect("reads");
    let batches = frame.select_columns(&["UserPrincipalName"]).expect("has it").collect().await.expect("runs");
    let mut users = Vec::new();
    for batch in batches {
        let column = arrow::compute::cast(batch.column(0), &DataType::Utf8).expect("is text");
        let texts = arrow::array::AsArray::as_string::<i32>(&column).clone();
        users.extend(texts.iter().map(|user| user.unwrap_or_default().to_owned()));
    }
    users.sort();
    let totals = snapshot.statistics(TABLE).expect("has rows");
    let day = std::fs::read_dir(folder.join("tables").join(TABLE).join("_Day=1970-01-01")).expect("lists").count();
    (users, totals.rows, totals.files, day)
}

fn every_user() -> Vec<String> {
    (0..FILES).flat_map(|file| (0..5).map(move |row| format!("user{file}{row}"))).collect()
}

async fn compact(maintenance: &Maintenance) -> Result<Compacted, StorageError> {
    maintenance.compact(&CompactionOptions::default(), now(), &Stop::default()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compaction_cut_off_at_each_step_neither_loses_nor_doubles_a_row() {
    let points = [
        (CrashPoint::FilesWritten, false),
        (CrashPoint::Journaled, true),
        (CrashPoint::FirstTableCommitted, true),
        (CrashPoint::TablesCommitted, true),
        (CrashPoint::Published, true),
    ];
    for (point, survives) in points {
        let folder = tempfile::tempdir().expect("a folder");
        let workspace = filled(folder.path()).await;
        let mut maintenance = workspace.maintain().await.expect("takes the lock");
        maintenance.crash_at = CrashAt(Some(point));
        compact(&maintenance).await.expect_err("is cut off");
        drop(maintenance);
        for _ in 0..2 {
            let (users, rows, files, _) = state(folder.path()).await;
            let expected = if survives { 1 } else { FILES as u64 };
            assert_eq!((users, rows, files), (every_user(), every_user().len() as u64, expected), "{point:?}");
        }
        // What was written for nothing is removed, and the next run does what is left.
        let maintenance = workspace.maintain().await.expect("takes the lock");
        assert!(journal::pending(&workspace.inner().journal()).expect("lists").is_empty());
        let done = compact(&maintenance).await.expect("compacts");
        assert_eq!(done.merges, u64::from(!survives), "{point:?}");
        let (users, rows, files, on_disk) = state(folder.path()).await;
        assert_eq!((users, rows, files, on_disk), (every_user(), 20, 1, FILES + 1), "{point:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_jobs_that_replace_the_same_files_do_so_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = filled(folder.path()).await;
    let first = workspace.maintain().await.expect("takes the lock");
    let second = Maintenance::new(Arc::clone(&first.workspace), Writer::IsOther);
    // Both have read, planned and written before either commits.
    let versions = first.versions().expect("reads");
    let files = first.files(table(), &versions).await.expect("lists");
    let open_from = NaiveDate::from_ymd_opt(2024, 5, 1).expect("a date");
    let merge = compaction_plan::plan(&files, open_from, &CompactionOptions::default()).remove(0);
    let path = folder.path().join("tables").join(TABLE);
    let write = || super::compaction::write(table(), &path, merge.clone(), 5, u64::MAX, &Stop::default());
    let written = [write().expect("writes").expect("merges"), write().expect("writes").expect("merges")];
    let (mut one, mut other) = (Compacted::default(), Compacted::default());
    let (left, right) = tokio::join!(
        first.commit_merge(table(), &written[0], now(), &mut one),
        second.commit_merge(table(), &written[1], now(), &mut other)
    );
    left.expect("commits");
    right.expect("sees that it is done");
    assert_eq!(one.merges + other.merges, 1);
    let (users, rows, files, on_disk) = state(folder.path()).await;
    assert_eq!((users, rows, files, on_disk), (every_user(), 20, 1, FILES + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_do_the_work_of_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = filled(folder.path()).await;
    let first = workspace.maintain().await.expect("takes the lock");
    let second = Maintenance::new(Arc::clone(&first.workspace), Writer::IsOther);
    let (left, right) = tokio::join!(compact(&first), compact(&second));
    assert_eq!(left.expect("runs").merges + right.expect("runs").merges, 1);
    assert_eq!(state(folder.path()).await.0, every_user());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_is_told_that_the_workspace_is_locked() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = filled(folder.path()).await;
    let _first = workspace.maintain().await.expect("takes the lock");
    let other = Workspace::open(folder.path()).await.expect("opens");
    assert!(matches!(other.maintain().await, Err(StorageError::Locked { .. })));
    assert!(matches!(other.begin().await, Err(StorageError::Locked { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_job_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = filled(folder.path()).await;
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let stop = Stop::default();
    stop.stop();
    let done = maintenance.compact(&CompactionOptions::default(), now(), &stop).await.expect("ends");
    assert!(done.is_partial && done.merges == 0);
    let files = maintenance.files(table(), &maintenance.versions().expect("reads")).await.expect("lists");
    let merge = compaction_plan::plan(&files, now().date_naive(), &CompactionOptions::default()).remove(0);
    let path = folder.path().join("tables").join(TABLE);
    let written = super::compaction::write(table(), &path, merge, 5, u64::MAX, &stop).expect("ends");
    assert!(written.is_none());
    assert_eq!(state(folder.path()).await.3, FILES);
}

#[tokio::test(flavor = "multi_thread")]
async fn merged_rows_come_in_order_of_time_and_a_full_file_is_followed_by_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = filled(folder.path()).await;
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let files = maintenance.files(table(), &maintenance.versions().expect("reads")).await.expect("lists");
    let merge = compaction_plan::plan(&files, now().date_naive(), &CompactionOptions::default()).remove(0);
    let path = folder.path().join("tables").join(TABLE);
    let written = super::compaction::write(table(), &path, merge, 5, 1, &Stop::default()).expect("writes");
    let written = written.expect("merges");
    let read = |name: &str| {
        let file = std::fs::File::open(path.join(name)).expect("opens");
        let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(file, 1000).expect("reads");
        let batches: Vec<RecordBatch> = reader.map(|batch| batch.expect("reads")).collect();
        let columns: BTreeSet<String> = batches[0].schema().fields().iter().map(|field| field.name().clone()).collect();
        let times: Vec<i64> = batches
            .iter()
            .flat_map(|batch| {
                let times = batch.column_by_name("TimeGenerated").expect("has times").to_data();
                TimestampMicrosecondArray::from(times).values().to_vec()
            })
            .collect();
        (columns, times)
    };
    let read: Vec<_> = written.adds.iter().map(|add| read(&add.path)).collect();
    let times: Vec<i64> = read.iter().flat_map(|(_, times)| times.clone()).collect();
    assert_eq!(times.len(), 20);
    assert!(times.is_sorted());
    assert!(read.iter().all(|(columns, _)| columns.len() == 2), "columns without a value are left out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retention_cut_off_at_each_step_removes_or_archives_a_day_whole_or_not_at_all() {
    let points = [
        (CrashPoint::FilesWritten, false),
        (CrashPoint::Journaled, true),
        (CrashPoint::FirstTableCommitted, true),
        (CrashPoint::TablesCommitted, true),
        (CrashPoint::Published, true),
    ];
    // The rows are of the first day of 1970.
    let later = DateTime::UNIX_EPOCH + TimeDelta::days(40);
    for total_days in [None, Some(365)] {
        let retention = Retention { interactive_days: Some(30), total_days };
        let options = RetentionOptions { default: retention, ..RetentionOptions::default() };
        for (point, survives) in points {
            let folder = tempfile::tempdir().expect("a folder");
            let workspace = filled(folder.path()).await;
            let mut maintenance = workspace.maintain().await.expect("takes the lock");
            maintenance.crash_at = CrashAt(Some(point));
            maintenance.retain(&options, later).await.expect_err("is cut off");
            drop(maintenance);
            for _ in 0..2 {
                let workspace = Workspace::open(folder.path()).await.expect("opens");
                let snapshot = workspace.snapshot().await.expect("snapshots");
                let expected = if survives { 0 } else { every_user().len() };
                let frame = SessionContext::new().read_table(snapshot.table(TABLE).expect("built in")).expect("reads");
                assert_eq!(frame.count().await.expect("counts"), expected, "{point:?}");
                let totals = snapshot.statistics(TABLE).map_or(0, |totals| totals.rows);
                assert_eq!(totals, expected as u64, "{point:?}");
                let kept = if total_days.is_some() { every_user().len() } else { expected };
                let totals = snapshot.with_archive().statistics(TABLE).map_or(0, |totals| totals.rows);
                assert_eq!(totals, kept as u64, "{point:?}");
            }
        }
    }
}
