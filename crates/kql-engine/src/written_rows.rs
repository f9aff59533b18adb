//! The rows of a table as JSON text.

use std::{fmt, io};

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringViewArray};
use arrow::datatypes::Int64Type;
use kql_functions::Type;
use kql_functions::dynamic::write_quoted;
use serde::ser::{Serialize, SerializeSeq, Serializer};

use crate::result::{ResultColumn, ResultTable, cell};

/// Bytes of text that are put together before they are written: small enough that a reader begins early.
const PIECE_BYTES: usize = 64 * 1024;

/// The rows of a table as a JSON array of arrays, written value by value: the same text as that of [`ResultTable::rows_json`],
/// without a copy of all rows.
#[derive(Debug, Clone, Copy)]
pub struct WrittenRows<'a>(&'a ResultTable);

impl<'a> WrittenRows<'a> {
    pub(crate) fn of(table: &'a ResultTable) -> Self {
        Self(table)
    }

    /// Writes the text that serialization gives, sooner: what a column holds is found out once a batch and not once a value.
    pub fn write(&self, out: &mut impl io::Write) -> io::Result<()> {
        let ResultTable { columns, batches, .. } = self.0;
        let mut text = String::with_capacity(PIECE_BYTES * 2);
        text.push('[');
        let mut opening = "[";
        for batch in batches {
            let cells: Vec<Cells<'_>> =
                columns.iter().zip(batch.columns()).map(|(column, array)| Cells::of(array, column.ty)).collect();
            for row in 0..batch.num_rows() {
                text.push_str(opening);
                opening = ",[";
                for (at, cells) in cells.iter().enumerate() {
                    if at > 0 {
                        text.push(',');
                    }
                    cells.append(row, &mut text)?;
                }
                text.push(']');
                if text.len() >= PIECE_BYTES {
                    out.write_all(text.as_bytes())?;
                    text.clear();
                }
            }
        }
        text.push(']');
        out.write_all(text.as_bytes())
    }
}

/// The values of a column of a batch.
enum Cells<'a> {
    Text { texts: &'a StringViewArray, null: &'static str },
    Long(&'a Int64Array),
    Other { array: &'a ArrayRef, ty: Type },
}

impl<'a> Cells<'a> {
    fn of(array: &'a ArrayRef, ty: Type) -> Self {
        match ty {
            Type::String => Self::Text { texts: array.as_string_view(), null: "\"\"" },
            Type::Guid => Self::Text { texts: array.as_string_view(), null: "null" },
            Type::Long => Self::Long(array.as_primitive::<Int64Type>()),
            ty => Self::Other { array, ty },
        }
    }

    fn append(&self, row: usize, text: &mut String) -> serde_json::Result<()> {
        match self {
            Self::Text { texts, .. } if texts.is_valid(row) => write_quoted(text, texts.value(row)),
            Self::Text { null, .. } => text.push_str(null),
            Self::Long(numbers) if numbers.is_valid(row) => {
                // As decimal digits it is the same as in JSON.
                let _ = fmt::Write::write_fmt(text, format_args!("{}", numbers.value(row)));
            }
            Self::Long(_) => text.push_str("null"),
            Self::Other { array, ty } => text.push_str(&serde_json::to_string(&cell(array, row, *ty))?),
        }
        Ok(())
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

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
        let whole: Vec<Vec<serde_json::Value>> = table.rows_json().collect();
        let whole = serde_json::to_string(&whole).unwrap();
        assert_eq!(serde_json::to_string(&table.written_rows()).unwrap(), whole);
        let mut text = Vec::new();
        table.written_rows().write(&mut text).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), whole);
    }
}
