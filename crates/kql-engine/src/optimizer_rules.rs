//! The rules of DataFusion's logical optimizer that can do something for the plans of KQL queries.

use std::sync::Arc;

use datafusion::optimizer::{Optimizer, OptimizerRule};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;

use crate::bounded_filters::{
    BoundedFilters, BoundedProjections, BoundedPushDown, LOGICAL_RULE, PHYSICAL_RULE, PROJECTION_RULE,
};
use crate::prune::{PRUNING_RULE, PruneColumns};

/// Rules for what bound plans never hold. Each rule walks over all expressions of a plan, up to three times.
///
/// There are no subqueries (`toscalar` and `in (table)` run first), joins come with their keys taken out of the
/// condition, `distinct` is bound as groups, and null keys match each other, so that no key may be filtered by null.
/// Outer joins become inner ones only behind filters that refuse null, which KQL's hardly do; to find out, the rule
/// writes all projections below a filter into it, which doubles with each stage that names a column twice.
const NEVER_NEEDED: [&str; 8] = [
    "rewrite_set_comparison",
    "decorrelate_predicate_subquery",
    "scalar_subquery_to_join",
    "decorrelate_lateral_join",
    "extract_equijoin_predicate",
    "replace_distinct_aggregate",
    "filter_null_join_keys",
    "eliminate_outer_join",
];

/// Rules that may find more once all rules have run: a filter that moved to where its columns are constants is worked out,
/// and one that a table takes over no longer keeps a limit from it.
const REPEATED: [&str; 6] = [
    "simplify_expressions",
    "eliminate_filter",
    "propagate_empty_relation",
    "push_down_limit",
    LOGICAL_RULE,
    PRUNING_RULE,
];

/// Whether a rule is run a second time.
pub(crate) fn is_worth_repeating(rule: &str) -> bool {
    REPEATED.contains(&rule)
}

/// The rules in DataFusion's order.
pub(crate) fn rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    let needed = Optimizer::new().rules.into_iter().filter(|rule| !NEVER_NEEDED.contains(&rule.name()));
    let bounded = |rule: Arc<dyn OptimizerRule + Send + Sync>| -> Arc<dyn OptimizerRule + Send + Sync> {
        match rule.name() {
            LOGICAL_RULE => Arc::new(BoundedPushDown(rule)),
            PRUNING_RULE => Arc::new(PruneColumns),
            _ => rule,
        }
    };
    needed.map(bounded).collect()
}

/// The rules for physical plans in DataFusion's order.
pub(crate) fn physical_rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    let bounded = |rule: Arc<dyn PhysicalOptimizerRule + Send + Sync>| -> Arc<dyn PhysicalOptimizerRule + Send + Sync> {
        match rule.name() {
            PROJECTION_RULE => Arc::new(BoundedProjections(rule)),
            name if name.starts_with(PHYSICAL_RULE) => Arc::new(BoundedFilters(rule)),
            _ => rule,
        }
    };
    PhysicalOptimizer::new().rules.into_iter().map(bounded).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_that_are_left_out_or_bounded_exist() {
        for name in REPEATED {
            assert!(rules().iter().any(|rule| rule.name() == name), "{name}");
        }
        assert_eq!(physical_rules().iter().filter(|rule| rule.name().starts_with(PHYSICAL_RULE)).count(), 2);
        assert!(physical_rules().iter().any(|rule| rule.name() == PROJECTION_RULE));
        assert_eq!(rules().len() + NEVER_NEEDED.len(), Optimizer::new().rules.len());
    }
}
