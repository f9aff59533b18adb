//! `and`, `or` and `not`.

use datafusion::logical_expr::Expr;
use kql_functions::Type;
use kql_syntax::{self as ast, BinaryOp, ExprKind};

use super::{Row, Truth};
use crate::binder::{Bind, Binder, Stop};
use crate::typed::Typed;

impl Binder<'_> {
    /// Binds a chain of the same operator. Chains of thousands of `or` are real: they are taken apart
    /// without recursion and put together as a balanced tree.
    pub(super) fn logic(&mut self, expr: &ast::Expr, row: Row<'_>, truth: Truth) -> Bind<Typed> {
        let ExprKind::Binary { op, .. } = &expr.kind else { return self.scalar(expr, row) };
        let mut operands = Vec::new();
        let mut todo = vec![expr];
        while let Some(next) = todo.pop() {
            match &next.kind {
                ExprKind::Binary { op: inner, left, right, .. } if inner == op => {
                    todo.push(right);
                    todo.push(left);
                }
                _ => operands.push(next),
            }
        }
        let mut bound = Vec::with_capacity(operands.len());
        let mut problems = Vec::new();
        let mut nullable = false;
        for operand in operands {
            let typed = self.truth(operand, row, truth).and_then(|typed| self.boolean(typed, operand.span));
            match typed {
                Ok(typed) => {
                    nullable |= typed.nullable;
                    bound.push(typed.expr);
                }
                Err(Stop::Invalid(diagnostics)) => problems.extend(diagnostics),
                Err(stop) => return Err(stop),
            }
        }
        if !problems.is_empty() {
            return Err(Stop::Invalid(problems));
        }
        let join = if *op == BinaryOp::And { Expr::and } else { Expr::or };
        Ok(Typed { nullable, ..Typed::new(balanced(bound, join), Type::Bool) })
    }

    /// `not(x)`: null stays null.
    pub(super) fn not(&mut self, operand: &ast::Expr, row: Row<'_>) -> Bind<Typed> {
        let typed = super::strict_bool(self.scalar(operand, row)?, operand.span)?;
        Ok(Typed { nullable: typed.nullable, ..Typed::new(!typed.expr, Type::Bool) })
    }
}

/// Joins expressions pairwise, so that the tree is as flat as it can be.
pub(crate) fn balanced(mut exprs: Vec<Expr>, join: fn(Expr, Expr) -> Expr) -> Expr {
    while exprs.len() > 1 {
        let mut halved = Vec::with_capacity(exprs.len().div_ceil(2));
        let mut pairs = exprs.into_iter();
        while let Some(first) = pairs.next() {
            halved.push(match pairs.next() {
                Some(second) => join(first, second),
                None => first,
            });
        }
        exprs = halved;
    }
    exprs.pop().unwrap_or_else(|| datafusion::logical_expr::lit(true))
}
