//! The truth file: what was hidden where, and what only looks like it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{GenerateError, GenerateOptions};

/// Name of the truth file in a tenant's folder.
pub const TRUTH_FILE: &str = "truth.json";

/// Everything known about a generated tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Truth {
    /// What was asked for.
    pub options: TruthOptions,
    /// Entra tenant id.
    pub tenant_id: String,
    /// The attacks.
    pub scenarios: Vec<TruthScenario>,
    /// Distinct events of each log: `SignInLogs`, `AuditLogs`, `UnifiedAudit`, `WindowsSecurity`, ….
    pub counts: BTreeMap<String, u64>,
    /// Ids of the unified audit records that the export holds twice.
    pub duplicates: Vec<String>,
    /// The files beside this one, in the order of their paths.
    pub files: Vec<TruthFile>,
}

/// The options of a generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TruthOptions {
    /// Accounts.
    pub users: u32,
    /// Days.
    pub days: u32,
    /// Seed.
    pub seed: u64,
    /// First moment.
    pub start: DateTime<Utc>,
}

/// One attack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TruthScenario {
    /// Stable key, such as `password-spray`.
    pub id: String,
    /// Short name.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// What happened, with names.
    pub description: String,
    /// MITRE ATT&CK tactics, as Sentinel spells them.
    pub tactics: Vec<String>,
    /// MITRE ATT&CK techniques.
    pub techniques: Vec<String>,
    /// Who and what an incident must name.
    pub entities: Vec<TruthEntity>,
    /// Expected severity: `Low`, `Medium`, `High`.
    pub severity: String,
    /// Name of the rule that should find it.
    pub detection: String,
    /// Time of the first event.
    pub first_event: Option<DateTime<Utc>>,
    /// Time of the last event.
    pub last_event: Option<DateTime<Utc>>,
    /// Ids of its events: `id` of sign-ins and directory changes, `Id` of unified audit records,
    /// `computer/channel/record number` of Windows events.
    pub event_ids: Vec<String>,
    /// What looks like it and isn't.
    pub benign_twins: Vec<BenignTwin>,
}

/// Ordinary events that look like an attack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BenignTwin {
    /// Stable key, such as `twin:vpn`.
    pub id: String,
    /// Key of the scenario it resembles.
    pub scenario: String,
    /// What happens.
    pub description: String,
    /// Who does it; empty when it is nobody in particular.
    pub entities: Vec<TruthEntity>,
    /// Number of events.
    pub events: u64,
    /// Time of the first event.
    pub first_event: Option<DateTime<Utc>>,
    /// Time of the last event.
    pub last_event: Option<DateTime<Utc>>,
}

/// Somebody or something an attack is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TruthEntity {
    /// `account`, `ip`, `host` or `cloudApplication`.
    pub kind: String,
    /// User principal name or `DOMAIN\name`, address, full computer name, application name.
    pub value: String,
}

impl TruthEntity {
    /// An entity.
    pub(crate) fn new(kind: &str, value: &str) -> Self {
        Self { kind: kind.into(), value: value.into() }
    }
}

/// One written file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TruthFile {
    /// Path below the tenant's folder, with `/`.
    pub path: String,
    /// Records in it, repetitions included.
    pub records: u64,
    /// Bytes before compression.
    pub bytes: u64,
}

impl Truth {
    /// Reads the truth file of the tenant in `folder`.
    ///
    /// # Errors
    /// When there is none, or when it isn't one.
    pub fn read(folder: &Path) -> Result<Self, GenerateError> {
        let path = folder.join(TRUTH_FILE);
        let text = fs::read(&path).map_err(|source| GenerateError::io("read", &path, source))?;
        serde_json::from_slice(&text).map_err(|source| GenerateError::Truth { path, source })
    }
}

impl From<&GenerateOptions> for TruthOptions {
    fn from(options: &GenerateOptions) -> Self {
        Self { users: options.users, days: options.days, seed: options.seed, start: options.start }
    }
}
