//! From one KQL type to another, and from stored datetimes to ticks.

use arrow::datatypes::DataType;
use datafusion::logical_expr::{Expr, cast};
use kql_functions::{Type, Value};
use kql_syntax::{Diagnostic, Span};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::functions::kernel::Kernel;
use crate::functions::ticks::to_ticks;
use crate::scope::Repr;
use crate::typed::Typed;

impl Binder<'_> {
    /// The value in the form that [`Type::arrow`] promises to functions.
    pub fn engine_form(&self, typed: Typed) -> Typed {
        match typed.repr {
            Repr::Engine | Repr::Unknown => typed,
            Repr::Us => Typed { expr: to_ticks(typed.expr), repr: Repr::Engine, ..typed },
        }
    }

    /// The value as a value of another type; what does not convert is null. In the engine's form.
    pub fn cast(&mut self, typed: Typed, ty: Type) -> Bind<Typed> {
        let typed = self.engine_form(typed);
        if typed.ty == ty {
            return Ok(typed);
        }
        if let Some(Value::Null(_)) = typed.constant
            && ty != Type::String
        {
            return Ok(Typed::constant(Value::Null(ty)));
        }
        let widened = matches!((typed.ty, ty), (Type::Int, Type::Long) | (Type::Int | Type::Long, Type::Real));
        if widened {
            let nullable = typed.nullable;
            let target: DataType = ty.arrow();
            let widened = Typed { nullable, ..Typed::new(cast(typed.expr, target), ty) };
            return Ok(self.folded(widened));
        }
        let kernel = Kernel::Cast { from: typed.ty, to: ty };
        let nullable = ty != Type::String;
        let converted = Typed { nullable, ..Typed::new(kernel.call(vec![typed.expr]), ty) };
        Ok(self.folded(converted))
    }

    /// Two values in one type and form, so that a plan can compare or choose between them.
    pub fn unified(&mut self, values: Vec<Typed>, span: Span) -> Bind<Vec<Typed>> {
        let mut common: Option<Type> = None;
        for value in &values {
            if matches!(value.constant, Some(Value::Null(Type::Dynamic))) && values.len() > 1 {
                continue;
            }
            common = match common {
                None => Some(value.ty),
                Some(ty) => Some(common_type(ty, value.ty).ok_or_else(|| mixed(ty, value.ty, span))?),
            };
        }
        self.all_as(values, common.unwrap_or(Type::Dynamic))
    }

    /// The values that `iff` and `case` choose from: dynamic ones take the type of the others, and values that have no
    /// type in common become dynamic.
    pub fn alternatives(&mut self, values: Vec<Typed>) -> Bind<Vec<Typed>> {
        if values.iter().any(|value| value.repr == Repr::Unknown) {
            let values = self.all_as(values, Type::Dynamic)?;
            return Ok(values.into_iter().map(|value| Typed { repr: Repr::Unknown, ..value }).collect());
        }
        let mut scalars = values.iter().map(|value| value.ty).filter(|ty| *ty != Type::Dynamic);
        let first = scalars.next().unwrap_or(Type::Dynamic);
        let ty = scalars.try_fold(first, chosen_type).unwrap_or(Type::Dynamic);
        self.all_as(values, ty)
    }

    fn all_as(&mut self, values: Vec<Typed>, ty: Type) -> Bind<Vec<Typed>> {
        let stored = ty == Type::DateTime && values.iter().all(|value| value.repr == Repr::Us);
        if stored {
            return Ok(values);
        }
        values.into_iter().map(|value| self.cast(value, ty)).collect()
    }
}

/// The type of what is chosen from two types that are not dynamic; decimal is the widest number here.
fn chosen_type(left: Type, right: Type) -> Option<Type> {
    let rank = |ty| [Type::Int, Type::Long, Type::Real, Type::Decimal].iter().position(|number| *number == ty);
    match (rank(left), rank(right)) {
        _ if left == right => Some(left),
        (Some(left_rank), Some(right_rank)) => Some(if left_rank > right_rank { left } else { right }),
        _ => None,
    }
}

/// The type both can be given in without loss of meaning.
pub(crate) fn common_type(a: Type, b: Type) -> Option<Type> {
    let rank = |ty| match ty {
        Type::Int => Some(0),
        Type::Long => Some(1),
        Type::Decimal => Some(2),
        Type::Real => Some(3),
        _ => None,
    };
    match (a, b) {
        _ if a == b => Some(a),
        (Type::Dynamic, _) | (_, Type::Dynamic) => Some(Type::Dynamic),
        (Type::Guid, Type::String) | (Type::String, Type::Guid) => Some(Type::String),
        _ => {
            let (x, y) = (rank(a)?, rank(b)?);
            Some(if x >= y { a } else { b })
        }
    }
}

fn mixed(a: Type, b: Type, span: Span) -> Diagnostic {
    let message = format!("values of types {} and {} do not go together", a.name(), b.name());
    Diagnostic::error(codes::TYPE_MISMATCH, span, message).with_hint("convert one of them explicitly")
}

/// A null of that type in the plan.
pub(crate) fn null_of(ty: Type) -> Expr {
    Typed::constant(if ty == Type::String { Value::String(String::new()) } else { Value::Null(ty) }).expr
}
