//! A bound scalar expression: its plan expression and what it is in KQL.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, lit, when};
use kql_functions::{ArgumentInfo, Type, Value};

use crate::scope::{Repr, ScopeColumn};

/// A bound scalar expression.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    /// How to compute it.
    pub expr: Expr,
    /// KQL type.
    pub ty: Type,
    /// Form of a datetime.
    pub repr: Repr,
    /// Whether it can be null.
    pub nullable: bool,
    /// Its value, where it is constant.
    pub constant: Option<Value>,
}

impl Typed {
    /// An expression that depends on the row.
    pub fn new(expr: Expr, ty: Type) -> Self {
        Self { expr, ty, repr: Repr::Engine, nullable: ty != Type::String, constant: None }
    }

    /// The same, known never to be null.
    pub fn non_null(expr: Expr, ty: Type) -> Self {
        Self { nullable: false, ..Self::new(expr, ty) }
    }

    /// A constant.
    pub fn constant(value: Value) -> Self {
        let nullable = matches!(value, Value::Null(_));
        Self { expr: lit(scalar_of(&value)), ty: value.ty(), repr: Repr::Engine, nullable, constant: Some(value) }
    }

    /// A reference to a column.
    pub fn column(column: &ScopeColumn) -> Self {
        Self { expr: column.expr(), ty: column.ty, repr: column.repr, nullable: column.nullable, constant: None }
    }

    /// What functions are told of it.
    pub fn info(&self) -> ArgumentInfo {
        ArgumentInfo { ty: self.ty, constant: self.constant.clone() }
    }

    /// The text of a constant string.
    pub fn as_text(&self) -> Option<&str> {
        match &self.constant {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }
}

/// The Arrow form of a constant.
pub(crate) fn scalar_of(value: &Value) -> ScalarValue {
    match value {
        Value::Null(Type::String) => ScalarValue::Utf8View(Some(String::new())),
        Value::Null(ty) => ScalarValue::try_from(&ty.arrow()).unwrap_or(ScalarValue::Null),
        Value::Bool(value) => ScalarValue::Boolean(Some(*value)),
        Value::Int(value) => ScalarValue::Int32(Some(*value)),
        Value::Long(value) | Value::DateTime(value) | Value::TimeSpan(value) => ScalarValue::Int64(Some(*value)),
        Value::Real(value) => ScalarValue::Float64(Some(*value)),
        Value::Decimal(value) => ScalarValue::Decimal128(Some(*value), 38, kql_functions::DECIMAL_SCALE),
        Value::String(value) | Value::Guid(value) | Value::Dynamic(value) => ScalarValue::Utf8View(Some(value.clone())),
    }
}

/// `expr`, or `default` where it is null. DataFusion's `coalesce` runs only after its optimizer has rewritten it.
pub(crate) fn or_default(expr: Expr, default: Expr) -> Expr {
    when(expr.clone().is_not_null(), expr.clone()).otherwise(default).unwrap_or(expr)
}

/// The string, or `""` where the plan has null: KQL's strings are never null.
pub(crate) fn or_empty(expr: Expr) -> Expr {
    or_default(expr, lit(scalar_of(&Value::String(String::new()))))
}
