//! Rows of a sink as JSON, for comparing them.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use ingest::MemorySink;
use serde_json::{Map, Value};

/// The rows of a table, without nulls.
pub fn rows_of(sink: &MemorySink, table: &str) -> Vec<Map<String, Value>> {
    let mut writer = arrow::json::ArrayWriter::new(Vec::new());
    for batch in sink.batches(table) {
        writer.write(&without_zones(&batch)).unwrap();
    }
    writer.finish().unwrap();
    let bytes = writer.into_inner();
    if bytes.is_empty() { Vec::new() } else { serde_json::from_slice(&bytes).unwrap() }
}

/// The batch with times as they are in UTC: the writer knows no named zones.
fn without_zones(batch: &RecordBatch) -> RecordBatch {
    let columns = batch.columns().iter().map(|column| match column.as_primitive_opt::<TimestampMicrosecondType>() {
        Some(times) => Arc::new(times.clone().with_timezone_opt::<String>(None)) as ArrayRef,
        None => Arc::clone(column),
    });
    let schema = batch.schema();
    RecordBatch::try_from_iter(schema.fields().iter().map(|field| field.name().clone()).zip(columns)).unwrap()
}
