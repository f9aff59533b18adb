//! How a rule's alerts become incidents: the `incidentConfiguration` of an analytics rule.

use std::str::FromStr;

use chrono::TimeDelta;

use crate::EntityKind;

/// `incidentConfiguration` of a rule. The default is Sentinel's: each alert makes its own incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentSettings {
    /// False: the rule's alerts make no incident.
    pub create_incident: bool,
    /// How alerts of this rule share an incident; `None` when grouping is off.
    pub grouping: Option<Grouping>,
}

impl Default for IncidentSettings {
    fn default() -> Self {
        Self { create_incident: true, grouping: None }
    }
}

/// `groupingConfiguration` of a rule, when it is enabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouping {
    /// A closed incident takes new alerts and opens again.
    pub reopen_closed_incident: bool,
    /// How long after an incident's first alert others may join it: 5 minutes to 7 days.
    pub lookback: TimeDelta,
    /// What alerts must have in common.
    pub matching: MatchingMethod,
    /// With [`MatchingMethod::Selected`]: kinds whose entities must be the same.
    pub by_entities: Vec<EntityKind>,
    /// With [`MatchingMethod::Selected`]: details that must be the same.
    pub by_alert_details: Vec<AlertDetail>,
    /// With [`MatchingMethod::Selected`]: keys of custom details that must be the same.
    pub by_custom_details: Vec<String>,
}

/// What alerts of one rule must have in common to share an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MatchingMethod {
    /// The same entities.
    AllEntities,
    /// Nothing: any alert of the rule.
    AnyAlert,
    /// The chosen entities and details.
    Selected,
}

impl MatchingMethod {
    /// The name as rules write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AllEntities => "AllEntities",
            Self::AnyAlert => "AnyAlert",
            Self::Selected => "Selected",
        }
    }
}

impl FromStr for MatchingMethod {
    type Err = String;

    /// Reads today's names and those of 2020 (`All`, `None`, `Custom`).
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_lowercase().as_str() {
            "allentities" | "all" => Ok(Self::AllEntities),
            "anyalert" | "none" => Ok(Self::AnyAlert),
            "selected" | "custom" => Ok(Self::Selected),
            _ => Err(format!("unknown matching method `{text}`; use AllEntities, AnyAlert or Selected")),
        }
    }
}

/// A detail of an alert that grouping can compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertDetail {
    /// The alert's title.
    DisplayName,
    /// The alert's severity.
    Severity,
}

impl AlertDetail {
    /// The name as rules write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DisplayName => "DisplayName",
            Self::Severity => "Severity",
        }
    }
}

impl FromStr for AlertDetail {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().to_lowercase().as_str() {
            "displayname" => Ok(Self::DisplayName),
            "severity" => Ok(Self::Severity),
            _ => Err(format!("unknown alert detail `{text}`; use DisplayName or Severity")),
        }
    }
}
