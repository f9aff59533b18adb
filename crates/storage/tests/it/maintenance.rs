//! House-keeping changes where rows lie, never what a query answers; retention takes whole days, vacuum only what nobody reads.

use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};
use datafusion::prelude::{DataFrame, col, lit};
use proptest::prelude::{Strategy, any, prop, proptest};
use proptest::test_runner::Config;
use serde_json::{Value, json};
use storage::{
    CompactionOptions, Retention, RetentionError, RetentionOptions, Snapshot, Stop, StorageError, VacuumOptions,
    Workspace,
};

use crate::rows::{count, frame, ingest, printed, table, time};

const TABLE: &str = "SigninLogs";

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).expect("a time").to_utc()
}

async fn snapshot(workspace: &Workspace) -> Snapshot {
    workspace.snapshot().await.expect("snapshots")
}

/// A row: minutes after midnight of a day, and what its columns hold.
#[derive(Debug, Clone)]
struct Drawn {
    minute: i64,
    user: u8,
    country: Option<&'static str>,
    address: &'static str,
    error: Option<i64>,
    note: bool,
}

impl Drawn {
    fn values(&self) -> Vec<(&'static str, Value)> {
        let mut values = vec![("UserPrincipalName", json!(format!("user{}@example.com", self.user)))];
        if !self.address.is_empty() {
            values.push(("IPAddress", json!(self.address)));
        }
        if let Some(country) = self.country {
            // An empty text is a value, and no JSON is none.
            values.push(("LocationDetails", json!(json!({"countryOrRegion": country, "city": "Ås"}).to_string())));
        }
        if let Some(error) = self.error {
            values.push(("Status", json!(json!({"errorCode": error}).to_string())));
        }
        if self.note {
            values.push(("ResultDescription", json!("signed in")));
        }
        values
    }
}

fn drawn() -> impl Strategy<Value = Vec<Vec<Drawn>>> {
    let country = prop::option::of(prop::sample::select(vec!["NO", "DE", ""]));
    let address = prop::sample::select(vec!["", "10.0.0.1", "10.0.0.2", "203.0.113.200", "198.51.100.7", "::1"]);
    let row = (0..600i64, any::<u8>(), (country, address), prop::option::of(0..3i64), any::<bool>());
    let row = row.prop_map(|(minute, user, (country, address), error, note)| Drawn {
        minute,
        user: user % 5,
        country,
        address,
        error,
        note,
    });
    prop::collection::vec(prop::collection::vec(row, 1..8), 2..6)
}

fn questions(snapshot: &Snapshot) -> Vec<DataFrame> {
    let users = |name: &str| col("\"UserPrincipalName\"").eq(lit(name));
    vec![
        frame(snapshot, TABLE),
        frame(snapshot, TABLE).filter(users("user1@example.com")).expect("filters"),
        frame(snapshot, TABLE).filter(col("\"ResultDescription\"").eq(lit(""))).expect("filters"),
        frame(snapshot, TABLE).filter(col("\"Status\"").is_null()).expect("filters"),
    ]
}

async fn answers(snapshot: &Snapshot) -> Vec<Vec<String>> {
    let mut answers = Vec::new();
    for question in questions(snapshot) {
        answers.push(printed(question).await);
    }
    answers.push(crate::leaves::countries(snapshot).await);
    answers.push(crate::leaves::countries(&snapshot.clone().with_document_functions(crate::leaves::recognized)).await);
    answers
}

