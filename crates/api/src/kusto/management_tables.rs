//! The tables that management commands answer with: columns as Kusto has them, in its order.

use kql_functions::{Type, Value};

use crate::answer::{ResultSet, WireColumn};
use crate::rows::result_of;
use crate::wire_type::system_type;

use super::command::{MappingKind, SchemaForm};
use super::schema_document::table_document;

/// A database, as clients see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseRow {
    /// Its name.
    pub name: String,
    /// Its id, a GUID.
    pub id: String,
}

/// A table with what of it is told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SchemaTable {
    /// Its name.
    pub name: String,
    /// Visible columns, in order.
    pub columns: Vec<WireColumn>,
    /// The folder in which editors show it.
    pub folder: String,
    /// What it is, for people.
    pub description: String,
    /// Rows, where they are known.
    pub rows: Option<u64>,
    /// Bytes of its files, where they are known.
    pub bytes: Option<u64>,
    /// Data files, where they are known.
    pub files: Option<u64>,
}

/// A stored function.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FunctionRow {
    /// Its name.
    pub name: String,
    /// `(a:long, T:(*))`.
    pub parameters: String,
    /// `{ … }`.
    pub body: String,
}

/// An ingestion mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingRow {
    /// Its name.
    pub name: String,
    /// Of which format.
    pub kind: MappingKind,
    /// Its columns, JSON text.
    pub mapping: String,
    /// When it was made, in ticks.
    pub updated: i64,
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
}

fn text(value: impl Into<String>) -> Value {
    Value::String(value.into())
}

/// `.show version`. `built` is in ticks where it is known; `service` is `Engine`, or `DataManagement` at an address that takes ingestion alone.
pub fn version(build: &str, built: Option<i64>, service: &str) -> ResultSet {
    let columns = [
        ("BuildVersion", Type::String),
        ("BuildTime", Type::DateTime),
        ("ServiceType", Type::String),
        ("ProductVersion", Type::String),
    ];
    result_of(
        &columns,
        &[vec![text(build), built.map_or(Value::Null(Type::DateTime), Value::DateTime), text(service), text(build)]],
    )
}

/// `.get ingestion resources`: kinds of resources, and the addresses of each with the signature that opens it.
pub fn ingestion_resources(resources: &[(&str, String)]) -> ResultSet {
    let columns = [("ResourceTypeName", Type::String), ("StorageRoot", Type::String)];
    let rows: Vec<Vec<Value>> = resources.iter().map(|(kind, root)| vec![text(*kind), text(root)]).collect();
    result_of(&columns, &rows)
}

/// `.get kusto identity token`: one cell, which some clients find by its place in the text.
pub fn identity_token(token: &str) -> ResultSet {
    result_of(&[("AuthorizationContext", Type::String)], &[vec![text(token)]])
}

/// `.show cluster`: one node, this one.
pub fn cluster(node: &str, address: &str, started: i64, cores: u32, memory_bytes: i64) -> ResultSet {
    let columns = [
        ("NodeId", Type::String),
        ("Address", Type::String),
        ("Name", Type::String),
        ("StartTime", Type::DateTime),
        ("IsAdmin", Type::Bool),
        ("MachineTotalMemory", Type::Long),
        ("ProcessorCount", Type::Int),
    ];
    let cores = Value::Int(i32::try_from(cores).unwrap_or(i32::MAX));
    let row = vec![
        text(node),
        text(address),
        text(node),
        Value::DateTime(started),
        Value::Bool(true),
        Value::Long(memory_bytes),
        cores,
    ];
    result_of(&columns, &[row])
}

/// `.show databases`.
pub fn databases(databases: &[DatabaseRow], current: &str) -> ResultSet {
    let columns = [
        ("DatabaseName", Type::String),
        ("PersistentStorage", Type::String),
        ("Version", Type::String),
        ("IsCurrent", Type::Bool),
        ("DatabaseAccessMode", Type::String),
        ("PrettyName", Type::String),
        ("ReservedSlot1", Type::Bool),
        ("DatabaseId", Type::Guid),
        ("InTransitionTo", Type::String),
    ];
    let row = |database: &DatabaseRow| {
        vec![
            text(&database.name),
            text(""),
            text("v1.0"),
            Value::Bool(database.name == current),
            text("ReadWrite"),
            text(""),
            Value::Null(Type::Bool),
            Value::Guid(database.id.clone()),
            text(""),
        ]
    };
    result_of(&columns, &databases.iter().map(row).collect::<Vec<_>>())
}

