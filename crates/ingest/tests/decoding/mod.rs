//! Files of `tests/fixtures`, each with the rows, counts and errors expected of it in a file beside it.
//!
//! `UPDATE_EXPECTED=1` writes what was found instead; read the difference before it is committed.

use std::path::{Path, PathBuf};

use chrono::DateTime;
use ingest::{IngestOptions, MemorySink, NoProgress, ingest};
use serde_json::{Map, Value, json};

use crate::rows::rows_of;

/// Columns of every row that say nothing about a decoder.
const PLACE_COLUMNS: [&str; 3] = ["Type", "_SourceFile", "SourceFile"];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The rows of a table, without empty cells.
fn rows(sink: &MemorySink, table: &str) -> Vec<Value> {
    let keep = |name: &str, value: &Value| !PLACE_COLUMNS.contains(&name) && value.as_str() != Some("");
    let mut rows: Vec<Value> = rows_of(sink, table)
        .into_iter()
        .map(|row| Value::Object(row.into_iter().filter(|(name, value)| keep(name, value)).collect()))
        .collect();
    rows.sort_by_key(|row| row.get("_SourceOffset").or_else(|| row.get("SourceOffset")).and_then(Value::as_i64));
    rows
}

/// What is found in the file.
pub fn found_in(file: &Path) -> Value {
    let sink = MemorySink::new();
    let report = ingest(&[file.to_owned()], &IngestOptions::new(DateTime::UNIX_EPOCH), &sink, &NoProgress).unwrap();
    let entry = &report.files[0];
    let tables: Map<String, Value> = sink
        .tables()
        .into_iter()
        .filter(|table| table != "IngestedFiles")
        .map(|table| (table.clone(), Value::Array(rows(&sink, &table))))
        .collect();
    json!({
        "format": entry.format,
        "records": entry.records,
        "duplicates": entry.duplicates,
        "rejected": entry.rejected,
        "tables": tables,
    })
}

#[test]
fn every_fixture_gives_the_rows_beside_it() {
    let mut files: Vec<PathBuf> = std::fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.is_file() && !file.to_string_lossy().ends_with(".expected.json"));
    files.sort();
    assert!(files.len() >= 11, "fixtures are missing");
    for file in files {
        let expected_path = file.with_extension("expected.json");
        let found = found_in(&file);
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            std::fs::write(&expected_path, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
        }
        let expected = std::fs::read_to_string(&expected_path)
            .unwrap_or_else(|error| panic!("{}: {error}", expected_path.display()));
        let expected: Value = serde_json::from_str(&expected).unwrap();
        assert_eq!(found, expected, "{}", file.display());
    }
}
