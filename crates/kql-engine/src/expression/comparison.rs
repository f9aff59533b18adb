//! `==`, `!=`, `<`, `<=`, `>`, `>=`: plain plan operators where those mean the same, because only they prune files.

use datafusion::logical_expr::expr_fn::{binary_expr, when};
use datafusion::logical_expr::{Expr, Operator, lit};
use kql_functions::compare::CompareOp;
use kql_functions::{Type, Value};
use kql_syntax::{BinaryOp, Diagnostic, Span};

use super::Truth;
use super::conversion::common_type;
use super::implied_time::implied_time;
use crate::binder::{Bind, Binder, Stop};
use crate::diagnostics as codes;
use crate::functions::kernel::Kernel;
use crate::functions::ticks::{ceil_us, floor_us, us_literal};
use crate::scope::Repr;
use crate::typed::Typed;

fn compare_op(op: BinaryOp) -> CompareOp {
    match op {
        BinaryOp::NotEqual => CompareOp::NotEqual,
        BinaryOp::Less => CompareOp::Less,
        BinaryOp::LessOrEqual => CompareOp::LessOrEqual,
        BinaryOp::Greater => CompareOp::Greater,
        BinaryOp::GreaterOrEqual => CompareOp::GreaterOrEqual,
        _ => CompareOp::Equal,
    }
}

pub(super) fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Less => CompareOp::Greater,
        CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
        CompareOp::Greater => CompareOp::Less,
        CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
        same => same,
    }
}

fn plain(op: CompareOp) -> Operator {
    match op {
        CompareOp::Equal => Operator::Eq,
        CompareOp::NotEqual => Operator::NotEq,
        CompareOp::Less => Operator::Lt,
        CompareOp::LessOrEqual => Operator::LtEq,
        CompareOp::Greater => Operator::Gt,
        CompareOp::GreaterOrEqual => Operator::GtEq,
    }
}

impl Binder<'_> {
    /// Binds a comparison of two bound operands.
    pub(crate) fn compare(&mut self, op: BinaryOp, left: Typed, right: Typed, span: Span, truth: Truth) -> Bind<Typed> {
        self.compare_as(compare_op(op), left, right, span, truth)
    }

    /// The same with the functions' operator.
    pub(super) fn compare_as(
        &mut self,
        op: CompareOp,
        left: Typed,
        right: Typed,
        span: Span,
        truth: Truth,
    ) -> Bind<Typed> {
        if let Some(pruned) = stored_with_constant(op, &left, &right, truth) {
            return Ok(pruned);
        }
        if let Some(pruned) = stored_with_constant(mirrored(op), &right, &left, truth) {
            return Ok(pruned);
        }
        let (left, right) = self.comparable(op, left, right, span)?;
        let implied = implied_time(op, &left, &right).or_else(|| implied_time(mirrored(op), &right, &left));
        let compared = lowered(op, left, right, truth);
        match implied {
            Some(implied) if truth == Truth::Filter => Ok(Typed { expr: implied.and(compared.expr), ..compared }),
            _ => Ok(compared),
        }
    }

    /// Both operands in one type and form.
    fn comparable(&mut self, op: CompareOp, left: Typed, right: Typed, span: Span) -> Bind<(Typed, Typed)> {
        let is_null = |typed: &Typed| matches!(typed.constant, Some(Value::Null(_)));
        let both_stored = left.repr == Repr::Us && right.repr == Repr::Us;
        let ty = match (left.ty, right.ty) {
            _ if both_stored => return Ok((left, right)),
            (Type::String, Type::String) if !is_equality(op) => return Err(no_order(&left, &right, span)),
            (Type::Dynamic, Type::Dynamic) if !is_null(&left) && !is_null(&right) => {
                return Err(dynamic_operands(span));
            }
            (a, b) if a == b => a,
            (Type::Dynamic, other) | (other, Type::Dynamic) => other,
            (Type::Guid, Type::String) | (Type::String, Type::Guid) => Type::Guid,
            (Type::Bool, other) | (other, Type::Bool) if other.is_numeric() => Type::Long,
            (Type::String, _) | (_, Type::String) if !is_equality(op) => return Err(no_order(&left, &right, span)),
            (Type::String, other) => text_comparison(&left, other),
            (other, Type::String) => text_comparison(&right, other),
            (a, b) => match common_type(a, b) {
                Some(ty) => ty,
                None if is_null(&left) => b,
                None if is_null(&right) => a,
                None => return Err(no_order(&left, &right, span)),
            },
        };
        Ok((self.cast(left, ty)?, self.cast(right, ty)?))
    }
}

/// Kusto compares a dynamic with a value of another type only (`SEM0064`).
fn dynamic_operands(span: Span) -> Stop {
    let message = "two dynamic values cannot be compared";
    let hint = "cast one of them, such as with `tostring(..)`";
    Diagnostic::error(codes::TYPE_MISMATCH, span, message).with_hint(hint).into()
}

