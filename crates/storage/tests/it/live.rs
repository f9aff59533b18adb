//! Rows appended to a live workspace.

use datafusion::physical_plan::displayable;
use datafusion::prelude::{col, lit};
use schema::{ColumnType, CustomColumn, Table, custom_table};
use serde_json::{Value, json};
use storage::{AppendError, BatchId, LiveOptions, LiveWorkspace, StorageError, Workspace};

use crate::rows::{Row, batch, count, frame, ingest, printed, table, time};

const DAY: &str = "2024-01-01T00:00:00Z";

async fn live(folder: &tempfile::TempDir) -> (Workspace, LiveWorkspace) {
    let workspace = Workspace::open_or_create(folder.path()).await.expect("opens");
    let live = workspace.go_live(LiveOptions::default()).await.expect("goes live");
    (workspace, live)
}

async fn append(live: &LiveWorkspace, table: &'static Table, rows: &[Row<'_>]) {
    live.append(vec![(table, batch(table, rows))], None).await.expect("appends");
}

fn custom(columns: &[(&str, ColumnType)]) -> &'static Table {
    let columns: Vec<CustomColumn> =
        columns.iter().map(|(name, ty)| CustomColumn { name: (*name).to_owned(), ty: *ty }).collect();
    custom_table("Live_CL", &columns)
}

