//! Titles, descriptions, severities and tactics that alerts take from columns (`alertDetailsOverride`).

use std::collections::BTreeMap;

use schema::{Severity, Tactic};
use serde_json::{Map, Value};

use crate::entity_mapping::value_text;

/// Longest title of an alert (the product's limit); longer ones are cut.
pub const MAX_ALERT_NAME_CHARACTERS: usize = 256;
/// Longest description of an alert (the product's limit); longer ones are cut.
pub const MAX_ALERT_DESCRIPTION_CHARACTERS: usize = 5_000;

/// What alerts of a rule take from columns; what is `None`, or empty in a row, stays the rule's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlertDetails {
    /// Title with `{{Column}}` places.
    pub display_name_format: Option<String>,
    /// Description with `{{Column}}` places.
    pub description_format: Option<String>,
    /// Column with `High`, `Medium`, `Low` or `Informational`.
    pub severity_column: Option<String>,
    /// Column with tactics: a list, or names with commas between.
    pub tactics_column: Option<String>,
    /// Property of `SecurityAlert`, such as `AlertLink`, and its column.
    pub dynamic_properties: Vec<(String, String)>,
}

impl AlertDetails {
    pub(crate) fn display_name(&self, rule_name: &str, row: &Map<String, Value>) -> String {
        let filled = self.display_name_format.as_deref().and_then(|format| fill(format, row));
        cut(filled.as_deref().unwrap_or(rule_name), MAX_ALERT_NAME_CHARACTERS)
    }

    pub(crate) fn description(&self, rule_description: &str, row: &Map<String, Value>) -> String {
        let filled = self.description_format.as_deref().and_then(|format| fill(format, row));
        cut(filled.as_deref().unwrap_or(rule_description), MAX_ALERT_DESCRIPTION_CHARACTERS)
    }

    pub(crate) fn severity(&self, row: &Map<String, Value>) -> Option<Severity> {
        row.get(self.severity_column.as_ref()?)?.as_str()?.parse().ok()
    }

    pub(crate) fn tactics(&self, row: &Map<String, Value>) -> Vec<Tactic> {
        let Some(value) = self.tactics_column.as_ref().and_then(|column| row.get(column)) else { return Vec::new() };
        let parsed = value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let names: Vec<&str> = match (parsed.as_ref().unwrap_or(value), value) {
            (Value::Array(names), _) => names.iter().filter_map(Value::as_str).collect(),
            (_, Value::String(text)) => text.split(',').collect(),
            _ => Vec::new(),
        };
        let mut tactics: Vec<Tactic> = names.into_iter().filter_map(|name| name.parse().ok()).collect();
        tactics.sort_unstable();
        tactics.dedup();
        tactics
    }

    pub(crate) fn properties(&self, row: &Map<String, Value>) -> BTreeMap<String, String> {
        let pair = |(name, column): &(String, String)| Some((name.clone(), value_text(row.get(column)?)?));
        self.dynamic_properties.iter().filter_map(pair).collect()
    }
}

/// Puts column values into `{{Column}}` places. `None` when a column is absent or empty: the rule's own text is better than one
/// with a hole.
fn fill(format: &str, row: &Map<String, Value>) -> Option<String> {
    let mut filled = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once("{{") {
        let (column, after) = after.split_once("}}")?;
        filled.push_str(before);
        filled.push_str(&value_text(row.get(column.trim())?)?);
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

fn cut(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn row(value: Value) -> Map<String, Value> {
        value.as_object().cloned().expect("a row")
    }

    #[test]
    fn places_in_a_title_are_filled_from_the_row() {
        let details = AlertDetails {
            display_name_format: Some("{{ Count }} failures for {{User}}".to_owned()),
            ..Default::default()
        };
        assert_eq!(details.display_name("Rule", &row(json!({"Count": 9, "User": "a@b.c"}))), "9 failures for a@b.c");
        assert_eq!(details.display_name("Rule", &row(json!({"Count": 9, "User": ""}))), "Rule");
        assert_eq!(details.display_name("Rule", &row(json!({}))), "Rule");
    }

    #[test]
    fn a_broken_place_leaves_the_rules_own_title() {
        let details = AlertDetails { display_name_format: Some("failures {{User".to_owned()), ..Default::default() };
        assert_eq!(details.display_name("Rule", &row(json!({"User": "a"}))), "Rule");
    }

    #[test]
    fn severity_and_tactics_come_from_columns_when_they_are_valid() {
        let details = AlertDetails {
            severity_column: Some("S".to_owned()),
            tactics_column: Some("T".to_owned()),
            ..Default::default()
        };
        assert_eq!(details.severity(&row(json!({"S": "high"}))), Some(Severity::High));
        assert_eq!(details.severity(&row(json!({"S": "urgent"}))), None);
        for tactics in
            [json!("Impact, Discovery"), json!(["Discovery", "Impact", "Cunning"]), json!("[\"Impact\",\"Discovery\"]")]
        {
            assert_eq!(details.tactics(&row(json!({ "T": tactics }))), [Tactic::Discovery, Tactic::Impact]);
        }
    }

    #[test]
    fn a_long_title_is_cut() {
        let details = AlertDetails { display_name_format: Some("{{A}}".to_owned()), ..Default::default() };
        let name = details.display_name("Rule", &row(json!({"A": "é".repeat(300)})));
        assert_eq!(name.chars().count(), MAX_ALERT_NAME_CHARACTERS);
    }
}
