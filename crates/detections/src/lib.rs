//! Analytics rules: their YAML form, the replay of their schedule, the alerts they make, tests of rules as data,
//! and the context that rules read.
//!
//! Knows nothing of storage or of the query engine: whoever replays rules hands in a [`RunQuery`].

mod activity;
mod alert_details;
mod alert_log;
mod context;
mod context_key;
mod context_yaml;
mod duration;
mod entity_mapping;
mod finding;
mod rule;
mod rule_error;
mod rule_folder;
mod rule_yaml;
mod run;
mod schedule;
mod test_cases;
mod yaml_fields;

pub use activity::{Activity, BUCKET};
pub use alert_details::{AlertDetails, MAX_ALERT_DESCRIPTION_CHARACTERS, MAX_ALERT_NAME_CHARACTERS};
pub use context::{Context, ContextEntry, ContextList, Origin};
pub use context_yaml::{MAX_CONTEXT_BYTES, parse_context};
pub use entity_mapping::{EntityMapping, FieldMapping, MAX_ALERT_ENTITIES};
pub use rule::{DataConnector, EventGrouping, Rule, RuleKind, Trigger, TriggerOperator};
pub use rule_error::RuleError;
pub use rule_folder::{RuleSet, load_folder, load_tests, tests_path};
pub use rule_yaml::parse_rule;
pub use run::{MAX_ALERTS_PER_RUN, QueryRows, RuleOutcome, RuleReplay, RuleStatus, RunQuery, replay, replay_rule};
pub use schedule::{Schedule, Span, Window, WindowFilter};
pub use test_cases::{Expectation, ExpectedEntity, RuleTest, evaluate, parse_tests};
