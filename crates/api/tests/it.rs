//! Bodies as they go over the wire, compared with files under `tests/wire`. `UPDATE_EXPECT=1` writes them anew.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use api::kusto::{
    DatabaseRow, FunctionRow, MappingKind, MappingRow, SchemaForm, SchemaTable, cluster, command_body, databases,
    databases_schema, functions, ingestion_mappings, query_v1_body, query_v2_body, schema_document, schema_text,
    table_schema, tables, tables_details, version,
};
use api::log_analytics::{ArmTable, MetadataFunction, MetadataTable, Prefer, arm_tables_body, metadata_body};
use api::{
    Answer, CHUNK_BYTES, CellForm, Chunks, CutOff, Failure, FailureKind, Place, QueryStatistics, RequestContext,
    ResultSet, RowForm, WireColumn, graph, kusto, log_analytics,
};
use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringViewArray,
};
use arrow::datatypes::{DataType, Field, Schema};
use chrono::{DateTime, Utc};
use expect_test::expect_file;
use kql_functions::{DECIMAL_SCALE, Type, datetime};
use serde_json::{Value as Json, json};

fn context() -> RequestContext {
    RequestContext {
        now: "2026-01-02T03:04:05.678901Z".parse::<DateTime<Utc>>().expect("a time"),
        client_request_id: "KPC.execute;1".to_owned(),
        activity_id: "11111111-2222-3333-4444-555555555555".to_owned(),
        service: "vedette.example".to_owned(),
    }
}

/// A table with a value and a null of each type, in two batches.
fn every_type() -> ResultSet {
    let ticks = datetime::parse_datetime("2024-02-29T12:34:56.1234567Z").expect("a datetime");
    let columns: Vec<(&str, Type, ArrayRef)> = vec![
        ("b", Type::Bool, Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        ("i", Type::Int, Arc::new(Int32Array::from(vec![Some(i32::MIN), Some(1), None]))),
        ("l", Type::Long, Arc::new(Int64Array::from(vec![Some(i64::MAX), Some(i64::MIN), None]))),
        ("r", Type::Real, Arc::new(Float64Array::from(vec![Some(1.5), Some(f64::NEG_INFINITY), None]))),
        ("n", Type::Real, Arc::new(Float64Array::from(vec![Some(f64::NAN), Some(1e300), Some(-0.0)]))),
        (
            "d",
            Type::Decimal,
            Arc::new(
                Decimal128Array::from(vec![Some(314_000_000_000_000_000), Some(-1), None])
                    .with_data_type(DataType::Decimal128(38, DECIMAL_SCALE)),
            ),
        ),
        (
            "s",
            Type::String,
            Arc::new(StringViewArray::from(vec![Some("a \"quote\"\n\u{1}"), Some("ü😀\u{2028}"), None])),
        ),
        (
            "g",
            Type::Guid,
            Arc::new(StringViewArray::from(vec![Some("74be27de-1e4e-49d9-b579-fe0b331d3642"), None, None])),
        ),
        ("t", Type::DateTime, Arc::new(Int64Array::from(vec![Some(ticks), Some(ticks - 1_234_567), None]))),
        ("ts", Type::TimeSpan, Arc::new(Int64Array::from(vec![Some(-1), Some(864_000_000_000), None]))),
        (
            "dyn",
            Type::Dynamic,
            Arc::new(StringViewArray::from(vec![Some("{\"a\": [1, null, \"x\\u0041\"]}"), Some("\"text\""), None])),
        ),
        ("raw", Type::Dynamic, Arc::new(StringViewArray::from(vec![Some("not {json"), Some("1.50"), Some("null")]))),
    ];
    let fields: Vec<Field> =
        columns.iter().map(|(name, _, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    let names = columns.iter().map(|(name, ty, _)| WireColumn::new(name, *ty)).collect();
    let arrays = columns.into_iter().map(|(_, _, array)| array).collect();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).expect("a batch");
    let batches = VecDeque::from([batch.slice(0, 1), batch.slice(1, 2)]);
    ResultSet { name: "PrimaryResult".to_owned(), columns: names, batches }
}

fn longs(name: &str, values: Vec<i64>) -> ResultSet {
    let schema = Schema::new(vec![Field::new("x", DataType::Int64, true)]);
    let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::new(Int64Array::from(values))]).expect("a batch");
    let batches = if batch.num_rows() == 0 { VecDeque::new() } else { VecDeque::from([batch]) };
    ResultSet { name: name.to_owned(), columns: vec![WireColumn::new("x", Type::Long)], batches }
}

