//! Queries read only the files that can matter, and read them in order.

use arrow::datatypes::TimeUnit;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::{ExecutionPlan, displayable};
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext, col, lit};
use serde_json::json;
use storage::{Snapshot, Workspace};

use crate::rows::{frame, ingest, printed, table, time};

fn at(text: &str) -> Expr {
    Expr::Literal(ScalarValue::TimestampMicrosecond(Some(time(text)), Some("UTC".into())), None)
}

/// Three days, each with one user of its own; the second day's file lacks the user.
async fn three_days(workspace: &Workspace) -> Snapshot {
    let days = ["2024-01-01T08:00:00Z", "2024-01-02T08:00:00Z", "2024-01-03T08:00:00Z"].map(time);
    let rows: [(i64, &[(&str, serde_json::Value)]); 4] = [
        (days[0], &[("UserPrincipalName", json!("a"))]),
        (days[1], &[]),
        (days[2], &[("UserPrincipalName", json!("c"))]),
        (days[2] + 1, &[("UserPrincipalName", json!("d"))]),
    ];
    ingest(workspace, table("SigninLogs"), &rows).await;
    workspace.snapshot().await.expect("snapshots")
}

async fn plan(frame: DataFrame) -> String {
    let plan = frame.create_physical_plan().await.expect("plans");
    let plan: &dyn ExecutionPlan = plan.as_ref();
    displayable(plan).indent(false).to_string()
}

fn files(plan: &str) -> usize {
    plan.matches(".parquet").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_match_a_filter_are_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let snapshot = three_days(&workspace).await;
    let time = || col("\"TimeGenerated\"");
    let user = || col("\"UserPrincipalName\"");
    let cases = [
        (time().gt_eq(at("2024-01-02T00:00:00Z")), 2, 3),
        (time().gt(at("2024-01-03T08:00:00Z")), 1, 1),
        (time().gt(at("2024-01-03T08:00:00.000001Z")), 0, 0),
        (time().between(at("2024-01-01T00:00:00Z"), at("2024-01-01T23:00:00Z")), 1, 1),
        (user().eq(lit("c")), 1, 1),
        (user().eq(lit("")), 1, 1),
        (user().not_eq(lit("")), 2, 3),
        (user().eq(lit("nobody")), 0, 0),
        (user().gt(lit("b")), 1, 2),
        (user().in_list(vec![lit("a"), lit("")], false), 2, 2),
        (col("\"CreatedDateTime\"").is_not_null(), 0, 0),
    ];
    for (filter, expected_files, expected_rows) in cases {
        let filtered = frame(&snapshot, "SigninLogs").filter(filter.clone()).expect("filters");
        let plan = plan(filtered.clone()).await;
        assert_eq!(files(&plan), expected_files, "{filter}\n{plan}");
        assert_eq!(filtered.count().await.expect("counts"), expected_rows, "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bounds_prune_but_never_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let snapshot = three_days(&workspace).await;
    let max = datafusion::functions_aggregate::expr_fn::max(col("\"TimeGenerated\""));
    let plan_of_max = plan(frame(&snapshot, "SigninLogs").aggregate(vec![], vec![max]).expect("aggregates")).await;
    assert_eq!(files(&plan_of_max), 3, "{plan_of_max}");
    let count = datafusion::functions_aggregate::expr_fn::count(lit(1i64));
    let counted = frame(&snapshot, "SigninLogs").aggregate(vec![], vec![count]).expect("aggregates");
    assert_eq!(files(&plan(counted.clone()).await), 0, "a row count needs no file");
    assert_eq!(printed(counted).await, ["4"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_reads_no_more_files_than_it_needs_and_order_by_time_needs_no_sort() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let snapshot = three_days(&workspace).await;
    let limited = frame(&snapshot, "SigninLogs").limit(0, Some(2)).expect("limits");
    assert_eq!(files(&plan(limited.clone()).await), 2);
    assert_eq!(limited.count().await.expect("counts"), 2);

    let sorted = frame(&snapshot, "SigninLogs")
        .select_columns(&["TimeGenerated"])
        .and_then(|frame| frame.sort(vec![col("\"TimeGenerated\"").sort(true, true)]))
        .expect("sorts");
    let plan = plan(sorted.clone()).await;
    assert!(!plan.contains("SortExec"), "{plan}");
    assert_eq!(sorted.count().await.expect("counts"), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_before_many_columns_is_evaluated_while_reading() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let snapshot = three_days(&workspace).await;
    let filtered = frame(&snapshot, "SigninLogs").filter(col("\"UserPrincipalName\"").gt(lit("a"))).expect("filters");
    let wide = plan(filtered.clone()).await;
    assert!(!wide.contains("FilterExec"), "{wide}");
    assert_eq!(filtered.clone().count().await.expect("counts"), 2);
    let narrow = filtered.select_columns(&["UserPrincipalName", "UserId"]).expect("has them");
    let narrow = plan(narrow).await;
    assert!(narrow.contains("FilterExec"), "{narrow}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scan_has_the_types_of_the_design() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let snapshot = three_days(&workspace).await;
    let frame = frame(&snapshot, "SigninLogs");
    let schema = frame.schema().as_arrow();
    let field = |name: &str| schema.field_with_name(name).expect("has it").clone();
    let utc = arrow::datatypes::DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    assert_eq!((field("TimeGenerated").data_type(), field("TimeGenerated").is_nullable()), (&utc, false));
    let text = arrow::datatypes::DataType::Utf8View;
    assert_eq!((field("UserPrincipalName").data_type(), field("UserPrincipalName").is_nullable()), (&text, false));
    assert_eq!((field("LocationDetails").data_type(), field("LocationDetails").is_nullable()), (&text, true));
    assert!(schema.field_with_name("_Day").is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_query_over_cached_files_is_quick_enough_to_repeat() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let snapshot = three_days(&workspace).await;
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
    for _ in 0..3 {
        let provider = snapshot.table("SigninLogs").expect("built in");
        let filtered = context
            .read_table(provider)
            .and_then(|frame| frame.filter(col("\"TimeGenerated\"").gt(at("2024-01-03T00:00:00Z"))));
        let started = std::time::Instant::now();
        let rows = filtered.expect("filters").collect().await.expect("runs");
        eprintln!("a query over one file: {:?}", started.elapsed());
        assert_eq!(rows.iter().map(|batch| batch.num_rows()).sum::<usize>(), 2);
    }
}
