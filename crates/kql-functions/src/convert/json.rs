//! Rows of any type as JSON text.

use crate::column::{Bools, Column, Longs, Reals, Strings, decimals, ints, longs, reals};
use crate::dynamic::{write_compact, write_quoted, write_value};
use crate::{Arg, Type, Value};
use arrow::array::PrimitiveArray;
use arrow::datatypes::{Decimal128Type, Int32Type};

/// An argument whose rows are written as JSON.
pub struct JsonRows(Rows);

enum Rows {
    Bool(Bools),
    Int(Column<PrimitiveArray<Int32Type>>),
    Long(Longs),
    Real(Reals),
    Decimal(Column<PrimitiveArray<Decimal128Type>>),
    DateTime(Longs),
    TimeSpan(Longs),
    String(Strings),
    Guid(Strings),
    Dynamic(Strings),
}

impl JsonRows {
    /// Reads an argument of a type.
    pub fn new(arg: &Arg, ty: Type) -> Self {
        JsonRows(match ty {
            Type::Bool => Rows::Bool(Bools::of(arg)),
            Type::Int => Rows::Int(ints(arg)),
            Type::Long => Rows::Long(longs(arg)),
            Type::Real => Rows::Real(reals(arg)),
            Type::Decimal => Rows::Decimal(decimals(arg)),
            Type::DateTime => Rows::DateTime(longs(arg)),
            Type::TimeSpan => Rows::TimeSpan(longs(arg)),
            Type::String => Rows::String(Strings::of(arg)),
            Type::Guid => Rows::Guid(Strings::of(arg)),
            Type::Dynamic => Rows::Dynamic(Strings::of(arg)),
        })
    }

    /// Appends a row's JSON; false, and nothing appended, when it is null.
    pub fn write(&self, row: usize, out: &mut String) -> bool {
        let value = match &self.0 {
            Rows::String(column) => {
                write_quoted(out, column.text(row));
                return true;
            }
            Rows::Guid(column) => return column.get(row).map(|text| write_quoted(out, text)).is_some(),
            Rows::Dynamic(column) => return column.get(row).map(|json| write_compact(out, json)).is_some(),
            Rows::Bool(column) => column.get(row).map(Value::Bool),
            Rows::Int(column) => column.get(row).map(Value::Int),
            Rows::Long(column) => column.get(row).map(Value::Long),
            Rows::Real(column) => column.get(row).map(Value::Real),
            Rows::Decimal(column) => column.get(row).map(Value::Decimal),
            Rows::DateTime(column) => column.get(row).map(Value::DateTime),
            Rows::TimeSpan(column) => column.get(row).map(Value::TimeSpan),
        };
        value.map(|value| write_value(out, &value)).is_some()
    }

    /// The same with `null` written for null.
    pub fn write_or_null(&self, row: usize, out: &mut String) {
        if !self.write(row, out) {
            out.push_str("null");
        }
    }
}
