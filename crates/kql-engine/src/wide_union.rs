//! A union of many wide tables, as one table that is only put together when it is scanned.
//!
//! A union as a plan names each column of the result once for each table: hundreds of thousands of expressions for
//! `search` over a workspace. Here, tables are planned with the columns and filters that the query asks for, and what a
//! table does not have is filled in batch by batch; a table of which a filter can only be false is not read.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::datasource::TableType;
use datafusion::error::Result;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, TableProviderFilterPushDown, lit};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;

use crate::table_leg::{Planned, TableLeg};
use crate::wide_union_exec::{Slot, Slots, WideUnionExec};

/// A table of the union.
#[derive(Clone)]
pub(crate) struct WideLeg {
    /// Its rows.
    pub plan: LogicalPlan,
    /// What it gives, by the position of the column in the union; constants are literals.
    pub columns: HashMap<usize, Expr>,
}

/// See the module.
pub(crate) struct WideUnion {
    schema: SchemaRef,
    legs: Vec<WideLeg>,
}

impl fmt::Debug for WideUnion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WideUnion").field("legs", &self.legs.len()).finish_non_exhaustive()
    }
}

impl WideUnion {
    /// The tables in columns of these names and types.
    pub fn new(schema: SchemaRef, legs: Vec<WideLeg>) -> Self {
        Self { schema, legs }
    }

    /// The plan of each table.
    pub fn plans(&self) -> impl Iterator<Item = &LogicalPlan> {
        self.legs.iter().map(|leg| &leg.plan)
    }

    /// The same with each table's plan changed.
    pub fn with_plans(&self, change: impl Fn(&LogicalPlan) -> Result<LogicalPlan>) -> Result<Self> {
        let legs = self
            .legs
            .iter()
            .map(|leg| Ok(WideLeg { plan: change(&leg.plan)?, columns: leg.columns.clone() }))
            .collect::<Result<_>>()?;
        Ok(Self { schema: Arc::clone(&self.schema), legs })
    }

    /// A filter of the union as a filter of one table.
    fn filter_of(&self, leg: &WideLeg, filter: &Expr) -> Result<Expr> {
        let changed = filter.clone().transform_up(|expr| {
            let Expr::Column(column) = &expr else { return Ok(Transformed::no(expr)) };
            let index = self.schema.index_of(&column.name)?;
            Ok(Transformed::yes(match leg.columns.get(&index) {
                Some(value) => value.clone(),
                None => lit(absent(self.schema.field(index))?),
            }))
        })?;
        Ok(changed.data)
    }

    /// The rows of one table with the wanted columns that it has, and what becomes of each. Nothing where it has no rows.
    async fn leg_rows(
        &self,
        leg: &WideLeg,
        wanted: &[usize],
        filters: &[Expr],
        limit: Option<usize>,
        state: &dyn Session,
    ) -> Result<Option<(Arc<dyn ExecutionPlan>, Slots)>> {
        let filters = filters.iter().map(|filter| self.filter_of(leg, filter)).collect::<Result<Vec<Expr>>>()?;
        let mut values = Vec::new();
        let mut slots = Vec::with_capacity(wanted.len());
        for index in wanted {
            let field = self.schema.field(*index);
            slots.push(match leg.columns.get(index) {
                Some(Expr::Literal(ScalarValue::Utf8View(Some(text)), _)) => Slot::Text(text.clone()),
                Some(value) => {
                    values.push(value.clone());
                    Slot::Column(values.len() - 1)
                }
                None if field.is_nullable() => Slot::Null,
                None => Slot::Text(String::new()),
            });
        }
        let planned = match TableLeg::of(&leg.plan) {
            Some(table) => table.planned(state, &filters, &values, limit).await?,
            None => planned(&leg.plan, filters, values, limit, state).await?,
        };
        let Planned::Rows(rows, places) = planned else { return Ok(None) };
        for slot in &mut slots {
            if let Slot::Column(at) = slot {
                *at = places[*at];
            }
        }
        Ok(Some((rows, slots.into())))
    }
}

/// The session without rules for physical plans: those of the whole plan, of which the tables are a part, are run once.
fn without_physical_rules(state: &dyn Session) -> Option<SessionState> {
    let state = state.as_any().downcast_ref::<SessionState>()?;
    let mut inner =
        SessionStateBuilder::new_from_existing(state.clone()).with_physical_optimizer_rules(Vec::new()).build();
    inner.mark_start_execution();
    Some(inner)
}

/// The rows of a plan that pass the filters, with these values of each.
async fn planned(
    plan: &LogicalPlan,
    filters: Vec<Expr>,
    values: Vec<Expr>,
    limit: Option<usize>,
    state: &dyn Session,
) -> Result<Planned> {
    let mut plan = plan.clone();
    for filter in filters {
        plan = crate::plan::filtered(plan, filter)?;
    }
    let places = (0..values.len()).collect();
    let mut named: Vec<Expr> =
        values.into_iter().enumerate().map(|(at, value)| value.alias(format!("value {at}"))).collect();
    if named.is_empty() {
        // Rows are counted by some column.
        named.push(lit(true).alias("row"));
    }
    plan = crate::plan::projected(plan, named)?;
    // Before the rules look at all columns of the table.
    plan = crate::prune::pruned(plan)?;
    if let Some(limit) = limit {
        plan = LogicalPlanBuilder::from(plan).limit(0, Some(limit))?.build()?;
    }
    let rows = match state.as_any().downcast_ref::<SessionState>() {
        Some(state) => crate::planning::physical_plan(state, &plan).await?,
        None => state.create_physical_plan(&plan).await?,
    };
    Ok(if rows.downcast_ref::<EmptyExec>().is_some() { Planned::Nothing } else { Planned::Rows(rows, places) })
}

/// What stands for a value of a column that a table does not have.
fn absent(field: &Field) -> Result<ScalarValue> {
    if field.is_nullable() {
        return ScalarValue::try_from(field.data_type());
    }
    Ok(ScalarValue::Utf8View(Some(String::new())))
}

#[async_trait]
impl TableProvider for WideUnion {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let support = |filter: &&Expr| {
            if filter.is_volatile() {
                TableProviderFilterPushDown::Unsupported
            } else {
                TableProviderFilterPushDown::Exact
            }
        };
        Ok(filters.iter().map(support).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let wanted: Vec<usize> = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let schema: SchemaRef = Arc::new(Schema::project(&self.schema, &wanted)?);
        let mut inputs = Vec::with_capacity(self.legs.len());
        let inner = without_physical_rules(state);
        let state = inner.as_ref().map_or(state, |inner| inner as &dyn Session);
        for leg in &self.legs {
            inputs.extend(self.leg_rows(leg, &wanted, filters, limit, state).await?);
        }
        if inputs.is_empty() {
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        Ok(Arc::new(WideUnionExec::new(inputs, schema)))
    }
}
