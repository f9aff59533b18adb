//! An ingest cut off at each step is there whole, or not at all, when the workspace is opened again.

use std::path::Path;

use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, new_null_array};
use arrow::datatypes::DataType;
use datafusion::prelude::SessionContext;
use schema::Table;

use crate::crash_point::CrashPoint;
use crate::{CommitInfo, Snapshot, Workspace, journal};

const TABLES: [&str; 2] = ["AuditLogs", "SigninLogs"];

pub(crate) fn table(name: &str) -> &'static Table {
    schema::table(name).expect("built in")
}

pub(crate) fn rows(table: &Table, count: usize) -> RecordBatch {
    let schema = table.arrow_schema();
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        match field.data_type() {
            _ if *field.name() == table.time_column => {
                std::sync::Arc::new(TimestampMicrosecondArray::from(vec![0; count]).with_timezone("UTC"))
            }
            DataType::Utf8 if !field.is_nullable() => std::sync::Arc::new(StringArray::from(vec![""; count])),
            other => new_null_array(other, count),
        }
    });
    RecordBatch::try_new(schema.clone(), columns.collect()).expect("fits")
}

pub(crate) async fn ingest(workspace: &Workspace, crash: Option<CrashPoint>) -> bool {
    let mut append = workspace.begin().await.expect("begins");
    if let Some(point) = crash {
        append.crash_at(point);
    }
    for name in TABLES {
        append.write(table(name), rows(table(name), 3)).expect("writes");
    }
    append.commit(CommitInfo::default()).await.is_ok()
}

async fn counts(snapshot: &Snapshot) -> Vec<(usize, u64)> {
    let mut counts = Vec::new();
    for name in TABLES {
        let provider = snapshot.table(name).expect("built in");
        let counted = SessionContext::new().read_table(provider).expect("reads").count().await.expect("counts");
        counts.push((counted, snapshot.statistics(name).map_or(0, |statistics| statistics.rows)));
    }
    counts
}

async fn reopened(path: &Path) -> (Workspace, Snapshot) {
    let workspace = Workspace::open(path).await.expect("opens");
    let snapshot = workspace.snapshot().await.expect("snapshots");
    (workspace, snapshot)
}

/// `first`: whether the crashed ingest is the one that creates the tables.
async fn crash_and_reopen(point: CrashPoint, first: bool, survives: bool) {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let before = if first { 0 } else { 3 };
    if !first {
        assert!(ingest(&workspace, None).await);
    }
    assert!(!ingest(&workspace, Some(point)).await, "{point:?} was not reached");

    // Readers that do not open anew see none of it, or all of it.
    let seen = if point == CrashPoint::Published { before + 3 } else { before };
    let expected = vec![(seen, seen as u64); 2];
    assert_eq!(counts(&workspace.snapshot().await.expect("snapshots")).await, expected, "{point:?}, {first}");

    let after = if survives { before + 3 } else { before };
    for _ in 0..2 {
        let (workspace, snapshot) = reopened(folder.path()).await;
        assert_eq!(counts(&snapshot).await, vec![(after, after as u64); 2], "{point:?}, {first}");
        assert!(journal::pending(&workspace.inner().journal()).expect("lists").is_empty());
    }
    let (workspace, _) = reopened(folder.path()).await;
    assert!(ingest(&workspace, None).await);
    let snapshot = workspace.snapshot().await.expect("snapshots");
    assert_eq!(counts(&snapshot).await, vec![(after + 3, after as u64 + 3); 2], "{point:?}, {first}");
    for name in TABLES {
        let table = folder.path().join("tables").join(name);
        let mut stems = (stems(&table.join("_Day=1970-01-01")), stems(&table.join("_terms")));
        stems.0.sort();
        stems.1.sort();
        assert_eq!(stems.0, stems.1, "each data file has its terms and no others are left, {point:?}, {first}");
    }
}

fn stems(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("lists").map(|entry| entry.expect("an entry").path());
    entries.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_before_the_decision_loses_the_whole_ingest() {
    for first in [true, false] {
        crash_and_reopen(CrashPoint::FilesWritten, first, false).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_after_the_decision_loses_nothing_and_doubles_nothing() {
    let points =
        [CrashPoint::Journaled, CrashPoint::FirstTableCommitted, CrashPoint::TablesCommitted, CrashPoint::Published];
    for point in points {
        for first in [true, false] {
            crash_and_reopen(point, first, true).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_beside_a_writer_sees_the_last_complete_ingest() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    assert!(ingest(&workspace, None).await);
    assert!(!ingest(&workspace, Some(CrashPoint::FirstTableCommitted)).await);
    // The lock is held, so this open leaves the pending ingest to its holder.
    let lock = crate::writer_lock::WriterLock::take(folder.path(), &workspace.inner().journal()).expect("takes");
    let (_, snapshot) = reopened(folder.path()).await;
    assert_eq!(counts(&snapshot).await, vec![(3, 3); 2]);
    drop(lock);
    let (_, snapshot) = reopened(folder.path()).await;
    assert_eq!(counts(&snapshot).await, vec![(6, 6); 2]);
}
