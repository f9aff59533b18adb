//! Scalar expressions: one file per kind.

mod access;
mod arguments;
mod arithmetic;
mod call;
mod comparison;
mod conversion;
mod data_size;
mod declared;
mod fold;
mod implied_time;
mod literal;
mod logic;
mod membership;
mod record;
mod several_results;
mod special;
mod text;
mod tolerated;

use kql_functions::Type;
use kql_syntax::{self as ast, BinaryOp, Diagnostic, ExprKind};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::scope::{Repr, ScopeColumn};
use crate::typed::Typed;

pub(crate) use arguments::{argument_problem, resolved};
pub(crate) use call::check_declared;
pub(crate) use conversion::null_of;
pub(crate) use literal::column_type;
pub(crate) use record::{Records, StepRecord};
pub(crate) use several_results::Unnamed;

/// What a scalar expression may name.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    /// Columns of the row; in a join condition, of the left side.
    pub columns: &'a [ScopeColumn],
    /// Columns of the right side of a join.
    pub right: Option<&'a [ScopeColumn]>,
    /// `let` names and parameters.
    pub environment: &'a Environment,
    /// The order of rows, where window functions may look at neighbors.
    pub order: Option<&'a [datafusion::logical_expr::SortExpr]>,
    /// What `name.column` may mean beside.
    pub records: Records<'a>,
}

impl<'a> Row<'a> {
    /// A row of a relation.
    pub fn new(columns: &'a [ScopeColumn], environment: &'a Environment) -> Self {
        Self { columns, right: None, environment, order: None, records: Records::None }
    }
}

/// Whether null and false mean the same to whoever uses a boolean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    /// They do: in a filter, outside of `not`.
    Filter,
    /// They do not.
    Exact,
}

impl Binder<'_> {
    /// Binds a scalar expression without a row.
    pub fn scalar_alone(&mut self, expr: &ast::Expr, environment: &Environment) -> Bind<Typed> {
        self.scalar(expr, Row::new(&[], environment))
    }

    /// Binds a scalar expression.
    pub fn scalar(&mut self, expr: &ast::Expr, row: Row<'_>) -> Bind<Typed> {
        self.truth(expr, row, Truth::Exact)
    }

    /// Binds a scalar expression whose null and false may be taken for each other as `truth` says.
    pub fn truth(&mut self, expr: &ast::Expr, row: Row<'_>, truth: Truth) -> Bind<Typed> {
        self.nested(expr.span, |binder| {
            let typed = binder.scalar_kind(expr, row, truth)?;
            Ok(binder.folded(typed))
        })
    }

    /// Binds the condition of a filter: a boolean of which only `true` counts.
    pub fn condition(&mut self, expr: &ast::Expr, row: Row<'_>) -> Bind<datafusion::logical_expr::Expr> {
        let typed = self.truth(expr, row, Truth::Filter)?;
        Ok(strict_bool(typed, expr.span)?.expr)
    }

    fn scalar_kind(&mut self, expr: &ast::Expr, row: Row<'_>, truth: Truth) -> Bind<Typed> {
        match &expr.kind {
            ExprKind::Literal(literal) => Ok(Typed::constant(literal::value(literal, expr.span)?)),
            ExprKind::Name(name) => self.name(name, expr.span, row),
            ExprKind::Member { base, name } => self.member(base, name, row),
            ExprKind::Index { base, index } => self.index(base, index, row),
            ExprKind::Call { name, args } => self.call(name, args, expr.span, row),
            ExprKind::Unary { op, operand } => self.unary(*op, operand, row),
            ExprKind::Binary { op: BinaryOp::And | BinaryOp::Or, .. } => self.logic(expr, row, truth),
            ExprKind::Binary { op, op_span, left, right } => self.binary((*op, *op_span), left, right, row, truth),
            ExprKind::In { op, value, items } => self.membership(*op, value, items, row, truth),
            ExprKind::Between { negated, value, low, high } => self.between(*negated, value, (low, high), row, truth),
            ExprKind::List(items) if items.len() == 1 => self.truth(&items[0], row, truth),
            ExprKind::Pipeline(pipeline) => match pipeline.stages.as_slice() {
                [ast::Operator { kind: ast::OperatorKind::Source(inner), .. }] => self.truth(inner, row, truth),
                _ => Err(tabular_as_scalar(expr)),
            },
            ExprKind::Star | ExprKind::TypeOf(_) | ExprKind::List(_) | ExprKind::Error => {
                let message = "this is not a scalar expression";
                Err(Diagnostic::error(codes::WRONG_KIND, expr.span, message).into())
            }
        }
    }

    fn binary(
        &mut self,
        (op, op_span): (BinaryOp, ast::Span),
        left: &ast::Expr,
        right: &ast::Expr,
        row: Row<'_>,
        truth: Truth,
    ) -> Bind<Typed> {
        use BinaryOp::*;
        if matches!(op, Colon) && matches!(left.kind, ExprKind::Star) {
            return Err(codes::unsupported(codes::UNSUPPORTED_FORM, op_span, "* :").into());
        }
        if matches!(left.kind, ExprKind::Star) {
            return self.any_column(op, op_span, right, row, truth);
        }
        let left = self.scalar(left, row)?;
        let right = self.scalar(right, row)?;
        match op {
            Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual => {
                self.compare(op, left, right, op_span, truth)
            }
            Add | Subtract | Multiply | Divide | Modulo => self.arithmetic(op, left, right, op_span),
            And | Or => Err(Diagnostic::error(codes::WRONG_KIND, op_span, "logic is bound elsewhere").into()),
            _ => self.text_operator(op, left, right, op_span),
        }
    }

    /// A boolean, or what can stand for one.
    pub fn boolean(&mut self, typed: Typed, span: ast::Span) -> Bind<Typed> {
        match typed.ty {
            Type::Bool => Ok(typed),
            _ if typed.repr == Repr::Unknown => self.cast(typed, Type::Bool),
            found => {
                let message = format!("a bool is needed here, not a {}", found.name());
                Err(Diagnostic::error(codes::TYPE_MISMATCH, span, message).into())
            }
        }
    }
}

/// Conditions are bools; unlike operands of `and` and `or` they may not be dynamic.
pub(super) fn strict_bool(typed: Typed, span: ast::Span) -> Bind<Typed> {
    if typed.ty == Type::Bool {
        return Ok(typed);
    }
    let message = format!("a bool is needed here, not a {}", typed.ty.name());
    let diagnostic = Diagnostic::error(codes::TYPE_MISMATCH, span, message);
    Err(if typed.ty == Type::Dynamic { diagnostic.with_hint("convert it with `tobool(..)`") } else { diagnostic }
        .into())
}

fn tabular_as_scalar(expr: &ast::Expr) -> crate::binder::Stop {
    let message = "a tabular expression stands where a scalar is needed";
    Diagnostic::error(codes::WRONG_KIND, expr.span, message).with_hint("wrap it in `toscalar(..)`").into()
}