async fn answers_before_and_after(files: Vec<Vec<Drawn>>) {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let midnight = time("2024-01-01T00:00:00Z");
    for rows in &files {
        let values: Vec<(i64, Vec<(&str, Value)>)> =
            rows.iter().map(|row| (midnight + row.minute * 60_000_000, row.values())).collect();
        let rows: Vec<_> = values.iter().map(|(time, values)| (*time, values.as_slice())).collect();
        ingest(&workspace, table(TABLE), &rows).await;
    }
    let before = snapshot(&workspace).await;
    let (expected, totals) = (answers(&before).await, before.statistics(TABLE).expect("has rows"));
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let now = at("2024-02-01T00:00:00Z");
    let done = maintenance.compact(&CompactionOptions::default(), now, &Stop::default()).await.expect("compacts");
    assert!(done.failed.is_empty(), "{:?}", done.failed);
    let after = snapshot(&workspace).await;
    let merged = after.statistics(TABLE).expect("has rows");
    assert_eq!(answers(&after).await, expected);
    assert_eq!(answers(&before).await, expected, "a reader from before reads the files from before");
    assert_eq!((merged.rows, merged.first, merged.last), (totals.rows, totals.first, totals.last));
    if done.merges == 1 {
        assert_eq!((totals.files, merged.files), (done.files_before, done.files_after));
        assert_eq!(merged.bytes, done.bytes_after);
    }
}

proptest! {
    #![proptest_config(Config { cases: 24, ..Config::default() })]

    #[test]
    fn compaction_never_changes_an_answer(files in drawn()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("starts");
        runtime.block_on(answers_before_and_after(files));
    }
}

/// Days from the first of January, some rows each in an ingest of their own.
async fn days(workspace: &Workspace, days: i64) {
    let first = time("2024-01-01T12:00:00Z");
    for day in 0..days {
        for part in 0..2 {
            let user = format!("day{day}part{part}");
            let row = (first + day * 86_400_000_000 + part, [("UserPrincipalName", json!(user))]);
            ingest(workspace, table(TABLE), &[(row.0, &row.1)]).await;
        }
    }
}

fn keep(days: u32) -> RetentionOptions {
    let retention = Retention { interactive_days: Some(days), total_days: None };
    RetentionOptions { default: Retention::default(), tables: BTreeMap::from([(TABLE.to_owned(), retention)]) }
}

fn parquet_files(folder: &Path) -> usize {
    let days = fs::read_dir(folder.join("tables").join(TABLE)).expect("lists").map(|entry| entry.expect("an entry"));
    let days = days.filter(|day| day.file_name().to_string_lossy().starts_with("_Day="));
    days.map(|day| fs::read_dir(day.path()).expect("lists").count()).sum()
}

