//! Rows of a table from JSON objects by column name.

use arrow::record_batch::RecordBatch;
use ingest::{JsonValue, RowBuilder};
use schema::Table;
use serde_json::{Map, Value};

use crate::Error;

/// One batch with a row an object; fields that are no column of the table are an error.
pub(crate) fn rows_from_json(table: &'static Table, rows: &[Map<String, Value>]) -> Result<RecordBatch, Error> {
    let mut builder = RowBuilder::new(table);
    for row in rows {
        for (name, value) in row {
            let Some(index) = builder.column(name) else {
                return Err(Error::new(format!("table `{}` has no column `{name}`", table.name)));
            };
            let text = value.to_string();
            let value = JsonValue::parse(&text).map_err(|error| Error::new(format!("column `{name}`: {error}")))?;
            if !value.is_null() && !builder.set_json(index, &value) {
                return Err(Error::new(format!("column `{name}` of table `{}` does not take {text}", table.name)));
            }
        }
        if let Some(index) = builder.column("Type") {
            builder.set_str(index, &table.name);
        }
        builder.end_row();
    }
    builder.finish().map_err(Error::new)
}
