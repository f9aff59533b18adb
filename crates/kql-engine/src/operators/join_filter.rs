//! Filters behind a join of kind `innerunique` that only look at its left side choose which left row stands for its key:
//! Kusto moves them before the join (`join-innerunique`, the last two examples).

use kql_syntax::{self as ast, BinaryOp, ExprKind, Operator, OperatorKind};

use super::join::keeps_one_left_row;
use crate::binder::{Bind, Binder};
use crate::environment::Environment;
use crate::scope::Relation;

impl Binder<'_> {
    /// The left side of a join, filtered by what follows the join, where that changes which row is kept. The filters
    /// themselves stay where they are.
    pub(crate) fn filtered_before_join(
        &mut self,
        mut left: Relation,
        stage: &Operator,
        following: &[Operator],
        environment: &Environment,
    ) -> Bind<Relation> {
        let OperatorKind::Join { parameters, .. } = &stage.kind else { return Ok(left) };
        if left.graph.is_some() || left.is_open() || !keeps_one_left_row(parameters) {
            return Ok(left);
        }
        let filters = following.iter().map_while(|stage| match &stage.kind {
            OperatorKind::Where(predicate) => Some(predicate),
            _ => None,
        });
        for predicate in filters {
            for condition in conditions(predicate) {
                if reads_only(condition, &left) {
                    left = self.filter(left, condition, environment)?;
                }
            }
        }
        Ok(left)
    }
}

/// The parts of a condition that all have to be true.
fn conditions(predicate: &ast::Expr) -> Vec<&ast::Expr> {
    match &predicate.kind {
        ExprKind::Binary { op: BinaryOp::And, left, right, .. } => {
            let mut parts = conditions(left);
            parts.extend(conditions(right));
            parts
        }
        ExprKind::List(items) if items.len() == 1 => conditions(&items[0]),
        _ => vec![predicate],
    }
}

/// Whether a condition compares columns of the relation, at least one, with constants, and reads nothing else.
fn reads_only(condition: &ast::Expr, relation: &Relation) -> bool {
    let mut names = Vec::new();
    is_simple(condition, &mut names) && !names.is_empty() && names.iter().all(|name| relation.column(name).is_some())
}

/// Whether an expression is made of columns, literals and operators alone; its columns.
fn is_simple<'e>(expr: &'e ast::Expr, names: &mut Vec<&'e str>) -> bool {
    match &expr.kind {
        ExprKind::Literal(_) => true,
        ExprKind::Name(name) => {
            names.push(name);
            true
        }
        ExprKind::Binary { left, right, .. } => is_simple(left, names) && is_simple(right, names),
        ExprKind::Unary { operand, .. } => is_simple(operand, names),
        ExprKind::In { value, items, .. } => is_simple(value, names) && items.iter().all(|item| is_simple(item, names)),
        ExprKind::Between { value, low, high, .. } => [value, low, high].iter().all(|part| is_simple(part, names)),
        ExprKind::List(items) => items.iter().all(|item| is_simple(item, names)),
        _ => false,
    }
}
