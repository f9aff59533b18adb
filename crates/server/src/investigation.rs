//! What an investigation found, in the form that `--format json` prints.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

/// The result of `investigate`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Investigation {
    /// Every file met, in order of path.
    pub files: Vec<FileOutcome>,
    /// Rows that this run added, by table.
    pub tables: BTreeMap<String, u64>,
    /// Records left out because the same record was already read.
    pub duplicates: u64,
    /// What could not be read or placed, by file and reason.
    pub errors: Vec<IngestProblem>,
    /// What the alerts add up to, most severe first.
    pub incidents: Vec<IncidentSummary>,
    /// What each rule did, by rule id.
    pub rules: BTreeMap<String, RuleSummary>,
    /// Where the tables lie.
    pub workspace: String,
}

impl Investigation {
    /// Whether any file could not be read at all or only in part.
    pub fn has_unreadable_files(&self) -> bool {
        self.files.iter().any(|file| file.failure.is_some())
    }

    /// Whether any rule failed.
    pub fn has_failed_rules(&self) -> bool {
        self.rules.values().any(|rule| rule.failure.is_some())
    }
}

/// One file, or one member of an archive.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileOutcome {
    /// Its path; a member of an archive as `archive.zip!member.json`.
    pub path: String,
    /// Formats found in it, joined by `+`; empty where nothing was recognized.
    pub format: String,
    /// Records read.
    pub records: u64,
    /// Rows made, by table.
    pub rows: BTreeMap<String, u64>,
    /// Records left out as duplicates.
    pub duplicates: u64,
    /// Records that went to `IngestionErrors`.
    pub rejected: u64,
    /// Read in an earlier run and skipped now.
    pub known: bool,
    /// Why it could not be read, or not to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// Records of one file that share a reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct IngestProblem {
    /// The file.
    pub file: String,
    /// Why.
    pub reason: String,
    /// How many records; 1 for a file that could not be read.
    pub count: u64,
}

/// One incident.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IncidentSummary {
    /// Stable over runs on the same data.
    pub id: String,
    /// Number within the workspace, from 1.
    pub number: i64,
    /// What happened, and to whom.
    pub title: String,
    /// `Informational`, `Low`, `Medium` or `High`.
    pub severity: String,
    /// `kind value`, such as `account mia@tailwind.example`.
    pub entities: Vec<EntitySummary>,
    /// Entra tenants whose rows made its alerts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<String>,
    /// ATT&CK tactics as Sentinel spells them.
    pub tactics: Vec<String>,
    /// ATT&CK technique ids.
    pub techniques: Vec<String>,
    /// First event of any alert.
    pub first_activity: DateTime<Utc>,
    /// Last event of any alert.
    pub last_activity: DateTime<Utc>,
    /// Its alerts by time.
    pub alerts: Vec<AlertSummary>,
}

/// An entity as people name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct EntitySummary {
    /// `account`, `ip`, `host`, …
    pub kind: String,
    /// `mia@tailwind.example`, `203.0.113.7`, …
    pub value: String,
}

/// One alert of an incident.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertSummary {
    /// `SystemAlertId`.
    pub id: String,
    /// The rule that raised it.
    pub rule_id: String,
    /// Display name.
    pub name: String,
    /// When the rule's run raised it: the end of its window.
    pub time: DateTime<Utc>,
    /// First event.
    pub start: DateTime<Utc>,
    /// Last event.
    pub end: DateTime<Utc>,
    /// Times of its events.
    pub events: Vec<DateTime<Utc>>,
}

/// What one rule did.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleSummary {
    /// Its name.
    pub name: String,
    /// Whether it ran on data: false where its tables are empty or it failed.
    pub ran: bool,
    /// Runs of its schedule that were evaluated.
    pub runs: u64,
    /// Alerts raised.
    pub alerts: u64,
    /// Tables that it reads and that hold nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}
