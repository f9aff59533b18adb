//! `make-series`: a `summarize` by keys and by bins of the axis, then one row a key with an array for each aggregate.

use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{AggregateUDF, Expr, lit};
use kql_functions::aggregates::MAX_SERIES_VALUES;
use kql_functions::{ArgumentInfo, Type, Value};
use kql_syntax::{self as ast, BinaryOp, Diagnostic, ExprKind, Span};

use super::filter::row_of;
use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::expression::Truth;
use crate::functions::kql_aggregate::KqlAggregateUdf;
use crate::naming::{self, Names};
use crate::scope::{Relation, Repr, ScopeColumn};
use crate::typed::{Typed, scalar_of};

/// The column that holds where a row's bin begins; no query can name it.
const BIN: &str = "make-series bin";
/// The column that holds where a row is on the axis, likewise.
const PLACE: &str = "make-series place";

/// `from`, `to` and `step` as written.
#[derive(Clone, Copy)]
pub(super) struct Written<'a> {
    pub from: Option<&'a ast::Expr>,
    pub to: Option<&'a ast::Expr>,
    pub step: Option<&'a ast::Expr>,
}

/// The operator as written.
pub(super) struct MakeSeries<'a> {
    pub parameters: &'a [ast::OperatorParameter],
    pub aggregates: &'a [ast::SeriesAggregate],
    pub axis: &'a ast::NamedExpr,
    pub bounds: Written<'a>,
    /// The old form `in range(from, to, step)`: bins are multiples of the step, and `to` is within the last.
    pub is_inclusive: bool,
    pub by: &'a [ast::NamedExpr],
    pub span: Span,
}

/// Where bins are.
#[derive(Debug)]
pub(super) struct Bins {
    /// Of the axis.
    pub ty: Type,
    /// Where bin 0 begins; multiples of the step without one.
    pub origin: Option<Value>,
    pub step: Value,
    /// Least value that counts.
    low: Option<Value>,
    /// The first value above those that count.
    high: Option<Value>,
    /// Numbers of the first and last bin, where all series have the same.
    pub first: Option<i64>,
    pub last: Option<i64>,
    /// A bound is null: there is nothing to show.
    is_nowhere: bool,
}

