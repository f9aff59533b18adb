//! Joins that can have both of their sides on disk, where those that keep one in memory did not fit.

use std::sync::Arc;

use arrow::compute::SortOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::{HashJoinExec, SortMergeJoinExec};

/// Makes sort-merge joins of hash joins in sessions that prefer no hash joins. DataFusion's planner does so itself, but not for a
/// single partition.
#[derive(Debug, Default)]
pub(crate) struct SpillingJoins;

impl PhysicalOptimizerRule for SpillingJoins {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        if config.optimizer.prefer_hash_join {
            return Ok(plan);
        }
        plan.transform_up(|node| {
            Ok(match node.downcast_ref::<HashJoinExec>().map(sort_merge_join).transpose()?.flatten() {
                Some(join) => Transformed::yes(Arc::new(join) as Arc<dyn ExecutionPlan>),
                None => Transformed::no(node),
            })
        })
        .data()
    }

    fn name(&self) -> &str {
        "SpillingJoins"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn sort_merge_join(join: &HashJoinExec) -> Result<Option<SortMergeJoinExec>> {
    if join.contains_projection() || join.null_aware {
        return Ok(None);
    }
    let order = vec![SortOptions::default(); join.on.len()];
    let (left, right) = (Arc::clone(join.left()), Arc::clone(join.right()));
    let (on, filter) = (join.on.clone(), join.filter().cloned());
    SortMergeJoinExec::try_new(left, right, on, filter, join.join_type, order, join.null_equality).map(Some)
}
