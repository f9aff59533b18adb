//! All rules, by their immutable ids.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::read_rule::RuleConfig;
use super::rule::Rule;

/// The rules that senders may name.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    by_id: RwLock<HashMap<String, Arc<Rule>>>,
}

impl Rules {
    /// The rules of the configuration, which was checked, and the one that is always there.
    pub(crate) fn new(configured: &[RuleConfig]) -> Self {
        let rules = Self::default();
        rules.put(Rule::open());
        for rule in configured.iter().filter_map(|rule| rule.rule().ok()) {
            rules.put(rule);
        }
        rules
    }

    /// The rule of this id.
    pub(crate) fn rule(&self, immutable_id: &str) -> Option<Arc<Rule>> {
        self.by_id.read().unwrap_or_else(PoisonError::into_inner).get(immutable_id).cloned()
    }

    /// Adds a rule, or puts it in place of the one of its id.
    pub(crate) fn put(&self, rule: Rule) {
        let mut rules = self.by_id.write().unwrap_or_else(PoisonError::into_inner);
        rules.insert(rule.immutable_id.clone(), Arc::new(rule));
    }

    /// Removes a rule.
    pub(crate) fn remove(&self, immutable_id: &str) {
        self.by_id.write().unwrap_or_else(PoisonError::into_inner).remove(immutable_id);
    }
}
