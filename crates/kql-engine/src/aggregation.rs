//! Aggregates inside `summarize`: each call becomes a column of the aggregation's plan.

use datafusion::functions_aggregate::expr_fn::{avg, count, max, min, sum};
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{AggregateUDF, Expr, ExprFunctionExt, SortExpr, lit};
use kql_functions::{ArgumentInfo, Type, Value};
use kql_syntax::{self as ast, Ident, Span};

use crate::binder::{Bind, Binder};
use crate::environment::Environment;
use crate::expression::{Row, argument_problem, resolved};
use crate::functions::kql_aggregate::KqlAggregateUdf;
use crate::scope::{Relation, Repr, ScopeColumn};
use crate::typed::{Typed, or_default, scalar_of};

/// The aggregation that is being bound.
#[derive(Debug)]
pub(crate) struct Aggregation {
    /// Columns of the rows that are aggregated.
    pub columns: Vec<ScopeColumn>,
    /// Their order.
    pub order: Vec<SortExpr>,
    /// Names of the keys, which `arg_max(.., *)` leaves out.
    pub keys: Vec<String>,
    /// The aggregates so far.
    pub calls: Vec<Expr>,
    /// The rows have an order, even where no `sort` gave it: the input is serialized, or made of rows in the query.
    pub keeps_order: bool,
    /// There is a `by`.
    pub has_keys: bool,
}

impl Aggregation {
    /// An aggregation of the rows of `input`.
    pub fn new(input: &Relation, keys: Vec<String>, has_keys: bool) -> Self {
        Self {
            columns: input.columns.clone(),
            order: input.order.clone(),
            keeps_order: input.serialized || crate::answer::is_in_memory(&input.plan),
            keys,
            calls: Vec::new(),
            has_keys,
        }
    }
}

/// Where a call stands, for what is reported of it.
#[derive(Clone, Copy)]
pub(crate) struct CallSite<'a> {
    /// Its arguments.
    pub args: &'a [ast::Argument],
    /// All of it.
    pub span: Span,
}

/// Aggregates whose result depends on the order of the rows.
const ORDERED: [&str; 5] = ["make_list", "make_list_with_nulls", "make_set", "make_bag", "make_dictionary"];

