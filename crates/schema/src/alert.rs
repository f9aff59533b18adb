//! An alert and its row in `SecurityAlert`.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Entity, Severity, Tactic};

/// `ProviderName` of alerts of analytics rules. Sentinel's own value: published queries select such alerts by it.
pub const RULE_PROVIDER_NAME: &str = "ASI Scheduled Alerts";
/// `ProductName` of alerts of analytics rules, Sentinel's own value for the same reason.
pub const RULE_PRODUCT_NAME: &str = "Azure Sentinel";
/// `VendorName` of alerts of analytics rules, Sentinel's own value for the same reason.
pub const RULE_VENDOR_NAME: &str = "Microsoft";
/// `ProductComponentName` of alerts of analytics rules, Sentinel's own value.
const RULE_COMPONENT_NAME: &str = "Scheduled Alerts";
/// Most events an alert keeps; how many there were in all is in `event_count`.
pub const MAX_ALERT_EVENTS: usize = 1_000;

/// A row of a rule's answer that made an alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertEvent {
    /// When the row's events began; `None` when the row has no time.
    pub start: Option<DateTime<Utc>>,
    /// When the row's events ended; equal to `start` for a single event.
    pub end: Option<DateTime<Utc>>,
    /// The row: column to value.
    pub row: Map<String, Value>,
}

/// Longest `Entities` of a row, in bytes (the product's limit); entities beyond it stay out of the row.
const MAX_ENTITIES_BYTES: usize = 64 * 1024;

/// How the rule that made an alert was run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AlertQuery {
    /// The rule's KQL.
    pub text: String,
    /// How far back the rule looks, as the product writes it: `05:00:00`.
    pub period: String,
    /// Begin of the window in which the alert was found.
    pub start: Option<DateTime<Utc>>,
    /// End of that window (exclusive).
    pub end: Option<DateTime<Utc>>,
    /// `GreaterThan`, `LessThan`, `Equal` or `NotEqual`.
    pub trigger_operator: String,
    /// What the number of rows is compared with.
    pub trigger_threshold: u64,
    /// `SingleAlert` or `AlertPerResult`.
    pub event_grouping: String,
}

/// Something a rule found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// `SystemAlertId`: a GUID that depends on the rule and on what was found, so the same finding has the same id.
    pub id: String,
    /// The rule's GUID.
    pub rule_id: String,
    /// The Entra tenant whose rows made it; `None` where the rows name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The rule's name.
    pub rule_name: String,
    /// The rule's version, where it has one.
    pub rule_version: Option<String>,
    /// The title: the rule's name, or what `alertDetailsOverride` made of it.
    pub display_name: String,
    /// What it means and what to do.
    pub description: String,
    /// How serious it is.
    pub severity: Severity,
    /// ATT&CK tactics in the matrix's order.
    pub tactics: Vec<Tactic>,
    /// ATT&CK techniques without sub-techniques: `T1110`.
    pub techniques: Vec<String>,
    /// ATT&CK sub-techniques: `T1110.003`.
    pub sub_techniques: Vec<String>,
    /// What it is about, each once.
    pub entities: Vec<Entity>,
    /// When the first event happened.
    pub start: DateTime<Utc>,
    /// When the last event happened.
    pub end: DateTime<Utc>,
    /// `TimeGenerated`: the end of the rule's window that found it first.
    pub generated: DateTime<Utc>,
    /// The end of the last window that added to it.
    pub updated: DateTime<Utc>,
    /// `customDetails` of the rule: key to distinct values.
    pub custom_details: BTreeMap<String, Vec<String>>,
    /// How the rule was run.
    pub query: AlertQuery,
    /// `alertDynamicProperties` of the rule: column of `SecurityAlert` to value (`AlertLink`, `RemediationSteps`, …).
    pub overrides: BTreeMap<String, String>,
    /// The rows that made it, at most [`MAX_ALERT_EVENTS`].
    pub events: Vec<AlertEvent>,
    /// How many rows made it.
    pub event_count: usize,
    /// What to do about it, a step an element.
    pub remediation: Vec<String>,
}

