//! `where x in (table)` as a join, in plans that are made before their time is known.
//!
//! Elsewhere such a table runs first and its values become constants, by which files are pruned. Where its rows depend on the time of the
//! run, the plan would have to be made anew for each window of a rule.

use datafusion::common::{JoinType, NullEquality};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder};
use kql_functions::Type;
use kql_syntax::{self as ast, BinaryOp, ExprKind, InOp};

use super::filter::{rest, row_of};
use crate::binder::{Bind, Binder};
use crate::environment::Environment;
use crate::now_parameter::plan_uses_now;
use crate::ranged_table::reads_range;
use crate::scope::Relation;
use crate::typed::Typed;

impl Binder<'_> {
    /// The rows that pass those parts of a predicate that look into a table whose rows depend on the time, and the other parts.
    pub(super) fn with_members<'e>(
        &mut self,
        mut input: Relation,
        predicate: &'e ast::Expr,
        environment: &Environment,
    ) -> Bind<(Relation, Vec<&'e ast::Expr>)> {
        // A join does not keep rows in their order.
        if !self.time_is_open || input.serialized || !input.order.is_empty() {
            return Ok((input, vec![predicate]));
        }
        let mut others = Vec::new();
        for part in conjuncts(predicate) {
            let joined = match member_test(part) {
                Some((value, table)) => self.member_join(&input, value, table, environment)?,
                None => None,
            };
            match joined {
                Some(joined) => input = joined,
                None => others.push(part),
            }
        }
        Ok((input, others))
    }

    fn member_join(
        &mut self,
        input: &Relation,
        value: &ast::Expr,
        table: &ast::Expr,
        environment: &Environment,
    ) -> Bind<Option<Relation>> {
        if !self.is_tabular(table, environment, &input.columns) {
            return Ok(None);
        }
        let members = self.table(table, environment)?;
        if !reads_range(&members.plan) && !plan_uses_now(&members.plan) {
            return Ok(None);
        }
        let value = self.scalar(value, row_of(input, environment))?;
        let members = self.renamed(&members)?;
        let Some(member) = members.columns.first().map(Typed::column) else { return Ok(None) };
        // A real is not always equal to itself, and a dynamic has no type of its own.
        if value.ty != member.ty || matches!(value.ty, Type::Real | Type::Dynamic) {
            return Ok(None);
        }
        let Ok([value, member]) = <[Typed; 2]>::try_from(self.unified(vec![value, member], table.span)?) else {
            return Ok(None);
        };
        let (left, values) = self.as_columns(input.clone(), vec![value])?;
        let (right, keys) = self.as_columns(members, vec![member])?;
        let (Some(Expr::Column(value)), Some(Expr::Column(member))) =
            (values.first().map(|value| &value.expr), keys.first().map(|key| &key.expr))
        else {
            return Ok(None);
        };
        let right = crate::plan::projected(right.plan, vec![Expr::Column(member.clone())])?;
        let on = (vec![value.clone()], vec![member.clone()]);
        // Null is in no list.
        let plan = LogicalPlanBuilder::from(left.plan)
            .join_detailed(right, JoinType::LeftSemi, on, None, NullEquality::NullEqualsNothing)?
            .build()?;
        Ok(Some(Relation { plan, ..rest(left.columns, left.order, left.serialized) }))
    }
}

/// What must hold together.
fn conjuncts(predicate: &ast::Expr) -> Vec<&ast::Expr> {
    match &predicate.kind {
        ExprKind::Binary { op: BinaryOp::And, left, right, .. } => {
            conjuncts(left).into_iter().chain(conjuncts(right)).collect()
        }
        ExprKind::List(items) if items.len() == 1 => conjuncts(&items[0]),
        _ => vec![predicate],
    }
}

/// The value and the one item of `value in (item)`.
fn member_test(expr: &ast::Expr) -> Option<(&ast::Expr, &ast::Expr)> {
    match &expr.kind {
        ExprKind::In { op: InOp::In, value, items } if items.len() == 1 && !matches!(value.kind, ExprKind::Star) => {
            Some((value, &items[0]))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::{CatalogColumn, CatalogTable, Engine, EngineOptions, QueryOptions, TableMap};

    use super::*;

    #[tokio::test]
    async fn a_query_that_looks_into_a_table_is_planned_before_its_time_is_known() {
        let columns = vec![
            CatalogColumn::new("TimeGenerated", Type::DateTime),
            CatalogColumn::new("User", Type::String),
            CatalogColumn::new("Score", Type::Real),
        ];
        let table = CatalogTable { time_column: Some("TimeGenerated".to_owned()), ..CatalogTable::empty("T", columns) };
        let mut tables = TableMap::new();
        tables.insert(table);
        let engine = Engine::new(&EngineOptions::default()).expect("an engine");
        for (query, is_planned) in [
            ("T | where User in (T)", false),
            ("T | where User in ((T | project User))", true),
            ("let known = T | distinct User; T | where Score > 1 and (User in (known) and isnotempty(User))", true),
            ("T | where User in (('a'), ('b')) and User in ((datatable(x: string)['a']))", true),
            ("T | where User !in ((T | project User))", false),
            ("T | where Score in ((T | project Score))", false),
            ("T | sort by User asc | where User in ((T | project User))", false),
        ] {
            let replay = engine.prepare_replay(query, &tables, &QueryOptions::new(0)).await.expect(query);
            assert_eq!(replay.plan.is_some(), is_planned, "{query}");
        }
    }
}
