//! Custom tables: their columns are kept by the workspace and grow.

use arrow::datatypes::DataType;
use datafusion::catalog::TableProvider;
use schema::{ColumnType, CustomColumn, Table, custom_table};
use serde_json::json;
use storage::{CommitInfo, StorageError, Workspace};

use crate::rows::{batch, frame, ingest, printed, time};

const DAY: &str = "2024-01-01T00:00:00Z";

fn table(columns: &[(&str, ColumnType)]) -> &'static Table {
    let columns: Vec<CustomColumn> =
        columns.iter().map(|(name, ty)| CustomColumn { name: (*name).to_owned(), ty: *ty }).collect();
    custom_table("Foo_CL", &columns)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_added_later_is_empty_in_the_rows_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    assert!(workspace.snapshot().await.expect("snapshots").table("Foo_CL").is_none());
    let narrow = table(&[("Bar", ColumnType::String), ("Bag", ColumnType::Dynamic)]);
    ingest(&workspace, narrow, &[(time(DAY), &[("Bar", json!("x")), ("Bag", json!("{}"))])]).await;
    let before = workspace.snapshot().await.expect("snapshots");
    let wide = table(&[
        ("Bar", ColumnType::String),
        ("Bag", ColumnType::Dynamic),
        ("Count", ColumnType::Long),
        ("Note", ColumnType::String),
    ]);
    ingest(&workspace, wide, &[(time(DAY), &[("Bar", json!("y")), ("Count", json!(3))])]).await;

    let workspace = Workspace::open(folder.path()).await.expect("opens again");
    let snapshot = workspace.snapshot().await.expect("snapshots");
    assert!(std::ptr::eq(snapshot.custom_tables()[0], wide));
    assert!(std::ptr::eq(before.describe("Foo_CL").expect("has it"), narrow));
    let lines = printed(frame(&snapshot, "Foo_CL").select_columns(&["Bar", "Bag", "Count", "Note"]).expect("has them"));
    assert_eq!(lines.await, ["x|{}|null|", "y|null|3|"]);
    let lines = printed(frame(&before, "Foo_CL").select_columns(&["Bar"]).expect("has it"));
    assert_eq!(lines.await, ["x"]);
    assert_eq!(snapshot.statistics("Foo_CL").map(|found| found.rows), Some(2));
    let bag = snapshot.table("Foo_CL").expect("has it").schema();
    assert_eq!(bag.field_with_name("Bag").expect("has it").data_type(), &DataType::Utf8View);
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_of_a_custom_table_neither_change_their_type_nor_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    ingest(&workspace, table(&[("Bar", ColumnType::String)]), &[(time(DAY), &[])]).await;
    for other in [table(&[("Bar", ColumnType::Dynamic)]), table(&[])] {
        let append = workspace.begin().await.expect("begins");
        let refused = append.write(other, batch(other, &[(time(DAY), &[])]));
        assert!(matches!(&refused, Err(StorageError::WrongColumns { difference, .. }) if difference.contains("`Bar`")));
        append.commit(CommitInfo::default()).await.expect("commits nothing");
    }
}
