//! Places the expression.

use std::sync::Arc;

use arrow::datatypes::{DataType, Schema};
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::logical_expr::ScalarUDF;
use datafusion::physical_expr::expressions::{Column, Literal};
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::projection::{ProjectionExec, ProjectionExpr};
use kql_functions::Type;

use super::expr::PerText;
use super::shared_memos::SharedMemosOption;
use crate::functions::json_path::JsonPath;
use crate::functions::kernel::{Kernel, KernelUdf};
use crate::functions::kql_scalar::KqlScalarUdf;
use crate::shared::selections_of;

/// Remembers what functions of one column of texts gave, in projections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextMemos {
    /// Before projections move into scans, where no rule looks for them any more. What a table may keep beside a document stays as it is:
    /// scans recognize such reads.
    BeforeScans,
    /// Last, as other rules know the functions as they are.
    Last,
}

impl PhysicalOptimizerRule for TextMemos {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        // Those placed before scans are found again.
        let shared = SharedMemosOption::find(config).filter(|_| *self == Self::Last);
        plan.transform_up(|node| {
            let Some(projection) = node.downcast_ref::<ProjectionExec>() else { return Ok(Transformed::no(node)) };
            let input = Arc::clone(projection.input());
            let schema = input.schema();
            let shared = shared.as_ref().map(|shared| (shared, selections_of(&input)));
            let share = |memo: &PerText| shared.as_ref().map(|(shared, selections)| memo.sharing(shared, selections));
            let mut is_changed = false;
            let mut exprs: Vec<ProjectionExpr> = Vec::with_capacity(projection.expr().len());
            for known in projection.expr() {
                let expr = self.with_memos(Arc::clone(&known.expr), &schema, &share)?;
                is_changed |= expr.transformed;
                exprs.push(ProjectionExpr { expr: expr.data, alias: known.alias.clone() });
            }
            if !is_changed {
                return Ok(Transformed::no(node));
            }
            let plan = ProjectionExec::try_new(exprs, input)?;
            Ok(Transformed::yes(Arc::new(plan) as Arc<dyn ExecutionPlan>))
        })
        .data()
    }

    fn name(&self) -> &str {
        "TextMemos"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

impl TextMemos {
    /// The expression with its largest parts remembered that are worth it; `share` gives a memo what it shares, if anything.
    fn with_memos(
        self,
        expr: Arc<dyn PhysicalExpr>,
        schema: &Schema,
        share: &dyn Fn(&PerText) -> Option<PerText>,
    ) -> Result<Transformed<Arc<dyn PhysicalExpr>>> {
        expr.transform_down(|part| {
            if let Some(known) = part.downcast_ref::<PerText>() {
                let shared = share(known).map(|memo| Arc::new(memo) as Arc<dyn PhysicalExpr>);
                let (is_changed, memo) = (shared.is_some(), shared.unwrap_or_else(|| Arc::clone(&part)));
                return Ok(Transformed::new(memo, is_changed, TreeNodeRecursion::Jump));
            }
            if !is_remembered(&part, schema) || (self == Self::BeforeScans && reads_stored_paths(&part)) {
                return Ok(Transformed::no(part));
            }
            let memo = PerText::new(part)?;
            let memo = Arc::new(share(&memo).unwrap_or(memo)) as Arc<dyn PhysicalExpr>;
            Ok(Transformed::new(memo, true, TreeNodeRecursion::Jump))
        })
    }
}

/// Whether a part is a path that a table may keep beside its document.
fn reads_stored_paths(expr: &Arc<dyn PhysicalExpr>) -> bool {
    let is_stored = |part: &Arc<dyn PhysicalExpr>| {
        let call = part.downcast_ref::<ScalarFunctionExpr>();
        let path = call.and_then(|call| call.fun().inner().downcast_ref::<JsonPath>());
        Ok(path.is_some_and(JsonPath::is_stored))
    };
    expr.exists(is_stored).unwrap_or(true)
}

/// Whether an expression consists of functions of one column of texts, one of which costs more than remembering what it gave.
fn is_remembered(expr: &Arc<dyn PhysicalExpr>, schema: &Schema) -> bool {
    let columns = collect_columns(expr);
    let is_text = |column: &Column| {
        schema.fields().get(column.index()).is_some_and(|field| *field.data_type() == DataType::Utf8View)
    };
    let mut is_worth_it = false;
    let mut is_known = columns.len() == 1 && columns.iter().all(is_text);
    let walked = expr.apply(|part| {
        if let Some(call) = part.downcast_ref::<ScalarFunctionExpr>() {
            let cost = cost_of(call.fun());
            is_known &= cost.is_some();
            is_worth_it |= cost == Some(Cost::High);
        } else {
            is_known &= part.downcast_ref::<Column>().is_some() || part.downcast_ref::<Literal>().is_some();
        }
        Ok(if is_known { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    });
    walked.is_ok() && is_known && is_worth_it
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cost {
    Low,
    High,
}

/// What a function costs; nothing for those that are not known to depend on their arguments alone.
fn cost_of(function: &ScalarUDF) -> Option<Cost> {
    let inner = function.inner();
    if inner.downcast_ref::<JsonPath>().is_some() {
        return Some(Cost::High);
    }
    if let Some(kernel) = inner.downcast_ref::<KernelUdf>() {
        let is_read = matches!(kernel.kernel(), Kernel::Cast { from: Type::Dynamic | Type::String, .. });
        return Some(if is_read { Cost::High } else { Cost::Low });
    }
    let function = inner.downcast_ref::<KqlScalarUdf>()?;
    match (function.is_deterministic(), function.is_cheap()) {
        (false, _) => None,
        (true, true) => Some(Cost::Low),
        (true, false) => Some(Cost::High),
    }
}
