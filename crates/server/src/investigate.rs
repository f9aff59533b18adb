//! From a folder of exported logs to incidents.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use detections::{Rule, RuleOutcome};
use incidents::{CorrelationOptions, correlate};
use schema::{Alert, Incident, IncidentSettings};

use crate::findings::Findings;
use crate::history::{record, rule_rows, rule_runs, run_row};
use crate::ingest_files::{check_paths, ingest_into};
use crate::investigation::{IncidentSummary, Investigation};
use crate::replay::{Bounds, replay_all};
use crate::run_rules::rule_summaries;
use crate::summaries::{incident_summary, sort_incidents};
use crate::{Error, Progress, Session, context, rules};

/// What to investigate.
#[derive(Debug, Clone, Default)]
pub struct InvestigateRequest {
    /// Files and folders with exported logs.
    pub paths: Vec<PathBuf>,
    /// Where the tables lie; made if missing.
    pub workspace: PathBuf,
    /// Folders and files with rules; the built-in ones where there is none.
    pub rules: Vec<PathBuf>,
    /// Only events at or after this time.
    pub since: Option<DateTime<Utc>>,
    /// Only events before this time.
    pub until: Option<DateTime<Utc>>,
    /// Read files again that an earlier run has read.
    pub force: bool,
    /// The command line, as the workspace keeps it for reports.
    pub command_line: String,
    /// A MaxMind database, which says where IP addresses lie.
    pub geo_database: Option<PathBuf>,
    /// A context file; without one, what the workspace was given before stays.
    pub context: Option<PathBuf>,
}

/// Ingests the paths, replays all rules over what the workspace then holds, and correlates the alerts.
/// Incidents reported are those with an alert of this run.
pub fn investigate(request: &InvestigateRequest, progress: &dyn Progress) -> Result<Investigation, Error> {
    let begin = Utc::now();
    check_paths(&request.paths)?;
    let set = rules::load(&request.rules)?;
    let given = context::read_optional(request.context.as_deref())?;
    let session = Session::open_or_create(&request.workspace)?.with_geo_database(request.geo_database.as_deref())?;
    let mut investigation = ingest_into(&session, &request.paths, None, request.force, progress)?;
    context::establish(&session, given)?;
    let catalog = session.catalog()?;
    let bounds = Bounds { since: request.since, until: request.until };
    let outcomes = replay_all(&session, &catalog, &set.rules, bounds, progress)?;
    progress.finish();
    let known = Findings::read(&session, &catalog)?;
    investigation.incidents = store(&session, &known, &set.rules, &outcomes)?;
    investigation.rules = rule_summaries(&outcomes, &set.errors);
    let rules = rule_runs(&session, &catalog, &set.rules, &outcomes, &set.errors);
    let run = run_row(request, &investigation, (begin, Utc::now()));
    record(&session, run, rule_rows(&rules, begin)?)?;
    Ok(investigation)
}

/// Writes what is new and returns the incidents that alerts of this run belong to.
fn store(
    session: &Session,
    known: &Findings,
    rules: &[Rule],
    outcomes: &[RuleOutcome],
) -> Result<Vec<IncidentSummary>, Error> {
    let mut alerts: BTreeMap<String, Alert> = known.alerts.clone();
    let mut ids_of_run: Vec<&str> = Vec::new();
    for alert in outcomes.iter().flat_map(|outcome| &outcome.alerts) {
        ids_of_run.push(&alert.id);
        alerts.insert(alert.id.clone(), alert.clone());
    }
    let all: Vec<Alert> = alerts.values().cloned().collect();
    let mut found: Vec<Incident> = correlate(&all, &settings(rules), &CorrelationOptions::default());
    known.keep_numbers(&mut found);
    known.write_changes(session, &all, &found)?;
    let mut summaries: Vec<_> = found
        .iter()
        .filter(|incident| incident.alert_ids.iter().any(|id| ids_of_run.contains(&id.as_str())))
        .map(|incident| (incident.severity, incident_summary(incident, &alerts)))
        .collect();
    sort_incidents(&mut summaries);
    Ok(summaries.into_iter().map(|(_, incident)| incident).collect())
}

fn settings(rules: &[Rule]) -> BTreeMap<String, IncidentSettings> {
    rules.iter().map(|rule| (rule.id.clone(), rule.incidents.clone())).collect()
}