impl Binder<'_> {
    /// Arrays of aggregated values over an axis, a row for each group.
    pub(super) fn make_series(
        &mut self,
        input: Relation,
        written: &MakeSeries<'_>,
        environment: &Environment,
    ) -> Bind<Relation> {
        let is_nonempty = is_nonempty(written.parameters)?;
        let axis = self.scalar(&written.axis.expr, row_of(&input, environment))?;
        let axis = self.axis(axis, written.axis.expr.span)?;
        let bins = self.bins(&axis, written, environment)?;
        let binned = self.binned(input, axis, &bins, written.axis.expr.span)?;
        let aggregates: Vec<ast::NamedExpr> =
            written.aggregates.iter().map(|aggregate| aggregate.aggregate.clone()).collect();
        let span = written.axis.expr.span;
        let bin = ast::NamedExpr { names: Vec::new(), expr: ast::Expr { kind: ExprKind::Name(BIN.to_owned()), span } };
        let by: Vec<ast::NamedExpr> = written.by.iter().cloned().chain([bin]).collect();
        let place = binned.column(PLACE).cloned();
        let summarized = self.summarize(binned, &aggregates, &by, environment)?;
        if let Some(place) = place
            && let Some(series) = self.series_at_once(&summarized, &place, &bins, written, environment)?
        {
            return Ok(series);
        }
        self.gathered(summarized, &bins, (written, is_nonempty), environment)
    }

    /// The axis in a type that bins exist of.
    fn axis(&mut self, axis: Typed, span: Span) -> Bind<Typed> {
        match axis.ty {
            Type::DateTime | Type::TimeSpan | Type::Long | Type::Real => Ok(axis),
            Type::Int => self.cast(axis, Type::Long),
            Type::Decimal => self.cast(axis, Type::Real),
            _ if axis.repr == Repr::Unknown => self.cast(axis, Type::DateTime),
            found => {
                let message = format!("the axis of `make-series` is a {}", found.name());
                let hint = "it takes a datetime, a timespan or a number";
                Err(Diagnostic::error(codes::TYPE_MISMATCH, span, message).with_hint(hint).into())
            }
        }
    }

    /// Settles the bounds.
    fn bins(&mut self, axis: &Typed, written: &MakeSeries<'_>, environment: &Environment) -> Bind<Bins> {
        let ty = axis.ty;
        let step_type = if ty == Type::DateTime { Type::TimeSpan } else { ty };
        let Written { from, to, step } = written.bounds;
        let from = self.bound(from, ty, environment)?;
        let to = self.bound(to, ty, environment)?;
        let given_step = self.bound(step, step_type, environment)?;
        let is_nowhere = [&from, &to, &given_step].iter().any(|bound| matches!(bound, Some(Value::Null(_))));
        if is_nowhere || given_step.is_none() {
            let step = Value::Null(step_type);
            let (low, high, first, last) = (None, None, None, None);
            return Ok(Bins { ty, origin: None, step, low, high, first, last, is_nowhere: true });
        }
        let step = given_step.unwrap_or(Value::Null(step_type));
        if !is_positive(&step) {
            let place = written.bounds.step.map_or(written.span, |step| step.span);
            let message = "`step` of `make-series` is not above 0";
            return Err(Diagnostic::error(codes::INVALID_USE, place, message).into());
        }
        let origin = if written.is_inclusive { None } else { from.clone() };
        let number = |value: &Option<Value>| value.as_ref().and_then(|value| places(value, origin.as_ref(), &step));
        let first = number(&from).map(|place| place.floor);
        let last = number(&to).map(|place| if written.is_inclusive { place.floor } else { place.ceiling - 1 });
        let (low, high) = if written.is_inclusive {
            let start = |bin: i64| start_of(bin, &step, ty);
            (first.and_then(start), last.and_then(|bin| start(bin.saturating_add(1))))
        } else {
            (from, to)
        };
        if let (Some(first), Some(last)) = (first, last)
            && last.saturating_sub(first) >= MAX_SERIES_VALUES
        {
            let message = format!("`make-series` would make series of more than {MAX_SERIES_VALUES} values");
            return Err(Diagnostic::error("KQL302", written.span, message).into());
        }
        Ok(Bins { ty, origin, step, low, high, first, last, is_nowhere: false })
    }

    /// A bound's value, cast to the axis's type where that loses nothing.
    fn bound(&mut self, expr: Option<&ast::Expr>, ty: Type, environment: &Environment) -> Bind<Option<Value>> {
        let Some(expr) = expr else { return Ok(None) };
        let typed = self.scalar_alone(expr, environment)?;
        let fits = typed.ty == ty
            || typed.ty == Type::Dynamic
            || matches!(
                (typed.ty, ty),
                (Type::Int, Type::Long | Type::Real) | (Type::Long | Type::Decimal, Type::Real)
            );
        if !fits {
            let message = format!("a {} is needed here, not a {}", ty.name(), typed.ty.name());
            return Err(Diagnostic::error(codes::TYPE_MISMATCH, expr.span, message).into());
        }
        match self.cast(typed, ty)?.constant {
            Some(value) => Ok(Some(value)),
            None => {
                let message = "bound of `make-series` is not constant";
                Err(Diagnostic::error(codes::NOT_CONSTANT, expr.span, message).into())
            }
        }
    }

    /// The rows within the bounds, with the start of their bin.
    fn binned(&mut self, input: Relation, axis: Typed, bins: &Bins, span: Span) -> Bind<Relation> {
        let mut condition = axis.expr.clone().is_not_null();
        for (op, bound) in [(BinaryOp::GreaterOrEqual, &bins.low), (BinaryOp::Less, &bins.high)] {
            if let Some(bound) = bound {
                let side = self.compare(op, axis.clone(), Typed::constant(bound.clone()), span, Truth::Filter)?;
                condition = condition.and(side.expr);
            }
        }
        let condition = if bins.is_nowhere { lit(false) } else { condition };
        let plan = crate::plan::filtered(input.plan.clone(), condition)?;
        let filtered = Relation { plan, ..input };
        let axis = self.engine_form(axis);
        let step = Typed::constant(bins.step.clone());
        let place = axis.clone();
        let bin = match &bins.origin {
            Some(origin) => self.function_of("bin_at", vec![axis, step, Typed::constant(origin.clone())], span)?,
            None => self.function_of("bin", vec![axis, step], span)?,
        };
        let mut columns: Vec<(String, Typed, bool)> =
            filtered.columns.iter().map(|column| (column.name.clone(), Typed::column(column), column.hidden)).collect();
        columns.push((BIN.to_owned(), bin, true));
        columns.push((PLACE.to_owned(), place, true));
        self.project(filtered, columns)
    }

    /// One row a key, with arrays for aggregates and axis.
    fn gathered(
        &mut self,
        summarized: Relation,
        bins: &Bins,
        (written, is_nonempty): (&MakeSeries<'_>, bool),
        environment: &Environment,
    ) -> Bind<Relation> {
        let (keys, rest) = summarized.columns.split_at(written.by.len());
        let Some((bin, results)) = rest.split_first() else { return Ok(summarized) };
        let defaults = self.defaults(results, written, environment)?;
        let mut calls = Vec::new();
        let mut columns: Vec<(String, Typed, bool)> =
            keys.iter().map(|key| (key.name.clone(), Typed::column(key), false)).collect();
        let mut names = Names::taken(keys.iter().chain(results).map(|column| column.name.as_str()));
        for (result, default) in results.iter().zip(defaults) {
            let array = self.array_of_bins("make-series", (bin, result), bins, &default, &mut calls)?;
            columns.push((result.name.clone(), array, false));
        }
        let axis = self.array_of_bins("make-series axis", (bin, bin), bins, &Value::Null(bin.ty), &mut calls)?;
        columns.push((axis_name(written.axis, &mut names)?, axis, false));
        let rows = self.unique("rows");
        if keys.is_empty() {
            calls.push(count(lit(1_i64)).alias(rows.clone()));
        }
        let mut plan =
            crate::plan::aggregated(summarized.plan.clone(), keys.iter().map(ScopeColumn::expr).collect(), calls)?;
        if keys.is_empty() && !is_nonempty {
            let rows = Expr::Column(datafusion::common::Column::new_unqualified(rows));
            plan = crate::plan::filtered(plan, rows.gt(lit(0_i64)))?;
        }
        self.project(Relation::new(plan, keys.to_vec()), columns)
    }

    /// An aggregate that puts a column's values into an array by their bins.
    pub(super) fn array_of_bins(
        &mut self,
        aggregate: &str,
        (bin, value): (&ScopeColumn, &ScopeColumn),
        bins: &Bins,
        default: &Value,
        calls: &mut Vec<Expr>,
    ) -> Bind<Typed> {
        let Some(function) = kql_functions::aggregate(aggregate) else {
            return Err(self.unknown_function(aggregate, Span::default()).into());
        };
        let number = |bin: Option<i64>| bin.map_or(Value::Null(Type::Long), Value::Long);
        let origin = bins.origin.clone().unwrap_or(Value::Null(bins.ty));
        let constants = [origin, bins.step.clone(), number(bins.first), number(bins.last), default.clone()];
        let value = self.engine_form(Typed::column(value));
        let bin = Typed::column(bin);
        let mut exprs = vec![bin.expr.clone(), value.expr.clone()];
        exprs.extend(constants.iter().map(|constant| lit(scalar_of(constant))));
        let mut infos = vec![bin.info(), value.info()];
        infos.extend(
            constants.iter().map(|constant| ArgumentInfo { ty: constant.ty(), constant: Some(constant.clone()) }),
        );
        let resolved = function
            .resolve(&infos)
            .map_err(|error| crate::expression::argument_problem(aggregate, &error, &[], Span::default()))?;
        let udf = AggregateUDF::from(KqlAggregateUdf::new(function, infos, resolved));
        let call = AggregateFunction::new_udf(udf.into(), exprs, false, None, Vec::new(), None);
        let column = self.new_column("series", Type::Dynamic);
        calls.push(Expr::AggregateFunction(call).alias(column.plan_name.clone()));
        Ok(Typed::column(&column))
    }

    /// What stands in empty bins: 0 where the query says nothing.
    pub(super) fn defaults(
        &mut self,
        results: &[ScopeColumn],
        written: &MakeSeries<'_>,
        environment: &Environment,
    ) -> Bind<Vec<Value>> {
        let of_result = |index: usize| match written.aggregates {
            [only] => Some(only),
            several if several.len() == results.len() => several.get(index),
            _ => None,
        };
        let mut defaults = Vec::with_capacity(results.len());
        for (index, result) in results.iter().enumerate() {
            let Some(aggregate) = of_result(index) else {
                let what = "an aggregate of several columns beside others in make-series";
                return Err(codes::unsupported(codes::UNSUPPORTED_FORM, written.span, what).into());
            };
            let place = aggregate.aggregate.expr.span;
            if !result.ty.is_numeric() && !matches!(result.ty, Type::TimeSpan | Type::DateTime) {
                let message = format!("`make-series` takes aggregates that give numbers, not a {}", result.ty.name());
                return Err(Diagnostic::error(codes::TYPE_MISMATCH, place, message).into());
            }
            defaults.push(match &aggregate.default {
                None => zero(result.ty),
                Some(default) => self.default_value(default, result.ty, environment)?,
            });
        }
        Ok(defaults)
    }

    fn default_value(&mut self, expr: &ast::Expr, ty: Type, environment: &Environment) -> Bind<Value> {
        let typed = self.scalar_alone(expr, environment)?;
        match (&typed.constant, self.cast(typed.clone(), ty)?.constant) {
            (_, Some(value)) => Ok(value),
            (Some(_), None) => Ok(Value::Null(ty)),
            (None, None) => {
                let message = "default of `make-series` is not constant";
                Err(Diagnostic::error(codes::NOT_CONSTANT, expr.span, message).into())
            }
        }
    }
}

