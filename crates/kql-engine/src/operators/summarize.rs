//! `summarize`.

use datafusion::functions_aggregate::expr_fn::{count, first_value};
use datafusion::logical_expr::expr_fn::when;
use datafusion::logical_expr::{Expr, lit};
use kql_functions::Type;
use kql_syntax::{self as ast, Diagnostic, ExprKind};

use crate::aggregation::Aggregation;
use crate::arg_extreme::with_fields;
use crate::binder::{Bind, Binder, Stop};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::expression::Row;
use crate::naming::{self, Names};
use crate::scope::{Relation, Repr, ScopeColumn};
use crate::typed::Typed;

use super::filter::row_of;
use super::sort::dynamic_key;

impl Binder<'_> {
    /// Groups rows by keys and computes aggregates of each group.
    pub(super) fn summarize(
        &mut self,
        input: Relation,
        aggregates: &[ast::NamedExpr],
        by: &[ast::NamedExpr],
        environment: &Environment,
    ) -> Bind<Relation> {
        let mut names = Names::default();
        let mut problems = Vec::new();
        let keys = self.keys(&input, by, &mut names, environment, &mut problems)?;
        // `arg_max(.., *)` leaves out the columns that are keys, not those that keys are computed of.
        let is_column = |item: &&ast::NamedExpr| matches!(&item.expr.kind, ExprKind::Name(_));
        let key_names = by.iter().filter(is_column).filter_map(|item| naming::derived(&item.expr)).collect();
        let outer = self.aggregation.replace(Aggregation::new(&input, key_names, !by.is_empty()));
        let mut results: Vec<(String, Typed, bool)> = Vec::new();
        let key_columns: Vec<ScopeColumn> = keys.iter().map(|key| key.1.clone()).collect();
        for item in aggregates {
            let bound = self.aggregate_item(item, &key_columns, environment, &mut names, &mut results);
            match bound {
                Ok(()) => {}
                Err(Stop::Invalid(diagnostics)) => problems.extend(diagnostics),
                Err(stop) => {
                    self.aggregation = outer;
                    return Err(stop);
                }
            }
        }
        let calls = std::mem::replace(&mut self.aggregation, outer).map(|a| a.calls).unwrap_or_default();
        if !problems.is_empty() {
            return Err(Stop::Invalid(problems));
        }
        let mut calls = calls;
        let mut group: Vec<Expr> = keys.into_iter().map(|key| key.0).collect();
        let mut carried = Vec::new();
        if let Some(outer) = super::mv_apply::outer_row(&input).cloned() {
            let (outer_key, columns) = self.carried_aggregates(&input, &outer, &mut calls);
            group.extend(outer_key);
            carried = columns;
        }
        if group.is_empty() && calls.is_empty() {
            // One row, as with any aggregate: the plan takes no aggregation of nothing.
            calls.push(count(lit(1_i64)).alias(self.unique("rows")));
        }
        let plan = with_fields(crate::plan::aggregated(input.plan, group, calls)?)?;
        let grouped = Relation::new(plan, key_columns.clone());
        let mut columns: Vec<(String, Typed, bool)> =
            key_columns.iter().map(|column| (column.name.clone(), Typed::column(column), false)).collect();
        columns.extend(results);
        columns.extend(carried.iter().map(|column| (column.name.clone(), Typed::column(column), true)));
        self.project(grouped, columns)
    }

    /// Inside of `mv-apply`: the outer row's number as a key, its columns as aggregates.
    pub(super) fn carried_aggregates(
        &mut self,
        input: &Relation,
        outer: &ScopeColumn,
        calls: &mut Vec<Expr>,
    ) -> (Vec<Expr>, Vec<ScopeColumn>) {
        let mut columns = vec![outer.clone()];
        for column in input.columns.iter().filter(|column| super::mv_apply::is_carried(column)) {
            if column.name == outer.name {
                continue;
            }
            let plan_name = self.unique("carried");
            let value = first_value(column.expr(), Vec::new());
            calls.push(value.alias(plan_name.clone()));
            columns.push(ScopeColumn { plan_name, ..column.clone() });
        }
        (vec![outer.expr()], columns)
    }

    /// The group expressions, each with the column it becomes.
    fn keys(
        &mut self,
        input: &Relation,
        by: &[ast::NamedExpr],
        names: &mut Names,
        environment: &Environment,
        problems: &mut Vec<Diagnostic>,
    ) -> Bind<Vec<(Expr, ScopeColumn)>> {
        let mut keys = Vec::new();
        for item in by {
            let value = match self.scalar(&item.expr, row_of(input, environment)) {
                Ok(value) => value,
                Err(Stop::Invalid(diagnostics)) => {
                    problems.extend(diagnostics);
                    continue;
                }
                Err(stop) => return Err(stop),
            };
            if value.ty == Type::Dynamic && value.repr != Repr::Unknown {
                problems.push(dynamic_key("rows cannot be grouped by a dynamic value", item.expr.span));
                continue;
            }
            let name = match (item.names.first(), naming::derived(&item.expr)) {
                (Some(name), _) => names.fresh(&name.name),
                (None, Some(name)) if !name.is_empty() => names.fresh(&name),
                _ => names.numbered("Column"),
            };
            let plan_name = self.unique(&name);
            let expr = if value.ty == Type::Real { one_zero(value.expr.clone()) } else { value.expr.clone() };
            keys.push((
                expr.alias(plan_name.clone()),
                ScopeColumn {
                    name,
                    plan_name,
                    ty: value.ty,
                    repr: value.repr,
                    nullable: value.nullable,
                    hidden: false,
                },
            ));
        }
        Ok(keys)
    }

    fn aggregate_item(
        &mut self,
        item: &ast::NamedExpr,
        keys: &[ScopeColumn],
        environment: &Environment,
        names: &mut Names,
        results: &mut Vec<(String, Typed, bool)>,
    ) -> Bind<()> {
        if let ExprKind::Call { name, args } = &item.expr.kind
            && let Some(columns) = self.several_columns(&name.name, args, item, environment)?
        {
            for (name, value, is_given) in columns {
                let name = if is_given { names.give(&name) } else { names.fresh(&name) };
                results.push((name, value, false));
            }
            return Ok(());
        }
        let value = self.scalar(&item.expr, Row::new(keys, environment))?;
        let name = match (item.names.first(), naming::derived(&item.expr)) {
            // Given twice, or the name of a key; a derived name in its place only gives it a number.
            (Some(name), _) if names.is_given(&name.name) || keys.iter().any(|key| key.name == name.name) => {
                let message = format!("column `{}` is named twice", name.name);
                return Err(Diagnostic::error(codes::DUPLICATE_NAME, name.span, message).into());
            }
            (Some(name), _) => names.give(&name.name),
            (None, Some(name)) if !name.is_empty() => names.fresh(&name),
            _ => names.numbered("Column"),
        };
        if item.names.len() > 1 {
            for (index, name) in (0_i64..).zip(&item.names) {
                let element = self.element(value.clone(), index);
                results.push((name.name.clone(), element, false));
            }
            return Ok(());
        }
        results.push((name, value, false));
        Ok(())
    }
}

/// `-0.0` as `0.0`: the two are one group, but Arrow tells them apart.
pub(crate) fn one_zero(expr: Expr) -> Expr {
    let zero = lit(0.0_f64);
    let negative = lit(-0.0_f64);
    when(expr.clone().eq(negative), zero).otherwise(expr.clone()).unwrap_or(expr)
}
