//! `+ - * / %` and the unary minus.

use datafusion::logical_expr::Operator;
use datafusion::logical_expr::expr_fn::binary_expr;
use kql_functions::Type;
use kql_functions::arithmetic::{ArithmeticOp, arithmetic_type};
use kql_syntax::{self as ast, BinaryOp, Diagnostic, Span, UnaryOp};

use super::Row;
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::functions::kernel::Kernel;
use crate::scope::Repr;
use crate::typed::Typed;

impl Binder<'_> {
    /// Binds an arithmetic operator with bound operands.
    pub(super) fn arithmetic(&mut self, op: BinaryOp, left: Typed, right: Typed, span: Span) -> Bind<Typed> {
        let op = match op {
            BinaryOp::Subtract => ArithmeticOp::Subtract,
            BinaryOp::Multiply => ArithmeticOp::Multiply,
            BinaryOp::Divide => ArithmeticOp::Divide,
            BinaryOp::Modulo => ArithmeticOp::Modulo,
            _ => ArithmeticOp::Add,
        };
        let (left, right) = (self.engine_form(left), self.engine_form(right));
        if left.repr == Repr::Unknown || right.repr == Repr::Unknown {
            return Ok(if left.repr == Repr::Unknown { left } else { right });
        }
        let (left, right) = self.arithmetic_operands(op, left, right)?;
        let Some(result) = arithmetic_type(op, left.ty, right.ty) else {
            let (a, b) = (left.ty.name(), right.ty.name());
            let message = format!("values of types {a} and {b} have no such arithmetic");
            let hint = "convert dynamic values and strings explicitly, such as with `tolong(..)`";
            return Err(Diagnostic::error(codes::TYPE_MISMATCH, span, message).with_hint(hint).into());
        };
        if let Some(simple) = plain(op, result) {
            let nullable = left.nullable || right.nullable;
            let (left, right) = (self.cast(left, result)?, self.cast(right, result)?);
            return Ok(Typed { nullable, ..Typed::new(binary_expr(left.expr, simple, right.expr), result) });
        }
        let kernel = Kernel::Arithmetic { op, left: left.ty, right: right.ty, result };
        Ok(Typed::new(kernel.call(vec![left.expr, right.expr]), result))
    }

    /// A single dynamic operand takes the type of the other side, as the real engine does for `dynamic * long`.
    fn arithmetic_operands(&mut self, op: ArithmeticOp, left: Typed, right: Typed) -> Bind<(Typed, Typed)> {
        let partner = |other: Type| match other {
            Type::Int => Some(Type::Long),
            other if other.is_numeric() => Some(other),
            Type::TimeSpan | Type::DateTime if op == ArithmeticOp::Subtract || op == ArithmeticOp::Add => Some(other),
            _ => None,
        };
        match (left.ty, right.ty) {
            (Type::Dynamic, Type::Dynamic) => Ok((left, right)),
            (Type::Dynamic, other) => match partner(other) {
                Some(ty) => Ok((self.cast(left, ty)?, right)),
                None => Ok((left, right)),
            },
            (other, Type::Dynamic) => match partner(other) {
                Some(ty) => Ok((left, self.cast(right, ty)?)),
                None => Ok((left, right)),
            },
            _ => Ok((left, right)),
        }
    }

    /// `-x` and `+x`.
    pub(super) fn unary(&mut self, op: UnaryOp, operand: &ast::Expr, row: Row<'_>) -> Bind<Typed> {
        let typed = self.scalar(operand, row)?;
        if typed.repr == Repr::Unknown {
            return Ok(typed);
        }
        if !typed.ty.is_numeric() && typed.ty != Type::TimeSpan {
            let message = format!("a {} has no sign", typed.ty.name());
            return Err(Diagnostic::error(codes::TYPE_MISMATCH, operand.span, message).into());
        }
        if op == UnaryOp::Plus {
            return Ok(typed);
        }
        let ty = if typed.ty == Type::Int { Type::Long } else { typed.ty };
        let typed = self.cast(typed, ty)?;
        Ok(Typed { nullable: typed.nullable, ..Typed::new(Kernel::Negate { ty }.call(vec![typed.expr]), ty) })
    }
}

/// Arrow's own operator, where its rules are KQL's: sums and products of longs wrap, those of reals are IEEE's.
fn plain(op: ArithmeticOp, result: Type) -> Option<Operator> {
    match (op, result) {
        (ArithmeticOp::Add, Type::Long | Type::Real) => Some(Operator::Plus),
        (ArithmeticOp::Subtract, Type::Long | Type::Real) => Some(Operator::Minus),
        (ArithmeticOp::Multiply, Type::Long | Type::Real) => Some(Operator::Multiply),
        _ => None,
    }
}
