//! A scheduled analytics rule.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::TimeDelta;
use schema::{IncidentSettings, Severity, Tactic};
use serde_norway::Mapping;

use crate::{AlertDetails, EntityMapping, Schedule};

/// A scheduled analytics rule as Sentinel publishes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The file it came from, as named to the reader.
    pub source: String,
    /// A GUID.
    pub id: String,
    /// The rule's name, and the title of its alerts unless they are given another.
    pub name: String,
    /// What it finds, benign causes, what to do.
    pub description: String,
    /// Severity of its alerts unless a column gives another.
    pub severity: Severity,
    /// False: the rule is not run.
    pub enabled: bool,
    /// How it is run.
    pub kind: RuleKind,
    /// `Available` and the like, as published.
    pub status: Option<String>,
    /// Such as `1.0.0`.
    pub version: Option<String>,
    /// Where its data come from.
    pub required_data_connectors: Vec<DataConnector>,
    /// Its KQL.
    pub query: String,
    /// It runs so often …
    pub frequency: TimeDelta,
    /// … and looks back so far.
    pub period: TimeDelta,
    /// How many rows make an alert.
    pub trigger: Trigger,
    /// ATT&CK tactics, each once, in the matrix's order.
    pub tactics: Vec<Tactic>,
    /// ATT&CK techniques and sub-techniques as published.
    pub techniques: Vec<String>,
    /// Which columns name entities.
    pub entity_mappings: Vec<EntityMapping>,
    /// Columns that hold entities as `SecurityAlert.Entities` does (`sentinelEntitiesMappings`).
    pub entities_columns: Vec<String>,
    /// Key of a custom detail to its column.
    pub custom_details: BTreeMap<String, String>,
    /// What alerts take from columns.
    pub alert_details: AlertDetails,
    /// One alert a run, or one a row.
    pub event_grouping: EventGrouping,
    /// How its alerts become incidents.
    pub incidents: IncidentSettings,
    /// After an alert the rule rests so long.
    pub suppression: Option<TimeDelta>,
    /// Fields that mean nothing to us (`tags`, `metadata`, …), kept as they were.
    pub unknown: Mapping,
}

impl Rule {
    /// When it runs and what it looks at.
    pub fn schedule(&self) -> Schedule {
        Schedule { frequency: self.frequency, period: self.period }
    }
}

/// How a rule is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleKind {
    /// As its frequency and period say.
    Scheduled,
    /// Near real time. The product looks each minute at the last minute of arrivals; replayed over stored events we look every
    /// five minutes at the last five, which sees each event once as well.
    Nrt,
}

/// A source of data that a rule needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataConnector {
    /// Such as `AzureActiveDirectory`.
    pub connector_id: String,
    /// Tables it fills.
    pub data_types: Vec<String>,
}

/// How many rows make an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trigger {
    /// How the number of rows is compared …
    pub operator: TriggerOperator,
    /// … with this.
    pub threshold: u64,
}

impl Trigger {
    /// Whether this many rows make an alert.
    pub fn fires(self, rows: usize) -> bool {
        let rows = rows as u64;
        match self.operator {
            TriggerOperator::GreaterThan => rows > self.threshold,
            TriggerOperator::LessThan => rows < self.threshold,
            TriggerOperator::Equal => rows == self.threshold,
            TriggerOperator::NotEqual => rows != self.threshold,
        }
    }
}

/// How the number of rows is compared with the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the comparison of its name")]
pub enum TriggerOperator {
    GreaterThan,
    LessThan,
    Equal,
    NotEqual,
}

impl TriggerOperator {
    /// The name as alerts carry it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GreaterThan => "GreaterThan",
            Self::LessThan => "LessThan",
            Self::Equal => "Equal",
            Self::NotEqual => "NotEqual",
        }
    }

    /// The short name of published rules.
    pub fn short_name(self) -> &'static str {
        match self {
            Self::GreaterThan => "gt",
            Self::LessThan => "lt",
            Self::Equal => "eq",
            Self::NotEqual => "ne",
        }
    }
}

impl FromStr for TriggerOperator {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::GreaterThan, Self::LessThan, Self::Equal, Self::NotEqual]
            .into_iter()
            .find(|operator| {
                operator.as_str().eq_ignore_ascii_case(text.trim())
                    || operator.short_name().eq_ignore_ascii_case(text.trim())
            })
            .ok_or_else(|| format!("unknown operator `{text}`; use gt, lt, eq or ne"))
    }
}

/// Whether the rows of a run make one alert or one each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EventGrouping {
    /// One alert for all rows of a run.
    #[default]
    SingleAlert,
    /// One alert a row.
    AlertPerResult,
}

impl EventGrouping {
    /// The name as rules write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SingleAlert => "SingleAlert",
            Self::AlertPerResult => "AlertPerResult",
        }
    }
}

impl FromStr for EventGrouping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::SingleAlert, Self::AlertPerResult]
            .into_iter()
            .find(|grouping| grouping.as_str().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| format!("unknown aggregation kind `{text}`; use SingleAlert or AlertPerResult"))
    }
}
