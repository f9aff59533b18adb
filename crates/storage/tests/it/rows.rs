//! Rows for tests: any table, only the columns that matter.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field};
use chrono::DateTime;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use schema::Table;
use serde_json::Value;
use storage::{CommitInfo, CommitSummary, Snapshot, Workspace};

/// µs since 1970 of an RFC 3339 time.
pub fn time(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).expect("a time").timestamp_micros()
}

pub fn table(name: &str) -> &'static Table {
    schema::table(name).expect("a built-in table")
}

/// A row: time and the columns that have a value.
pub type Row<'a> = (i64, &'a [(&'a str, Value)]);

/// Rows of a table as decoders make them: what is not given is absent.
pub fn batch(table: &Table, rows: &[Row<'_>]) -> RecordBatch {
    let schema = table.arrow_schema();
    let columns = schema.fields().iter().map(|field| column(table, field, rows)).collect();
    RecordBatch::try_new(schema, columns).expect("the columns are those of the schema")
}

fn column(table: &Table, field: &Field, rows: &[Row<'_>]) -> ArrayRef {
    let values: Vec<Option<&Value>> = rows
        .iter()
        .map(|(_, values)| values.iter().find(|(name, _)| name == field.name()).map(|(_, value)| value))
        .collect();
    let integers = || values.iter().map(|value| value.and_then(Value::as_i64));
    match field.data_type() {
        DataType::Boolean => {
            Arc::new(values.iter().map(|value| value.and_then(Value::as_bool)).collect::<BooleanArray>())
        }
        DataType::Int32 => Arc::new(integers().map(|value| value.map(|value| value as i32)).collect::<Int32Array>()),
        DataType::Int64 => Arc::new(integers().collect::<Int64Array>()),
        DataType::Float64 => {
            Arc::new(values.iter().map(|value| value.and_then(Value::as_f64)).collect::<Float64Array>())
        }
        DataType::Decimal128(precision, scale) => Arc::new(
            integers()
                .map(|value| value.map(i128::from))
                .collect::<Decimal128Array>()
                .with_precision_and_scale(*precision, *scale)
                .expect("fits"),
        ),
        DataType::Utf8 if field.is_nullable() => {
            Arc::new(values.iter().map(|value| value.and_then(Value::as_str)).collect::<StringArray>())
        }
        DataType::Utf8 => Arc::new(
            values.iter().map(|value| Some(value.and_then(Value::as_str).unwrap_or_default())).collect::<StringArray>(),
        ),
        DataType::Timestamp(..) => {
            let is_time = *field.name() == table.time_column;
            let times = rows.iter().zip(&values).map(|((row_time, _), value)| match value {
                _ if is_time => Some(*row_time),
                Some(value) => Some(time(value.as_str().expect("a time"))),
                None => None,
            });
            Arc::new(times.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        }
        other => panic!("no test values of type {other}"),
    }
}

/// One ingest of one table's rows.
pub async fn ingest(workspace: &Workspace, table: &'static Table, rows: &[Row<'_>]) -> CommitSummary {
    let append = workspace.begin().await.expect("begins");
    append.write(table, batch(table, rows)).expect("writes");
    append.commit(CommitInfo::default()).await.expect("commits")
}

/// A session that reads texts from their numbers, as the program does.
pub fn session() -> SessionContext {
    let state =
        SessionStateBuilder::new_with_default_features().with_config(SessionConfig::new().with_target_partitions(2));
    let with_rule = |state: SessionStateBuilder, rule| state.with_physical_optimizer_rule(rule);
    SessionContext::new_with_state(storage::scan_rules().into_iter().fold(state, with_rule).build())
}

pub fn frame(snapshot: &Snapshot, name: &str) -> DataFrame {
    session().read_table(snapshot.table(name).expect("a built-in table")).expect("reads")
}

pub async fn count(snapshot: &Snapshot, name: &str) -> usize {
    frame(snapshot, name).count().await.expect("counts")
}

/// The rows as text, sorted.
pub async fn printed(frame: DataFrame) -> Vec<String> {
    let batches = frame.collect().await.expect("runs");
    let mut lines = Vec::new();
    for batch in batches {
        let options = arrow::util::display::FormatOptions::default().with_null("null");
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| arrow::util::display::ArrayFormatter::try_new(column, &options).expect("prints"))
            .collect();
        for row in 0..batch.num_rows() {
            lines.push(columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join("|"));
        }
    }
    lines.sort();
    lines
}
