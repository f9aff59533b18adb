//! Aggregates that give several columns: `arg_max`, `arg_min`, `take_any`, `percentiles`, `percentilesw`.

use arrow::datatypes::DataType;
use datafusion::common::{Column, UnnestOptions};
use datafusion::error::Result;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{AggregateUDF, Expr, LogicalPlan, LogicalPlanBuilder, cast};
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, ExprKind};

use crate::aggregation::{Aggregation, CallSite};
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::expression::Row;
use crate::functions::arg_extreme::ArgExtremeUdf;
use crate::functions::ticks::stored_datetime;
use crate::naming;
use crate::scope::{Repr, ScopeColumn};
use crate::typed::{Typed, or_empty};

/// A column with its name, and whether the query gave the name.
pub(crate) type NamedColumn = (String, Typed, bool);

impl Binder<'_> {
    /// Binds a call that gives several columns; nothing for others.
    pub(crate) fn several_columns(
        &mut self,
        function: &str,
        args: &[ast::Argument],
        item: &ast::NamedExpr,
        environment: &Environment,
    ) -> Bind<Option<Vec<NamedColumn>>> {
        if environment.get(function).is_some() {
            return Ok(None);
        }
        let Some(mut aggregation) = self.aggregation.take() else { return Ok(None) };
        let columns = aggregation.columns.clone();
        let row = Row::new(&columns, environment);
        let result = match function {
            "arg_max" | "argmax" => self.arg_extreme(&mut aggregation, args, item, row, true).map(Some),
            "arg_min" | "argmin" => self.arg_extreme(&mut aggregation, args, item, row, false).map(Some),
            "take_any" | "any" => self.any_row(&mut aggregation, function, args, item, row).map(Some),
            "percentiles" => self.percentiles(&mut aggregation, args, item, row, false).map(Some),
            "percentilesw" => self.percentiles(&mut aggregation, args, item, row, true).map(Some),
            _ => Ok(None),
        };
        self.aggregation = Some(aggregation);
        result
    }

    fn arg_extreme(
        &mut self,
        aggregation: &mut Aggregation,
        args: &[ast::Argument],
        item: &ast::NamedExpr,
        row: Row<'_>,
        is_max: bool,
    ) -> Bind<Vec<NamedColumn>> {
        let Some((first, rest)) = args.split_first() else {
            let message = "`arg_max` and `arg_min` take at least 2 arguments";
            return Err(Diagnostic::error(codes::ARGUMENT_COUNT, item.expr.span, message).into());
        };
        let prefix = if is_max { "max" } else { "min" };
        let key = self.scalar(&first.value, row)?;
        let key_name = naming::derived(&first.value).filter(|name| !name.is_empty());
        let mut taken = aggregation.keys.clone();
        taken.extend(plain_name(&first.value));
        let mut columns = vec![(key_name.clone().unwrap_or_else(|| format!("{prefix}_")), key)];
        for (index, arg) in rest.iter().enumerate() {
            if matches!(arg.value.kind, ExprKind::Star) {
                columns.extend(others(row.columns, &mut taken));
                continue;
            }
            let name = arg
                .name
                .as_ref()
                .map(|name| name.name.clone())
                .or_else(|| naming::derived(&arg.value))
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| format!("{prefix}_{}_arg{}", key_name.clone().unwrap_or_default(), index + 1));
            taken.extend(plain_name(&arg.value));
            columns.push((name, self.scalar(&arg.value, row)?));
        }
        let (names, values): (Vec<String>, Vec<Typed>) = columns.into_iter().unzip();
        let values = self.row_of_extreme(aggregation, values, is_max);
        Ok(renamed(names, values, &item.names))
    }

    /// The first argument decides which row of a group the others are taken from.
    fn row_of_extreme(&mut self, aggregation: &mut Aggregation, values: Vec<Typed>, is_max: bool) -> Vec<Typed> {
        let mut types = Vec::with_capacity(values.len());
        let mut args = Vec::with_capacity(values.len());
        for value in &values {
            // Stored datetimes travel as their microseconds.
            match value.repr {
                Repr::Us => {
                    types.push(Type::Long);
                    args.push(cast(value.expr.clone(), DataType::Int64));
                }
                Repr::Engine | Repr::Unknown => {
                    types.push(value.ty);
                    args.push(value.expr.clone());
                }
            }
        }
        let (key, rest) = types.split_first().map_or((Type::Long, Vec::new()), |(key, rest)| (*key, rest.to_vec()));
        let udf = AggregateUDF::from(ArgExtremeUdf::new(key, rest, is_max));
        let call = AggregateFunction::new_udf(udf.into(), args, false, None, Vec::new(), None);
        let plan_name = self.unique("row");
        aggregation.calls.push(Expr::AggregateFunction(call).alias(plan_name.clone()));
        values
            .into_iter()
            .enumerate()
            .map(|(index, value)| {
                let field = Expr::Column(field_of(&plan_name, index));
                let expr = match (value.repr, value.ty) {
                    (Repr::Us, _) => cast(field, stored_datetime()),
                    (_, Type::String) => or_empty(field),
                    _ => field,
                };
                Typed { expr, constant: None, nullable: value.ty != Type::String, ..value }
            })
            .collect()
    }

    /// Values of one row of each group, whichever.
    fn any_row(
        &mut self,
        aggregation: &mut Aggregation,
        function: &str,
        args: &[ast::Argument],
        item: &ast::NamedExpr,
        row: Row<'_>,
    ) -> Bind<Vec<NamedColumn>> {
        let prefix = if function == "any" { "any_" } else { "" };
        let mut taken = aggregation.keys.clone();
        let mut columns = Vec::new();
        for arg in args {
            if matches!(arg.value.kind, ExprKind::Star) {
                let all = others(row.columns, &mut taken);
                columns.extend(all.into_iter().map(|(name, value)| (format!("{prefix}{name}"), value)));
                continue;
            }
            let name = match naming::derived(&arg.value).filter(|name| !name.is_empty()) {
                Some(name) => format!("{prefix}{name}"),
                None => "any_".to_owned(),
            };
            columns.push((name, self.scalar(&arg.value, row)?));
        }
        let (names, values): (Vec<String>, Vec<Typed>) = columns.into_iter().unzip();
        if let [value] = values.as_slice()
            && value.repr == Repr::Engine
        {
            let single = self.aggregate_of(
                aggregation,
                "take_any",
                vec![value.clone()],
                None,
                CallSite { args, span: item.expr.span },
            )?;
            return Ok(renamed(names, vec![single], &item.names));
        }
        let mut all = vec![Typed::constant(Value::Long(0))];
        all.extend(values);
        let values = self.row_of_extreme(aggregation, all, true).split_off(1);
        Ok(renamed(names, values, &item.names))
    }

    fn percentiles(
        &mut self,
        aggregation: &mut Aggregation,
        args: &[ast::Argument],
        item: &ast::NamedExpr,
        row: Row<'_>,
        has_weights: bool,
    ) -> Bind<Vec<NamedColumn>> {
        let (function, least) = if has_weights { ("percentilew", 3) } else { ("percentile", 2) };
        let Some((first, ranks)) = args.split_first().filter(|_| args.len() >= least) else {
            let message = format!("`{function}` takes at least {least} arguments");
            return Err(Diagnostic::error(codes::ARGUMENT_COUNT, item.expr.span, message).into());
        };
        let value = self.scalar(&first.value, row)?;
        let (weights, ranks) = ranks.split_at(least - 2);
        let weights = weights.iter().map(|weight| self.scalar(&weight.value, row)).collect::<Bind<Vec<_>>>()?;
        let name = naming::derived(&first.value).unwrap_or_default();
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for rank in ranks {
            let typed = self.scalar(&rank.value, row)?;
            let text = match &typed.constant {
                Some(constant) => match constant.cast(Type::String) {
                    Value::String(text) => text.trim_end_matches(".0").replace('.', "_"),
                    _ => String::new(),
                },
                None => String::new(),
            };
            names.push(format!("percentile_{name}_{text}"));
            let mut values_of_call = vec![value.clone()];
            values_of_call.extend(weights.iter().cloned());
            values_of_call.push(typed);
            values.push(self.aggregate_of(
                aggregation,
                function,
                values_of_call,
                None,
                CallSite { args, span: item.expr.span },
            )?);
        }
        Ok(renamed(names, values, &item.names))
    }
}

