//! The form of wide results: a choice of columns, stored datetimes as ticks.
//!
//! It could be a projection, but each rule of DataFusion's optimizer that rebuilds a projection looks each of its columns up among
//! all others: with the two thousand columns of `search` over a workspace, half a second for a plan in which nothing is computed.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::{Field, FieldRef};
use async_trait::async_trait;
use datafusion::catalog::Session;
use datafusion::common::{DFSchema, DFSchemaRef, internal_err};
use datafusion::error::Result;
use datafusion::execution::context::QueryPlanner;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{Expr, Extension, LogicalPlan, UserDefinedLogicalNode, UserDefinedLogicalNodeCore};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column as PhysicalColumn;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use datafusion::physical_planner::{DefaultPhysicalPlanner, ExtensionPlanner, PhysicalPlanner};
use kql_functions::Type;

use crate::functions::ticks::to_ticks;
use crate::shared_union::SharedUnion;
use crate::wide_union_exec::{Slot, WideUnionExec};

/// A column of the result.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Chosen {
    /// Its name in the input.
    pub from: String,
    /// Its name in the result.
    pub name: String,
    /// A stored datetime, which becomes ticks.
    pub is_stored: bool,
}

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct ResultForm {
    input: LogicalPlan,
    columns: Vec<Chosen>,
    schema: DFSchemaRef,
    /// The input is sorted, and nothing stands above.
    is_last: bool,
}

impl ResultForm {
    /// Columns of a sorted input, as the last step of a query.
    pub fn of_sorted(input: LogicalPlan, columns: Vec<Chosen>) -> Result<LogicalPlan> {
        Self::node(input, columns, true)
    }

    /// Columns of the input.
    pub fn plan(input: LogicalPlan, columns: Vec<Chosen>) -> Result<LogicalPlan> {
        Self::node(input, columns, false)
    }

    fn node(input: LogicalPlan, columns: Vec<Chosen>, is_last: bool) -> Result<LogicalPlan> {
        let known = input.schema().fields().iter().map(|field| (field.name().as_str(), field));
        let known: HashMap<&str, &FieldRef> = known.collect();
        let mut fields = Vec::with_capacity(columns.len());
        for column in &columns {
            let Some(field) = known.get(column.from.as_str()) else {
                return internal_err!("result has no column `{}`", column.from);
            };
            let ty = if column.is_stored { Type::DateTime.arrow() } else { field.data_type().clone() };
            fields.push((None, Arc::new(Field::new(&column.name, ty, field.is_nullable()))));
        }
        let schema = Arc::new(DFSchema::new_with_metadata(fields, HashMap::new())?);
        Ok(LogicalPlan::Extension(Extension { node: Arc::new(Self { input, columns, schema, is_last }) }))
    }

    /// The node, if it is one.
    pub fn of(node: &Extension) -> Option<&Self> {
        node.node.as_any().downcast_ref()
    }

    /// The input and the names of the columns that are read of it.
    pub fn input(&self) -> (&LogicalPlan, impl Iterator<Item = &String>) {
        (&self.input, self.columns.iter().map(|column| &column.from))
    }

    /// The same over another input.
    pub fn over(&self, input: LogicalPlan) -> LogicalPlan {
        LogicalPlan::Extension(Extension { node: Arc::new(Self { input, ..self.clone() }) })
    }

    fn rows(&self, input: &Arc<dyn ExecutionPlan>, session: &dyn Session) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = input.schema();
        let positions: HashMap<&str, usize> =
            schema.fields().iter().enumerate().map(|(at, field)| (field.name().as_str(), at)).collect();
        // A projection hands an order on, but looks for one at each step of the planner, which takes longer than all else.
        if self.is_last || input.output_ordering().is_none() {
            let slot = |column: &Chosen| positions.get(column.from.as_str()).map(|at| Slot::Column(*at));
            let Some(slots) = self.columns.iter().map(slot).collect::<Option<Vec<Slot>>>() else {
                return internal_err!("result has columns that its input has not");
            };
            let schema = Arc::clone(self.schema.inner());
            let form = WideUnionExec::new(vec![(Arc::clone(input), slots.into())], schema);
            return Ok(Arc::new(if self.is_last { form.in_order() } else { form }));
        }
        let mut exprs: Vec<(Arc<dyn PhysicalExpr>, String)> = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let Some(at) = positions.get(column.from.as_str()) else {
                return internal_err!("result has no column `{}`", column.from);
            };
            let expr: Arc<dyn PhysicalExpr> = if column.is_stored {
                let alone = schema.project(&[*at])?;
                let ticks =
                    session.create_physical_expr(to_ticks(col_of(&column.from)), &DFSchema::try_from(alone)?)?;
                moved(ticks, *at)?
            } else {
                Arc::new(PhysicalColumn::new(&column.from, *at))
            };
            exprs.push((expr, column.name.clone()));
        }
        Ok(Arc::new(ProjectionExec::try_new(exprs, Arc::clone(input))?))
    }
}

