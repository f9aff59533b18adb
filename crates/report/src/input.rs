//! Everything a report says. Serialized, it is the report's JSON form.

use chrono::{DateTime, Utc};
use schema::{Severity, Tactic};
use serde::{Deserialize, Serialize};

use crate::TableCoverage;

/// Everything a report says, as plain values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportInput {
    /// When the report was made.
    pub now: DateTime<Utc>,
    /// The version of Vedette that made it.
    pub version: String,
    /// The workspace it is about, as the caller named it.
    pub workspace: String,
    /// The tenants whose rows the workspace holds; none where rows name no tenant.
    pub tenants: Vec<ReportTenant>,
    /// The investigations that filled the workspace, oldest first.
    pub runs: Listed<InvestigationRun>,
    /// What was found, most severe first, then by first activity.
    pub incidents: Listed<ReportIncident>,
    /// People, addresses, hosts and applications of the incidents.
    pub entities: Listed<ReportEntity>,
    /// The log tables that hold rows, by name.
    pub tables: Vec<TableCoverage>,
    /// Every rule of the last run of each, by name.
    pub rules: Vec<ReportRule>,
    /// The input files.
    pub files: Listed<ReportFile>,
    /// Records that could not be read or placed, by reason.
    pub errors: Listed<ReportError>,
    /// What is known of the estate, given or inferred.
    pub context: Listed<ContextEntry>,
}

impl ReportInput {
    /// First and last event of all log tables.
    pub fn period(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let first = self.tables.iter().filter_map(|table| table.first).min()?;
        Some((first, self.tables.iter().filter_map(|table| table.last).max()?))
    }
}

/// A list that is bounded: what it shows, how many more there are, and how to get them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed<T> {
    /// What is shown.
    pub items: Vec<T>,
    /// How many more there are.
    pub more: u64,
    /// The KQL that gives all of them in the workspace; empty where nothing is left out.
    pub query: String,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { items: Vec::new(), more: 0, query: String::new() }
    }
}

impl<T> Listed<T> {
    /// The first `limit` items, and how to get all of them.
    pub fn cut(mut items: Vec<T>, limit: usize, query: impl Into<String>) -> Self {
        let more = items.len().saturating_sub(limit) as u64;
        items.truncate(limit);
        Self { items, more, query: query.into() }
    }

    /// Shown or not.
    pub fn total(&self) -> u64 {
        self.items.len() as u64 + self.more
    }
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportTenant {
    /// Its GUID.
    pub id: String,
    /// Rows that name it.
    pub rows: u64,
}

/// One `vedette investigate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InvestigationRun {
    /// When it began.
    pub time: DateTime<Utc>,
    /// The version of Vedette.
    pub version: String,
    /// The arguments, as one command line.
    pub command: String,
    /// Rules that it loaded.
    pub rules: u64,
    /// Files that it met.
    pub files: u64,
    /// Records that it read.
    pub records: u64,
}

/// Kind and name of a thing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EntityName {
    /// As rules write it: `Account`, `IP`, `Host`, …
    pub kind: String,
    /// As people write it.
    pub value: String,
}

/// An incident with its alerts and evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportIncident {
    /// Number within the workspace.
    pub number: u32,
    /// Stable over runs on the same data.
    pub id: String,
    /// What happened, and to whom.
    pub title: String,
    /// How serious it is.
    pub severity: Severity,
    /// `New`, `Active` or `Closed`.
    pub status: String,
    /// Tenants of its alerts; none where the data name none.
    pub tenants: Vec<String>,
    /// ATT&CK tactics in the matrix's order.
    pub tactics: Vec<Tactic>,
    /// ATT&CK techniques and sub-techniques, sorted.
    pub techniques: Vec<String>,
    /// First event of any alert.
    pub first_activity: DateTime<Utc>,
    /// Last event of any alert.
    pub last_activity: DateTime<Utc>,
    /// What it is about, each once.
    pub entities: Listed<EntityName>,
    /// Its alerts by time.
    pub alerts: Listed<ReportAlert>,
    /// The events behind the alerts, by time.
    pub events: Listed<ReportEvent>,
}

