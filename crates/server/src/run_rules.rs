//! Replays rules without storing what they find.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use detections::{RuleError, RuleOutcome, RuleStatus};
use schema::Alert;
use serde::Serialize;

use crate::context::{self, Wanted};
use crate::investigation::RuleSummary;
use crate::replay::{Bounds, replay_all};
use crate::summaries::entity_summary;
use crate::{Error, Progress, Session, rules};

/// Which rules, over which time.
#[derive(Debug, Clone, Default)]
pub struct RunRulesRequest {
    /// Folders and files; the built-in rules where there is none.
    pub rules: Vec<PathBuf>,
    /// Only events at or after this time.
    pub since: Option<DateTime<Utc>>,
    /// Only events before this time.
    pub until: Option<DateTime<Utc>>,
    /// A MaxMind database, which says where IP addresses lie.
    pub geo_database: Option<PathBuf>,
    /// A context file, in place of what the workspace was given.
    pub context: Option<PathBuf>,
}

/// What the rules found.
#[derive(Debug, Clone, Serialize)]
pub struct RunRulesOutcome {
    /// By first event.
    pub alerts: Vec<AlertListing>,
    /// What each rule did, by rule id.
    pub rules: BTreeMap<String, RuleSummary>,
}

/// An alert in a list.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertListing {
    /// The rule that raised it.
    pub rule_id: String,
    /// Display name.
    pub name: String,
    /// Severity.
    pub severity: String,
    /// `kind value`.
    pub entities: Vec<String>,
    /// First event.
    pub start: DateTime<Utc>,
    /// Last event.
    pub end: DateTime<Utc>,
}

/// Replays rules over a workspace; nothing is written.
pub fn run_rules(
    workspace: &Path,
    request: &RunRulesRequest,
    progress: &dyn Progress,
) -> Result<RunRulesOutcome, Error> {
    let set = rules::load(&request.rules)?;
    let given = context::read_optional(request.context.as_deref())?;
    let session = Session::open(workspace)?.with_geo_database(request.geo_database.as_deref())?;
    let bounds = Bounds { since: request.since, until: request.until };
    let catalog = session.catalog_in(context::context_for(&session, given, Wanted::All)?)?;
    let outcomes = replay_all(&session, &catalog, &set.rules, bounds, progress)?;
    progress.finish();
    let mut alerts: Vec<AlertListing> = outcomes.iter().flat_map(|outcome| &outcome.alerts).map(listing).collect();
    alerts.sort_by(|left, right| left.start.cmp(&right.start).then(left.name.cmp(&right.name)));
    Ok(RunRulesOutcome { alerts, rules: rule_summaries(&outcomes, &set.errors) })
}

fn listing(alert: &Alert) -> AlertListing {
    let entities = alert.entities.iter().map(entity_summary).map(|entity| format!("{} {}", entity.kind, entity.value));
    AlertListing {
        rule_id: alert.rule_id.clone(),
        name: alert.display_name.clone(),
        severity: alert.severity.as_str().to_owned(),
        entities: entities.collect(),
        start: alert.start,
        end: alert.end,
    }
}

/// What each rule did, and what could not be read as a rule, by id or file.
pub(crate) fn rule_summaries(outcomes: &[RuleOutcome], unreadable: &[RuleError]) -> BTreeMap<String, RuleSummary> {
    let read = outcomes.iter().map(|outcome| (outcome.rule_id.clone(), rule_summary(outcome)));
    let unread = unreadable.iter().map(|error| {
        let summary = RuleSummary {
            name: error.file.clone(),
            ran: false,
            runs: 0,
            alerts: 0,
            missing: Vec::new(),
            failure: Some(error.to_string()),
        };
        (error.file.clone(), summary)
    });
    read.chain(unread).collect()
}

fn rule_summary(outcome: &RuleOutcome) -> RuleSummary {
    let (missing, failure) = match &outcome.status {
        RuleStatus::Ran => (Vec::new(), None),
        RuleStatus::NoData { tables } => (tables.clone(), None),
        RuleStatus::Failed { message } => (Vec::new(), Some(message.clone())),
        RuleStatus::Disabled => (Vec::new(), None),
    };
    RuleSummary {
        name: outcome.name.clone(),
        ran: outcome.status == RuleStatus::Ran,
        runs: outcome.runs as u64,
        alerts: outcome.alerts.len() as u64,
        missing,
        failure,
    }
}
