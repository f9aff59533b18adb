//! `where`.

use kql_syntax as ast;

use crate::binder::{Bind, Binder};
use crate::environment::Environment;
use crate::expression::Row;
use crate::scope::Relation;

impl Binder<'_> {
    /// Keeps the rows for which the predicate is true.
    pub(super) fn filter(
        &mut self,
        input: Relation,
        predicate: &ast::Expr,
        environment: &Environment,
    ) -> Bind<Relation> {
        let (mut input, parts) = self.with_members(input, predicate, environment)?;
        for part in parts {
            let condition = self.condition(part, row_of(&input, environment))?;
            let (relation, condition) = self.with_windows(input, condition)?;
            let plan = crate::plan::filtered(relation.plan, condition)?;
            input = Relation { plan, ..rest(relation.columns, relation.order, relation.serialized) };
        }
        Ok(input)
    }
}

/// A row of a relation, with its order where window functions may use it.
pub(super) fn row_of<'a>(input: &'a Relation, environment: &'a Environment) -> Row<'a> {
    let order = input.serialized.then_some(input.order.as_slice());
    Row { order, ..Row::new(&input.columns, environment) }
}

/// A relation without a plan yet.
pub(super) fn rest(
    columns: Vec<crate::scope::ScopeColumn>,
    order: Vec<datafusion::logical_expr::SortExpr>,
    serialized: bool,
) -> Relation {
    Relation { order, serialized, ..Relation::new(datafusion::logical_expr::LogicalPlan::default(), columns) }
}