/// `.show databases schema`: a row a database, a row a table, a row a column.
pub fn databases_schema(databases: &[(&str, &[SchemaTable])]) -> ResultSet {
    let columns = [
        ("DatabaseName", Type::String),
        ("TableName", Type::String),
        ("ColumnName", Type::String),
        ("ColumnType", Type::String),
        ("IsDefaultTable", Type::Bool),
        ("IsDefaultColumn", Type::Bool),
        ("PrettyName", Type::String),
        ("Version", Type::String),
        ("Folder", Type::String),
        ("DocString", Type::String),
    ];
    let row = |names: [&str; 4], version: &str, folder: &str, description: &str| {
        let mut row: Vec<Value> = names.into_iter().map(text).collect();
        row.extend([Value::Bool(false), Value::Bool(false), text(""), text(version), text(folder), text(description)]);
        row
    };
    let mut rows = Vec::new();
    for (database, tables) in databases {
        rows.push(row([*database, "", "", ""], "v1.0", "", ""));
        for table in *tables {
            rows.push(row([*database, &table.name, "", ""], "", &table.folder, &table.description));
            for column in &table.columns {
                rows.push(row([*database, &table.name, &column.name, system_type(column.ty)], "", "", ""));
            }
        }
    }
    result_of(&columns, &rows)
}

/// One cell of JSON text, as `.show database schema as json` answers.
pub fn schema_text(document: String) -> ResultSet {
    result_of(&[("DatabaseSchema", Type::String)], &[vec![text(document)]])
}

/// `.show tables`.
pub fn tables(database: &str, tables: &[SchemaTable]) -> ResultSet {
    let columns = ["TableName", "DatabaseName", "Folder", "DocString"].map(|name| (name, Type::String));
    let row =
        |table: &SchemaTable| vec![text(&table.name), text(database), text(&table.folder), text(&table.description)];
    result_of(&columns, &tables.iter().map(row).collect::<Vec<_>>())
}

/// `.show tables details`.
pub fn tables_details(database: &str, tables: &[SchemaTable]) -> ResultSet {
    let columns = [
        ("TableName", Type::String),
        ("DatabaseName", Type::String),
        ("Folder", Type::String),
        ("DocString", Type::String),
        ("TotalExtents", Type::Long),
        ("TotalExtentSize", Type::Real),
        ("TotalOriginalSize", Type::Real),
        ("TotalRowCount", Type::Long),
        ("HotExtents", Type::Long),
        ("HotExtentSize", Type::Real),
        ("HotOriginalSize", Type::Real),
        ("HotRowCount", Type::Long),
    ];
    let long = |value: Option<u64>| {
        value.and_then(|value| i64::try_from(value).ok()).map_or(Value::Null(Type::Long), Value::Long)
    };
    let real = |value: Option<u64>| value.map_or(Value::Null(Type::Real), |value| Value::Real(value as f64));
    let row = |table: &SchemaTable| {
        let mut row = vec![text(&table.name), text(database), text(&table.folder), text(&table.description)];
        // All data is on this machine: hot and total are the same; the size before compression is not kept.
        for _ in 0..2 {
            row.extend([long(table.files), real(table.bytes), Value::Null(Type::Real), long(table.rows)]);
        }
        row
    };
    result_of(&columns, &tables.iter().map(row).collect::<Vec<_>>())
}

/// `.show table T cslschema` and `.show table T schema as json`.
pub fn table_schema(database: &str, table: &SchemaTable, form: SchemaForm) -> ResultSet {
    let columns = ["TableName", "Schema", "DatabaseName", "Folder", "DocString"].map(|name| (name, Type::String));
    let schema = match form {
        SchemaForm::Json => table_document(table).to_string(),
        SchemaForm::Csl => {
            let columns = table.columns.iter().map(|column| format!("{}:{}", column.name, column.ty.name()));
            columns.collect::<Vec<_>>().join(",")
        }
    };
    let row = vec![text(&table.name), text(schema), text(database), text(&table.folder), text(&table.description)];
    result_of(&columns, &[row])
}

/// `.show functions`.
pub fn functions(functions: &[FunctionRow]) -> ResultSet {
    let columns = ["Name", "Parameters", "Body", "Folder", "DocString"].map(|name| (name, Type::String));
    let row = |function: &FunctionRow| {
        vec![text(&function.name), text(&function.parameters), text(&function.body), text(""), text("")]
    };
    result_of(&columns, &functions.iter().map(row).collect::<Vec<_>>())
}

/// `.show table T ingestion mappings`.
pub fn ingestion_mappings(mappings: &[MappingRow]) -> ResultSet {
    let columns = [
        ("Name", Type::String),
        ("Kind", Type::String),
        ("Mapping", Type::String),
        ("LastUpdatedOn", Type::DateTime),
        ("Database", Type::String),
        ("Table", Type::String),
    ];
    let row = |mapping: &MappingRow| {
        vec![
            text(&mapping.name),
            text(mapping.kind.name()),
            text(&mapping.mapping),
            Value::DateTime(mapping.updated),
            text(&mapping.database),
            text(&mapping.table),
        ]
    };
    result_of(&columns, &mappings.iter().map(row).collect::<Vec<_>>())
}
