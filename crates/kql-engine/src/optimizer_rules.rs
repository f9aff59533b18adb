//! The rules of DataFusion's logical optimizer that can do something for the plans of KQL queries.

use std::sync::Arc;

use datafusion::optimizer::{Optimizer, OptimizerRule};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;

use crate::bounded_filters::{
    BoundedFilters, BoundedProjections, BoundedPushDown, LOGICAL_RULE, PHYSICAL_RULE, PROJECTION_RULE,
};
use crate::build_sides::BuildSides;
use crate::first_rows::FirstRows;
use crate::late_rows::LateRows;
use crate::outer_joins::OuterJoins;
use crate::promising_scans::PromisingScans;
use crate::prune::{PRUNING_RULE, PruneColumns};
use crate::same_texts::SameTexts;
use crate::shared_groups::SharedGroups;
use crate::spilling_joins::SpillingJoins;
use crate::stored_reads::StoredReadsBelowFilters;
use crate::text_memos::TextMemos;
use crate::text_partners::TextPartners;
use crate::time_window_join::TimeWindowJoins;

/// Rules for what bound plans never hold. Each rule walks over all expressions of a plan, up to three times.
///
/// There are no subqueries (`toscalar` and `in (table)` run first), joins come with their keys taken out of the
/// condition, `distinct` is bound as groups, and null keys match each other, so that no key may be filtered by null.
/// To find out whether a filter refuses the nulls of an outer join, DataFusion's rule writes all projections below it into it,
/// which doubles with each stage that names a column twice: [`OuterJoins`] is our own.
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

/// DataFusion's rule that chooses the kind and the sides of joins.
const JOIN_SELECTION: &str = "join_selection";

/// DataFusion's rule that spreads and sorts rows as operators need them.
const REQUIREMENTS: &str = "EnsureRequirements";

/// DataFusion's rule that asks scans for an order.
const SORT_RULE: &str = "PushdownSort";

/// Whether a rule is run a second time.
pub(crate) fn is_worth_repeating(rule: &str) -> bool {
    REPEATED.contains(&rule)
}

/// The rules in DataFusion's order, then ours.
pub(crate) fn rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    let needed = Optimizer::new().rules.into_iter().filter(|rule| !NEVER_NEEDED.contains(&rule.name()));
    let bounded = |rule: Arc<dyn OptimizerRule + Send + Sync>| -> Arc<dyn OptimizerRule + Send + Sync> {
        match rule.name() {
            LOGICAL_RULE => Arc::new(BoundedPushDown(rule)),
            PRUNING_RULE => Arc::new(PruneColumns),
            _ => rule,
        }
    };
    let mut rules: Vec<_> = needed.map(bounded).collect();
    let filters = rules.iter().position(|rule| rule.name() == LOGICAL_RULE).unwrap_or(rules.len());
    rules.insert(filters, Arc::new(OuterJoins));
    rules.push(Arc::new(LateRows));
    rules
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
    let mut rules: Vec<_> = PhysicalOptimizer::new().rules.into_iter().map(bounded).collect();
    let selected = rules.iter().position(|rule| rule.name() == JOIN_SELECTION).map_or(0, |at| at + 1);
    let own: [Arc<dyn PhysicalOptimizerRule + Send + Sync>; 4] =
        [Arc::new(BuildSides), Arc::new(SpillingJoins), Arc::new(FirstRows), Arc::new(TimeWindowJoins)];
    rules.splice(selected..selected, own);
    // Once filters were moved through aggregations, before rows are spread for them.
    let spread = rules.iter().position(|rule| rule.name() == REQUIREMENTS).unwrap_or(selected + 1);
    rules.splice(
        spread..spread,
        [Arc::new(TextPartners) as Arc<dyn PhysicalOptimizerRule + Send + Sync>, Arc::new(SharedGroups)],
    );
    let merged = rules.iter().position(|rule| rule.name() == PROJECTION_RULE).unwrap_or(rules.len());
    rules.insert(merged, Arc::new(TextMemos::BeforeScans));
    let sorted = rules.iter().position(|rule| rule.name() == SORT_RULE).unwrap_or(rules.len());
    rules.insert(sorted, Arc::new(PromisingScans));
    rules.insert(0, Arc::new(StoredReadsBelowFilters));
    rules.push(Arc::new(TextMemos::Last));
    rules.push(Arc::new(SameTexts));
    rules
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
        assert!(physical_rules().iter().any(|rule| rule.name() == JOIN_SELECTION));
        assert!(physical_rules().iter().any(|rule| rule.name() == REQUIREMENTS));
        assert!(physical_rules().iter().any(|rule| rule.name() == SORT_RULE));
        // Two rules are ours.
        assert_eq!(rules().len() - 2 + NEVER_NEEDED.len(), Optimizer::new().rules.len());
        assert!(rules().iter().any(|rule| rule.name() == LOGICAL_RULE));
    }
}