/// The name of the axis's array, which no other column may have.
pub(super) fn axis_name(axis: &ast::NamedExpr, names: &mut Names) -> Bind<String> {
    let name = match axis.names.first() {
        Some(name) => Some(name.name.clone()),
        None => naming::derived(&axis.expr).filter(|name| !name.is_empty()),
    };
    match name {
        None => Ok(names.numbered("Column")),
        Some(name) if names.has(&name) => {
            let message = format!("column `{name}` is named twice");
            Err(Diagnostic::error(codes::DUPLICATE_NAME, axis.expr.span, message).into())
        }
        Some(name) => Ok(names.take(&name)),
    }
}

/// Whether an empty input gives a row of defaults.
fn is_nonempty(parameters: &[ast::OperatorParameter]) -> Bind<bool> {
    let Some(kind) = parameters.iter().find(|parameter| parameter.name.name == "kind") else { return Ok(false) };
    match &kind.value.kind {
        ExprKind::Name(name) if name == "nonempty" => Ok(true),
        _ => {
            let message = "the kind of `make-series` is none but `nonempty`";
            Err(Diagnostic::error(codes::INVALID_USE, kind.value.span, message).into())
        }
    }
}

fn zero(ty: Type) -> Value {
    match ty {
        Type::Int => Value::Int(0),
        Type::Real => Value::Real(0.0),
        Type::Decimal => Value::Decimal(0),
        Type::TimeSpan => Value::TimeSpan(0),
        Type::Long => Value::Long(0),
        ty => Value::Null(ty),
    }
}

