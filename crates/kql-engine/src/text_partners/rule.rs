//! Places the operator.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::joins::HashJoinExec;

use super::exec::TextPartnersExec;

/// Replaces semi joins that keep the texts of one side in memory for all partitions of the other. Where memory did not suffice (no hash joins, see
/// the engine), they stay: they can go to disk.
#[derive(Debug, Default)]
pub(crate) struct TextPartners;

impl PhysicalOptimizerRule for TextPartners {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        if !config.optimizer.prefer_hash_join {
            return Ok(plan);
        }
        plan.transform_up(|node| {
            let join = node.downcast_ref::<HashJoinExec>().map(|join| TextPartnersExec::of_join(join, &node));
            Ok(match join.transpose()?.flatten() {
                Some(partners) => Transformed::yes(Arc::new(partners) as Arc<dyn ExecutionPlan>),
                None => Transformed::no(node),
            })
        })
        .data()
    }

    fn name(&self) -> &str {
        "TextPartners"
    }

    fn schema_check(&self) -> bool {
        true
    }
}
