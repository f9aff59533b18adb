//! The rows of a query and their JSON form.

use std::io;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{Decimal128Type, Float64Type, Int32Type, Int64Type};
use arrow::error::ArrowError;
use kql_functions::{Type, datetime, decimal, timespan};
use kql_syntax::Diagnostic;
use serde_json::Value as Json;

use crate::arrow_rows;
use crate::error::QueryError;
use crate::partial::Partial;
use crate::written_rows::WrittenRows;

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultColumn {
    /// Its name; may occur twice only where the query says so.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// What a query gives.
#[derive(Debug, Clone)]
pub struct QueryResult {
    /// The columns in order.
    pub columns: Vec<ResultColumn>,
    /// The rows, in the Arrow form of [`Type::arrow`]: datetimes and timespans are ticks.
    pub batches: Vec<RecordBatch>,
    /// Why rows are missing, where the result was cut off.
    pub partial: Option<Partial>,
    /// How `render` asked to show it.
    pub visualization: Option<Json>,
    /// What is not wrong with the query but likely not meant.
    pub warnings: Vec<Diagnostic>,
    /// Further tables, of queries with several statements and of `fork` and `facet`; this one is the first.
    pub more: Vec<ResultTable>,
}

/// A further table of a result.
#[derive(Debug, Clone)]
pub struct ResultTable {
    /// What the query calls it, or `Result_1` and so on.
    pub name: String,
    /// The columns in order.
    pub columns: Vec<ResultColumn>,
    /// The rows, as those of [`QueryResult`].
    pub batches: Vec<RecordBatch>,
    /// Why rows are missing, where the table was cut off.
    pub partial: Option<Partial>,
}

impl ResultTable {
    /// The rows as JSON, as [`QueryResult::rows_json`] gives them.
    pub fn rows_json(&self) -> impl Iterator<Item = Vec<Json>> + '_ {
        rows_json(&self.columns, &self.batches)
    }

    /// The same as one value to be written.
    pub fn written_rows(&self) -> WrittenRows<'_> {
        WrittenRows::of(self)
    }

    /// Writes the rows as a stream of Arrow's IPC format: times and timespans in µs, rounded down; texts as UTF-8, of which a dynamic is of the
    /// extension type `arrow.json`; each column with its KQL type as the metadata `kql.type`. Fails where writing does.
    pub fn write_arrow(&self, out: impl io::Write) -> Result<(), ArrowError> {
        arrow_rows::write(self, out)
    }

    /// Number of rows.
    pub fn row_count(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }
}

/// The rows of a table.
fn rows_json<'a>(columns: &'a [ResultColumn], batches: &'a [RecordBatch]) -> impl Iterator<Item = Vec<Json>> + 'a {
    batches.iter().flat_map(move |batch| {
        (0..batch.num_rows()).map(move |row| {
            columns.iter().zip(batch.columns()).map(|(column, array)| cell(array, row, column.ty)).collect()
        })
    })
}

impl QueryResult {
    /// A single table without anything to say about it.
    pub(crate) fn of(columns: Vec<ResultColumn>, batches: Vec<RecordBatch>, partial: Option<Partial>) -> Self {
        Self { columns, batches, partial, visualization: None, warnings: Vec::new(), more: Vec::new() }
    }

    /// The result, if it has all its rows.
    pub fn complete(self) -> Result<Self, QueryError> {
        match self.partial {
            None => Ok(self),
            Some(partial) => Err(partial.into()),
        }
    }

    /// Number of rows.
    pub fn row_count(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// The rows as JSON, as Log Analytics prints them: datetimes as RFC 3339 in UTC with the digits they need,
    /// timespans as `[-][d.]hh:mm:ss[.fffffff]`, decimals as text, NaN and infinities as the texts `NaN`,
    /// `Infinity` and `-Infinity`. A dynamic is the JSON value itself, not its text.
    pub fn rows_json(&self) -> impl Iterator<Item = Vec<Json>> + '_ {
        rows_json(&self.columns, &self.batches)
    }
}

/// One value as JSON.
pub(crate) fn cell(array: &ArrayRef, row: usize, ty: Type) -> Json {
    if array.is_null(row) {
        return if ty == Type::String { Json::String(String::new()) } else { Json::Null };
    }
    match ty {
        Type::Bool => Json::Bool(array.as_boolean().value(row)),
        Type::Int => Json::from(array.as_primitive::<Int32Type>().value(row)),
        Type::Long => Json::from(array.as_primitive::<Int64Type>().value(row)),
        Type::Real => real(array.as_primitive::<Float64Type>().value(row)),
        Type::Decimal => {
            let mut text = String::new();
            decimal::write_decimal(&mut text, array.as_primitive::<Decimal128Type>().value(row));
            Json::String(text)
        }
        Type::String | Type::Guid => Json::String(array.as_string_view().value(row).to_owned()),
        Type::DateTime => Json::String(datetime_text(array.as_primitive::<Int64Type>().value(row))),
        Type::TimeSpan => Json::String(timespan::format_timespan(array.as_primitive::<Int64Type>().value(row))),
        Type::Dynamic => {
            let text = array.as_string_view().value(row);
            serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.to_owned()))
        }
    }
}

fn real(value: f64) -> Json {
    if value.is_nan() {
        Json::from("NaN")
    } else if value == f64::INFINITY {
        Json::from("Infinity")
    } else if value == f64::NEG_INFINITY {
        Json::from("-Infinity")
    } else {
        Json::from(value)
    }
}

/// `2024-01-01T00:00:00Z`, `2024-01-01T00:00:00.5Z`.
fn datetime_text(ticks: i64) -> String {
    let text = datetime::format_datetime(ticks);
    match text.strip_suffix('Z').and_then(|text| text.split_once('.')) {
        Some((seconds, fraction)) => {
            let fraction = fraction.trim_end_matches('0');
            if fraction.is_empty() { format!("{seconds}Z") } else { format!("{seconds}.{fraction}Z") }
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datetimes_print_the_digits_they_need() {
        let ticks = datetime::parse_datetime("2024-01-01T00:00:00.1200000Z").unwrap();
        assert_eq!(datetime_text(ticks), "2024-01-01T00:00:00.12Z");
        assert_eq!(datetime_text(ticks - 1_200_000), "2024-01-01T00:00:00Z");
    }
}
