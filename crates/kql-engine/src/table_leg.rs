//! A filtered table as part of a wide union, planned without DataFusion's optimizer.
//!
//! The rules of the optimizer walk over all columns of a table a dozen times, which for `search` over a hundred tables takes
//! seconds. A leg that only filters a table and chooses among its columns leaves them nothing to find: the columns that it needs
//! and the filters that the table can use are known at once.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::Schema;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema, ScalarValue};
use datafusion::datasource::source_as_provider;
use datafusion::error::Result;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{Expr, LogicalPlan, Operator, TableProviderFilterPushDown, TypeSignature};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::create_physical_expr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::filter::FilterExecBuilder;
use datafusion::physical_plan::projection::ProjectionExec;

use crate::functions::ticks::TicksOfStored;
use crate::typed::or_empty;

/// A table, what its columns are called above it, and conditions on its rows in its own columns.
pub(crate) struct TableLeg<'p> {
    provider: Arc<dyn TableProvider>,
    columns: HashMap<&'p str, &'p Expr>,
    filters: Vec<Expr>,
}

/// How a leg is run.
pub(crate) enum Planned {
    /// No row can pass the filters.
    Nothing,
    /// The rows, and where each of the wanted values stands in them.
    Rows(Arc<dyn ExecutionPlan>, Vec<usize>),
}

impl<'p> TableLeg<'p> {
    /// The plan as a filtered table, where it is no more than that.
    pub fn of(plan: &'p LogicalPlan) -> Option<Self> {
        let mut predicates = Vec::new();
        let mut plan = plan;
        while let LogicalPlan::Filter(filter) = plan {
            predicates.push(&filter.predicate);
            plan = filter.input.as_ref();
        }
        let LogicalPlan::Projection(projection) = plan else { return None };
        let LogicalPlan::TableScan(scan) = projection.input.as_ref() else { return None };
        if scan.projection.is_some() || !scan.filters.is_empty() || scan.fetch.is_some() {
            return None;
        }
        let provider = source_as_provider(&scan.source).ok()?;
        let fields = projection.schema.fields().iter();
        let columns = fields.map(|field| field.name().as_str()).zip(&projection.expr).collect();
        let mut leg = Self { provider, columns, filters: Vec::new() };
        for predicate in predicates {
            leg.filters.extend(split_conjunction_owned(leg.own_form(predicate).ok()?));
        }
        Some(leg)
    }

    /// An expression over the columns above the table in the table's own columns.
    fn own_form(&self, expr: &Expr) -> Result<Expr> {
        let changed = expr.clone().transform_up(|part| match &part {
            Expr::Column(column) => Ok(match self.columns.get(column.name.as_str()) {
                Some(own) => Transformed::yes((*own).clone().unalias().transform_up(unqualified)?.data),
                None => Transformed::no(part),
            }),
            _ => Ok(Transformed::no(part)),
        })?;
        Ok(changed.data.unalias())
    }

    /// The plan of the rows that pass the filters as well, with these values of each.
    pub async fn planned(
        &self,
        state: &dyn Session,
        filters: &[Expr],
        values: &[Expr],
        limit: Option<usize>,
    ) -> Result<Planned> {
        let stored = self.provider.schema();
        let whole = Arc::new(DFSchema::try_from(stored.as_ref().clone())?);
        let mut all = self.filters.clone();
        for filter in filters {
            all.extend(split_conjunction_owned(self.own_form(filter)?));
        }
        let Some(all) = simplified(all, &whole, state)? else { return Ok(Planned::Nothing) };
        let values = values.iter().map(|value| self.own_form(value)).collect::<Result<Vec<Expr>>>()?;
        let projection = used(&stored, all.iter().chain(&values));
        let support = self.provider.supports_filters_pushdown(&all.iter().collect::<Vec<_>>())?;
        let (mut passed, mut kept) = (Vec::new(), Vec::new());
        for (filter, support) in all.into_iter().zip(support) {
            if support != TableProviderFilterPushDown::Exact {
                kept.push(filter.clone());
            }
            if support != TableProviderFilterPushDown::Unsupported {
                passed.push(filter);
            }
        }
        let limit = limit.filter(|_| kept.is_empty());
        let mut rows = self.provider.scan(state, Some(&projection), &passed, limit).await?;
        if rows.downcast_ref::<EmptyExec>().is_some() {
            return Ok(Planned::Nothing);
        }
        let schema = DFSchema::try_from(rows.schema().as_ref().clone())?;
        if let Some(predicate) = conjunction(kept) {
            // Types were settled when the filters were simplified.
            let context = PhysicalPlanningContext::default();
            let predicate = create_physical_expr(&predicate, &schema, state.execution_props(), &context)?;
            rows = Arc::new(FilterExecBuilder::new(predicate, rows).build()?);
        }
        placed(rows, &schema, values, state)
    }
}

