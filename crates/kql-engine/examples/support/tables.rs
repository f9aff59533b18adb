//! Empty tables for queries that are only bound.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::catalog::MemTable;
use kql_engine::{CatalogColumn, CatalogTable, TableMap};
use kql_functions::Type;
use serde_json::Value;

/// Empty tables of these columns: `{"table":[["column","type"],..],..}`.
pub fn tables(listed: &Value) -> Result<TableMap, Box<dyn std::error::Error>> {
    let mut catalog = TableMap::new();
    for (name, listed) in listed.as_object().ok_or("tables are no object")? {
        let mut columns = Vec::new();
        let mut fields = Vec::new();
        for column in listed.as_array().ok_or("columns are no list")? {
            let column_name = column[0].as_str().unwrap_or_default().to_owned();
            let ty = column_type(column[1].as_str().unwrap_or_default());
            let stored = match ty {
                Type::DateTime => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
                Type::String | Type::Guid | Type::Dynamic => DataType::Utf8,
                ty => ty.arrow(),
            };
            fields.push(Field::new(&column_name, stored, ty != Type::String));
            columns.push(CatalogColumn { name: column_name, ty, hidden: false, alias_of: None });
        }
        let provider = Arc::new(MemTable::try_new(Arc::new(Schema::new(fields)), vec![vec![]])?);
        let time_column = columns.iter().any(|c| c.name == "TimeGenerated").then(|| "TimeGenerated".to_owned());
        catalog.insert(CatalogTable { name: name.clone(), columns, time_column, stored_paths: Vec::new(), provider });
    }
    Ok(catalog)
}

fn column_type(name: &str) -> Type {
    match name {
        "bool" => Type::Bool,
        "int" => Type::Int,
        "long" => Type::Long,
        "real" => Type::Real,
        "decimal" => Type::Decimal,
        "guid" => Type::Guid,
        "datetime" => Type::DateTime,
        "timespan" => Type::TimeSpan,
        "dynamic" => Type::Dynamic,
        _ => Type::String,
    }
}