/// The column that holds a field of a row, once [`with_fields`] has taken it apart: as DataFusion names it.
pub(crate) fn field_of(row: &str, index: usize) -> Column {
    Column::new_unqualified(format!("{row}.{}", ArgExtremeUdf::field_name(index)))
}

/// An aggregation with the rows that `arg_max` and the like give taken apart into columns.
///
/// A function for each field would do as well, but each node above is asked what is known of each of its columns, and
/// for that of the whole row: a hundred times a hundred columns.
pub(crate) fn with_fields(aggregated: LogicalPlan) -> Result<LogicalPlan> {
    let is_row = |ty: &DataType| matches!(ty, DataType::Struct(_));
    let fields = aggregated.schema().fields().iter().filter(|field| is_row(field.data_type()));
    let rows: Vec<Column> = fields.map(|field| Column::new_unqualified(field.name())).collect();
    if rows.is_empty() {
        return Ok(aggregated);
    }
    LogicalPlanBuilder::from(aggregated).unnest_columns_with_options(rows, UnnestOptions::default())?.build()
}

/// What `*` stands for: visible columns that are not there yet.
fn others(columns: &[ScopeColumn], taken: &mut Vec<String>) -> Vec<(String, Typed)> {
    let mut found = Vec::new();
    for column in columns.iter().filter(|column| !column.hidden) {
        if !taken.contains(&column.name) {
            taken.push(column.name.clone());
            found.push((column.name.clone(), Typed::column(column)));
        }
    }
    found
}

fn plain_name(expr: &ast::Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name.clone()),
        _ => None,
    }
}

/// The given names rename the first columns.
fn renamed(names: Vec<String>, values: Vec<Typed>, given: &[ast::Ident]) -> Vec<NamedColumn> {
    names
        .into_iter()
        .zip(values)
        .enumerate()
        .map(|(index, (name, value))| match given.get(index) {
            Some(given) => (given.name.clone(), value, true),
            None => (name, value, false),
        })
        .collect()
}
