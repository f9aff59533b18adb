//! A timeline: datetimes, timespans or whole numbers as positions on a line.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{Int32Type, Int64Type};
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::operators::plugins::{Arguments, Wanted};

/// What the positions of a timeline mean.
#[derive(Debug, Clone, Copy)]
pub(in crate::operators::plugins) struct Axis {
    ty: Type,
}

impl Axis {
    /// A timeline of values of that type.
    pub(in crate::operators::plugins) fn new(ty: Type, span: ast::Span) -> Bind<Self> {
        match ty {
            Type::DateTime | Type::TimeSpan | Type::Long | Type::Int => Ok(Self { ty }),
            _ => {
                let what = format!("a timeline of type {}", ty.name());
                Err(codes::unsupported(codes::UNSUPPORTED_FORM, span, &what).into())
            }
        }
    }

    /// The positions of a column's values; nothing for null.
    pub(in crate::operators::plugins) fn positions(self, array: &ArrayRef) -> Vec<Option<i64>> {
        if let Some(longs) = array.as_primitive_opt::<Int64Type>() {
            return longs.iter().collect();
        }
        match array.as_primitive_opt::<Int32Type>() {
            Some(ints) => ints.iter().map(|value| value.map(i64::from)).collect(),
            None => vec![None; array.len()],
        }
    }

    /// The value at a position.
    pub(in crate::operators::plugins) fn value(self, position: i64) -> Value {
        match self.ty {
            Type::DateTime => kql_functions::datetime::in_range(position).map_or(Value::Null(self.ty), Value::DateTime),
            Type::TimeSpan => Value::TimeSpan(position),
            Type::Int => i32::try_from(position).map_or(Value::Null(self.ty), Value::Int),
            _ => Value::Long(position),
        }
    }

    /// The type of the difference of two values.
    pub(in crate::operators::plugins) fn span_type(self) -> Type {
        if self.ty == Type::DateTime { Type::TimeSpan } else { self.ty }
    }

    /// The difference of two positions as a value.
    pub(in crate::operators::plugins) fn span(self, length: i64) -> Value {
        match self.span_type() {
            Type::TimeSpan => Value::TimeSpan(length),
            Type::Int => i32::try_from(length).map_or(Value::Null(Type::Int), Value::Int),
            _ => Value::Long(length),
        }
    }

    /// A constant that is a place on the timeline.
    pub(in crate::operators::plugins) fn point(
        self,
        binder: &mut Binder<'_>,
        args: &mut Arguments<'_>,
        parameter: &'static str,
    ) -> Bind<i64> {
        let expr = args.required(parameter)?;
        let value = args.constant_of(binder, expr, parameter, Wanted::SUMMABLE)?;
        self.read(&value, self.ty, parameter, expr.span)
    }

    /// The constants `Start` and `End`.
    pub(in crate::operators::plugins) fn range(
        self,
        binder: &mut Binder<'_>,
        args: &mut Arguments<'_>,
    ) -> Bind<(i64, i64)> {
        Ok((self.point(binder, args, "Start")?, self.point(binder, args, "End")?))
    }

    /// A constant that is a length on the timeline, more than nothing.
    pub(in crate::operators::plugins) fn length(
        self,
        binder: &mut Binder<'_>,
        args: &mut Arguments<'_>,
        parameter: &'static str,
    ) -> Bind<i64> {
        let expr = args.required(parameter)?;
        self.length_of(binder, args, expr, parameter)
    }

    /// The length that an argument gives.
    pub(in crate::operators::plugins) fn length_of(
        self,
        binder: &mut Binder<'_>,
        args: &Arguments<'_>,
        expr: &ast::Expr,
        parameter: &str,
    ) -> Bind<i64> {
        let value = args.constant_of(binder, expr, parameter, Wanted::SUMMABLE)?;
        let length = self.read(&value, self.span_type(), parameter, expr.span)?;
        if length <= 0 && !binder.is_check {
            let message = format!("`{parameter}` is not more than nothing");
            return Err(Diagnostic::error(codes::INVALID_USE, expr.span, message).into());
        }
        Ok(length)
    }

    fn read(self, value: &Value, wanted: Type, parameter: &str, span: ast::Span) -> Bind<i64> {
        match (value, wanted) {
            (Value::DateTime(position), Type::DateTime) | (Value::TimeSpan(position), Type::TimeSpan) => Ok(*position),
            (Value::Long(position), Type::Long | Type::Int) => Ok(*position),
            (Value::Int(position), Type::Long | Type::Int) => Ok(i64::from(*position)),
            // Real lengths of whole numbers, such as `1e3`.
            (Value::Real(position), Type::Long | Type::Int) => Ok(*position as i64),
            (Value::Null(_), _) => Ok(0),
            (found, _) => {
                let found = found.ty().name();
                let message = format!("`{parameter}` is a {found}, but the timeline needs a {}", wanted.name());
                Err(Diagnostic::error(codes::TYPE_MISMATCH, span, message).into())
            }
        }
    }
}
