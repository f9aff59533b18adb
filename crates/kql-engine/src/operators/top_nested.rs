//! `top-nested`: the values with the largest aggregates, within each of them the next values, and so on.
//!
//! Aggregates are window functions over the rows of a value, so that all levels are one plan; at the end, the rows that
//! are alike in all levels are one.

use datafusion::functions_window::expr_fn::dense_rank;
use datafusion::logical_expr::expr::{WindowFunction, WindowFunctionParams};
use datafusion::logical_expr::expr_fn::when;
use datafusion::logical_expr::{Expr, ExprFunctionExt, LogicalPlanBuilder, SortExpr, WindowFunctionDefinition, lit};
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic};

use super::filter::{rest, row_of};
use crate::aggregation::Aggregation;
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::expression::{Row, null_of};
use crate::naming::{self, Names};
use crate::scope::Relation;
use crate::typed::{Typed, scalar_of};

/// What the levels above have settled.
#[derive(Default)]
struct Levels {
    /// What rows of one group have in common.
    path: Vec<Expr>,
    /// True for the rows that a level above put with the others.
    is_other: Option<Expr>,
    /// The result so far: names and values.
    columns: Vec<(String, Typed, bool)>,
    /// The order of the result.
    order: Vec<SortExpr>,
}

impl Binder<'_> {
    /// Keeps the first values of each level by their aggregate.
    pub(super) fn top_nested(
        &mut self,
        input: Relation,
        levels: &[ast::NestedLevel],
        environment: &Environment,
    ) -> Bind<Relation> {
        let mut names = Names::default();
        let mut settled = Levels::default();
        let mut relation = Relation { order: Vec::new(), ..input };
        for level in levels {
            relation = self.nested_level(relation, level, &mut settled, &mut names, environment)?;
        }
        let mut group = settled.path;
        for (_, value, _) in &settled.columns {
            if !group.contains(&value.expr) {
                group.push(value.expr.clone());
            }
        }
        let plan = crate::plan::aggregated(relation.plan, group, Vec::<Expr>::new())?;
        let grouped = Relation { order: settled.order, ..Relation::new(plan, Vec::new()) };
        self.project(grouped, settled.columns)
    }

    fn nested_level(
        &mut self,
        input: Relation,
        level: &ast::NestedLevel,
        settled: &mut Levels,
        names: &mut Names,
        environment: &Environment,
    ) -> Bind<Relation> {
        let key = self.scalar(&level.of.expr, row_of(&input, environment))?;
        let key = self.engine_form(key);
        let name = match (level.of.names.first(), naming::derived(&level.of.expr)) {
            (Some(name), _) => names.fresh(&name.name),
            (None, Some(name)) if !name.is_empty() => names.fresh(&name),
            _ => names.numbered("Column"),
        };
        let value_name = match level.by.names.first() {
            Some(name) => names.fresh(&name.name),
            None => names.fresh(&format!("aggregated_{name}")),
        };
        let (input, key) = self.one_column(input, key)?;
        let (input, value) = self.level_aggregate(input, level, with(&settled.path, &key.expr), environment)?;
        let ascending = level.ascending.unwrap_or(false);
        let ranking = vec![value.expr.clone().sort(ascending, false), key.expr.clone().sort(true, true)];
        let (input, is_kept) = self.kept(input, level, &settled.path, ranking, environment)?;
        let (relation, key, value) = match (&level.others, &settled.is_other, is_kept) {
            (None, None, None) => (input, key, value),
            (None, None, Some(is_kept)) => {
                let plan = crate::plan::filtered(input.plan, is_kept)?;
                (Relation { plan, ..rest(input.columns, Vec::new(), input.serialized) }, key, value)
            }
            (None, Some(is_other), is_kept) => {
                // The others of a level above are one row: no value here.
                let kept = is_kept.map_or_else(|| lit(true), |is_kept| is_other.clone().or(is_kept));
                let plan = crate::plan::filtered(input.plan, kept)?;
                let input = Relation { plan, ..rest(input.columns, Vec::new(), input.serialized) };
                let (key, value) = (absent_when(is_other, key)?, absent_when(is_other, value)?);
                let (input, key) = self.one_column(input, key)?;
                let (input, value) = self.one_column(input, value)?;
                (input, key, value)
            }
            (Some(others), above, is_kept) => {
                let is_kept = is_kept.unwrap_or_else(|| lit(true));
                let is_other = match above {
                    Some(above) => above.clone().or(!is_kept),
                    None => !is_kept,
                };
                let label = self.scalar_alone(others, environment)?;
                let label = self.cast(label, key.ty)?;
                let shown = when(is_other.clone(), label.expr).otherwise(key.expr.clone())?;
                let (input, key) = self.one_column(input, Typed { expr: shown, ..key })?;
                let is_other = Typed::non_null(is_other, Type::Bool);
                let (input, is_other) = self.one_column(input, is_other)?;
                settled.is_other = Some(is_other.expr.clone());
                settled.path.push(is_other.expr);
                let (input, value) = self.level_aggregate(input, level, with(&settled.path, &key.expr), environment)?;
                (input, key, value)
            }
        };
        settled.path.push(key.expr.clone());
        settled.order.push(value.expr.clone().sort(ascending, false));
        settled.order.push(key.expr.clone().sort(true, true));
        settled.columns.push((name, key, false));
        settled.columns.push((value_name, value, false));
        Ok(relation)
    }

    /// The level's aggregate over the rows that `group` tells apart, as a column.
    fn level_aggregate(
        &mut self,
        input: Relation,
        level: &ast::NestedLevel,
        group: Vec<Expr>,
        environment: &Environment,
    ) -> Bind<(Relation, Typed)> {
        let aggregation = Aggregation { order: Vec::new(), ..Aggregation::new(&input, Vec::new(), true) };
        let outer = self.aggregation.replace(aggregation);
        let value = self.scalar(&level.by.expr, Row::new(&[], environment));
        let calls = std::mem::replace(&mut self.aggregation, outer).map(|a| a.calls).unwrap_or_default();
        let value = value?;
        if calls.is_empty() {
            let message = "values are ranked by an aggregate, such as `sum(x)`";
            return Err(Diagnostic::error(codes::INVALID_USE, level.by.expr.span, message).into());
        }
        let windows: Vec<Expr> = calls.into_iter().map(|call| over(call, &group)).collect();
        let plan = LogicalPlanBuilder::from(input.plan).window(windows)?.build()?;
        let input = Relation { plan, ..rest(input.columns, Vec::new(), input.serialized) };
        let value = self.engine_form(value);
        self.one_column(input, value)
    }

    /// Whether a row's value is among the first of the level; nothing where all are.
    fn kept(
        &mut self,
        input: Relation,
        level: &ast::NestedLevel,
        path: &[Expr],
        ranking: Vec<SortExpr>,
        environment: &Environment,
    ) -> Bind<(Relation, Option<Expr>)> {
        let Some(count) = &level.count else { return Ok((input, None)) };
        let count = self.row_count(count, environment)?;
        let plan_name = self.unique("rank");
        let mut rank = dense_rank().order_by(ranking);
        if !path.is_empty() {
            rank = rank.partition_by(path.to_vec());
        }
        let rank = rank.build()?.alias(plan_name.clone());
        let plan = LogicalPlanBuilder::from(input.plan).window(vec![rank])?.build()?;
        let input = Relation { plan, ..rest(input.columns, Vec::new(), input.serialized) };
        let rank = Expr::Column(datafusion::common::Column::new_unqualified(plan_name));
        let count = lit(u64::try_from(count).unwrap_or(u64::MAX));
        Ok((input, Some(rank.lt_eq(count))))
    }

    /// One value as a column of the plan.
    pub(super) fn one_column(&mut self, input: Relation, value: Typed) -> Bind<(Relation, Typed)> {
        let (input, values) = self.as_columns(input, vec![value.clone()])?;
        Ok((input, values.into_iter().next().unwrap_or(value)))
    }
}

