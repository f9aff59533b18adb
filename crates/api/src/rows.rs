//! Small tables made from values: what management commands answer.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringViewArray, new_null_array,
};
use arrow::datatypes::{Field, Schema};
use kql_functions::{Type, Value};

use crate::answer::{ResultSet, WireColumn};

/// The result of these rows; a value that is not of its column's type is null.
pub(crate) fn result_of(columns: &[(&str, Type)], rows: &[Vec<Value>]) -> ResultSet {
    let fields: Vec<Field> = columns.iter().map(|(name, ty)| Field::new(*name, ty.arrow(), true)).collect();
    let arrays: Vec<ArrayRef> = columns.iter().enumerate().map(|(at, (_, ty))| array(*ty, rows, at)).collect();
    // Arrays are made with the types of the fields, one value a row.
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).ok();
    ResultSet {
        name: "Table_0".to_owned(),
        columns: columns.iter().map(|(name, ty)| WireColumn::new(name, *ty)).collect(),
        batches: batch.into_iter().filter(|batch| batch.num_rows() > 0).collect(),
    }
}

fn array(ty: Type, rows: &[Vec<Value>], at: usize) -> ArrayRef {
    let values = rows.iter().map(|row| row.get(at));
    match ty {
        Type::Bool => Arc::new(
            values
                .map(|value| match value {
                    Some(Value::Bool(value)) => Some(*value),
                    _ => None,
                })
                .collect::<BooleanArray>(),
        ),
        Type::Int => Arc::new(
            values
                .map(|value| match value {
                    Some(Value::Int(value)) => Some(*value),
                    _ => None,
                })
                .collect::<Int32Array>(),
        ),
        Type::Long | Type::DateTime | Type::TimeSpan => Arc::new(
            values
                .map(|value| match value {
                    Some(Value::Long(value) | Value::DateTime(value) | Value::TimeSpan(value)) => Some(*value),
                    _ => None,
                })
                .collect::<Int64Array>(),
        ),
        Type::Real => Arc::new(
            values
                .map(|value| match value {
                    Some(Value::Real(value)) => Some(*value),
                    _ => None,
                })
                .collect::<Float64Array>(),
        ),
        Type::String | Type::Guid | Type::Dynamic => Arc::new(
            values
                .map(|value| match value {
                    Some(Value::String(text) | Value::Guid(text) | Value::Dynamic(text)) => Some(text.as_str()),
                    _ => None,
                })
                .collect::<StringViewArray>(),
        ),
        // No command has one.
        Type::Decimal => new_null_array(&ty.arrow(), rows.len()),
    }
}
