//! The truth file: what was hidden where, and what only looks like it.

mod ordinary;
mod writer;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::options::{Envelope, ScenarioChoice};
use crate::{GenerateError, GenerateOptions};

pub(crate) use ordinary::{
    BACKGROUND_GUESSING, BUSINESS_TRAVEL, CONTROLLER_REPLICATION, DIRECTORY_SYNC, ENVIRONMENT_TEARDOWN, HARMLESS_RISK,
    LEGACY_CIPHER, MACHINE_PASSWORDS, ORDINARY_TWINS, SHARED_MAILBOX, SOFTWARE_DISTRIBUTION, SYNC_CLIENT, VPN,
};
pub(crate) use writer::TruthWriter;

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
    /// What looks like an attack and isn't; there also when the attack it resembles is not.
    pub benign_twins: Vec<BenignTwin>,
    /// Distinct events of each log: `SignInLogs`, `AuditLogs`, `UnifiedAudit`, `WindowsSecurity`, ….
    pub counts: BTreeMap<String, u64>,
    /// Unified audit records that the export holds again under the same id.
    pub repetitions: u64,
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
    /// Which attacks.
    pub scenarios: ScenarioChoice,
    /// In which forms.
    pub envelope: Envelope,
    /// On-premises volume in thousandths of Los Alamos'.
    pub on_premises_permille: u32,
}

/// One attack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TruthScenario {
    /// Stable key, such as `password-spray`.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// What happened, with names.
    pub description: String,
    /// MITRE ATT&CK tactics, as Sentinel spells them.
    pub tactics: Vec<String>,
    /// MITRE ATT&CK techniques of all stages.
    pub techniques: Vec<String>,
    /// Who and what an incident must name, by every identifier.
    pub entities: Vec<TruthEntity>,
    /// Expected severity: `Low`, `Medium`, `High`.
    pub severity: String,
    /// Time of the first event.
    pub first_event: Option<DateTime<Utc>>,
    /// Time of the last event.
    pub last_event: Option<DateTime<Utc>>,
    /// What happens one after the other; simple attacks have one stage.
    pub stages: Vec<TruthStage>,
}

/// One stage of an attack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TruthStage {
    /// Stable key within the scenario.
    pub id: String,
    /// One line for people.
    pub title: String,
    /// MITRE ATT&CK techniques.
    pub techniques: Vec<String>,
    /// Name of the rule that should find it; none when nothing is expected to.
    pub detection: Option<String>,
    /// Time of the first event.
    pub first_event: Option<DateTime<Utc>>,
    /// Time of the last event.
    pub last_event: Option<DateTime<Utc>>,
    /// Ids of its events: `id` of sign-ins and directory changes, `Id` of unified audit records,
    /// `computer/channel/record number` of Windows events, the row's own id of other logs.
    pub event_ids: Vec<String>,
}

/// Events that look like an attack and are none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BenignTwin {
    /// Stable key, such as `twin:vpn`.
    pub id: String,
    /// Key of the scenario it resembles.
    pub scenario: String,
    /// What happens.
    pub description: String,
    /// MITRE ATT&CK techniques that it looks like.
    pub techniques: Vec<String>,
    /// Who does it; empty when it is nobody in particular.
    pub entities: Vec<TruthEntity>,
    /// Number of events.
    pub events: u64,
    /// Ids of its events, as those of stages; empty when they are part of everybody's days.
    pub event_ids: Vec<String>,
    /// Time of the first event.
    pub first_event: Option<DateTime<Utc>>,
    /// Time of the last event.
    pub last_event: Option<DateTime<Utc>>,
}

/// Somebody or something an attack is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TruthEntity {
    /// `account`, `ip`, `host` or `cloudApplication`.
    pub kind: String,
    /// User principal name, `DOMAIN\name`, object id or SID; address; full computer name; application name or id.
    pub value: String,
}

impl TruthEntity {
    /// An entity.
    pub(crate) fn new(kind: &str, value: impl ToString) -> Self {
        Self { kind: kind.into(), value: value.to_string() }
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
        Self {
            users: options.users,
            days: options.days,
            seed: options.seed,
            start: options.start,
            scenarios: options.scenarios.clone(),
            envelope: options.envelope,
            on_premises_permille: options.on_premises_permille,
        }
    }
}
