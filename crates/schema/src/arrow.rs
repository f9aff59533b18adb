//! The Arrow form of a table's rows as decoders make them and storage keeps them.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::{ColumnType, Table};

/// The Arrow type of a stored column.
///
/// | type | Arrow | absent |
/// |---|---|---|
/// | bool, int, long, real | Boolean, Int32, Int64, Float64 | null |
/// | decimal | Decimal128(38, 17) | null |
/// | string | Utf8 | `""`, never null |
/// | guid | Utf8, canonical lower case | null |
/// | datetime | Timestamp(Microsecond, "UTC") | null |
/// | timespan | Int64, ticks of 100 ns | null |
/// | dynamic | Utf8, JSON text | null |
pub fn stored_arrow_type(ty: ColumnType) -> DataType {
    match ty {
        ColumnType::Bool => DataType::Boolean,
        ColumnType::Int => DataType::Int32,
        ColumnType::Long | ColumnType::TimeSpan => DataType::Int64,
        ColumnType::Real => DataType::Float64,
        ColumnType::Decimal => DataType::Decimal128(38, 17),
        ColumnType::String | ColumnType::Guid | ColumnType::Dynamic => DataType::Utf8,
        ColumnType::DateTime => DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC"))),
    }
}

impl Table {
    /// The Arrow schema of this table's stored columns, in order. Only the time column and strings are non-null.
    pub fn arrow_schema(&self) -> SchemaRef {
        let fields: Vec<Field> = self
            .stored_columns()
            .map(|column| {
                let non_null = column.ty == ColumnType::String || column.name == self.time_column;
                Field::new(&column.name, stored_arrow_type(column.ty), !non_null)
            })
            .collect();
        Arc::new(Schema::new(fields))
    }
}
