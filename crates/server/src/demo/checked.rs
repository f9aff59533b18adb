//! What a check of a generated tenant found.

use serde::Serialize;

/// How the attacks of a tenant fared against the rules.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckedTenant {
    /// Accounts of the tenant.
    pub users: u32,
    /// Its days.
    pub days: u32,
    /// Records of its logs that found no table.
    pub rejected: u64,
    /// One entry an attack.
    pub scenarios: Vec<CheckedScenario>,
    /// Incidents in which an attack shows.
    pub incidents: Vec<CheckedIncident>,
    /// Incidents of no attack.
    pub false_incidents: FalseIncidents,
    /// Of all alerts in incidents in which an attack shows, the share that belongs to the incident's main attack.
    pub purity: Option<f64>,
    /// Of all alerts that belong to an attack, the share that is in its main incident.
    pub completeness: Option<f64>,
}

impl CheckedTenant {
    /// Whether every attack was found.
    pub fn all_found(&self) -> bool {
        self.scenarios.iter().all(|scenario| scenario.found)
    }
}

/// One attack.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckedScenario {
    /// Its key.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// Whether one of its stages was found.
    pub found: bool,
    /// Number of its main incident: the one with most of its alerts.
    pub incident: Option<u32>,
    /// From its first event until the first alert of it, in seconds.
    pub seconds_to_detect: Option<i64>,
    /// Alerts that belong to it.
    pub alerts: usize,
    /// The share of these that is in its main incident.
    pub completeness: Option<f64>,
    /// Its stages in their order.
    pub stages: Vec<CheckedStage>,
}

/// One stage of an attack.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckedStage {
    /// Its key within the scenario.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// Name of the rule that should find it; none when nothing is expected to.
    pub expected: Option<String>,
    /// Whether an alert of an incident belongs to it.
    pub found: bool,
    /// Rules whose alerts belong to it, each once.
    pub rules: Vec<String>,
    /// From its first event until the first alert of it, in seconds.
    pub seconds_to_detect: Option<i64>,
}

/// An incident in which an attack shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckedIncident {
    /// Its number in the workspace.
    pub number: u32,
    /// Its title.
    pub title: String,
    /// Key of the attack that most of its alerts belong to.
    pub scenario: String,
    /// Its alerts.
    pub alerts: usize,
    /// The share of these that belongs to that attack.
    pub purity: f64,
}

/// Incidents of no attack.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FalseIncidents {
    /// How many.
    pub count: usize,
    /// For each thousand users and day.
    pub per_thousand_users_and_day: f64,
    /// By rule: an incident counts for each rule that has an alert in it.
    pub by_rule: Vec<RuleCount>,
    /// Those that benign twins raised, by twin.
    pub of_twins: Vec<TwinIncidents>,
    /// Number and title of each.
    pub titles: Vec<(u32, String)>,
}

/// Incidents of one rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleCount {
    /// Its name.
    pub rule: String,
    /// Incidents.
    pub incidents: usize,
    /// For each thousand users and day.
    pub per_thousand_users_and_day: f64,
}

/// Incidents that a benign twin raised.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TwinIncidents {
    /// The twin's key, such as `twin:mass-download`.
    pub twin: String,
    /// Numbers of the incidents.
    pub incidents: Vec<u32>,
}
