//! Places the operator.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::HashJoinExec;

use super::exec::TimeWindowJoinExec;

/// Replaces hash joins whose filter holds the times of both sides within a window. Runs where the kind and the sides of joins are
/// settled and rows are not spread yet. Sort-merge joins stay: they are there where memory did not suffice (`spilling_joins`).
#[derive(Debug, Default)]
pub(crate) struct TimeWindowJoins;

impl PhysicalOptimizerRule for TimeWindowJoins {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_down(|node| {
            let join = node.downcast_ref::<HashJoinExec>().map(TimeWindowJoinExec::instead_of).transpose()?.flatten();
            Ok(match join {
                Some(join) => Transformed::yes(Arc::new(join) as Arc<dyn ExecutionPlan>),
                None => Transformed::no(node),
            })
        })
        .data()
    }

    fn name(&self) -> &str {
        "TimeWindowJoins"
    }

    fn schema_check(&self) -> bool {
        true
    }
}
