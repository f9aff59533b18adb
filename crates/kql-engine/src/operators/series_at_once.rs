//! `make-series` in one aggregation: each group keeps its bins, where a `summarize` by bins would make a group of each.

use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams};
use datafusion::logical_expr::{Aggregate, AggregateUDF, Expr, LogicalPlan, Projection};
use kql_functions::{Type, Value};

use super::make_series::{Bins, MakeSeries, axis_name, whole};
use crate::binder::{Bind, Binder};
use crate::environment::Environment;
use crate::functions::kql_aggregate::KqlAggregateUdf;
use crate::functions::series_aggregate::{SeriesBins, SeriesUdf};
use crate::functions::series_text::SeriesText;
use crate::naming::Names;
use crate::scope::{Relation, ScopeColumn};
use crate::typed::{Typed, scalar_of};

/// Most bins of a series that is made this way. A batch of 8192 rows may begin as many groups before their memory is counted: 64 MiB of places
/// for cells.
const MOST_BINS: usize = 2048;

/// DataFusion's own aggregates that give numbers and go by groups.
const OWN: [&str; 5] = ["count", "sum", "avg", "min", "max"];

impl Binder<'_> {
    /// The series from what is summarized by keys and bins, where each result is one aggregate that gives numbers and the bins are known
    /// and not too many; nothing else.
    pub(super) fn series_at_once(
        &mut self,
        summarized: &Relation,
        place: &ScopeColumn,
        bins: &Bins,
        written: &MakeSeries<'_>,
        environment: &Environment,
    ) -> Bind<Option<Relation>> {
        let LogicalPlan::Projection(results) = &summarized.plan else { return Ok(None) };
        let LogicalPlan::Aggregate(aggregate) = results.input.as_ref() else { return Ok(None) };
        let Some(known) = known_bins(bins) else { return Ok(None) };
        let (keys, rest) = summarized.columns.split_at(written.by.len());
        let Some((_, values)) = rest.split_first() else { return Ok(None) };
        // Without keys there are few groups either way, and within `mv-apply` there are more.
        if keys.is_empty() || aggregate.group_expr.len() != keys.len() + 1 {
            return Ok(None);
        }
        let mut found = Vec::with_capacity(values.len());
        for value in values {
            match BinValue::of(results, aggregate, value) {
                Some(value) => found.push(value),
                None => return Ok(None),
            }
        }
        let defaults = self.defaults(values, written, environment)?;
        let mut calls = Vec::new();
        let mut columns: Vec<(String, Typed, bool)> =
            keys.iter().map(|key| (key.name.clone(), Typed::column(key), false)).collect();
        let mut names = Names::taken(keys.iter().chain(values).map(|column| column.name.as_str()));
        for ((value, found), default) in values.iter().zip(found).zip(defaults) {
            let column = self.new_column("series", Type::Dynamic);
            calls.push(found.series(place, default, &known).alias(column.plan_name.clone()));
            let text = SeriesText::call(column.expr());
            columns.push((value.name.clone(), Typed::new(text, Type::Dynamic), false));
        }
        let axis = self.array_of_bins("make-series axis", (place, place), bins, &Value::Null(bins.ty), &mut calls)?;
        columns.push((axis_name(written.axis, &mut names)?, axis, false));
        let input = aggregate.input.as_ref().clone();
        let plan = crate::plan::aggregated(input, aggregate.group_expr[..keys.len()].to_vec(), calls)?;
        self.project(Relation::new(plan, keys.to_vec()), columns).map(Some)
    }
}

/// The bins, where both ends are known and whole numbers tell where they begin.
fn known_bins(bins: &Bins) -> Option<SeriesBins> {
    let (first, last) = (bins.first?, bins.last?);
    let width = usize::try_from(last.checked_sub(first)?.checked_add(1)?).ok()?;
    let origin = match &bins.origin {
        Some(origin) => whole(origin)?,
        None => 0,
    };
    let null = Value::Null(Type::Long);
    let known = SeriesBins {
        origin,
        step: whole(&bins.step)?,
        first,
        width,
        default: null.clone(),
        absent: null,
        has_condition: false,
    };
    (1..=MOST_BINS).contains(&width).then_some(known)
}

/// What `summarize` computes of a bin.
struct BinValue {
    call: AggregateFunction,
    /// What stands for null.
    absent: Value,
    ty: Type,
}

impl BinValue {
    /// Of a column of the results; nothing where it is more than one aggregate of numbers.
    fn of(results: &Projection, aggregate: &Aggregate, column: &ScopeColumn) -> Option<Self> {
        let at = results.schema.fields().iter().position(|field| *field.name() == column.plan_name)?;
        let (source, absent) = or_absent(unaliased(&results.expr[at]), column.ty)?;
        let call = aggregate.aggr_expr.iter().find_map(|call| match call {
            Expr::Alias(alias) if alias.name == source => Some(unaliased(&alias.expr)),
            _ => None,
        })?;
        let Expr::AggregateFunction(call) = call else { return None };
        let AggregateFunctionParams { distinct, order_by, null_treatment, .. } = &call.params;
        let is_plain = !distinct && order_by.is_empty() && null_treatment.is_none();
        let is_known = OWN.contains(&call.func.name()) || call.func.inner().downcast_ref::<KqlAggregateUdf>().is_some();
        let is_number = matches!(column.ty, Type::Int | Type::Long | Type::Real);
        (is_plain && is_known && is_number).then(|| BinValue { call: call.clone(), absent, ty: column.ty })
    }

    /// The aggregate that gives the series of it.
    fn series(self, place: &ScopeColumn, default: Value, known: &SeriesBins) -> Expr {
        let AggregateFunctionParams { args, filter, .. } = self.call.params;
        let default = if default.ty() == self.ty { default } else { Value::Null(self.ty) };
        let bins = SeriesBins { default, absent: self.absent, has_condition: filter.is_some(), ..known.clone() };
        let mut exprs = vec![place.expr()];
        exprs.extend(filter.map(|filter| *filter));
        exprs.extend(args);
        let udf = AggregateUDF::from(SeriesUdf::new(self.call.func, bins));
        Expr::AggregateFunction(AggregateFunction::new_udf(udf.into(), exprs, false, None, Vec::new(), None))
    }
}

fn unaliased(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(alias) => unaliased(&alias.expr),
        other => other,
    }
}

/// The column that an expression is, and the constant that stands for its null: see [`crate::typed::or_default`].
fn or_absent(expr: &Expr, ty: Type) -> Option<(String, Value)> {
    if let Expr::Column(column) = expr {
        return Some((column.name.clone(), Value::Null(ty)));
    }
    let Expr::Case(case) = expr else { return None };
    let [(_, then)] = case.when_then_expr.as_slice() else { return None };
    let Expr::Column(column) = then.as_ref() else { return None };
    let absent = [Value::Long(0), Value::Real(0.0), Value::Real(f64::NAN)].into_iter().filter(|value| value.ty() == ty);
    let is_default = |value: &Value| {
        let default = datafusion::logical_expr::lit(scalar_of(value));
        *expr == crate::typed::or_default(Expr::Column(column.clone()), default)
    };
    absent.into_iter().find(is_default).map(|absent| (column.name.clone(), absent))
}
