//! What a row of a rule's answer says: when, about what, with which details.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDateTime, Utc};
use schema::{AlertEvent, Entity};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::Rule;
use crate::entity_mapping::{entities_of, value_text};

/// Columns that hold when a row's events began, best first.
const START_COLUMNS: [&str; 12] = [
    "StartTime",
    "StartTimeUtc",
    "FirstSeen",
    "FirstActivity",
    "FirstEvent",
    "min_TimeGenerated",
    "TimeGenerated",
    "Timestamp",
    "timestamp",
    "EventTime",
    "TimeCreated",
    "TimeGenerated1",
];
/// Columns that hold when they ended, best first.
const END_COLUMNS: [&str; 6] = ["EndTime", "EndTimeUtc", "LastSeen", "LastActivity", "LastEvent", "max_TimeGenerated"];
/// Most values of a custom detail (the product's limit).
pub(crate) const MAX_DETAIL_VALUES: usize = 50;
/// Longest custom detail with all its values, in bytes (the product's limit).
pub(crate) const MAX_DETAIL_BYTES: usize = 2 * 1024;

/// Custom details: key to distinct values.
pub(crate) type Details = BTreeMap<String, Vec<String>>;

/// A row and what it means for an alert.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    /// The row and its times.
    pub(crate) event: AlertEvent,
    /// What it names.
    pub(crate) entities: Vec<Entity>,
    /// Keys of what it names.
    pub(crate) keys: BTreeSet<String>,
    /// `customDetails`.
    pub(crate) details: Details,
}

impl Finding {
    pub(crate) fn new(rule: &Rule, row: Map<String, Value>) -> Self {
        let first_time = |columns: &[&str]| columns.iter().find_map(|column| datetime(row.get(*column)?));
        let (start, end) = (first_time(&START_COLUMNS), first_time(&END_COLUMNS));
        let (start, end) = match (start.or(end), end.or(start)) {
            (Some(start), Some(end)) if end < start => (Some(end), Some(start)),
            times => times,
        };
        let entities = entities_of(rule, &row);
        let keys = entities.iter().map(Entity::key).collect();
        let mut details = Details::new();
        for (key, column) in &rule.custom_details {
            if let Some(text) = row.get(column).and_then(value_text) {
                add_detail(&mut details, key, text);
            }
        }
        Self { event: AlertEvent { start, end, row }, entities, keys, details }
    }

    /// The same for the same events seen again: a hash of rule, event times, entities and custom details. `None` for a row
    /// without a time, which cannot be told from a later one like it.
    pub(crate) fn identity(&self, rule: &Rule) -> Option<Uuid> {
        let (start, end) = (self.event.start?, self.event.end?);
        let mut text = format!("{}\n{}\n{}", rule.id, start.timestamp_micros(), end.timestamp_micros());
        for key in &self.keys {
            text += "\n";
            text += key;
        }
        for (key, values) in &self.details {
            text += &format!("\n{key}={values:?}");
        }
        Some(Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()))
    }
}

/// Adds a value to a detail unless it is there or the detail is full.
pub(crate) fn add_detail(details: &mut Details, key: &str, value: String) {
    let values = details.entry(key.to_owned()).or_default();
    let bytes: usize = values.iter().map(String::len).sum();
    if values.len() < MAX_DETAIL_VALUES && bytes + value.len() <= MAX_DETAIL_BYTES && !values.contains(&value) {
        values.push(value);
    }
}

/// A time as the engine prints it; also without a zone, which then is UTC.
fn datetime(value: &Value) -> Option<DateTime<Utc>> {
    let text = value.as_str()?;
    let zoned = DateTime::parse_from_rfc3339(text).ok().map(|time| time.with_timezone(&Utc));
    zoned.or_else(|| text.parse::<NaiveDateTime>().ok().map(|time| time.and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_rule;
    use serde_json::json;

    fn rule() -> Rule {
        let text = "id: 2b4c5d6e-0000-4000-8000-000000000001\nname: N\nseverity: Low\nqueryFrequency: 5m\nqueryPeriod: 1h\n\
                    triggerOperator: gt\ntriggerThreshold: 0\nquery: SigninLogs\ncustomDetails: {Attempts: Count}\n";
        parse_rule("r.yaml", text).expect("valid")
    }

    fn finding(row: Value) -> Finding {
        Finding::new(&rule(), row.as_object().cloned().expect("a row"))
    }

    #[test]
    fn times_come_from_the_best_column() {
        let found = finding(
            json!({"TimeGenerated": "2021-01-01T00:00:00Z", "StartTime": "2021-01-01T01:00:00.1234567Z", "LastSeen": "2021-01-01T02:00:00"}),
        );
        assert_eq!(
            found.event.start.map(|time| time.to_rfc3339()),
            Some("2021-01-01T01:00:00.123456700+00:00".to_owned())
        );
        assert_eq!(found.event.end.map(|time| time.to_rfc3339()), Some("2021-01-01T02:00:00+00:00".to_owned()));
        let single = finding(json!({"TimeGenerated": "2021-01-01T00:00:00Z"}));
        assert_eq!(single.event.start, single.event.end);
        assert!(finding(json!({"Count": 1})).event.start.is_none());
    }

    #[test]
    fn times_in_the_wrong_order_are_swapped() {
        let found = finding(json!({"StartTime": "2021-01-02T00:00:00Z", "EndTime": "2021-01-01T00:00:00Z"}));
        assert!(found.event.start < found.event.end);
    }

    #[test]
    fn identity_changes_with_times_and_details_only() {
        let base = json!({"TimeGenerated": "2021-01-01T00:00:00Z", "Count": 1, "Note": "a"});
        let identity = |row: Value| finding(row).identity(&rule());
        assert_eq!(
            identity(base.clone()),
            identity(json!({"TimeGenerated": "2021-01-01T00:00:00Z", "Count": 1, "Note": "b"}))
        );
        assert_ne!(identity(base.clone()), identity(json!({"TimeGenerated": "2021-01-01T00:00:00Z", "Count": 2})));
        assert_ne!(identity(base), identity(json!({"TimeGenerated": "2021-01-01T00:00:01Z", "Count": 1})));
        assert_eq!(identity(json!({"Count": 1})), None);
    }

    #[test]
    fn a_detail_keeps_few_short_values() {
        let mut details = Details::new();
        for number in 0..100 {
            add_detail(&mut details, "a", number.to_string());
            add_detail(&mut details, "b", "x".repeat(1_000) + &number.to_string());
        }
        assert_eq!((details["a"].len(), details["b"].len()), (MAX_DETAIL_VALUES, 2));
    }
}
