//! Hot paths of documents lie in leaf columns, by which files are pruned and from which queries read.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, StringViewArray};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::{col, lit};
use json_text::{Kind, Step, get_path, kind, unquote};
use serde_json::{Value, json};
use storage::{DocumentFunction, Snapshot, Workspace};

use crate::rows::{Row, ingest, printed, session, table, time};

/// A function of documents as an engine may have it.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Reads {
    does: Does,
    signature: Signature,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Does {
    Path(Vec<String>),
    Text,
}

impl Reads {
    fn call(does: Does, arg: Expr) -> Expr {
        ScalarUDF::from(Self { does, signature: Signature::any(1, Volatility::Immutable) }).call(vec![arg])
    }

    fn eval(&self, json: Option<&str>) -> Option<String> {
        match &self.does {
            Does::Path(path) => {
                let path: Vec<Step> = path.iter().map(|key| Step::Key(key.clone())).collect();
                json.and_then(|json| get_path(json, &path)).filter(|json| *json != "null").map(str::to_owned)
            }
            Does::Text => Some(match json {
                Some(json) if kind(json) == Kind::String => unquote(json).into_owned(),
                other => other.unwrap_or_default().to_owned(),
            }),
        }
    }
}

impl ScalarUDFImpl for Reads {
    fn name(&self) -> &str {
        "reads"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let array = args.args[0].to_array(args.number_rows)?;
        let array = arrow::compute::cast(&array, &DataType::Utf8View)?;
        let read: StringViewArray = array.as_string_view().iter().map(|json| self.eval(json)).collect();
        Ok(ColumnarValue::Array(Arc::new(read) as ArrayRef))
    }
}

pub fn recognized(function: &ScalarUDF) -> Option<DocumentFunction> {
    let reads = function.inner().downcast_ref::<Reads>()?;
    Some(match &reads.does {
        Does::Path(path) => DocumentFunction::Path(path.iter().map(|key| Step::Key(key.clone())).collect()),
        Does::Text => DocumentFunction::Text,
    })
}

fn country() -> Expr {
    let path = Does::Path(vec!["countryOrRegion".to_owned()]);
    Reads::call(Does::Text, Reads::call(path, col("\"LocationDetails\"")))
}

/// A day a file; the documents are far larger than the country within.
async fn workspace(folder: &std::path::Path, days: &[&[&str]]) -> Snapshot {
    let workspace = Workspace::create(folder).await.expect("creates");
    for (day, countries) in days.iter().enumerate() {
        let start = time("2024-01-01T08:00:00Z") + i64::try_from(day).expect("few days") * 86_400_000_000;
        let values: Vec<[(&str, Value); 1]> = countries
            .iter()
            .enumerate()
            .map(|(row, country)| {
                let filler: String =
                    (0..200).map(|at| format!("{:x}", (row + 7) * (at + 13) * 2_654_435_761)).collect();
                let document = format!(r#"{{"filler":"{filler}","countryOrRegion":{country}}}"#);
                [("LocationDetails", json!(document))]
            })
            .collect();
        let rows: Vec<Row<'_>> = values.iter().zip(start..).map(|(values, time)| (time, values.as_slice())).collect();
        ingest(&workspace, table("SigninLogs"), &rows).await;
    }
    workspace.snapshot().await.expect("snapshots")
}

/// The rows of a filtered scan as text, and how many bytes and files were read for them.
async fn read(snapshot: &Snapshot, filter: Option<Expr>) -> (Vec<String>, usize, usize) {
    let session = session();
    let mut frame = session.read_table(snapshot.table("SigninLogs").expect("built in")).expect("reads");
    if let Some(filter) = filter {
        frame = frame.filter(filter).expect("filters");
    }
    let frame = frame.select(vec![country().alias("country")]).expect("selects");
    let plan = frame.clone().create_physical_plan().await.expect("plans");
    let files =
        datafusion::physical_plan::displayable(plan.as_ref()).indent(false).to_string().matches(".parquet").count();
    collect(Arc::clone(&plan), session.task_ctx()).await.expect("runs");
    (printed(frame).await, scanned(&plan), files)
}

/// The countries of all rows, sorted.
pub async fn countries(snapshot: &Snapshot) -> Vec<String> {
    read(snapshot, None).await.0
}

fn scanned(plan: &Arc<dyn ExecutionPlan>) -> usize {
    let own = plan.metrics().and_then(|metrics| metrics.sum_by_name("bytes_scanned")).map_or(0, |sum| sum.as_usize());
    plan.children().into_iter().fold(own, |sum, child| sum + scanned(child))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hot_path_is_read_without_its_document() {
    let folder = tempfile::tempdir().expect("a folder");
    let countries: Vec<String> = (0..500).map(|row| format!("\"{}\"", ["NO", "DE", ""][row % 3])).collect();
    let countries: Vec<&str> = countries.iter().map(String::as_str).collect();
    let snapshot = workspace(&folder.path().join("case"), &[&countries]).await;
    let (from_documents, document_bytes, _) = read(&snapshot, None).await;
    let (from_leaves, leaf_bytes, _) = read(&snapshot.with_document_functions(recognized), None).await;
    assert_eq!(from_leaves, from_documents);
    assert_eq!(from_leaves.len(), 500);
    assert!(leaf_bytes * 20 < document_bytes, "{leaf_bytes} instead of {document_bytes} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_without_the_leaf_column_are_read_from_their_documents() {
    let folder = tempfile::tempdir().expect("a folder");
    let days: [&[&str]; 4] = [&["\"NO\"", "\"DE\""], &["\"NO\"", "7"], &["null", "\"\""], &["[1]", "\"\\u0041\""]];
    let snapshot = workspace(&folder.path().join("case"), &days).await;
    let (from_documents, document_bytes, _) = read(&snapshot, None).await;
    let (from_leaves, leaf_bytes, _) = read(&snapshot.with_document_functions(recognized), None).await;
    assert_eq!(from_documents, ["", "", "7", "A", "DE", "NO", "NO", "[1]"]);
    assert_eq!(from_leaves, from_documents);
    assert!(leaf_bytes < document_bytes, "two of the files have the column");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_pruned_by_their_leaf_columns() {
    let folder = tempfile::tempdir().expect("a folder");
    let days: [&[&str]; 4] = [&["\"NO\"", "\"DE\""], &["\"SE\""], &["null"], &["1", "\"SE\""]];
    let snapshot = workspace(&folder.path().join("case"), &days).await.with_document_functions(recognized);
    // The last file has no leaf column: nothing is known of it.
    for (filter, rows, files) in [
        (country().eq(lit("NO")), vec!["NO"], 2),
        (country().eq(lit("SE")), vec!["SE", "SE"], 2),
        (country().eq(lit("")), vec![""], 2),
        (country().not_eq(lit("")), vec!["1", "DE", "NO", "SE", "SE"], 3),
        (country().in_list(vec![lit("DE"), lit("SE")], false), vec!["DE", "SE", "SE"], 3),
        (country().eq(lit("XX")), vec![], 1),
    ] {
        let (found, _, read) = read(&snapshot, Some(filter.clone())).await;
        assert_eq!((found.iter().map(String::as_str).collect::<Vec<_>>(), read), (rows, files), "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leaf_columns_are_no_columns_of_the_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let snapshot = workspace(&folder.path().join("case"), &[&["\"NO\""]]).await;
    let frame = crate::rows::frame(&snapshot, "SigninLogs");
    assert!(frame.schema().fields().iter().all(|field| !field.name().starts_with("_Leaf_")));
    assert_eq!(frame.count().await.expect("counts"), 1);
}