/// The rows with the values as columns: nothing is computed where all of them are columns already, or columns that the
/// union only has to bring into their form.
fn placed(rows: Arc<dyn ExecutionPlan>, schema: &DFSchema, values: Vec<Expr>, state: &dyn Session) -> Result<Planned> {
    let place = |value: &Expr| rows.schema().index_of(stored_column(value)?).ok();
    if let Some(places) = values.iter().map(place).collect::<Option<Vec<usize>>>() {
        return Ok(Planned::Rows(rows, places));
    }
    let places = (0..values.len()).collect();
    let computed = values.into_iter().enumerate().map(|(at, value)| {
        let value = state.create_physical_expr(value, schema)?;
        Ok((value, at.to_string()))
    });
    let computed = computed.collect::<Result<Vec<_>>>()?;
    Ok(Planned::Rows(Arc::new(ProjectionExec::try_new(computed, rows)?), places))
}

/// The column that a value is, but for its Arrow type and for strings that are absent: `scan` makes such values of columns.
fn stored_column(value: &Expr) -> Option<&str> {
    match value {
        Expr::Column(column) => Some(&column.name),
        Expr::Cast(cast) => match cast.expr.as_ref() {
            Expr::Column(column) => Some(&column.name),
            _ => None,
        },
        Expr::ScalarFunction(call) if call.func.inner().downcast_ref::<TicksOfStored>().is_some() => {
            call.args.first().and_then(stored_column)
        }
        Expr::Case(case) => {
            let [(_, inner)] = case.when_then_expr.as_slice() else { return None };
            let name = stored_column(inner)?;
            (or_empty(inner.as_ref().clone()) == *value).then_some(name)
        }
        _ => None,
    }
}

fn unqualified(expr: Expr) -> Result<Transformed<Expr>> {
    Ok(match expr {
        Expr::Column(column) if column.relation.is_some() => {
            Transformed::yes(Expr::Column(Column::new_unqualified(column.name)))
        }
        other => Transformed::no(other),
    })
}

/// The filters with constants worked out; nothing where one of them is never true.
fn simplified(filters: Vec<Expr>, schema: &Arc<DFSchema>, state: &dyn Session) -> Result<Option<Vec<Expr>>> {
    let context = SimplifyContext::builder()
        .with_schema(Arc::clone(schema))
        .with_config_options(Arc::clone(state.config().options()))
        .with_query_execution_start_time(state.execution_props().query_execution_start_time)
        .build();
    let simplifier = ExprSimplifier::new(context);
    let mut kept = Vec::with_capacity(filters.len());
    for filter in filters {
        let filter = if has_settled_types(&filter) { filter } else { simplifier.coerce(filter, schema)? };
        for part in split_conjunction_owned(simplifier.simplify(filter)?) {
            match part {
                Expr::Literal(ScalarValue::Boolean(Some(true)), _) => {}
                Expr::Literal(ScalarValue::Boolean(_) | ScalarValue::Null, _) => return Ok(None),
                part => kept.push(part),
            }
        }
    }
    Ok(Some(kept))
}

/// Whether DataFusion's type coercion has nothing to do: a search over a hundred tables calls functions that take any type.
fn has_settled_types(expr: &Expr) -> bool {
    let is_settled = |part: &Expr| match part {
        Expr::Column(_) | Expr::Literal(..) | Expr::Alias(_) | Expr::Cast(_) => true,
        Expr::Not(_) | Expr::IsNull(_) | Expr::IsNotNull(_) | Expr::IsTrue(_) => true,
        Expr::BinaryExpr(both) => matches!(both.op, Operator::And | Operator::Or),
        Expr::ScalarFunction(call) => call.func.signature().type_signature == TypeSignature::VariadicAny,
        Expr::Case(case) => match case.when_then_expr.as_slice() {
            [(_, inner)] => or_empty(inner.as_ref().clone()) == *part,
            _ => false,
        },
        _ => false,
    };
    !expr.exists(|part| Ok(!is_settled(part))).unwrap_or(true)
}

/// The positions of the columns that the expressions name; rows are counted by the first where there is none.
fn used<'e>(schema: &Schema, exprs: impl Iterator<Item = &'e Expr>) -> Vec<usize> {
    let mut used: Vec<usize> =
        exprs.flat_map(Expr::column_refs).filter_map(|column| schema.index_of(&column.name).ok()).collect();
    used.sort_unstable();
    used.dedup();
    if used.is_empty() && !schema.fields().is_empty() {
        used.push(0);
    }
    used
}
