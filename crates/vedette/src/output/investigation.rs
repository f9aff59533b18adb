//! An investigation for people: what was read, what was not, what was found.

use std::collections::BTreeMap;
use std::fmt::Write;

use server::{IncidentSummary, Investigation};

use super::table;

/// Most lines of problems shown; the rest is counted.
const PROBLEMS_SHOWN_MAX: usize = 20;
/// Most entities shown for an incident in a list.
const ENTITIES_SHOWN_MAX: usize = 4;

/// The whole report.
pub(crate) fn report(investigation: &Investigation) -> String {
    let mut text = String::new();
    text.push_str(&read(investigation));
    text.push_str(&not_read(investigation));
    text.push_str(&rules(investigation));
    text.push_str(&by_tenant(&investigation.incidents));
    let _ = writeln!(text, "\nWorkspace: {}", investigation.workspace);
    text
}

/// Files, records and rows a table.
pub(crate) fn read(investigation: &Investigation) -> String {
    let files = &investigation.files;
    let records: u64 = files.iter().map(|file| file.records).sum();
    let known = files.iter().filter(|file| file.known).count();
    let mut text = format!("Read {records} records from {} files", files.len());
    if known > 0 {
        let _ = write!(text, " ({known} already known, skipped; --force reads them again)");
    }
    if investigation.duplicates > 0 {
        let _ = write!(text, ", {} duplicates left out", investigation.duplicates);
    }
    text.push('\n');
    if !investigation.tables.is_empty() {
        let mut rows = table::new(&["table", "rows"]);
        for (name, count) in &investigation.tables {
            rows.add_row([name.clone(), count.to_string()]);
        }
        let _ = writeln!(text, "{rows}");
    }
    text
}

/// Files and records that were not read or placed, with the reason.
pub(crate) fn not_read(investigation: &Investigation) -> String {
    let problems = &investigation.errors;
    if problems.is_empty() {
        return String::new();
    }
    let mut text = String::from("\nNot read or not placed (see the table IngestionErrors)\n");
    let mut shown = table::new(&["file", "records", "reason"]);
    for problem in problems.iter().take(PROBLEMS_SHOWN_MAX) {
        shown.add_row([table::cell(&problem.file), problem.count.to_string(), table::cell(&problem.reason)]);
    }
    let _ = writeln!(text, "{shown}");
    if problems.len() > PROBLEMS_SHOWN_MAX {
        let rest = &problems[PROBLEMS_SHOWN_MAX..];
        let records: u64 = rest.iter().map(|problem| problem.count).sum();
        let _ = writeln!(text, "and {} more reasons for {records} records; --format json lists all", rest.len());
    }
    text
}

fn rules(investigation: &Investigation) -> String {
    let all = &investigation.rules;
    let ran = all.values().filter(|rule| rule.ran).count();
    let mut text = format!("\nRules: {ran} of {} ran\n", all.len());
    for rule in all.values().filter(|rule| !rule.ran) {
        let why = match &rule.failure {
            Some(failure) => format!("failed: {failure}"),
            None => format!("no data in {}", rule.missing.join(", ")),
        };
        let _ = writeln!(text, "  {}: {why}", rule.name);
    }
    text
}

/// Incidents as a list; one a tenant where there are several.
fn by_tenant(all: &[IncidentSummary]) -> String {
    let mut groups: BTreeMap<String, Vec<IncidentSummary>> = BTreeMap::new();
    for incident in all {
        groups.entry(incident.tenants.join(" and ")).or_default().push(incident.clone());
    }
    if groups.keys().filter(|tenant| !tenant.is_empty()).count() < 2 {
        return format!("\nIncidents\n{}", incidents(all));
    }
    let heading = |tenant: &str| match tenant {
        "" => "Incidents that name no tenant".to_owned(),
        tenant => format!("Incidents of {tenant}"),
    };
    groups.iter().map(|(tenant, its)| format!("\n{}\n{}", heading(tenant), incidents(its))).collect()
}

/// Incidents as a list.
pub(crate) fn incidents(incidents: &[IncidentSummary]) -> String {
    if incidents.is_empty() {
        return "  none\n".to_owned();
    }
    let mut shown = table::ruled(&[
        "#",
        "severity",
        "title",
        "entities",
        "tactics and techniques",
        "first and last activity",
        "alerts",
    ]);
    for incident in incidents {
        shown.add_row([
            incident.number.to_string(),
            incident.severity.clone(),
            table::cell(&incident.title),
            entities(incident),
            format!("{}\n{}", incident.tactics.join(", "), incident.techniques.join(", ")),
            format!("{}\n{}", time(incident.first_activity), time(incident.last_activity)),
            incident.alerts.len().to_string(),
        ]);
    }
    format!("{shown}\n")
}

/// One incident in full.
pub(crate) fn incident(incident: &IncidentSummary) -> String {
    let mut text = format!("Incident {}: {}\n", incident.number, table::cell(&incident.title));
    let _ = writeln!(text, "  id          {}", incident.id);
    let _ = writeln!(text, "  severity    {}", incident.severity);
    if !incident.tenants.is_empty() {
        let _ = writeln!(text, "  tenant      {}", incident.tenants.join(", "));
    }
    let _ = writeln!(text, "  tactics     {}", incident.tactics.join(", "));
    let _ = writeln!(text, "  techniques  {}", incident.techniques.join(", "));
    let _ = writeln!(text, "  activity    {} to {}", time(incident.first_activity), time(incident.last_activity));
    let mut by_kind: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for entity in &incident.entities {
        by_kind.entry(&entity.kind).or_default().push(table::cell(&entity.value));
    }
    text.push_str("\nEntities\n");
    for (kind, values) in by_kind {
        let _ = writeln!(text, "  {kind:<11} {}", values.join(", "));
    }
    text.push_str("\nAlerts\n");
    let mut shown = table::new(&["first event", "last event", "alert", "events", "rule"]);
    for alert in &incident.alerts {
        shown.add_row([
            time(alert.start),
            time(alert.end),
            table::cell(&alert.name),
            alert.events.len().to_string(),
            alert.rule_id.clone(),
        ]);
    }
    let _ = writeln!(text, "{shown}");
    text
}

fn entities(incident: &IncidentSummary) -> String {
    let shown = incident.entities.iter().take(ENTITIES_SHOWN_MAX);
    let mut lines: Vec<String> =
        shown.map(|entity| format!("{} {}", entity.kind, table::cell(&entity.value))).collect();
    if incident.entities.len() > ENTITIES_SHOWN_MAX {
        lines.push(format!("and {} more", incident.entities.len() - ENTITIES_SHOWN_MAX));
    }
    lines.join("\n")
}

fn time(time: chrono::DateTime<chrono::Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%SZ").to_string()
}
