//! Constants are computed before planning.

use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::Schema;
use datafusion::common::DFSchema;
use datafusion::config::ConfigOptions;
use datafusion::execution::context::ExecutionProps;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::physical_expr::create_physical_expr;
use kql_functions::Value;

use crate::binder::Binder;
use crate::typed::Typed;

impl Binder<'_> {
    /// The same expression as a constant, if it depends on no row and nothing random.
    pub fn folded(&self, typed: Typed) -> Typed {
        if typed.constant.is_some()
            || typed.expr.is_volatile()
            || typed.expr.any_column_refs()
            || has_window(&typed.expr)
        {
            return typed;
        }
        let typed = if matches!(typed.repr, crate::scope::Repr::Us) { self.engine_form(typed) } else { typed };
        match evaluate(&typed, self.session.as_ref()) {
            Some(value) => Typed::constant(value),
            None => typed,
        }
    }
}

fn has_window(expr: &Expr) -> bool {
    use datafusion::common::tree_node::TreeNode;
    expr.exists(|expr| Ok(matches!(expr, Expr::WindowFunction(_) | Expr::AggregateFunction(_)))).unwrap_or(true)
}

fn evaluate(typed: &Typed, session: Option<&Arc<ConfigOptions>>) -> Option<Value> {
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    let batch = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options).ok()?;
    let mut properties = ExecutionProps::new();
    properties.config_options = session.map(Arc::clone);
    let physical =
        create_physical_expr(&typed.expr, &DFSchema::empty(), &properties, &PhysicalPlanningContext::default()).ok()?;
    let array = physical.evaluate(&batch).ok()?.into_array(1).ok()?;
    let array = if *array.data_type() == typed.ty.arrow() {
        array
    } else {
        arrow::compute::cast(&array, &typed.ty.arrow()).ok()?
    };
    (array.len() == 1).then(|| Value::from_array(&array, 0, typed.ty))
}