#[tokio::test(flavor = "multi_thread")]
async fn appended_rows_are_visible_at_once_and_stay_through_flush_and_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let (workspace, live) = live(&folder).await;
    let before = live.snapshot();
    let rows = [(table("SigninLogs"), batch(table("SigninLogs"), &[(1, &[]), (0, &[])])), {
        (table("AuditLogs"), batch(table("AuditLogs"), &[(0, &[])]))
    }];
    let appended = live.append(rows.to_vec(), None).await.expect("appends");
    assert_eq!((appended.sequence, appended.rows, appended.is_repeated), (1, 3, false));
    for snapshot in [live.snapshot(), workspace.snapshot().await.expect("snapshots")] {
        assert_eq!(snapshot.table_names(), ["AuditLogs", "SigninLogs"]);
        assert_eq!((count(&snapshot, "SigninLogs").await, count(&snapshot, "AuditLogs").await), (2, 1));
        assert_eq!(snapshot.statistics("SigninLogs").map(|found| (found.rows, found.files)), Some((2, 0)));
    }
    assert_eq!(count(&before, "SigninLogs").await, 0);
    assert_eq!(live.flush().await.expect("flushes").log_position, 1);
    append(&live, table("SigninLogs"), &[(2, &[])]).await;
    assert_eq!(live.snapshot().statistics("SigninLogs").map(|found| (found.rows, found.files)), Some((3, 1)));
    assert_eq!(count(&live.snapshot(), "SigninLogs").await, 3);
    // Not closed: the last row is in the log alone.
    drop(live);
    let other = Workspace::open(folder.path()).await.expect("opens");
    assert_eq!(count(&other.snapshot().await.expect("snapshots"), "SigninLogs").await, 3);
    let live = other.go_live(LiveOptions::default()).await.expect("goes live");
    assert_eq!(count(&live.snapshot(), "SigninLogs").await, 3);
    append(&live, table("SigninLogs"), &[(3, &[])]).await;
    live.close().await.expect("closes");
    let snapshot = other.snapshot().await.expect("snapshots");
    assert_eq!(snapshot.statistics("SigninLogs").map(|found| (found.rows, found.files)), Some((4, 2)));
    assert_eq!(count(&snapshot, "SigninLogs").await, 4);
    assert_eq!(std::fs::read_dir(folder.path().join("_wal")).expect("lists").count(), 1, "only the batch ids");
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_projections_and_buckets_are_the_same_before_and_after_a_flush() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, live) = live(&folder).await;
    let day = time(DAY);
    let place = json!(r#"{"countryOrRegion":"NO"}"#);
    let rows: [Row<'_>; 4] = [
        (day + 3, &[("UserPrincipalName", json!("a")), ("ResultType", json!("0"))]),
        (day + 1, &[("UserPrincipalName", json!("b")), ("LocationDetails", place.clone())]),
        (day + 86_400_000_000, &[("UserPrincipalName", json!("c")), ("IsInteractive", json!(true))]),
        (day + 2, &[]),
    ];
    // In files already, one after the other, and all fresh.
    append(&live, table("SigninLogs"), &rows[..1]).await;
    live.flush().await.expect("flushes");
    for row in &rows[1..] {
        append(&live, table("SigninLogs"), std::slice::from_ref(row)).await;
    }
    let mut answers = Vec::new();
    for flush in [false, true] {
        if flush {
            live.flush().await.expect("flushes");
        }
        let snapshot = live.snapshot().with_document_functions(crate::leaves::recognized);
        let mut found: Vec<Vec<String>> = Vec::new();
        for filter in [
            col("\"UserPrincipalName\"").eq(lit("")),
            col("\"UserPrincipalName\"").gt(lit("a")),
            col("\"ResultType\"").not_eq(lit("0")),
            col("\"IsInteractive\"").is_null(),
            col("\"TimeGenerated\"").gt(col("\"CreatedDateTime\"")),
            col("\"LocationDetails\"").is_not_null(),
        ] {
            let filtered = frame(&snapshot, "SigninLogs").filter(filter).expect("filters");
            found.push(printed(filtered.clone()).await);
            found.push(
                printed(filtered.select_columns(&["UserPrincipalName", "TimeGenerated"]).expect("has them")).await,
            );
        }
        found.push(crate::leaves::countries(&snapshot).await);
        let buckets = snapshot.time_buckets("SigninLogs", chrono::TimeDelta::hours(1)).await.expect("counts");
        found.push(buckets.iter().map(|(time, rows)| format!("{time} {rows}")).collect());
        let limited = frame(&snapshot, "SigninLogs").limit(0, Some(2)).expect("limits");
        assert_eq!(limited.count().await.expect("counts"), 2);
        assert_eq!(count(&snapshot, "SigninLogs").await, 4);
        answers.push(found);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0][1], ["|2024-01-01T00:00:00.000002Z"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fresh_rows_outside_of_a_time_range_are_not_read_and_order_needs_no_sort_of_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, live) = live(&folder).await;
    append(&live, table("SigninLogs"), &[(time(DAY), &[])]).await;
    live.flush().await.expect("flushes");
    for offset in [9, 5, 7] {
        append(&live, table("SigninLogs"), &[(time(DAY) + offset, &[])]).await;
    }
    let text = |plan: std::sync::Arc<dyn datafusion::physical_plan::ExecutionPlan>| {
        displayable(plan.as_ref()).indent(false).to_string()
    };
    let at = |micros: i64| {
        let value = datafusion::common::ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into()));
        datafusion::logical_expr::Expr::Literal(value, None)
    };
    let snapshot = live.snapshot();
    let older = frame(&snapshot, "SigninLogs").filter(col("\"TimeGenerated\"").lt(at(time(DAY) + 1))).expect("filters");
    let plan = text(older.clone().create_physical_plan().await.expect("plans"));
    assert!(!plan.contains("UnionExec") && plan.contains(".parquet"), "{plan}");
    assert_eq!(older.count().await.expect("counts"), 1);
    let newer = frame(&snapshot, "SigninLogs").filter(col("\"TimeGenerated\"").gt(at(time(DAY) + 5))).expect("filters");
    let plan = text(newer.clone().create_physical_plan().await.expect("plans"));
    assert!(!plan.contains(".parquet"), "{plan}");
    assert_eq!(newer.count().await.expect("counts"), 2);
    let sorted = frame(&snapshot, "SigninLogs")
        .select_columns(&["TimeGenerated"])
        .and_then(|frame| frame.sort(vec![col("\"TimeGenerated\"").sort(true, true)]))
        .expect("sorts");
    let times: Vec<String> = printed(sorted.clone()).await;
    assert_eq!(times.len(), 4);
    let plan = text(sorted.create_physical_plan().await.expect("plans"));
    let below_union = plan.split("UnionExec").nth(1).expect("is a union");
    assert!(!plan.split("UnionExec").next().is_some_and(|above| above.contains("SortExec")), "{plan}");
    assert!(below_union.matches("SortExec").count() <= 1, "{plan}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_stored_once_also_after_flushes_and_restarts_and_by_two_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (workspace, first) = live(&folder).await;
    let rows = || vec![(table("Syslog"), batch(table("Syslog"), &[(0, &[])]))];
    let id = |name: &str| Some(BatchId::new("test", name));
    let (one, two) = tokio::join!(first.append(rows(), id("a")), first.append(rows(), id("a")));
    let (one, two) = (one.expect("appends"), two.expect("is repeated"));
    assert_eq!((one.sequence, two.sequence, one.rows + two.rows), (1, 1, 1));
    assert!(one.is_repeated != two.is_repeated);
    drop(first);
    let second = workspace.go_live(LiveOptions::default()).await.expect("goes live");
    assert!(second.append(rows(), id("a")).await.expect("is repeated").is_repeated);
    second.flush().await.expect("flushes");
    assert!(second.append(rows(), id("a")).await.expect("is repeated").is_repeated);
    second.close().await.expect("closes");
    let third = workspace.go_live(LiveOptions::default()).await.expect("goes live");
    assert!(third.append(rows(), id("a")).await.expect("is repeated").is_repeated);
    assert!(!third.append(rows(), id("b")).await.expect("is another").is_repeated);
    assert_eq!(count(&third.snapshot(), "Syslog").await, 2);
    assert_eq!(third.status().repeated_batches, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_tables_grow_from_several_senders_and_are_there_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let (workspace, live) = live(&folder).await;
    let (a, b) = (("A", ColumnType::String), ("B", ColumnType::Long));
    append(&live, custom(&[a]), &[(0, &[("A", json!("x"))])]).await;
    append(&live, custom(&[b]), &[(1, &[("B", json!(2))])]).await;
    let check = |snapshot: storage::Snapshot| async move {
        assert_eq!(snapshot.table_names(), ["Live_CL"]);
        assert!(std::ptr::eq(snapshot.custom_tables()[0], custom(&[a, b])));
        let lines = printed(frame(&snapshot, "Live_CL").select_columns(&["A", "B"]).expect("has them")).await;
        assert_eq!(lines, ["x|null", "|2"]);
    };
    check(live.snapshot()).await;
    for other in [custom(&[("A", ColumnType::Long)]), custom(&[("b", ColumnType::Long)])] {
        let refused = live.append(vec![(other, batch(other, &[(0, &[])]))], None).await.expect_err("differs");
        assert!(matches!(refused, AppendError::Storage(StorageError::WrongColumns { .. })), "{refused}");
    }
    let twin = custom_table("LIVE_CL", &[]);
    let refused = live.append(vec![(twin, batch(twin, &[(0, &[])]))], None).await.expect_err("is a twin");
    assert!(refused.to_string().contains("`Live_CL`"), "{refused}");
    drop(live);
    let live = workspace.go_live(LiveOptions::default()).await.expect("goes live");
    check(live.snapshot()).await;
    live.flush().await.expect("flushes");
    check(live.snapshot()).await;
    // After a flush too, a sender may know less than the table has.
    append(&live, custom(&[b]), &[(2, &[("B", json!(3))])]).await;
    live.close().await.expect("closes");
    let snapshot = Workspace::open(folder.path()).await.expect("opens").snapshot().await.expect("snapshots");
    assert_eq!(count(&snapshot, "Live_CL").await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_writes_while_a_workspace_is_live_and_the_next_writer_moves_what_it_left() {
    let folder = tempfile::tempdir().expect("a folder");
    let (workspace, live) = live(&folder).await;
    assert!(matches!(workspace.begin().await, Err(StorageError::Locked { .. })));
    assert!(matches!(workspace.go_live(LiveOptions::default()).await, Err(StorageError::Locked { .. })));
    append(&live, table("Syslog"), &[(0, &[])]).await;
    // Beside it, without the lock.
    let reader = Workspace::open(folder.path()).await.expect("opens");
    assert_eq!(count(&reader.snapshot().await.expect("snapshots"), "Syslog").await, 1);
    drop(live);
    ingest(&workspace, table("Syslog"), &[(1, &[])]).await;
    let snapshot = reader.snapshot().await.expect("snapshots");
    assert_eq!(snapshot.statistics("Syslog").map(|found| (found.rows, found.files)), Some((2, 2)));
    assert_eq!(count(&snapshot, "Syslog").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_do_not_fit_are_refused_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, live) = live(&folder).await;
    let good = batch(table("Syslog"), &[(0, &[])]);
    let rows = vec![(table("Syslog"), good.clone()), (table("AuditLogs"), good)];
    let refused = live.append(rows, None).await.expect_err("has other columns");
    assert!(matches!(refused, AppendError::Storage(StorageError::WrongColumns { .. })), "{refused}");
    assert!(live.snapshot().table_names().is_empty());
    assert_eq!(live.append(Vec::new(), None).await.expect("is nothing").rows, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_refuse_before_memory_grows_and_a_flush_makes_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let options = LiveOptions { memory_bytes: 20_000, ..LiveOptions::default() };
    let live = workspace.go_live(options).await.expect("goes live");
    let text: Value = json!("x".repeat(4_000));
    let rows = || vec![(table("Syslog"), batch(table("Syslog"), &[(0, &[("SyslogMessage", text.clone())])]))];
    let mut stored = 0;
    let refused = loop {
        match live.append(rows(), None).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
        assert!(stored < 10, "nothing is refused");
    };
    assert!(matches!(refused, AppendError::Busy { .. }), "{refused}");
    assert_eq!((live.status().refused_requests, live.status().waiting_bytes), (1, 0));
    live.flush().await.expect("flushes");
    live.append(rows(), None).await.expect("has room");
    assert_eq!(count(&live.snapshot(), "Syslog").await, stored + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn ticks_flush_by_size_and_by_age() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let options = LiveOptions { flush_bytes: 20_000, ..LiveOptions::default() };
    let age = options.flush_age;
    let live = workspace.go_live(options).await.expect("goes live");
    let files = |name: &str| live.snapshot().statistics(name).map_or(0, |found| found.files);
    let start = std::time::Instant::now();
    append(&live, table("AuditLogs"), &[(0, &[])]).await;
    live.tick(start).await;
    let text: Value = json!("x".repeat(30_000));
    append(&live, table("Syslog"), &[(0, &[("SyslogMessage", text)])]).await;
    live.tick(start + age / 2).await;
    assert_eq!((files("Syslog"), files("AuditLogs")), (1, 0), "the large table goes first");
    live.tick(start + age).await;
    assert_eq!((files("Syslog"), files("AuditLogs")), (1, 1));
    assert_eq!((live.status().flushes, live.status().fresh_rows), (2, 0));
}
