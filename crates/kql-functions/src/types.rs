//! KQL's types, their physical form in Arrow, and constant values.

use arrow::datatypes::DataType;
use serde::{Deserialize, Serialize};

/// A KQL scalar type.
///
/// Physical form in Arrow, inside the engine:
///
/// | type | Arrow | null |
/// |---|---|---|
/// | bool | Boolean | null |
/// | int | Int32 | null |
/// | long | Int64 | null |
/// | real | Float64 | null |
/// | decimal | Decimal128(38, 17) | null |
/// | string | Utf8View | never: absent is `""` |
/// | guid | Utf8View, canonical lower-case 36 characters | null |
/// | datetime | Int64, ticks of 100 ns since 0001-01-01 UTC | null |
/// | timespan | Int64, ticks of 100 ns | null |
/// | dynamic | Utf8View, JSON text | null is KQL's dynamic null |
///
/// In stored tables a datetime is `Timestamp(Microsecond, "UTC")`; the engine's binder knows which of
/// the two a column is, and functions of this crate always see ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each is the KQL type of its name")]
pub enum Type {
    Bool,
    Int,
    Long,
    Real,
    Decimal,
    String,
    Guid,
    DateTime,
    TimeSpan,
    Dynamic,
}

/// Digits after the point of `decimal`'s physical form.
pub const DECIMAL_SCALE: i8 = 17;

impl Type {
    /// The name in KQL, as `getschema` and results print it.
    pub fn name(self) -> &'static str {
        match self {
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Long => "long",
            Type::Real => "real",
            Type::Decimal => "decimal",
            Type::String => "string",
            Type::Guid => "guid",
            Type::DateTime => "datetime",
            Type::TimeSpan => "timespan",
            Type::Dynamic => "dynamic",
        }
    }

    /// Its Arrow form inside the engine (see the table above).
    pub fn arrow(self) -> DataType {
        match self {
            Type::Bool => DataType::Boolean,
            Type::Int => DataType::Int32,
            Type::Long | Type::DateTime | Type::TimeSpan => DataType::Int64,
            Type::Real => DataType::Float64,
            Type::Decimal => DataType::Decimal128(38, DECIMAL_SCALE),
            Type::String | Type::Guid | Type::Dynamic => DataType::Utf8View,
        }
    }

    /// int, long, real or decimal.
    pub fn is_numeric(self) -> bool {
        matches!(self, Type::Int | Type::Long | Type::Real | Type::Decimal)
    }
}

/// A constant: what a literal or a folded expression is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// The null of a type; never of `String`.
    Null(Type),
    /// bool
    Bool(bool),
    /// int
    Int(i32),
    /// long
    Long(i64),
    /// real
    Real(#[serde(with = "real_bits")] f64),
    /// decimal, unscaled (see [`DECIMAL_SCALE`])
    Decimal(i128),
    /// string
    String(String),
    /// guid, canonical lower case
    Guid(String),
    /// datetime in ticks
    DateTime(i64),
    /// timespan in ticks
    TimeSpan(i64),
    /// dynamic: JSON text, never the text `null` at top level
    Dynamic(String),
}

impl Value {
    /// The type of the constant.
    pub fn ty(&self) -> Type {
        match self {
            Value::Null(ty) => *ty,
            Value::Bool(_) => Type::Bool,
            Value::Int(_) => Type::Int,
            Value::Long(_) => Type::Long,
            Value::Real(_) => Type::Real,
            Value::Decimal(_) => Type::Decimal,
            Value::String(_) => Type::String,
            Value::Guid(_) => Type::Guid,
            Value::DateTime(_) => Type::DateTime,
            Value::TimeSpan(_) => Type::TimeSpan,
            Value::Dynamic(_) => Type::Dynamic,
        }
    }
}

/// Reals as their bits: JSON has no NaN and no infinity.
mod real_bits {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(value.to_bits())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        u64::deserialize(deserializer).map(f64::from_bits)
    }
}