fn answer() -> Answer {
    Answer {
        tables: vec![every_type(), longs("second", vec![])],
        cut_off: None,
        visualization: Some(
            json!({"visualization": "barchart", "title": "By user", "ycolumns": ["x"], "kind": "stacked"}),
        ),
        statistics: QueryStatistics {
            execution: Duration::from_micros(15_600),
            rows_total: 10,
            extents_total: 2,
            memory_bytes: 1 << 20,
        },
    }
}

/// The same with sizes of memory left out of account: they depend on how arrays are laid out.
fn without_sizes(body: &str) -> String {
    let mut out = String::new();
    let mut rest = body;
    while let Some(at) =
        ["table_size\\\":", "tableSize\":"].iter().filter_map(|key| Some(rest.find(key)? + key.len())).min()
    {
        out.push_str(&rest[..at]);
        out.push('0');
        rest = rest[at..].trim_start_matches(|c: char| c.is_ascii_digit());
    }
    out + rest
}

fn check(file: &str, body: &str) {
    serde_json::from_str::<Json>(body).unwrap_or_else(|error| panic!("{file}: {error}\n{body}"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire").join(file);
    expect_file![path].assert_eq(&(without_sizes(body) + "\n"));
}

fn cut_off() -> Answer {
    Answer {
        tables: vec![longs("PrimaryResult", vec![1, 2])],
        cut_off: Some(CutOff { limit: 2, is_rows: true }),
        ..Answer::default()
    }
}

#[test]
fn answers_have_the_forms_that_clients_read() {
    check("kusto_v2.json", &query_v2_body(answer(), &context(), false).into_text());
    check("kusto_v1.json", &query_v1_body(answer(), &context(), false).into_text());
    let prefer = Prefer::parse(["include-statistics=true,include-render=true"]);
    check("log_analytics.json", &log_analytics::query_body(answer(), &prefer).into_text());
    check("log_analytics_plain.json", &log_analytics::query_body(answer(), &Prefer::default()).into_text());
    check("graph.json", &graph::hunting_body(answer(), "https://vedette.example/v1.0").into_text());
}

#[test]
fn what_is_cut_off_is_told_beside_the_rows() {
    check("kusto_v2_cut_off.json", &query_v2_body(cut_off(), &context(), false).into_text());
    check("kusto_v2_cut_off_deferred.json", &query_v2_body(cut_off(), &context(), true).into_text());
    check("kusto_v1_cut_off.json", &query_v1_body(cut_off(), &context(), false).into_text());
    check("log_analytics_cut_off.json", &log_analytics::query_body(cut_off(), &Prefer::default()).into_text());
    let empty = Answer { tables: vec![longs("PrimaryResult", vec![])], ..cut_off() };
    serde_json::from_str::<Json>(&query_v2_body(empty, &context(), false).into_text()).expect("JSON without rows");
}

#[test]
fn failures_have_the_forms_of_their_surface() {
    let place = || Place { line: 1, position: 5, token: "X".to_owned() };
    let semantic = FailureKind::Semantic { code: "SEM0100", place: place() };
    let failures = [
        ("semantic", Failure::new(semantic, "'table' operator: Failed to resolve table expression named 'X'")),
        ("syntax", Failure::new(FailureKind::Syntax { code: "SYN0002", place: place() }, "expected an operator")),
        ("not_found", Failure::not_found("Database", "D")),
        ("workspace", Failure::not_found("Workspace", "w")),
        ("bad_request", Failure::bad_request("`csl` has no text")),
        ("unsupported", Failure::new(FailureKind::Unsupported, "management command `.x` is not supported")),
        ("forbidden", Failure::new(FailureKind::Forbidden, "caller may not change tables")),
        (
            "timeout",
            Failure::new(
                FailureKind::Timeout { limit: Duration::from_secs(5) },
                "query needs more than its limit of 5 seconds",
            ),
        ),
        ("memory", Failure::new(FailureKind::OutOfMemory, "query needs more than its limit of 5 bytes of memory")),
        (
            "throttled",
            Failure::new(FailureKind::Throttled { retry_after: Duration::from_millis(10) }, "too many queries"),
        ),
        ("cancelled", Failure::new(FailureKind::Cancelled, "query was cancelled")),
        ("internal", Failure::new(FailureKind::Internal, "query failed")),
    ];
    let mut all = Vec::new();
    for (name, failure) in failures {
        let body = |text: String| serde_json::from_str::<Json>(&text).expect("JSON");
        all.push(json!({
            "failure": name,
            "status": failure.status(),
            "retryAfter": failure.retry_after(),
            "kusto": body(kusto::error_body(&failure, "X | take 'a'", &context())),
            "logAnalytics": body(log_analytics::error_body(&failure, &context())),
            "graph": body(graph::error_body(&failure, &context())),
        }));
    }
    check("failures.json", &serde_json::to_string_pretty(&all).expect("JSON"));
}

#[test]
fn commands_answer_with_one_table_each() {
    let table = SchemaTable {
        name: "T".to_owned(),
        columns: vec![WireColumn::new("TimeGenerated", Type::DateTime), WireColumn::new("x", Type::Dynamic)],
        folder: "Custom".to_owned(),
        description: String::new(),
        rows: Some(5),
        bytes: Some(1000),
        files: Some(1),
    };
    let other = SchemaTable { name: "U".to_owned(), ..SchemaTable::default() };
    let both = [table.clone(), other];
    let function =
        FunctionRow { name: "F".to_owned(), parameters: "(a:long=1)".to_owned(), body: "{ T | take a }".to_owned() };
    let mapping = MappingRow {
        name: "M".to_owned(),
        kind: MappingKind::Json,
        mapping: "[]".to_owned(),
        updated: 0,
        database: "D".to_owned(),
        table: "T".to_owned(),
    };
    let database = DatabaseRow { name: "D".to_owned(), id: "74be27de-1e4e-49d9-b579-fe0b331d3642".to_owned() };
    let document = schema_document(&[("D", &both, std::slice::from_ref(&function))]);
    let answers = [
        (".show version", version("1.0.0", Some(0), "Engine")),
        (".show cluster", cluster("node", "http://127.0.0.1:8080", 0, 2, 1 << 30)),
        (".show databases", databases(&[database], "D")),
        (".show databases schema", databases_schema(&[("D", &both)])),
        (".show databases schema as json", schema_text(document)),
        (".show tables", tables("D", &both)),
        (".show tables details", tables_details("D", &both)),
        (".show table T cslschema", table_schema("D", &table, SchemaForm::Csl)),
        (".show table T schema as json", table_schema("D", &table, SchemaForm::Json)),
        (".show functions", functions(&[function])),
        (".show table T ingestion mappings", ingestion_mappings(&[mapping])),
    ];
    let mut all = Vec::new();
    for (command, answer) in answers {
        let body: Json = serde_json::from_str(&command_body(answer).into_text()).expect("JSON");
        assert_eq!(body["Tables"].as_array().map(Vec::len), Some(1), "{command}");
        all.push(json!({"command": command, "body": body}));
    }
    check("commands.json", &serde_json::to_string_pretty(&all).expect("JSON"));
}

#[test]
fn editors_learn_tables_and_functions() {
    let columns = vec![WireColumn::new("TimeGenerated", Type::DateTime), WireColumn::new("ok", Type::Bool)];
    let table =
        MetadataTable { name: "T".to_owned(), time_column: "TimeGenerated".to_owned(), columns: columns.clone() };
    let function =
        MetadataFunction { name: "F".to_owned(), parameters: "a:long".to_owned(), body: "T | take a".to_owned() };
    let id = "74be27de-1e4e-49d9-b579-fe0b331d3642";
    check("metadata.json", &metadata_body((id, "main"), "/subscriptions/s", &[table], &[function]));
    let custom =
        ArmTable { name: "T_CL".to_owned(), is_custom: true, columns: columns.clone(), retention_days: Some(90) };
    let built_in = ArmTable { name: "T".to_owned(), is_custom: false, columns, retention_days: None };
    check("arm_tables.json", &arm_tables_body("/subscriptions/s", &[custom, built_in]));
}

#[test]
fn a_large_result_comes_in_chunks_that_make_the_same_text() {
    let values: Vec<i64> = (0..100_000).collect();
    let body = || {
        let mut body = Chunks::of("[".to_owned());
        body.push_rows(longs("x", values.clone()), CellForm::KUSTO_V2, RowForm::Array);
        body.push("]");
        body
    };
    let chunks: Vec<Vec<u8>> = body().collect();
    assert!(chunks.len() > 5, "{} chunks", chunks.len());
    assert!(chunks.iter().all(|chunk| chunk.len() < CHUNK_BYTES + 100));
    let text = String::from_utf8(chunks.concat()).expect("UTF-8");
    assert_eq!(text, body().into_text());
    assert_eq!(serde_json::from_str::<Vec<[i64; 1]>>(&text).expect("JSON").len(), values.len());
}