/// An alert of an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportAlert {
    /// `SystemAlertId`.
    pub id: String,
    /// Its title.
    pub name: String,
    /// The rule that raised it.
    pub rule_name: String,
    /// The rule's version.
    pub rule_version: Option<String>,
    /// How serious it is.
    pub severity: Severity,
    /// First event.
    pub start: DateTime<Utc>,
    /// Last event.
    pub end: DateTime<Utc>,
    /// What it means, benign causes, what to do: paragraphs with blank lines between.
    pub description: String,
    /// Details that the rule points out, in their order.
    pub details: Vec<(String, String)>,
}

/// An event of an incident's timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportEvent {
    /// When it happened.
    pub time: DateTime<Utc>,
    /// The table that holds it.
    pub table: String,
    /// What happened, in a few words.
    pub text: String,
    /// Column and value of what matters.
    pub fields: Vec<(String, String)>,
    /// The file it came from.
    pub source_file: String,
    /// Where in that file: byte, line or record, as the format counts.
    pub source_offset: Option<i64>,
}

/// A person, address, host or application of the incidents, and what was seen of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportEntity {
    /// What it is and what it is called.
    pub name: EntityName,
    /// Its other identifiers: name and value.
    pub identifiers: Vec<(String, String)>,
    /// Numbers of the incidents that name it.
    pub incidents: Vec<u32>,
    /// How many alerts name it.
    pub alerts: u64,
    /// Rows that name it, by table.
    pub seen: Vec<SeenIn>,
}

/// Rows of one table that name an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenIn {
    /// The table.
    pub table: String,
    /// How many rows.
    pub rows: u64,
    /// The first.
    pub first: DateTime<Utc>,
    /// The last.
    pub last: DateTime<Utc>,
}

/// A rule, and how it fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportRule {
    /// Its GUID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// Severity of its alerts.
    pub severity: Severity,
    /// ATT&CK tactics.
    pub tactics: Vec<Tactic>,
    /// ATT&CK techniques.
    pub techniques: Vec<String>,
    /// How it fared.
    pub result: RuleResult,
    /// Tables that it reads and that hold rows.
    pub tables: Vec<String>,
    /// Tables that it reads and that hold nothing.
    pub missing_tables: Vec<String>,
}

/// How a rule fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "camelCase")]
pub enum RuleResult {
    /// It ran and found something.
    Found {
        /// Alerts that it raised.
        alerts: u64,
    },
    /// It ran on data and found nothing.
    FoundNothing,
    /// None of its tables holds a row: it says nothing about what it looks for.
    NeedsData,
    /// It failed, or is no valid rule.
    Failed {
        /// Why.
        message: String,
    },
    /// It is switched off.
    Disabled,
}

/// An input file, or a member of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportFile {
    /// Its path.
    pub path: String,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// Size of its content.
    pub bytes: u64,
    /// Formats found in it.
    pub format: String,
    /// Records read.
    pub records: u64,
    /// Records left out as duplicates.
    pub duplicates: u64,
    /// Records that went to `IngestionErrors`.
    pub rejected: u64,
    /// First event.
    pub first: Option<DateTime<Utc>>,
    /// Last event.
    pub last: Option<DateTime<Utc>>,
    /// How reading it went: `read`, `unreadable`, …
    pub status: String,
}

/// Records that share a reason for not being placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportError {
    /// Why.
    pub reason: String,
    /// How many records.
    pub records: u64,
    /// In how many files.
    pub files: u64,
    /// One of these files.
    pub example_file: String,
}

/// Something known of the estate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContextEntry {
    /// Which list it is on, such as `DomainControllers`.
    pub list: String,
    /// The thing.
    pub value: String,
    /// True: inferred from the logs. False: given by a person.
    pub inferred: bool,
    /// Why it was inferred, or what the person noted.
    pub reason: String,
}
