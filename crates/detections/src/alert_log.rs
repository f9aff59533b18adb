//! The alerts of one rule over a replay: the same finding makes no second alert.
//!
//! Windows overlap, so a run sees again what the run before saw. Three rules keep that to one alert:
//! 1. A row whose times, entities and custom details were seen before is no finding.
//! 2. A row whose times lie inside those of a row seen before, about the same entities, is the tail of what is known: no finding.
//! 3. A finding about the entities of an earlier alert (all of them, or all of its own) whose time overlaps that alert's extends it:
//!    a burst that grows from window to window is one alert.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use schema::{Alert, AlertQuery, MAX_ALERT_EVENTS};
use serde_json::Map;
use uuid::Uuid;

use crate::duration::clock_text;
use crate::entity_mapping::add_entity;
use crate::finding::{Details, Finding, add_detail};
use crate::{Rule, Window};

/// Alerts of a rule so far.
pub(crate) struct AlertLog<'a> {
    rule: &'a Rule,
    seen: HashSet<Uuid>,
    known: Vec<Known>,
    /// Entity key to alerts that name it; `""` to alerts that name nothing.
    by_key: HashMap<String, Vec<usize>>,
}

struct Known {
    alert: Alert,
    keys: BTreeSet<String>,
    /// Times and entity keys of the alert's events.
    events: Vec<(Times, BTreeSet<String>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Times {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

impl Times {
    fn overlaps(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    fn covers(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

impl<'a> AlertLog<'a> {
    pub(crate) fn new(rule: &'a Rule) -> Self {
        Self { rule, seen: HashSet::new(), known: Vec::new(), by_key: HashMap::new() }
    }

    /// The alerts, in the order in which they were found.
    pub(crate) fn into_alerts(self) -> Vec<Alert> {
        self.known.into_iter().map(|known| known.alert).collect()
    }

    /// Whether a finding says something new (rules 1 and 2).
    pub(crate) fn is_news(&mut self, finding: &Finding) -> bool {
        if finding.identity(self.rule).is_some_and(|identity| !self.seen.insert(identity)) {
            return false;
        }
        let (Some(start), Some(end)) = (finding.event.start, finding.event.end) else { return true };
        let times = Times { start, end };
        let is_tail_of = |(known, keys): &(Times, BTreeSet<String>)| {
            known.covers(times) && *known != times && finding.keys.is_subset(keys)
        };
        !self.naming(&finding.keys).any(|index| self.known[index].events.iter().any(is_tail_of))
    }

    /// Makes an alert of findings, or extends an earlier one (rule 3). No findings: an alert about the window itself.
    /// True when there is a new alert.
    pub(crate) fn add(&mut self, window: Window, findings: Vec<Finding>) -> bool {
        let candidate = self.build(window, findings);
        match self.to_extend(&candidate) {
            Some(index) => {
                self.known[index].extend(candidate);
                for key in index_keys(&self.known[index].keys) {
                    let alerts = self.by_key.entry(key).or_default();
                    if !alerts.contains(&index) {
                        alerts.push(index);
                    }
                }
                false
            }
            None => {
                for key in index_keys(&candidate.keys) {
                    self.by_key.entry(key).or_default().push(self.known.len());
                }
                self.known.push(candidate);
                true
            }
        }
    }

    fn naming(&self, keys: &BTreeSet<String>) -> impl Iterator<Item = usize> {
        index_keys(keys).filter_map(|key| self.by_key.get(&key)).flat_map(|alerts| alerts.iter().rev().copied())
    }

    fn to_extend(&self, candidate: &Known) -> Option<usize> {
        self.naming(&candidate.keys).find(|&index| {
            let known = &self.known[index];
            let same = known.keys.is_subset(&candidate.keys) || candidate.keys.is_subset(&known.keys);
            same && known.keys.is_empty() == candidate.keys.is_empty() && known.times().overlaps(candidate.times())
        })
    }

    fn build(&self, window: Window, findings: Vec<Finding>) -> Known {
        let rule = self.rule;
        let events: Vec<(Times, BTreeSet<String>)> =
            findings.iter().map(|finding| (times_of(finding, window), finding.keys.clone())).collect();
        let whole = Times { start: window.start, end: window.end - TimeDelta::microseconds(1) };
        let start = events.iter().map(|(times, _)| times.start).min().unwrap_or(whole.start);
        let end = events.iter().map(|(times, _)| times.end).max().unwrap_or(whole.end);
        let mut entities = Vec::new();
        let mut details = Details::new();
        for finding in &findings {
            finding.entities.iter().for_each(|entity| add_entity(&mut entities, entity.clone()));
            for (key, values) in &finding.details {
                values.iter().for_each(|value| add_detail(&mut details, key, value.clone()));
            }
        }
        let keys: BTreeSet<String> = findings.iter().flat_map(|finding| finding.keys.iter().cloned()).collect();
        let no_row = Map::new();
        let first = findings.first().map_or(&no_row, |finding| &finding.event.row);
        let severity = findings.iter().filter_map(|finding| rule.alert_details.severity(&finding.event.row)).max();
        let tactics = Some(rule.alert_details.tactics(first)).filter(|tactics| !tactics.is_empty());
        let (sub_techniques, techniques) = split_techniques(&rule.techniques);
        let alert = Alert {
            id: alert_id(rule, start, end, &keys, &details),
            rule_id: rule.id.clone(),
            tenant: None,
            rule_name: rule.name.clone(),
            rule_version: rule.version.clone(),
            display_name: rule.alert_details.display_name(&rule.name, first),
            description: rule.alert_details.description(&rule.description, first),
            severity: severity.unwrap_or(rule.severity),
            tactics: tactics.unwrap_or_else(|| rule.tactics.clone()),
            techniques,
            sub_techniques,
            entities,
            start,
            end,
            generated: window.end,
            updated: window.end,
            custom_details: details,
            query: alert_query(rule, window),
            overrides: rule.alert_details.properties(first),
            event_count: findings.len(),
            events: findings.into_iter().take(MAX_ALERT_EVENTS).map(|finding| finding.event).collect(),
            remediation: Vec::new(),
        };
        Known { alert, keys, events }
    }
}

impl Known {
    fn times(&self) -> Times {
        Times { start: self.alert.start, end: self.alert.end }
    }

    /// Takes over what a later window saw. Titles and details follow the finding that covers the whole alert, for it counts all
    /// of it; otherwise the earlier ones stay and values are added.
    fn extend(&mut self, newer: Self) {
        let covers = newer.times().covers(self.times()) && self.keys.is_subset(&newer.keys);
        let replaced = |(times, keys): &(Times, BTreeSet<String>)| {
            newer.events.iter().any(|(newer_times, newer_keys)| {
                newer_times.covers(*times) && newer_times != times && keys.is_subset(newer_keys)
            })
        };
        let kept: Vec<bool> = self.events.iter().map(|event| !replaced(event)).collect();
        let alert = &mut self.alert;
        let mut keep = kept.iter().copied();
        alert.events.retain(|_| keep.next().unwrap_or(true));
        let mut keep = kept.iter().copied();
        self.events.retain(|_| keep.next().unwrap_or(true));
        self.events.extend(newer.events);
        alert.event_count = self.events.len();
        let free = MAX_ALERT_EVENTS.saturating_sub(alert.events.len());
        alert.events.extend(newer.alert.events.into_iter().take(free));
        alert.start = alert.start.min(newer.alert.start);
        alert.end = alert.end.max(newer.alert.end);
        alert.updated = newer.alert.updated;
        alert.severity = alert.severity.max(newer.alert.severity);
        newer.alert.entities.into_iter().for_each(|entity| add_entity(&mut alert.entities, entity));
        alert.tactics.extend(newer.alert.tactics);
        alert.tactics.sort_unstable();
        alert.tactics.dedup();
        if covers {
            alert.display_name = newer.alert.display_name;
            alert.description = newer.alert.description;
            alert.custom_details = newer.alert.custom_details;
            alert.overrides = newer.alert.overrides;
        } else {
            for (key, values) in newer.alert.custom_details {
                values.into_iter().for_each(|value| add_detail(&mut alert.custom_details, &key, value));
            }
        }
        self.keys.extend(newer.keys);
    }
}

/// Keys under which an alert is found; one that names nothing is found under the empty key.
fn index_keys(keys: &BTreeSet<String>) -> impl Iterator<Item = String> {
    keys.iter().cloned().chain(keys.is_empty().then(String::new))
}

fn times_of(finding: &Finding, window: Window) -> Times {
    Times {
        start: finding.event.start.unwrap_or(window.start),
        end: finding.event.end.unwrap_or(window.end - TimeDelta::microseconds(1)),
    }
}

fn alert_id(
    rule: &Rule,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    keys: &BTreeSet<String>,
    details: &Details,
) -> String {
    let text =
        format!("alert\n{}\n{}\n{}\n{keys:?}\n{details:?}", rule.id, start.timestamp_micros(), end.timestamp_micros());
    Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).to_string()
}

fn alert_query(rule: &Rule, window: Window) -> AlertQuery {
    AlertQuery {
        text: rule.query.clone(),
        period: clock_text(rule.period),
        start: Some(window.start),
        end: Some(window.end),
        trigger_operator: rule.trigger.operator.as_str().to_owned(),
        trigger_threshold: rule.trigger.threshold,
        event_grouping: rule.event_grouping.as_str().to_owned(),
    }
}

/// Sub-techniques, and techniques with those that sub-techniques belong to.
fn split_techniques(all: &[String]) -> (Vec<String>, Vec<String>) {
    let sub: Vec<String> = all.iter().filter(|technique| technique.contains('.')).cloned().collect();
    let base: BTreeSet<&str> = all.iter().filter_map(|technique| technique.split('.').next()).collect();
    (sub, base.into_iter().map(str::to_owned).collect())
}
