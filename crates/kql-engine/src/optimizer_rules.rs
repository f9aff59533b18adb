//! The rules of DataFusion's logical optimizer that can do something for the plans of KQL queries.

use std::sync::Arc;

use datafusion::optimizer::{Optimizer, OptimizerRule};

/// Rules for what bound plans never hold. Each rule walks over all expressions of a plan, up to three times.
///
/// There are no subqueries (`toscalar` and `in (table)` run first), joins come with their keys taken out of the
/// condition, `distinct` is bound as groups, and null keys match each other, so that no key may be filtered by null.
const NEVER_NEEDED: [&str; 7] = [
    "rewrite_set_comparison",
    "decorrelate_predicate_subquery",
    "scalar_subquery_to_join",
    "decorrelate_lateral_join",
    "extract_equijoin_predicate",
    "replace_distinct_aggregate",
    "filter_null_join_keys",
];

/// The rules in DataFusion's order.
pub(crate) fn rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    Optimizer::new().rules.into_iter().filter(|rule| !NEVER_NEEDED.contains(&rule.name())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_that_are_left_out_exist() {
        assert_eq!(rules().len() + NEVER_NEEDED.len(), Optimizer::new().rules.len());
    }
}