impl Alert {
    /// The alert as a row of `SecurityAlert`. Entities and extended properties are JSON text, as the product stores them;
    /// `Entities` is numbered from `$id` 2 on, 1 being the alert itself.
    pub fn to_row(&self) -> Map<String, Value> {
        let text = |value: &str| Value::String(value.to_owned());
        let tactics: Vec<&str> = self.tactics.iter().map(|tactic| tactic.as_str()).collect();
        let mut row = Map::new();
        let mut set = |column: &str, value: Value| row.insert(column.to_owned(), value);
        set("TimeGenerated", time(self.generated));
        set("AlertLink", text(""));
        set("AlertName", text(&self.rule_name));
        set("AlertSeverity", text(self.severity.as_str()));
        set("AlertType", Value::String(format!("vedette_{}", self.rule_id)));
        set("CompromisedEntity", text(""));
        set("ConfidenceLevel", text(""));
        set("ConfidenceScore", Value::Null);
        set("Description", text(&self.description));
        set("DisplayName", text(&self.display_name));
        set("EndTime", time(self.end));
        set("Entities", Value::String(self.entities_text()));
        set("ExtendedLinks", text(""));
        set("ExtendedProperties", Value::String(Value::Object(self.extended_properties()).to_string()));
        set("IsIncident", Value::Bool(false));
        set("ProcessingEndTime", time(self.updated));
        set("ProductComponentName", text(RULE_COMPONENT_NAME));
        set("ProductName", text(RULE_PRODUCT_NAME));
        set("ProviderName", text(RULE_PROVIDER_NAME));
        set(
            "RemediationSteps",
            Value::String(if self.remediation.is_empty() {
                String::new()
            } else {
                json!(self.remediation).to_string()
            }),
        );
        set("ResourceId", text(""));
        set("SourceComputerId", text(""));
        set("StartTime", time(self.start));
        set("Status", text("New"));
        set("SubTechniques", json_list(&self.sub_techniques));
        set("SystemAlertId", text(&self.id));
        set("Tactics", Value::String(tactics.join(", ")));
        set("Techniques", json_list(&self.techniques));
        set("Type", text("SecurityAlert"));
        set("TenantId", text(self.tenant.as_deref().unwrap_or_default()));
        set("VendorName", text(RULE_VENDOR_NAME));
        set("VendorOriginalId", text(&self.id));
        set("WorkspaceResourceGroup", text(""));
        set("WorkspaceSubscriptionId", text(""));
        set("SourceSystem", text("Detection"));
        for (column, value) in &self.overrides {
            if row.contains_key(column.as_str()) {
                row.insert(column.clone(), override_value(column, value));
            }
        }
        row
    }

    fn entities_text(&self) -> String {
        let mut bytes = "[]".len();
        let numbered = self.entities.iter().zip(2..).map(|(entity, id)| entity.to_sentinel_json(id).to_string());
        let fitting = numbered.take_while(|text| {
            bytes += text.len() + 1;
            bytes <= MAX_ENTITIES_BYTES
        });
        format!("[{}]", fitting.collect::<Vec<_>>().join(","))
    }

    /// Keys as the product writes them, so that queries over `ExtendedProperties` find them.
    fn extended_properties(&self) -> Map<String, Value> {
        let mut properties = Map::new();
        let mut set = |key: &str, value: String| properties.insert(key.to_owned(), Value::String(value));
        set("Query Period", self.query.period.clone());
        set("Trigger Operator", self.query.trigger_operator.clone());
        set("Trigger Threshold", self.query.trigger_threshold.to_string());
        set("Search Query Results Overall Count", self.event_count.to_string());
        set("Query", self.query.text.clone());
        if let Some(start) = self.query.start {
            set("Query Start Time UTC", timestamp(start));
        }
        if let Some(end) = self.query.end {
            set("Query End Time UTC", timestamp(end));
        }
        set("Analytic Rule Ids", json!([self.rule_id]).to_string());
        set("Analytic Rule Name", self.rule_name.clone());
        if let Some(version) = &self.rule_version {
            set("Analytic Rule Version", version.clone());
        }
        set("Event Grouping", self.query.event_grouping.clone());
        if !self.custom_details.is_empty() {
            set("Custom Details", json!(self.custom_details).to_string());
        }
        properties
    }
}

