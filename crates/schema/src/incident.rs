//! An incident and its row in `SecurityIncident`.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::alert::time;
use crate::{Entity, Severity, Tactic};

/// Alerts that belong together, for a person to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// `IncidentName`: a GUID that depends on the first alert, so the same finding has the same id.
    pub id: String,
    /// Counted from 1 in the order of first activity.
    pub number: u32,
    /// What happened, to whom.
    pub title: String,
    /// The description of the alert that gave the title.
    pub description: String,
    /// The highest of its alerts.
    pub severity: Severity,
    /// `New`, `Active` or `Closed`.
    pub status: String,
    /// Entra tenants of its alerts, sorted; none where their rows name none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<String>,
    /// ATT&CK tactics of all alerts in the matrix's order.
    pub tactics: Vec<Tactic>,
    /// ATT&CK techniques of all alerts, sorted.
    pub techniques: Vec<String>,
    /// ATT&CK sub-techniques of all alerts, sorted.
    pub sub_techniques: Vec<String>,
    /// Entities of all alerts, each once.
    pub entities: Vec<Entity>,
    /// Begin of the first alert's events.
    pub first_activity: DateTime<Utc>,
    /// End of the last alert's events.
    pub last_activity: DateTime<Utc>,
    /// When its first alert was generated.
    pub created: DateTime<Utc>,
    /// When its last alert was generated or grew.
    pub modified: DateTime<Utc>,
    /// `SystemAlertId` of its alerts, oldest first.
    pub alert_ids: Vec<String>,
    /// Rules of its alerts, each once, sorted.
    pub rule_ids: Vec<String>,
    /// Product names of its alerts.
    pub alert_product_names: Vec<String>,
}

impl Incident {
    /// The incident as a row of `SecurityIncident`.
    pub fn to_row(&self) -> Map<String, Value> {
        let text = |value: &str| Value::String(value.to_owned());
        let mut row = Map::new();
        let mut set = |column: &str, value: Value| row.insert(column.to_owned(), value);
        set("TimeGenerated", time(self.modified));
        set("AdditionalData", self.additional_data());
        set("AlertIds", json!(self.alert_ids));
        set("BookmarkIds", json!([]));
        set("Classification", text(""));
        set("ClassificationComment", text(""));
        set("ClassificationReason", text(""));
        set("ClosedTime", Value::Null);
        set("Comments", json!([]));
        set("CreatedTime", time(self.created));
        set("Description", text(&self.description));
        set("FirstActivityTime", time(self.first_activity));
        set("FirstModifiedTime", time(self.created));
        set("IncidentName", text(&self.id));
        set("IncidentNumber", json!(self.number));
        set("IncidentUrl", text(""));
        set("Labels", json!([]));
        set("LastActivityTime", time(self.last_activity));
        set("LastModifiedTime", time(self.modified));
        set("ModifiedBy", text("Incident created from alert"));
        set("Owner", json!({"objectId": null, "email": null, "assignedTo": null, "userPrincipalName": null}));
        set("ProviderIncidentId", Value::String(self.number.to_string()));
        set("ProviderName", text("Azure Sentinel"));
        set("RelatedAnalyticRuleIds", json!(self.rule_ids));
        set("Severity", text(self.severity.as_str()));
        set("SourceSystem", text("Azure"));
        set("Status", text(&self.status));
        set("Tasks", json!([]));
        set("TenantId", text(if let [only] = self.tenants.as_slice() { only } else { "" }));
        set("Title", text(&self.title));
        set("Type", text("SecurityIncident"));
        row
    }

    fn additional_data(&self) -> Value {
        let tactics: Vec<&str> = self.tactics.iter().map(|tactic| tactic.as_str()).collect();
        let techniques: Vec<&String> = self.techniques.iter().chain(&self.sub_techniques).collect();
        json!({
            "alertsCount": self.alert_ids.len(),
            "bookmarksCount": 0,
            "commentsCount": 0,
            "alertProductNames": self.alert_product_names,
            "tactics": tactics,
            "techniques": techniques,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table;

    #[test]
    fn a_row_has_the_columns_of_security_incident() {
        let at = DateTime::from_timestamp(1_600_000_000, 0).expect("in range");
        let incident = Incident {
            id: "i1".to_owned(),
            number: 7,
            title: "Spray".to_owned(),
            description: String::new(),
            severity: Severity::High,
            status: "New".to_owned(),
            tenants: Vec::new(),
            tactics: vec![Tactic::CredentialAccess],
            techniques: vec!["T1110".to_owned()],
            sub_techniques: vec!["T1110.003".to_owned()],
            entities: Vec::new(),
            first_activity: at,
            last_activity: at,
            created: at,
            modified: at,
            alert_ids: vec!["a1".to_owned(), "a2".to_owned()],
            rule_ids: vec!["r1".to_owned()],
            alert_product_names: vec!["Azure Sentinel".to_owned()],
        };
        let row = incident.to_row();
        let columns = table("SecurityIncident").expect("built in");
        for column in columns.columns.iter().filter(|column| !column.hidden && column.name != "TenantId") {
            assert!(row.contains_key(&column.name), "`{}` is missing", column.name);
        }
        assert!(row.keys().all(|name| columns.column(name).is_some()));
        assert_eq!(row["AdditionalData"]["alertsCount"], 2);
        assert_eq!(row["AdditionalData"]["techniques"], json!(["T1110", "T1110.003"]));
    }
}