fn col_of(name: &str) -> Expr {
    Expr::Column(datafusion::common::Column::new_unqualified(name))
}

/// An expression over the only column of a schema as one over that column at another position.
fn moved(expr: Arc<dyn PhysicalExpr>, at: usize) -> Result<Arc<dyn PhysicalExpr>> {
    use datafusion::common::tree_node::{Transformed, TreeNode};
    let changed = expr.transform_up(|part| {
        Ok(match part.downcast_ref::<PhysicalColumn>() {
            Some(column) => Transformed::yes(Arc::new(PhysicalColumn::new(column.name(), at)) as Arc<dyn PhysicalExpr>),
            None => Transformed::no(part),
        })
    })?;
    Ok(changed.data)
}

impl PartialEq for ResultForm {
    fn eq(&self, other: &Self) -> bool {
        self.columns == other.columns && self.input == other.input
    }
}

impl Eq for ResultForm {}

impl PartialOrd for ResultForm {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.input.partial_cmp(&other.input)
    }
}

impl Hash for ResultForm {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.input.hash(state);
        self.columns.hash(state);
    }
}

impl UserDefinedLogicalNodeCore for ResultForm {
    fn name(&self) -> &str {
        "ResultForm"
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        vec![&self.input]
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn fmt_for_explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResultForm: columns={}", self.columns.len())
    }

    fn with_exprs_and_inputs(&self, _: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        match <[LogicalPlan; 1]>::try_from(inputs) {
            Ok([input]) => Ok(Self { input, ..self.clone() }),
            Err(_) => internal_err!("the form of results has one input"),
        }
    }

    fn necessary_children_exprs(&self, output_columns: &[usize]) -> Option<Vec<Vec<usize>>> {
        let fields = self.input.schema().fields();
        let positions: HashMap<&str, usize> =
            fields.iter().enumerate().map(|(at, field)| (field.name().as_str(), at)).collect();
        let position = |at: &usize| positions.get(self.columns.get(*at)?.from.as_str()).copied();
        Some(vec![output_columns.iter().map(position).collect::<Option<Vec<usize>>>()?])
    }
}

/// Plans [`ResultForm`] and [`SharedUnion`] beside DataFusion's own nodes.
#[derive(Debug)]
pub(crate) struct KqlPlanner;

#[async_trait]
impl QueryPlanner for KqlPlanner {
    async fn create_physical_plan(&self, plan: &LogicalPlan, session: &dyn Session) -> Result<Arc<dyn ExecutionPlan>> {
        let planner = DefaultPhysicalPlanner::with_extension_planners(vec![Arc::new(Self)]);
        planner.create_physical_plan(plan, session).await
    }
}

#[async_trait]
impl ExtensionPlanner for KqlPlanner {
    async fn plan_extension(
        &self,
        _: &dyn PhysicalPlanner,
        node: &dyn UserDefinedLogicalNode,
        _: &[&LogicalPlan],
        inputs: &[Arc<dyn ExecutionPlan>],
        session: &dyn Session,
        _: &PhysicalPlanningContext,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let [input] = inputs else { return Ok(None) };
        if let Some(form) = node.as_any().downcast_ref::<ResultForm>() {
            return form.rows(input, session).map(Some);
        }
        Ok(node.as_any().downcast_ref::<SharedUnion>().map(|union| union.rows(input)))
    }
}