fn override_value(column: &str, value: &str) -> Value {
    match column {
        "ConfidenceScore" => {
            value.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map_or(Value::Null, Value::Number)
        }
        "RemediationSteps" if !value.trim_start().starts_with('[') => Value::String(json!([value]).to_string()),
        _ => Value::String(value.to_owned()),
    }
}

fn json_list(values: &[String]) -> Value {
    Value::String(if values.is_empty() { String::new() } else { json!(values).to_string() })
}

pub(crate) fn timestamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

pub(crate) fn time(at: DateTime<Utc>) -> Value {
    Value::String(timestamp(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table;

    fn alert() -> Alert {
        let at = DateTime::from_timestamp(1_600_000_000, 0).expect("in range");
        Alert {
            id: "a1".to_owned(),
            rule_id: "r1".to_owned(),
            tenant: None,
            rule_name: "Spray".to_owned(),
            rule_version: Some("1.0.0".to_owned()),
            display_name: "Spray from 203.0.113.7".to_owned(),
            description: "Many accounts".to_owned(),
            severity: Severity::High,
            tactics: vec![Tactic::CredentialAccess, Tactic::InitialAccess],
            techniques: vec!["T1110".to_owned()],
            sub_techniques: vec!["T1110.003".to_owned()],
            entities: Entity::ip("203.0.113.7").into_iter().chain(Entity::account("a@b.c")).collect(),
            start: at,
            end: at,
            generated: at,
            updated: at,
            custom_details: BTreeMap::from([("Attempts".to_owned(), vec!["9".to_owned()])]),
            query: AlertQuery::default(),
            overrides: BTreeMap::from([
                ("AlertLink".to_owned(), "https://x".to_owned()),
                ("NoColumn".to_owned(), "y".to_owned()),
            ]),
            events: Vec::new(),
            event_count: 9,
            remediation: Vec::new(),
        }
    }

    #[test]
    fn a_row_has_only_columns_of_security_alert() {
        let columns = table("SecurityAlert").expect("built in");
        let row = alert().to_row();
        for name in row.keys() {
            assert!(columns.column(name).is_some(), "`{name}` is no column");
        }
        let missing: Vec<&str> = columns
            .columns
            .iter()
            .filter(|column| !column.hidden && column.name != "TenantId" && !row.contains_key(&column.name))
            .map(|column| column.name.as_str())
            .collect();
        assert_eq!(missing, Vec::<&str>::new());
    }

    #[test]
    fn entities_of_a_row_stay_under_their_limit_and_are_json() {
        let mut large = alert();
        large.entities = (0..100)
            .filter_map(|n| Entity::new(crate::EntityKind::Url, [("Url", format!("{n}{}", "x".repeat(2000)))]))
            .collect();
        let text = large.to_row()["Entities"].as_str().map(str::to_owned).expect("text");
        let read: Value = serde_json::from_str(&text).expect("JSON");
        assert!(text.len() <= MAX_ENTITIES_BYTES && read.as_array().is_some_and(|entities| entities.len() > 30));
    }

    #[test]
    fn entities_and_properties_are_json_text_with_the_products_names() {
        let row = alert().to_row();
        assert_eq!(
            row["Entities"],
            r#"[{"$id":"2","Address":"203.0.113.7","Type":"ip"},{"$id":"3","Name":"a","UPNSuffix":"b.c","Type":"account"}]"#
        );
        let properties: Value = serde_json::from_str(row["ExtendedProperties"].as_str().expect("text")).expect("JSON");
        assert_eq!(properties["Custom Details"], r#"{"Attempts":["9"]}"#);
        assert_eq!(properties["Analytic Rule Ids"], r#"["r1"]"#);
        assert_eq!(
            (&row["ProviderName"], &row["ProductName"]),
            (&json!("ASI Scheduled Alerts"), &json!("Azure Sentinel"))
        );
        assert_eq!(row["AlertLink"], "https://x");
        assert_eq!(row["TimeGenerated"], "2020-09-13T12:26:40.000000Z");
    }
}
