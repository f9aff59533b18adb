//! Custom tables: types of columns, limits, what goes to `_RawExtra`.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int64Type};
use chrono::DateTime;
use schema::{ColumnType, CustomColumn, MAX_CUSTOM_COLUMNS, MAX_CUSTOM_TABLES, Table, custom_table};

use super::{ColumnTypes, CustomExport, CustomRow, CustomTables};
use crate::decoder::{Decoder, Record};
use crate::json::{JsonObject, JsonValue};
use crate::rows::Rows;
use crate::sink::MemorySink;

/// Adds the fields of a JSON object as a row, at this offset.
fn add(tables: &CustomTables, table: &str, offset: i64, json: &str) -> Result<String, String> {
    let object = JsonObject::parse(json).unwrap();
    let row = CustomRow {
        time: DateTime::UNIX_EPOCH,
        tenant: "t1".into(),
        fields: object.iter().collect(),
        types: ColumnTypes::Guessed,
    };
    tables.add(table, &row, &"a.json".into(), offset).map_err(|reject| reject.reason)
}

fn written(tables: &CustomTables, table: &str) -> Vec<RecordBatch> {
    let sink = MemorySink::new();
    tables.finish(&sink).unwrap();
    sink.batches(table)
}

/// The cells of a column as text.
fn cells(batch: &RecordBatch, name: &str) -> Vec<String> {
    let column = batch.column_by_name(name).unwrap_or_else(|| panic!("no column `{name}`"));
    let options = arrow::util::display::FormatOptions::default().with_null("null");
    let formatter = arrow::util::display::ArrayFormatter::try_new(column, &options).unwrap();
    (0..column.len()).map(|row| formatter.value(row).to_string()).collect()
}

fn columns(table: &'static Table) -> Vec<(String, ColumnType)> {
    table.custom_columns().into_iter().map(|column| (column.name, column.ty)).collect()
}

fn column(name: &str, ty: ColumnType) -> CustomColumn {
    CustomColumn { name: name.to_owned(), ty }
}