fn is_positive(step: &Value) -> bool {
    match step {
        Value::Real(step) => *step > 0.0 && step.is_finite(),
        step => whole(step).is_some_and(|step| step > 0),
    }
}

/// A whole number, or ticks.
pub(super) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Long(value) | Value::DateTime(value) | Value::TimeSpan(value) => Some(*value),
        _ => None,
    }
}

/// Between which bins a value lies.
struct Places {
    floor: i64,
    ceiling: i64,
}

fn places(value: &Value, origin: Option<&Value>, step: &Value) -> Option<Places> {
    if let (Value::Real(value), Value::Real(step)) = (value, step) {
        let origin = if let Some(Value::Real(origin)) = origin { *origin } else { 0.0 };
        let place = (value - origin) / step;
        // A bound that misses a multiple by rounding alone is that multiple.
        let near = place.round();
        let place = if (place - near).abs() < 1e-9 * near.abs().max(1.0) { near } else { place };
        return Some(Places { floor: place.floor() as i64, ceiling: place.ceil() as i64 });
    }
    let (value, step) = (i128::from(whole(value)?), i128::from(whole(step)?));
    let distance = value - i128::from(origin.and_then(whole).unwrap_or(0));
    let floor = distance.div_euclid(step);
    let ceiling = floor + i128::from(distance.rem_euclid(step) > 0);
    let narrow = |place: i128| i64::try_from(place).ok();
    Some(Places { floor: narrow(floor)?, ceiling: narrow(ceiling)? })
}

/// Where a bin begins that is a multiple of the step.
fn start_of(bin: i64, step: &Value, ty: Type) -> Option<Value> {
    if let Value::Real(step) = step {
        return Some(Value::Real(bin as f64 * step));
    }
    let start = bin.checked_mul(whole(step)?)?;
    Some(match ty {
        Type::DateTime => Value::DateTime(start),
        Type::TimeSpan => Value::TimeSpan(start),
        _ => Value::Long(start),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_lie_between_bins() {
        let at = |value: i64, origin: Option<i64>| {
            let place = places(&Value::Long(value), origin.map(Value::Long).as_ref(), &Value::Long(5)).unwrap();
            (place.floor, place.ceiling)
        };
        assert_eq!(at(10, None), (2, 2));
        assert_eq!(at(-1, None), (-1, 0));
        assert_eq!(at(13, Some(2)), (2, 3));
        let real = places(&Value::Real(0.3), None, &Value::Real(0.1)).unwrap();
        assert_eq!((real.floor, real.ceiling), (3, 3));
    }
}
