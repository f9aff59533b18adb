//! Constants: conversion, and to and from arrays.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int32Array, Int64Array, StringViewArray,
};

use crate::column::{Bools, Strings, absent, as_decimal, decimals, ints, longs, reals};
use crate::{Arg, Type, Value};

impl Value {
    /// The constant in another type, as [`cast`](super::cast) converts rows.
    pub fn cast(&self, to: Type) -> Value {
        if self.ty() == to {
            return self.clone();
        }
        Value::from_array(&super::cast(&self.to_array(), self.ty(), to), 0, to)
    }

    /// An array of one row, in the physical form of the type.
    pub fn to_array(&self) -> ArrayRef {
        match self {
            Value::Null(ty) => absent(*ty, 1),
            Value::Bool(value) => Arc::new(BooleanArray::from(vec![*value])),
            Value::Int(value) => Arc::new(Int32Array::from(vec![*value])),
            Value::Long(value) | Value::DateTime(value) | Value::TimeSpan(value) => {
                Arc::new(Int64Array::from(vec![*value]))
            }
            Value::Real(value) => Arc::new(Float64Array::from(vec![*value])),
            Value::Decimal(value) => Arc::new(as_decimal(Decimal128Array::from(vec![*value]))),
            Value::String(text) | Value::Guid(text) | Value::Dynamic(text) => {
                Arc::new(StringViewArray::from(vec![text.as_str()]))
            }
        }
    }

    /// The value of a row; the type's null when the array is too short.
    pub fn from_array(array: &ArrayRef, row: usize, ty: Type) -> Value {
        let null = if ty == Type::String { Value::String(String::new()) } else { Value::Null(ty) };
        if row >= array.len() {
            return null;
        }
        let arg = Arg::Array(array.slice(row, 1));
        let value = match ty {
            Type::Bool => Bools::of(&arg).get(0).map(Value::Bool),
            Type::Int => ints(&arg).get(0).map(Value::Int),
            Type::Long => longs(&arg).get(0).map(Value::Long),
            Type::Real => reals(&arg).get(0).map(Value::Real),
            Type::Decimal => decimals(&arg).get(0).map(Value::Decimal),
            Type::DateTime => longs(&arg).get(0).map(Value::DateTime),
            Type::TimeSpan => longs(&arg).get(0).map(Value::TimeSpan),
            Type::String => Strings::of(&arg).get(0).map(|text| Value::String(text.to_owned())),
            Type::Guid => Strings::of(&arg).get(0).map(|text| Value::Guid(text.to_owned())),
            Type::Dynamic => Strings::of(&arg).get(0).map(|json| Value::Dynamic(json.to_owned())),
        };
        value.unwrap_or(null)
    }
}

/// A text as a value of a type, as `tolong`, `todatetime`, … read it.
pub(super) fn from_text(text: &str, to: Type) -> Value {
    use super::{to_bool, to_datetime, to_decimal, to_long, to_real, to_timespan};
    let value = match to {
        Type::Bool => to_bool(text).map(Value::Bool),
        Type::Int => to_long(text).and_then(|value| i32::try_from(value).ok()).map(Value::Int),
        Type::Long => to_long(text).map(Value::Long),
        Type::Real => to_real(text).map(Value::Real),
        Type::Decimal => to_decimal(text).map(Value::Decimal),
        Type::DateTime => to_datetime(text).map(Value::DateTime),
        Type::TimeSpan => to_timespan(text).map(Value::TimeSpan),
        Type::Guid => crate::guid::parse_guid(text).map(Value::Guid),
        Type::String => Some(Value::String(text.to_owned())),
        Type::Dynamic => None,
    };
    value.unwrap_or(Value::Null(to))
}