#[test]
fn columns_get_the_type_that_all_values_have_in_common() {
    let tables = CustomTables::default();
    let rows = [
        r#"{"n":1,"r":1,"b":true,"t":"2024-05-01T08:00:00Z","d":{"x":1},"j":"{\"y\":2}","s":"a","e":"","nothing":null,"n_d":5,"n_s":7}"#,
        r#"{"n":-2,"r":2.5,"b":false,"t":"2024-05-01T08:00:00.5+02:00","d":"text","j":"","s":3,"e":""}"#,
    ];
    for (offset, row) in (0..).zip(rows) {
        add(&tables, "Foo_CL", offset, row).unwrap();
    }
    let batch = &written(&tables, "Foo_CL")[0];
    let types: Vec<String> = ["n", "r", "b", "t", "d", "j", "s", "e", "n_d", "n_s"]
        .iter()
        .map(|name| format!("{name}={}", batch.schema().field_with_name(name).unwrap().data_type()))
        .collect();
    assert_eq!(
        types,
        [
            "n=Int64",
            "r=Float64",
            "b=Boolean",
            "t=Timestamp(µs, \"UTC\")",
            "d=Utf8",
            "j=Utf8",
            "s=Utf8",
            "e=Utf8",
            "n_d=Float64",
            "n_s=Utf8"
        ]
    );
    assert!(batch.column_by_name("nothing").is_none());
    assert_eq!(batch.column_by_name("n").unwrap().as_primitive::<Int64Type>().values(), &[1, -2]);
    assert_eq!(batch.column_by_name("r").unwrap().as_primitive::<Float64Type>().values(), &[1.0, 2.5]);
    assert_eq!(cells(batch, "d"), [r#"{"x":1}"#, r#""text""#]);
    assert_eq!(cells(batch, "j"), [r#"{"y":2}"#, "null"]);
    assert_eq!(cells(batch, "s"), ["a", "3"]);
    assert_eq!(cells(batch, "TenantId"), ["t1", "t1"]);
    assert_eq!(cells(batch, "Type"), ["Foo_CL", "Foo_CL"]);
    assert_eq!(cells(batch, "_SourceFile"), ["a.json", "a.json"]);
    assert_eq!(cells(batch, "_RawExtra"), ["null", "null"]);
}

#[test]
fn a_value_that_its_column_does_not_take_goes_to_raw_extra() {
    let known = custom_table(
        "IngestKnown_CL",
        &[
            column("n", ColumnType::Long),
            column("r", ColumnType::Real),
            column("b", ColumnType::Bool),
            column("t", ColumnType::DateTime),
        ],
    );
    let tables = CustomTables::new(&[known]);
    add(&tables, "IngestKnown_CL", 0, r#"{"n":"many","r":"NaN","b":1,"t":"soon","new":1}"#).unwrap();
    add(
        &tables,
        "IngestKnown_CL",
        1,
        r#"{"n":"5","r":9007199254740993,"b":"true","t":"","N":6,"big":18446744073709551615}"#,
    )
    .unwrap();
    let batch = &written(&tables, "IngestKnown_CL")[0];
    assert_eq!(
        cells(batch, "_RawExtra"),
        [r#"{"n":"many","r":"NaN","b":1,"t":"soon"}"#, r#"{"r":9007199254740993,"N":6}"#]
    );
    assert_eq!(cells(batch, "n"), ["null", "5"]);
    assert_eq!(cells(batch, "b"), ["null", "true"]);
    assert_eq!(cells(batch, "new"), ["1", "null"]);
    assert_eq!(cells(batch, "big"), ["", "18446744073709551615"]);
}

#[test]
fn columns_follow_the_order_of_the_records_not_of_the_threads() {
    let names = |order: [(i64, &str); 2]| {
        let tables = CustomTables::default();
        for (offset, row) in order {
            add(&tables, "IngestOrder_CL", offset, row).unwrap();
        }
        let batch = &written(&tables, "IngestOrder_CL")[0];
        batch.schema().fields().iter().map(|field| field.name().clone()).take(4).collect::<Vec<_>>()
    };
    let (first, second) = ((0, r#"{"z":1,"a":1}"#), (9, r#"{"A":2,"m":1}"#));
    assert_eq!(names([first, second]), ["TimeGenerated", "z", "a", "m"]);
    assert_eq!(names([second, first]), ["TimeGenerated", "z", "a", "m"]);
}

#[test]
fn the_limits_of_tables_columns_and_names_hold() {
    let tables = CustomTables::default();
    let fields: Vec<String> = (0..=MAX_CUSTOM_COLUMNS).map(|n| format!("\"c{n:04}\":{n}")).collect();
    add(&tables, "Wide_CL", 0, &format!("{{{}}}", fields.join(","))).unwrap();
    let batch = &written(&tables, "Wide_CL")[0];
    assert_eq!(cells(batch, "_RawExtra"), [format!("{{\"c{MAX_CUSTOM_COLUMNS:04}\":{MAX_CUSTOM_COLUMNS}}}")]);
    for name in ["../x_CL", "x", &format!("{}_CL", "x".repeat(70))] {
        assert!(add(&tables, name, 0, "{}").is_err_and(|reason| reason.ends_with("is no name of a custom table")));
    }
    for n in 1..MAX_CUSTOM_TABLES {
        add(&tables, &format!("T{n}_CL"), 0, "{}").unwrap();
    }
    assert_eq!(add(&tables, "OneMore_CL", 0, "{}"), Err("more than 500 custom tables".to_owned()));
    assert_eq!(add(&tables, "WIDE_CL", 0, "{}").as_deref(), Ok("Wide_CL"));
}

#[test]
fn once_rows_are_written_a_new_field_waits_for_the_next_run() {
    let tables = CustomTables::default();
    let sink = MemorySink::new();
    add(&tables, "Settled_CL", 0, r#"{"a":1}"#).unwrap();
    tables.finish(&sink).unwrap();
    add(&tables, "Settled_CL", 1, r#"{"a":2,"b":3}"#).unwrap();
    tables.finish(&sink).unwrap();
    let batches = sink.batches("Settled_CL");
    assert_eq!(batches[0].schema(), batches[1].schema());
    assert_eq!(
        (cells(&batches[1], "a"), cells(&batches[1], "_RawExtra")),
        (vec!["2".to_owned()], vec![r#"{"b":3}"#.to_owned()])
    );
}

#[test]
fn cells_of_csv_files_are_numbers_where_they_are_written_so() {
    let tables = CustomTables::default();
    let values = ["17", "2.50", "True", "007", "1e5", "a"].map(|text| JsonValue::Text(text.into()));
    let names = ["long", "real", "bool", "id", "name", "text"];
    let row = CustomRow {
        time: DateTime::UNIX_EPOCH,
        tenant: "".into(),
        fields: names.into_iter().zip(&values).collect(),
        types: ColumnTypes::Guessed,
    };
    tables.add("Csv_CL", &row, &"a.csv".into(), 0).unwrap();
    let batch = &written(&tables, "Csv_CL")[0];
    let types = names.map(|name| batch.schema().field_with_name(name).unwrap().data_type().to_string());
    assert_eq!(types, ["Int64", "Float64", "Boolean", "Utf8", "Utf8", "Utf8"]);
    assert_eq!(cells(batch, "id"), ["007"]);
}

#[test]
fn a_row_that_names_its_custom_table_needs_a_time() {
    let decoder = CustomExport::new();
    let decode = |text: &str| {
        let record = Record::of_object(JsonObject::parse(text).unwrap(), text);
        assert!(decoder.recognizes(&record), "{text}");
        decoder.decode(&record, &mut Rows::new()).map_err(|reject| reject.reason)
    };
    assert_eq!(decode(r#"{"Type":"Foo_CL","TimeGenerated":"2024-05-01T08:00:00Z"}"#), Ok(()));
    assert_eq!(decode(r#"{"Type":"Foo_CL","time":"2024-05-01T08:00:00Z"}"#), Ok(()));
    assert_eq!(decode(r#"{"Type":"Foo_CL","x":1}"#), Err("row of `Foo_CL` without a time".to_owned()));
    let other = r#"{"Type":"Foo","TimeGenerated":"2024-05-01T08:00:00Z"}"#;
    assert!(!decoder.recognizes(&Record::of_object(JsonObject::parse(other).unwrap(), other)));
}

#[test]
fn the_columns_of_a_table_known_already_stay_as_they_are() {
    let known = custom_table("IngestKept_CL", &[column("n", ColumnType::String)]);
    let tables = CustomTables::new(&[known]);
    add(&tables, "IngestKept_CL", 0, r#"{"n":1,"m":true}"#).unwrap();
    let batch = &written(&tables, "IngestKept_CL")[0];
    let table = custom_table("IngestKept_CL", &[column("n", ColumnType::String), column("m", ColumnType::Bool)]);
    assert_eq!(batch.schema(), table.arrow_schema());
    assert_eq!(columns(table), [("n".to_owned(), ColumnType::String), ("m".to_owned(), ColumnType::Bool)]);
    assert_eq!(cells(batch, "n"), ["1"]);
}
