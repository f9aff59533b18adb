//! Data collection rules, and the Logs Ingestion API that they belong to.
//!
//! | module | concept |
//! |---|---|
//! | `rule` | a rule: its streams, and where their rows go |
//! | `read_rule` | a rule from the body that Azure's clients send, or from the configuration |
//! | `rule_set` | all rules, by their immutable ids |
//! | `resources` | rules and endpoints as resources of Azure Resource Manager |
//! | `transform` | `transformKql` over a batch |
//! | `logs_ingestion` | `POST /dataCollectionRules/{id}/streams/{stream}` |

mod logs_ingestion;
mod read_rule;
mod resources;
mod rule;
mod rule_set;
mod transform;

use crate::service::route::Route;

pub(crate) use read_rule::RuleConfig;
pub(super) use resources::load;
pub(crate) use rule_set::Rules;

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    [logs_ingestion::routes(), resources::routes()].concat()
}
