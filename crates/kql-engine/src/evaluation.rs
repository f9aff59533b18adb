//! Expressions that this crate evaluates itself, over rows that no plan holds: steps of `scan`, elements of graphs.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::common::DFSchema;
use datafusion::error::DataFusionError;
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::create_physical_expr;
use datafusion::physical_plan::PhysicalExpr;
use kql_functions::Type;

use crate::binder::Bind;
use crate::scope::ScopeColumn;
use crate::typed::Typed;

/// A bound expression, ready to run.
#[derive(Debug, Clone)]
pub(crate) struct Evaluable {
    physical: Arc<dyn PhysicalExpr>,
    schema: SchemaRef,
    inputs: Vec<usize>,
    ty: Type,
}

impl Evaluable {
    /// Makes an expression ready that names some of these columns; all are in the engine's form.
    pub fn new(typed: &Typed, columns: &[ScopeColumn]) -> Bind<Self> {
        let used = typed.expr.column_refs();
        let inputs: Vec<usize> = (0..columns.len())
            .filter(|index| used.iter().any(|column| column.name == columns[*index].plan_name))
            .collect();
        let field = |index: &usize| Field::new(&columns[*index].plan_name, columns[*index].ty.arrow(), true);
        let schema = Arc::new(Schema::new(inputs.iter().map(field).collect::<Vec<_>>()));
        let known = Arc::new(DFSchema::try_from(Arc::clone(&schema))?);
        let simplifier = ExprSimplifier::new(SimplifyContext::builder().with_schema(Arc::clone(&known)).build());
        let expr = simplifier.coerce(typed.expr.clone(), &known)?;
        let context = PhysicalPlanningContext::default();
        let physical = create_physical_expr(&expr, &known, &ExecutionProps::new(), &context)?;
        Ok(Self { physical, schema, inputs, ty: typed.ty })
    }

    /// Its type.
    pub fn ty(&self) -> Type {
        self.ty
    }

    /// Positions of the columns that it reads, among those it was made with.
    pub fn inputs(&self) -> &[usize] {
        &self.inputs
    }

    /// Its values over rows of the columns that it reads, one array for each of [`Self::inputs`].
    pub fn evaluate(&self, arrays: Vec<ArrayRef>, rows: usize) -> Bind<ArrayRef> {
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)
            .map_err(DataFusionError::from)?;
        let array = self.physical.evaluate(&batch)?.into_array(rows)?;
        if *array.data_type() == self.ty.arrow() {
            return Ok(array);
        }
        Ok(arrow::compute::cast(&array, &self.ty.arrow()).map_err(DataFusionError::from)?)
    }
}