fn term_files(folder: &Path) -> usize {
    fs::read_dir(folder.join("tables").join(TABLE).join("_terms")).expect("lists").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn days_past_their_retention_leave_the_table_and_its_totals() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    days(&workspace, 5).await;
    ingest(&workspace, table("AuditLogs"), &[(0, &[])]).await;
    let before = snapshot(&workspace).await;
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let now = at("2024-01-06T00:30:00Z");
    let retired = maintenance.retain(&keep(3), now).await.expect("retains");
    assert_eq!(retired.tables.keys().collect::<Vec<_>>(), [TABLE]);
    assert_eq!((retired.tables[TABLE].rows, retired.tables[TABLE].files), (4, 4));
    let after = snapshot(&workspace).await;
    let totals = after.statistics(TABLE).expect("has rows");
    assert_eq!((totals.rows, totals.files, count(&after, TABLE).await), (6, 6, 6));
    assert_eq!(totals.first, Some(at("2024-01-03T12:00:00Z")));
    assert_eq!(count(&before, TABLE).await, 10, "a reader from before still has them");
    assert_eq!(count(&after, "AuditLogs").await, 1, "no retention was set for it");
    assert!(maintenance.retain(&keep(3), now).await.expect("retains").tables.is_empty());

    // All of it, and rows again after that.
    maintenance.retain(&keep(3), at("2025-01-01T00:00:00Z")).await.expect("retains");
    drop(maintenance);
    let empty = snapshot(&Workspace::open(folder.path()).await.expect("opens")).await;
    assert_eq!((empty.statistics(TABLE), count(&empty, TABLE).await), (None, 0));
    assert_eq!(empty.table_names(), ["AuditLogs"]);
    days(&workspace, 1).await;
    let again = snapshot(&workspace).await;
    let totals = again.statistics(TABLE).expect("has rows");
    assert_eq!((totals.rows, totals.first), (2, Some(at("2024-01-01T12:00:00Z"))));
    assert_eq!(count(&again, TABLE).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_total_retention_that_ends_before_the_interactive_one_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let default = Retention { interactive_days: Some(90), total_days: Some(30) };
    let error = maintenance.retain(&RetentionOptions { default, ..RetentionOptions::default() }, Utc::now()).await;
    let error = error.expect_err("is refused");
    assert!(matches!(error, StorageError::Retention { source: RetentionError::TotalTooShort { table: None } }));
    assert!(error.hint().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn vacuum_removes_what_left_the_tables_once_nobody_can_read_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    days(&workspace, 3).await;
    let reader = snapshot(&workspace).await;
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let now = at("2024-01-05T00:00:00Z");
    let done = maintenance.compact(&CompactionOptions::default(), now, &Stop::default()).await.expect("compacts");
    assert_eq!((done.files_before, done.files_after), (6, 3));
    assert_eq!((parquet_files(folder.path()), term_files(folder.path())), (9, 9));

    let options = VacuumOptions::default();
    let early = maintenance.vacuum(&options, now + TimeDelta::hours(23)).await.expect("cleans");
    assert_eq!((early.files, early.waiting), (0, 6), "other processes may read them");
    let later = now + TimeDelta::hours(25);
    let held = maintenance.vacuum(&options, later).await.expect("cleans");
    assert_eq!((held.files, held.waiting), (0, 6), "a snapshot of this process shows them");

    // A plan needs the files as well, whatever became of the snapshot that it was made from.
    let plan = frame(&reader, TABLE).create_physical_plan().await.expect("plans");
    drop(reader);
    assert_eq!(maintenance.vacuum(&options, later).await.expect("cleans").files, 0, "a plan reads them");
    let context = std::sync::Arc::default();
    let read = datafusion::physical_plan::collect(plan, context).await.expect("runs");
    assert_eq!(read.iter().map(arrow::array::RecordBatch::num_rows).sum::<usize>(), 6);

    let expected = answers(&snapshot(&workspace).await).await;
    let cleaned = maintenance.vacuum(&options, later).await.expect("cleans");
    assert_eq!((cleaned.files, cleaned.waiting), (6, 0));
    assert!(cleaned.bytes > 0);
    assert_eq!((parquet_files(folder.path()), term_files(folder.path())), (3, 3));
    drop(maintenance);
    let workspace = Workspace::open(folder.path()).await.expect("opens");
    assert_eq!(answers(&snapshot(&workspace).await).await, expected);
    assert_eq!(count(&snapshot(&workspace).await, TABLE).await, 6);
}

/// As if the file had been written then.
fn written_at(path: &Path, time: DateTime<Utc>) {
    let file = File::options().append(true).open(path).expect("opens");
    file.set_times(FileTimes::new().set_modified(SystemTime::from(time))).expect("sets");
}

#[tokio::test(flavor = "multi_thread")]
async fn vacuum_leaves_alone_what_is_not_ours_or_may_still_be_needed() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    days(&workspace, 1).await;
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let table_folder = folder.path().join("tables").join(TABLE);
    let day = table_folder.join("_Day=2024-01-01");
    let now = Utc::now();
    let old = now - TimeDelta::days(30);
    let name = |sequence: u32, part: u32| format!("part-{sequence:010}-00000000-0000-0000-0000-{part:012}");
    let write = |path: &Path, time| {
        fs::write(path, "rows").expect("writes");
        written_at(path, time);
    };
    let foreign = day.join("part-00000-7c7c5c1e-9c5c-4f0e-a1c1-0d4a4c4ac0de-c000.snappy.parquet");
    let fresh = day.join(format!("{}.parquet", name(1, 1)));
    let under_way = day.join(format!("{}.parquet", name(900, 2)));
    let never_was = day.join(format!("{}.parquet", name(1, 3)));
    let lone_terms = table_folder.join("_terms").join(format!("{}.terms", name(1, 4)));
    let staged = table_folder.join("_delta_log/00000000000000000009.json#1234000001");
    for path in [&foreign, &under_way, &never_was, &lone_terms, &staged] {
        write(path, old);
    }
    write(&fresh, now);
    let done = maintenance.vacuum(&VacuumOptions::default(), now).await.expect("cleans");
    assert_eq!((done.files, done.other_files), (1, 2), "never_was, lone_terms and staged");
    let there: Vec<bool> =
        [&foreign, &fresh, &under_way, &never_was, &lone_terms, &staged].iter().map(|path| path.exists()).collect();
    assert_eq!(there, [true, true, true, false, false, false]);
    assert_eq!(count(&snapshot(&workspace).await, TABLE).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trimmed_log_reads_as_the_whole_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let first = time("2024-01-01T00:00:00Z");
    for round in 0..60 {
        let row = [("UserPrincipalName", json!(format!("u{round:03}")))];
        ingest(&workspace, table(TABLE), &[(first + round, &row)]).await;
    }
    let log = folder.path().join("tables").join(TABLE).join("_delta_log");
    let entries = || fs::read_dir(&log).expect("lists").count();
    let whole = entries();
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let now = Utc::now();
    let options = VacuumOptions::default();
    assert_eq!(maintenance.vacuum(&options, now).await.expect("cleans").log_entries, 0, "the checkpoint is too new");
    let later = now + TimeDelta::days(2);
    let done = maintenance.vacuum(&options, later).await.expect("cleans");
    assert_eq!((done.log_entries, entries()), (49, whole - 49), "all entries before that of the checkpoint");
    drop(maintenance);

    // With and without the listing, which may be deleted.
    for round in 0..2 {
        let workspace = Workspace::open(folder.path()).await.expect("opens");
        let read = snapshot(&workspace).await;
        assert_eq!(
            (count(&read, TABLE).await, read.statistics(TABLE).expect("has rows").rows),
            (60 + round, 60 + round as u64)
        );
        ingest(&workspace, table(TABLE), &[(first, &[])]).await;
        let listings = folder.path().join("tables").join(TABLE).join("_files");
        if listings.exists() {
            fs::remove_dir_all(listings).expect("removes");
        }
    }
    let workspace = Workspace::open(folder.path()).await.expect("opens");
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let done = maintenance.compact(&CompactionOptions::default(), later, &Stop::default()).await.expect("compacts");
    assert_eq!((done.files_before, done.files_after, done.rows), (62, 1, 62));
    assert_eq!(count(&snapshot(&workspace).await, TABLE).await, 62);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_whose_entries_a_snapshot_needs_is_not_trimmed() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    ingest(&workspace, table(TABLE), &[(0, &[])]).await;
    let reader = snapshot(&workspace).await;
    for _ in 0..50 {
        ingest(&workspace, table(TABLE), &[(0, &[])]).await;
    }
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let later = Utc::now() + TimeDelta::days(2);
    assert_eq!(maintenance.vacuum(&VacuumOptions::default(), later).await.expect("cleans").log_entries, 0);
    assert_eq!(count(&reader, TABLE).await, 1);
    drop(reader);
    assert_eq!(maintenance.vacuum(&VacuumOptions::default(), later).await.expect("cleans").log_entries, 49);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_named_and_keeps_no_other_from_being_merged() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    days(&workspace, 2).await;
    let day = folder.path().join("tables").join(TABLE).join("_Day=2024-01-01");
    let file = fs::read_dir(day).expect("lists").next().expect("a file").expect("an entry").path();
    fs::write(&file, "no longer Parquet").expect("writes");
    let maintenance = workspace.maintain().await.expect("takes the lock");
    let now = at("2024-02-01T00:00:00Z");
    let done = maintenance.compact(&CompactionOptions::default(), now, &Stop::default()).await.expect("runs");
    assert_eq!((done.merges, done.failed.len()), (1, 1));
    assert_eq!(done.failed[0].0, TABLE);
}