/// The type in which a string is compared with another type, as Log Analytics does for `ResultType == 0`:
/// a constant is read as the other type where it can be, other strings are compared with the printed value.
fn text_comparison(text: &Typed, other: Type) -> Type {
    let reads = text.constant.as_ref().is_some_and(|value| !matches!(value.cast(other), Value::Null(_)));
    if reads { other } else { Type::String }
}

fn is_equality(op: CompareOp) -> bool {
    matches!(op, CompareOp::Equal | CompareOp::NotEqual)
}

fn no_order(left: &Typed, right: &Typed, span: Span) -> Stop {
    let (a, b) = (left.ty.name(), right.ty.name());
    let message = format!("values of types {a} and {b} do not compare");
    let hint = "convert one of them explicitly, such as with `tolong(..)` or `tostring(..)`";
    Diagnostic::error(codes::TYPE_MISMATCH, span, message).with_hint(hint).into()
}

/// A stored datetime against a constant: compared in microseconds, the constant rounded towards the same answer.
pub(super) fn stored_with_constant(op: CompareOp, left: &Typed, right: &Typed, truth: Truth) -> Option<Typed> {
    let (Repr::Us, Some(Value::DateTime(ticks))) = (left.repr, &right.constant) else { return None };
    let (low, high) = (floor_us(*ticks), ceil_us(*ticks));
    let is_whole = low == high;
    let (op, bound) = match op {
        CompareOp::Less => (op, high),
        CompareOp::LessOrEqual => (op, low),
        CompareOp::Greater => (op, low),
        CompareOp::GreaterOrEqual => (op, high),
        CompareOp::Equal | CompareOp::NotEqual if is_whole => (op, low),
        // Between two microseconds lies no stored value: equal to none, different from all.
        CompareOp::Equal | CompareOp::NotEqual => {
            return Some(Typed::constant(Value::Bool(op == CompareOp::NotEqual)));
        }
    };
    let bound = Typed { repr: Repr::Us, ..Typed::non_null(us_literal(bound), Type::DateTime) };
    // Stands for a constant that is not null.
    let bound = Typed { constant: right.constant.clone(), ..bound };
    Some(lowered(op, left.clone(), bound, truth))
}

/// Chooses between the plan's own operator and KQL's kernel.
fn lowered(op: CompareOp, left: Typed, right: Typed, truth: Truth) -> Typed {
    let needs_kernel = match left.ty {
        Type::Real => {
            !is_ordinary(&left) && !is_ordinary(&right) || !matches!(op, CompareOp::Equal | CompareOp::NotEqual)
        }
        Type::Dynamic => true,
        _ => false,
    };
    let nullable = left.nullable || right.nullable;
    if needs_kernel {
        let kernel = Kernel::Compare { op, ty: left.ty };
        return Typed { nullable, ..Typed::new(kernel.call(vec![left.expr, right.expr]), Type::Bool) };
    }
    let both = (left.expr.clone(), right.expr.clone());
    let simple = |op| binary_expr(both.0.clone(), op, both.1.clone());
    if !nullable {
        return Typed::non_null(simple(plain(op)), Type::Bool);
    }
    let is_value = |typed: &Typed| matches!(&typed.constant, Some(value) if !matches!(value, Value::Null(_)));
    let one_is_value = is_value(&left) || is_value(&right) || !left.nullable || !right.nullable;
    match op {
        CompareOp::Equal if truth == Truth::Filter => Typed::new(simple(Operator::Eq), Type::Bool),
        CompareOp::NotEqual if truth == Truth::Filter || one_is_value => {
            Typed::non_null(simple(Operator::IsDistinctFrom), Type::Bool)
        }
        CompareOp::Equal if one_is_value => Typed::non_null(simple(Operator::IsNotDistinctFrom), Type::Bool),
        CompareOp::Equal | CompareOp::NotEqual => {
            let op = if op == CompareOp::Equal { Operator::IsNotDistinctFrom } else { Operator::IsDistinctFrom };
            let both_null = left.expr.clone().is_null().and(right.expr.clone().is_null());
            Typed::new(null_when(both_null, simple(op)), Type::Bool)
        }
        _ => Typed::new(simple(plain(op)), Type::Bool),
    }
}

/// A constant real that Arrow's order and KQL's agree on: neither NaN nor a zero.
fn is_ordinary(typed: &Typed) -> bool {
    matches!(typed.constant, Some(Value::Real(value)) if !value.is_nan() && value != 0.0)
}

/// Null where `condition` holds, else `value`.
fn null_when(condition: Expr, value: Expr) -> Expr {
    let null = lit(datafusion::common::ScalarValue::Boolean(None));
    when(condition, null).otherwise(value.clone()).unwrap_or(value)
}
