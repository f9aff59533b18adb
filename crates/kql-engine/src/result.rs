//! The rows of a query and their JSON form.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{Decimal128Type, Float64Type, Int32Type, Int64Type};
use kql_functions::{Type, datetime, decimal, timespan};
use kql_syntax::Diagnostic;
use serde::ser::{Serialize, SerializeSeq, Serializer};
use serde_json::Value as Json;

use crate::error::QueryError;
use crate::partial::Partial;

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
        WrittenRows(self)
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

/// The rows of a table as a JSON array of arrays, written value by value: the same text as that of [`ResultTable::rows_json`],
/// without a copy of all rows.
#[derive(Debug, Clone, Copy)]
pub struct WrittenRows<'a>(&'a ResultTable);

/// A row of a batch.
struct WrittenRow<'a> {
    columns: &'a [ResultColumn],
    batch: &'a RecordBatch,
    row: usize,
}

/// A value of a row.
struct WrittenCell<'a> {
    array: &'a ArrayRef,
    row: usize,
    ty: Type,
}

impl Serialize for WrittenRows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ResultTable { columns, batches, .. } = self.0;
        let mut rows = serializer.serialize_seq(Some(batches.iter().map(RecordBatch::num_rows).sum()))?;
        for batch in batches {
            for row in 0..batch.num_rows() {
                rows.serialize_element(&WrittenRow { columns, batch, row })?;
            }
        }
        rows.end()
    }
}

impl Serialize for WrittenRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cells = self.columns.iter().zip(self.batch.columns());
        serializer.collect_seq(cells.map(|(column, array)| WrittenCell { array, row: self.row, ty: column.ty }))
    }
}

impl Serialize for WrittenCell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.ty {
            Type::String | Type::Guid if self.array.is_valid(self.row) => {
                serializer.serialize_str(self.array.as_string_view().value(self.row))
            }
            ty => cell(self.array, self.row, ty).serialize(serializer),
        }
    }
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
fn cell(array: &ArrayRef, row: usize, ty: Type) -> Json {
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

    #[test]
    fn written_rows_are_the_rows_as_json() {
        use std::sync::Arc;

        use arrow::array::{BooleanArray, Float64Array, Int64Array, StringViewArray};
        use arrow::datatypes::{DataType, Field, Schema};

        let text = |values: &[Option<&str>]| Arc::new(StringViewArray::from_iter(values.iter().copied())) as ArrayRef;
        let long = |values: &[Option<i64>]| Arc::new(Int64Array::from_iter(values.iter().copied())) as ArrayRef;
        let columns: Vec<(Type, ArrayRef)> = vec![
            (Type::String, text(&[Some("a \"b\"\n"), None, Some("")])),
            (Type::Guid, text(&[None, Some("6a1f0c9e-0000-4000-8000-000000000001"), None])),
            (Type::Dynamic, text(&[Some("{\"b\": [1.50, null]}"), Some("no json"), None])),
            (Type::Long, long(&[Some(i64::MIN), None, Some(0)])),
            (Type::DateTime, long(&[Some(638_396_640_001_200_000), None, Some(0)])),
            (Type::TimeSpan, long(&[Some(-1), None, Some(864_000_000_000)])),
            (Type::Real, Arc::new(Float64Array::from(vec![Some(f64::NAN), None, Some(0.1)]))),
            (Type::Bool, Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ];
        let fields: Vec<Field> =
            columns.iter().map(|(ty, array)| Field::new(ty.name(), DataType::clone(array.data_type()), true)).collect();
        let arrays = columns.iter().map(|(_, array)| Arc::clone(array)).collect();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
        let columns = columns.iter().map(|(ty, _)| ResultColumn { name: ty.name().to_owned(), ty: *ty }).collect();
        let batches = vec![batch.slice(0, 2), batch.slice(2, 1)];
        let table = ResultTable { name: String::new(), columns, batches, partial: None };
        let whole: Vec<Vec<Json>> = table.rows_json().collect();
        assert_eq!(serde_json::to_string(&table.written_rows()).unwrap(), serde_json::to_string(&whole).unwrap());
    }
}
