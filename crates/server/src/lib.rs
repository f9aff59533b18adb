//! The wiring: what the commands do, from files to incidents, and the service (`service`). No terminal.
//!
//! Calls block; threads and the async runtime live inside [`Session`] and [`serve`].

mod beside;
mod catalog;
mod catalog_scope;
mod context;
mod datascope;
mod demo;
mod document_functions;
mod engine;
mod error;
mod findings;
mod geo_database;
mod history;
mod housekeeping;
mod incidents;
mod ingest_files;
mod investigate;
mod investigation;
mod json_rows;
mod kept_memory;
mod kql;
mod labels;
mod manifest;
mod progress;
mod query;
mod replay;
mod report;
mod rows_from_json;
mod rule_check;
mod rule_runner;
mod rule_tests;
mod rules;
mod run_rules;
mod send_files;
mod service;
mod session;
mod summaries;
mod tables;
mod tenant_activity;
mod tenant_replay;
mod tenants;
mod ticks;
mod timeline;

pub use self::report::{AttackCoverage, Coverage, ReportForm, attack_coverage, coverage, report, report_input};
pub use ::report::{ReportInput, ReportRule, RuleResult};
pub use beside::ExternalAccess;
pub use context::{ContextListing, context_of};
pub use demo::{
    CheckedIncident, CheckedScenario, CheckedStage, CheckedTenant, FalseIncidents, PlayTarget, RuleCount, TenantPlace,
    TwinIncidents, check_generated, generate, list_scenarios, play,
};
pub use error::Error;
pub use generator::{Envelope, GenerateOptions, ListedScenario, Rate, ScenarioChoice};
pub use housekeeping::{
    BackupOutcome, DamageSummary, FindingSummary, MaintenanceOutcome, MaintenanceRequest, RemoteService, RepairOutcome,
    RestoreOutcome, back_up, back_up_service, examine, examine_service, maintain, repair, restore,
};
pub use incidents::{incident, incidents};
pub use ingest_files::{IngestRequest, ingest};
pub use investigate::{InvestigateRequest, investigate};
pub use investigation::{
    AlertSummary, EntitySummary, FileOutcome, IncidentSummary, IngestProblem, Investigation, RuleSummary,
};
pub use kept_memory::keep_freed_memory;
pub use kql::{
    CheckOptions, CheckedQuery, Formatted, KqlChecker, KqlSource, KqlSources, PlanText, find_sources, format_source,
};
pub use labels::{CheckedLabel, LabelsRequest, check_labels};
pub use manifest::{ManifestDetail, manifest};
pub use progress::{Progress, Unit, Unwatched};
pub use query::{OutputColumn, OutputRows, OutputTable, QueryOutput, QueryRequest, query};
pub use rule_check::{CheckedRule, check_rules};
pub use rule_tests::{TestedCase, TestedRule, test_rules};
pub use rules::{RuleListing, list_rules};
pub use run_rules::{AlertListing, RunRulesOutcome, RunRulesRequest, run_rules};
pub use schema::Severity;
pub use send_files::{SendRequest, SentFile, send_files};
pub use service::{
    AccessListing, AccessManager, Config, ConfigError, GivenSecret, TlsFiles, TlsInitRequest, serve, tls_init,
};
pub use session::Session;
pub use tables::{TableSummary, tables};
pub use timeline::{EventTable, TIMELINE_EVENTS_MAX, Timeline, TimelineEvent, TimelineRequest, timeline};