fn with(path: &[Expr], key: &Expr) -> Vec<Expr> {
    let mut group = path.to_vec();
    group.push(key.clone());
    group
}

/// An aggregate as a window function over whole groups.
fn over(call: Expr, group: &[Expr]) -> Expr {
    let (call, name) = match call {
        Expr::Alias(alias) => (*alias.expr, Some(alias.name)),
        call => (call, None),
    };
    let Expr::AggregateFunction(aggregate) = call else { return call };
    let mut window = WindowFunction::new(WindowFunctionDefinition::AggregateUDF(aggregate.func), aggregate.params.args);
    let WindowFunctionParams { partition_by, filter, null_treatment, distinct, .. } = &mut window.params;
    *partition_by = group.to_vec();
    *filter = aggregate.params.filter;
    *null_treatment = aggregate.params.null_treatment;
    *distinct = aggregate.params.distinct;
    let window = Expr::from(window);
    match name {
        Some(name) => window.alias(name),
        None => window,
    }
}

/// The value, or none where the condition holds.
fn absent_when(condition: &Expr, value: Typed) -> Bind<Typed> {
    let none = match value.ty {
        Type::String => lit(scalar_of(&Value::String(String::new()))),
        ty => null_of(ty),
    };
    let expr = when(condition.clone(), none).otherwise(value.expr.clone())?;
    Ok(Typed { expr, nullable: value.ty != Type::String, constant: None, ..value })
}