impl Binder<'_> {
    /// Binds a call of an aggregate inside `summarize`; nothing if it is none.
    pub(crate) fn aggregate_call(
        &mut self,
        name: &Ident,
        args: &[ast::Argument],
        span: Span,
        row: Row<'_>,
    ) -> Bind<Option<Typed>> {
        let Some(mut aggregation) = self.aggregation.take() else { return Ok(None) };
        let result = match aggregate_name(&name.name) {
            Some(aggregate) => {
                let site = CallSite { args, span };
                self.bind_aggregate(&mut aggregation, aggregate, name, site, row.environment).map(Some)
            }
            None => Ok(None),
        };
        self.aggregation = Some(aggregation);
        result
    }

    fn bind_aggregate(
        &mut self,
        aggregation: &mut Aggregation,
        (function, condition): (&'static str, Option<usize>),
        name: &Ident,
        site: CallSite<'_>,
        environment: &Environment,
    ) -> Bind<Typed> {
        let CallSite { args, span } = site;
        let columns = aggregation.columns.clone();
        let row = Row::new(&columns, environment);
        let mut filter = None;
        let mut values = Vec::new();
        for (index, arg) in args.iter().enumerate() {
            if Some(index) == condition {
                filter = Some(self.condition(&arg.value, row)?);
            } else if function != "count" || !matches!(arg.value.kind, ast::ExprKind::Star) {
                values.push(self.scalar(&arg.value, row)?);
            }
        }
        if let Some(at) = condition
            && args.len() <= at
        {
            let message = format!("`{}` takes a condition as argument {}", name.name, at + 1);
            return Err(ast::Diagnostic::error(crate::diagnostics::ARGUMENT_COUNT, span, message).into());
        }
        if function == "count" && condition.is_none() {
            self.note_counted(name, args, &values);
        }
        let function =
            if condition.is_some() || function == "count" { function } else { name_with_cap(&name.name, function) };
        self.aggregate_of(aggregation, function, values, filter, site)
    }

    /// Adds an aggregate of bound arguments to the plan.
    pub(crate) fn aggregate_of(
        &mut self,
        aggregation: &mut Aggregation,
        function: &str,
        values: Vec<Typed>,
        filter: Option<Expr>,
        site: CallSite<'_>,
    ) -> Bind<Typed> {
        let CallSite { args, span } = site;
        if let ("avg", [value]) = (function, values.as_slice())
            && matches!(value.ty, Type::Int | Type::Long)
        {
            return self.whole_average(aggregation, value, filter, site);
        }
        if let Some(native) = self.native_aggregate(function, &values, filter.as_ref(), aggregation.has_keys)? {
            return Ok(self.push_aggregate(aggregation, native));
        }
        let Some(kql) = kql_functions::aggregate(function) else {
            return Err(self.unknown_function(function, span).into());
        };
        let infos: Vec<ArgumentInfo> = values.iter().map(Typed::info).collect();
        let resolved = resolved(&values, |infos| kql.resolve(infos))
            .map_err(|error| argument_problem(function, &error, args, span))?;
        let ty = resolved.result;
        let exprs = self.cast_all(values, &resolved)?;
        let exprs = if exprs.is_empty() { vec![lit(1_i64)] } else { exprs };
        let udf = AggregateUDF::from(KqlAggregateUdf::new(kql, infos, resolved));
        // Rows of a serialized input, and those that the query itself holds, come as they are if nothing runs side by side.
        self.is_ordered |= ORDERED.contains(&function) && aggregation.keeps_order;
        let order = if ORDERED.contains(&function) && !aggregation.order.is_empty() {
            self.is_ordered = true;
            aggregation.order.clone()
        } else {
            Vec::new()
        };
        let call = AggregateFunction::new_udf(udf.into(), exprs, false, filter.map(Box::new), order, None);
        let native = Native {
            call: Expr::AggregateFunction(call),
            ty,
            repr: Repr::Engine,
            nullable: ty != Type::String,
            absent: None,
        };
        Ok(self.push_aggregate(aggregation, native))
    }

    /// The mean of whole numbers is their sum, which wraps around like a long, by their count.
    fn whole_average(
        &mut self,
        aggregation: &mut Aggregation,
        value: &Typed,
        filter: Option<Expr>,
        site: CallSite<'_>,
    ) -> Bind<Typed> {
        let sum = self.aggregate_of(aggregation, "sum", vec![value.clone()], filter.clone(), site)?;
        let present = count(value.expr.clone());
        let call = match filter {
            Some(filter) => present.filter(filter).build()?,
            None => present,
        };
        let native = Native { call, ty: Type::Long, repr: Repr::Engine, nullable: false, absent: None };
        let present = self.push_aggregate(aggregation, native);
        let [sum, present] = [self.cast(sum, Type::Real)?, self.cast(present, Type::Real)?];
        // 0.0 / 0.0 of no values is NaN, as in Kusto.
        Ok(Typed { nullable: false, ..Typed::new(sum.expr / present.expr, Type::Real) })
    }

    fn push_aggregate(&mut self, aggregation: &mut Aggregation, native: Native) -> Typed {
        let plan_name = self.unique("aggregate");
        aggregation.calls.push(native.call.alias(plan_name.clone()));
        let column = ScopeColumn {
            name: String::new(),
            plan_name,
            ty: native.ty,
            repr: native.repr,
            nullable: native.nullable,
            hidden: false,
        };
        let typed = Typed::column(&column);
        match native.absent {
            None => typed,
            Some(absent) => Typed { expr: or_default(typed.expr, lit(scalar_of(&absent))), nullable: false, ..typed },
        }
    }

    /// DataFusion's own aggregate, where it means the same: it is vectorised.
    fn native_aggregate(
        &mut self,
        function: &str,
        values: &[Typed],
        filter: Option<&Expr>,
        has_keys: bool,
    ) -> Bind<Option<Native>> {
        let filtered = |call: Expr| -> Bind<Expr> {
            Ok(match filter {
                Some(filter) => call.filter(filter.clone()).build()?,
                None => call,
            })
        };
        let native = match (function, values) {
            ("count" | "cnt", _) if values.len() <= 1 => Native {
                call: filtered(count(lit(1_i64)))?,
                ty: Type::Long,
                repr: Repr::Engine,
                nullable: false,
                absent: None,
            },
            ("sum", [value]) if matches!(value.ty, Type::Int | Type::Long | Type::Real | Type::TimeSpan) => {
                let ty = if value.ty == Type::Int { Type::Long } else { value.ty };
                let value = self.cast(value.clone(), ty)?;
                let zero = match ty {
                    Type::Real => Value::Real(0.0),
                    Type::TimeSpan => Value::TimeSpan(0),
                    _ => Value::Long(0),
                };
                Native { call: filtered(sum(value.expr))?, ty, repr: Repr::Engine, nullable: true, absent: Some(zero) }
            }
            ("avg", [value]) if value.ty == Type::Real => {
                let value = value.clone();
                let absent = Some(Value::Real(f64::NAN));
                Native { call: filtered(avg(value.expr))?, ty: Type::Real, repr: Repr::Engine, nullable: true, absent }
            }
            ("min" | "max", [value])
                if matches!(
                    value.ty,
                    Type::Int | Type::Long | Type::DateTime | Type::TimeSpan | Type::Decimal | Type::String
                ) =>
            {
                let value = value.clone();
                let call = if function == "min" { min(value.expr) } else { max(value.expr) };
                let absent = (value.ty == Type::String).then(|| Value::String(String::new()));
                let nullable = value.nullable || !has_keys || filter.is_some();
                Native { call: filtered(call)?, ty: value.ty, repr: value.repr, nullable, absent }
            }
            _ => return Ok(None),
        };
        Ok(Some(native))
    }
}

