//! What each rule did in a run, as rows of `SentinelHealth`, and back.
//!
//! Columns and values are those by which Sentinel reports "Scheduled analytics rule run" (its health table reference). Ours differ in
//! one: `Status` is `Informational` where a rule had no data, which Sentinel does not tell apart from finding nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use detections::{Rule, RuleError, RuleOutcome, RuleStatus, RunQuery};
use report::{ReportRule, RuleResult};
use schema::Severity;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::catalog::WorkspaceCatalog;
use crate::json_rows::json_rows;
use crate::rule_runner::RuleRunner;
use crate::{Error, Session};

/// The key within `_RawExtra` that holds the whole of it.
const KEY: &str = "vedette";

/// What each rule of a run did, with the tables it reads.
pub(crate) fn rule_runs(
    session: &Session,
    catalog: &Arc<WorkspaceCatalog>,
    rules: &[Rule],
    outcomes: &[RuleOutcome],
    unreadable: &[RuleError],
) -> Vec<ReportRule> {
    let runner = RuleRunner::new(session, Arc::clone(catalog));
    let by_id: BTreeMap<&str, &RuleOutcome> =
        outcomes.iter().map(|outcome| (outcome.rule_id.as_str(), outcome)).collect();
    let has_rows = |table: &String| catalog.snapshot().statistics(table).is_some_and(|statistics| statistics.rows > 0);
    let read = rules.iter().filter_map(|rule| {
        let outcome = by_id.get(rule.id.as_str())?;
        let (tables, missing_tables) = runner.tables(&rule.query).unwrap_or_default().into_iter().partition(has_rows);
        Some(ReportRule {
            id: rule.id.clone(),
            name: rule.name.clone(),
            version: rule.version.clone(),
            severity: rule.severity,
            tactics: rule.tactics.clone(),
            techniques: rule.techniques.clone(),
            result: result(outcome),
            tables,
            missing_tables,
        })
    });
    let unread = unreadable.iter().map(|error| ReportRule {
        id: error.file.clone(),
        name: error.file.clone(),
        version: None,
        severity: Severity::Informational,
        tactics: Vec::new(),
        techniques: Vec::new(),
        result: RuleResult::Failed { message: error.to_string() },
        tables: Vec::new(),
        missing_tables: Vec::new(),
    });
    read.chain(unread).collect()
}

fn result(outcome: &RuleOutcome) -> RuleResult {
    match &outcome.status {
        RuleStatus::Failed { message } => RuleResult::Failed { message: message.clone() },
        RuleStatus::NoData { .. } => RuleResult::NeedsData,
        RuleStatus::Disabled => RuleResult::Disabled,
        RuleStatus::Ran if outcome.alerts.is_empty() => RuleResult::FoundNothing,
        RuleStatus::Ran => RuleResult::Found { alerts: outcome.alerts.len() as u64 },
    }
}

/// The rows of a run's rules.
pub(crate) fn rule_rows(rules: &[ReportRule], at: DateTime<Utc>) -> Result<Vec<Map<String, Value>>, Error> {
    let at = at.to_rfc3339_opts(SecondsFormat::Micros, true);
    rules.iter().map(|rule| rule_row(rule, &at)).collect()
}

fn rule_row(rule: &ReportRule, at: &str) -> Result<Map<String, Value>, Error> {
    let missing = rule.missing_tables.join(", ");
    let (status, reason, alerts) = match &rule.result {
        RuleResult::Found { alerts } => ("Success", String::new(), *alerts),
        RuleResult::FoundNothing => ("Success", String::new(), 0),
        RuleResult::NeedsData => ("Informational", format!("no data in {missing}"), 0),
        RuleResult::Failed { message } => ("Failure", message.clone(), 0),
        RuleResult::Disabled => ("Informational", "the rule is switched off".to_owned(), 0),
    };
    let whole =
        serde_json::to_value(rule).map_err(|error| Error::new(format!("failed to write a rule's run: {error}")))?;
    let row = json!({
        "TimeGenerated": at,
        "OperationName": "Scheduled analytics rule run",
        "SentinelResourceId": rule.id,
        "SentinelResourceName": rule.name,
        "SentinelResourceType": "Analytics Rule",
        "SentinelResourceKind": "Scheduled",
        "Status": status,
        "Reason": reason,
        "Description": match status {
            "Success" => "Rule executed successfully",
            "Failure" => "Rule failed",
            _ => "Rule did not run",
        },
        "RecordId": Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("rule run\n{at}\n{}", rule.id).as_bytes()).to_string(),
        "ExtendedProperties": {"RuleId": rule.id, "AlertsGeneratedAmount": alerts},
        "_RawExtra": { KEY: whole },
    });
    Ok(row.as_object().cloned().unwrap_or_default())
}

/// The last run of each rule, by name.
pub(crate) fn read_rule_runs(session: &Session, catalog: &WorkspaceCatalog) -> Result<Vec<ReportRule>, Error> {
    let text = format!(
        "SentinelHealth | where isnotnull(_RawExtra.{KEY}) | sort by TimeGenerated asc | project Whole = _RawExtra.{KEY}"
    );
    let mut by_id: BTreeMap<String, ReportRule> = BTreeMap::new();
    for mut row in json_rows(session, catalog, &text, None)? {
        let rule: ReportRule = serde_json::from_value(row.remove("Whole").unwrap_or_default())
            .map_err(|error| Error::new(format!("a row of `SentinelHealth` is not of this version: {error}")))?;
        by_id.insert(rule.id.clone(), rule);
    }
    let mut rules: Vec<ReportRule> = by_id.into_values().collect();
    rules.sort_by(|left, right| left.name.cmp(&right.name).then(left.id.cmp(&right.id)));
    Ok(rules)
}
