//! How much a report holds. What is left out is counted, with the KQL that gives it.

/// Incidents.
pub(super) const INCIDENTS_MAX: usize = 200;
/// Alerts of an incident.
pub(super) const ALERTS_MAX: usize = 30;
/// Events of an incident's timeline.
pub(super) const EVENTS_MAX: usize = 80;
/// Names of an incident.
pub(super) const NAMES_MAX: usize = 60;
/// Values of a detail that a rule points out.
pub(super) const DETAIL_VALUES_MAX: usize = 10;
/// Longest detail, in characters.
pub(super) const DETAIL_CHARACTERS_MAX: usize = 600;
/// Entities over all incidents.
pub(super) const ENTITIES_MAX: usize = 300;
/// Input files.
pub(super) const FILES_MAX: usize = 1_000;
/// Reasons for which records were set aside.
pub(super) const ERRORS_MAX: usize = 100;
/// Runs.
pub(super) const RUNS_MAX: usize = 20;
/// Entries of the context; `vedette context` lists all.
pub(super) const CONTEXT_MAX: usize = 300;