/// An aggregate call and what it gives.
struct Native {
    call: Expr,
    ty: Type,
    repr: Repr,
    nullable: bool,
    /// What stands for the result of no rows.
    absent: Option<Value>,
}

/// The aggregate that a name stands for, and which argument of it is a condition.
fn aggregate_name(name: &str) -> Option<(&'static str, Option<usize>)> {
    let conditional = match name {
        "countif" => Some(("count", 0)),
        "sumif" => Some(("sum", 1)),
        "avgif" => Some(("avg", 1)),
        "minif" => Some(("min", 1)),
        "maxif" => Some(("max", 1)),
        "dcountif" => Some(("dcount", 1)),
        "count_distinctif" => Some(("count_distinct", 1)),
        "make_set_if" => Some(("make_set", 1)),
        "make_list_if" => Some(("make_list", 1)),
        "make_bag_if" => Some(("make_bag", 1)),
        "take_anyif" | "anyif" => Some(("take_any", 1)),
        "stdevif" => Some(("stdev", 1)),
        "varianceif" => Some(("variance", 1)),
        "stdevpif" => Some(("stdevp", 1)),
        "variancepif" => Some(("variancep", 1)),
        "covarianceif" => Some(("covariance", 2)),
        "covariancepif" => Some(("covariancep", 2)),
        "hll_if" => Some(("hll", 1)),
        _ => None,
    };
    if let Some((function, condition)) = conditional {
        return Some((function, Some(condition)));
    }
    if name == "count" || name == "cnt" {
        return Some(("count", None));
    }
    // `min` and `max` exist as scalars of other names only, so an aggregate's name is always the aggregate.
    kql_functions::aggregate(name).map(|function| (function.name(), None))
}

/// An alias with rules of its own (`makeset` keeps 128) is looked up under its own name.
fn name_with_cap<'a>(written: &'a str, function: &'a str) -> &'a str {
    if kql_functions::aggregate(written).is_some() { written } else { function }
}
