//! `take` and `limit`, which promise nothing about which rows, and `sample`, which takes random ones.

use datafusion::logical_expr::LogicalPlanBuilder;
use kql_syntax as ast;

use super::filter::rest;
use crate::binder::{Bind, Binder};
use crate::environment::Environment;
use crate::scope::Relation;

impl Binder<'_> {
    /// At most that many rows, each as likely as any other.
    pub(super) fn sample(&mut self, input: Relation, count: &ast::Expr, environment: &Environment) -> Bind<Relation> {
        let rows = self.row_count(count, environment)?;
        let random = self.function_of("rand", Vec::new(), count.span)?;
        let (input, random) = self.one_column(input, random)?;
        let order = vec![random.expr.sort(true, false)];
        let plan = LogicalPlanBuilder::from(input.plan).sort_with_limit(order, Some(rows))?.build()?;
        Ok(Relation::new(plan, input.columns))
    }

    /// `consume`: nothing is given back.
    pub(super) fn consume(&mut self, input: Relation) -> Bind<Relation> {
        let plan = LogicalPlanBuilder::from(input.plan).limit(0, Some(0))?.build()?;
        Ok(Relation { plan, ..Relation::new(datafusion::logical_expr::LogicalPlan::default(), input.columns) })
    }

    /// At most that many rows.
    pub(super) fn take(&mut self, input: Relation, count: &ast::Expr, environment: &Environment) -> Bind<Relation> {
        let rows = self.row_count(count, environment)?;
        if let Some(outer) = super::mv_apply::outer_row(&input).cloned() {
            let order = input.order.clone();
            return self.first_of_each(input, &outer, order, rows);
        }
        let plan = LogicalPlanBuilder::from(input.plan);
        let plan = if input.order.is_empty() {
            plan.limit(0, Some(rows))?.build()?
        } else {
            plan.sort_with_limit(input.order.clone(), Some(rows))?.build()?
        };
        Ok(Relation { plan, ..rest(input.columns, input.order, input.serialized) })
    }
}
