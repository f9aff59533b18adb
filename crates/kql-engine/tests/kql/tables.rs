//! Stored tables for tests: small, in memory, with what real ones have (stored datetimes, hidden columns, aliases).

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::catalog::MemTable;
use kql_engine::{CatalogColumn, CatalogTable, TableMap};
use kql_functions::{Type, datetime};

use crate::surroundings::TestCatalog;

/// `now()` of all tests: 2024-06-15T12:00:00Z.
pub const NOW: &str = "2024-06-15T12:00:00Z";

/// Ticks of a datetime.
pub fn ticks(text: &str) -> i64 {
    datetime::parse_datetime(text).expect("a datetime")
}

/// Microseconds since 1970 of a datetime.
fn us(text: &str) -> i64 {
    datetime::ticks_to_micros(ticks(text))
}

fn column(name: &str, ty: Type) -> CatalogColumn {
    CatalogColumn { name: name.to_owned(), ty, hidden: name.starts_with('_'), alias_of: None }
}

/// The catalog: `SigninLogs` and `AuditLogs`, and what else a query may name.
pub fn catalog() -> TestCatalog {
    let mut tables = TableMap::new();
    tables.insert(signins());
    tables.insert(audits());
    TestCatalog { tables }
}

fn stored_time() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

fn signins() -> CatalogTable {
    let times = [
        "2024-06-15T09:00:00Z",
        "2024-06-15T09:30:00.123456Z",
        "2024-06-15T10:00:00Z",
        "2024-06-15T10:10:00Z",
        "2024-06-15T11:00:00Z",
        "2024-06-14T11:00:00Z",
    ];
    let schema = Arc::new(Schema::new(vec![
        Field::new("TimeGenerated", stored_time(), false),
        Field::new("UserPrincipalName", DataType::Utf8, false),
        Field::new("ResultType", DataType::Utf8, false),
        Field::new("DurationMs", DataType::Int64, true),
        Field::new("RiskScore", DataType::Float64, true),
        Field::new("IsInteractive", DataType::Boolean, true),
        Field::new("LocationDetails", DataType::Utf8, true),
        Field::new("_SourceFile", DataType::Utf8, false),
    ]));
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(TimestampMicrosecondArray::from(times.map(us).to_vec()).with_timezone("UTC")),
        Arc::new(StringArray::from(vec!["ann", "bob", "ann", "cid", "Ann", ""])),
        Arc::new(StringArray::from(vec!["0", "50126", "50126", "0", "0", "50053"])),
        Arc::new(Int64Array::from(vec![Some(10), Some(20), None, Some(40), Some(5), None])),
        Arc::new(Float64Array::from(vec![Some(0.5), None, Some(f64::NAN), Some(-0.0), Some(0.0), Some(1.5)])),
        Arc::new(BooleanArray::from(vec![Some(true), Some(false), None, Some(true), Some(true), Some(false)])),
        Arc::new(StringArray::from(vec![
            Some(r#"{"countryOrRegion":"DE","city":"Kiel","geo":{"lat":54.3,"tags":["sea","north"]}}"#),
            Some(r#"{"countryOrRegion":"US"}"#),
            Some(r#"{"countryOrRegion":null}"#),
            Some("{}"),
            None,
            Some(r#"{"countryOrRegion":"DE"}"#),
        ])),
        Arc::new(StringArray::from(vec!["a.json"; 6])),
    ];
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).expect("arrays fit the schema");
    let provider = Arc::new(MemTable::try_new(schema, vec![vec![batch]]).expect("a table"));
    CatalogTable {
        name: "SigninLogs".to_owned(),
        columns: vec![
            column("TimeGenerated", Type::DateTime),
            CatalogColumn { alias_of: Some("TimeGenerated".to_owned()), ..column("Timestamp", Type::DateTime) },
            column("UserPrincipalName", Type::String),
            column("ResultType", Type::String),
            column("DurationMs", Type::Long),
            column("RiskScore", Type::Real),
            column("IsInteractive", Type::Bool),
            column("LocationDetails", Type::Dynamic),
            column("_SourceFile", Type::String),
        ],
        time_column: Some("TimeGenerated".to_owned()),
        stored_paths: Vec::new(),
        provider,
    }
}

fn audits() -> CatalogTable {
    let schema = Arc::new(Schema::new(vec![
        Field::new("TimeGenerated", stored_time(), false),
        Field::new("OperationName", DataType::Utf8, false),
        Field::new("Identity", DataType::Utf8, false),
        Field::new("Count", DataType::Int64, true),
    ]));
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(
            TimestampMicrosecondArray::from(vec![us("2024-06-15T09:05:00Z"), us("2024-06-15T10:05:00Z")])
                .with_timezone("UTC"),
        ),
        Arc::new(StringArray::from(vec!["Add user", "Delete user"])),
        Arc::new(StringArray::from(vec!["ann", "bob"])),
        Arc::new(Int64Array::from(vec![Some(1), None])),
    ];
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).expect("arrays fit the schema");
    let provider = Arc::new(MemTable::try_new(schema, vec![vec![batch]]).expect("a table"));
    CatalogTable {
        name: "AuditLogs".to_owned(),
        columns: vec![
            column("TimeGenerated", Type::DateTime),
            column("OperationName", Type::String),
            column("Identity", Type::String),
            column("Count", Type::Long),
        ],
        time_column: Some("TimeGenerated".to_owned()),
        stored_paths: Vec::new(),
        provider,
    }
}
