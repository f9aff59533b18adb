//! A case with one of everything.

use chrono::{DateTime, TimeDelta, Utc};
use report::{
    ContextEntry, EntityName, InvestigationRun, Listed, ReportAlert, ReportEntity, ReportError, ReportEvent,
    ReportFile, ReportIncident, ReportInput, ReportRule, RuleResult, SeenIn, TableCoverage, table_coverage,
};
use schema::{Severity, Tactic};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn list<T>(items: Vec<T>) -> Listed<T> {
    Listed { items, more: 0, query: String::new() }
}

/// Two incidents, four rules, a table with a gap, two files, an error, a context entry, a run.
pub(crate) fn small_case() -> ReportInput {
    case("ann@contoso.com", "Password spray from 203.0.113.7", "ann@contoso.com signed in from 203.0.113.7")
}

/// The same with a text in every place that logs, file names or rules can fill.
pub(crate) fn hostile_case(text: &str) -> ReportInput {
    let mut case = case(text, text, text);
    case.workspace = text.to_owned();
    case.version = text.to_owned();
    case.tables[0].table = text.to_owned();
    let incident = &mut case.incidents.items[0];
    incident.id = text.to_owned();
    incident.techniques = vec![text.to_owned()];
    incident.tenants = vec![text.to_owned()];
    incident.alerts.items[0].details = vec![(text.to_owned(), text.to_owned())];
    incident.alerts.items[0].description = text.to_owned();
    incident.alerts.items[0].rule_name = text.to_owned();
    incident.alerts.items[0].rule_version = Some(text.to_owned());
    incident.events.items[0].fields = vec![(text.to_owned(), text.to_owned())];
    incident.events.items[0].table = text.to_owned();
    incident.events.items[0].source_file = text.to_owned();
    incident.events.query = text.to_owned();
    case.entities.items[0].identifiers = vec![(text.to_owned(), text.to_owned())];
    case.entities.items[0].seen[0].table = text.to_owned();
    let rule = &mut case.rules[0];
    (rule.name, rule.version) = (text.to_owned(), Some(text.to_owned()));
    (rule.techniques, rule.tables, rule.missing_tables) =
        (vec![text.to_owned()], vec![text.to_owned()], vec![text.to_owned()]);
    case.rules[3].result = RuleResult::Failed { message: text.to_owned() };
    let file = &mut case.files.items[0];
    (file.path, file.format, file.status, file.sha256) =
        (text.to_owned(), format!("x{text}"), format!("x{text}"), text.to_owned());
    case.errors.items[0].reason = text.to_owned();
    case.errors.items[0].example_file = text.to_owned();
    let entry = &mut case.context.items[0];
    (entry.list, entry.value, entry.reason) = (text.to_owned(), text.to_owned(), text.to_owned());
    case.runs.items[0].command = text.to_owned();
    case.runs.items[0].version = text.to_owned();
    case
}

fn case(account: &str, title: &str, event: &str) -> ReportInput {
    ReportInput {
        now: at("2026-01-12T09:30:00Z"),
        version: "0.1.0".to_owned(),
        workspace: "cases/case-17".to_owned(),
        tenants: Vec::new(),
        runs: list(vec![InvestigationRun {
            time: at("2026-01-12T09:00:00Z"),
            version: "0.1.0".to_owned(),
            command: "vedette investigate logs".to_owned(),
            rules: 4,
            files: 2,
            records: 1_203,
        }]),
        incidents: list(vec![spray(account, title, event), other()]),
        entities: list(vec![ReportEntity {
            name: EntityName { kind: "Account".to_owned(), value: account.to_owned() },
            identifiers: vec![("AadUserId".to_owned(), "0a1b".to_owned())],
            incidents: vec![1],
            alerts: 1,
            seen: vec![SeenIn {
                table: "SigninLogs".to_owned(),
                rows: 12,
                first: at("2026-01-05T08:00:00Z"),
                last: at("2026-01-09T17:00:00Z"),
            }],
        }]),
        tables: vec![sign_ins()],
        rules: rules(),
        files: list(vec![file("signins.json", 0, "read"), file("broken.json", 3, "unreadable")]),
        errors: list(vec![ReportError {
            reason: "no time".to_owned(),
            records: 3,
            files: 1,
            example_file: "broken.json".to_owned(),
        }]),
        context: list(vec![ContextEntry {
            list: "DomainControllers".to_owned(),
            value: "DC01".to_owned(),
            inferred: true,
            reason: "answers Kerberos requests".to_owned(),
        }]),
    }
}

fn spray(account: &str, title: &str, event: &str) -> ReportIncident {
    let name = |kind: &str, value: &str| EntityName { kind: kind.to_owned(), value: value.to_owned() };
    let start = at("2026-01-06T03:00:00Z");
    ReportIncident {
        number: 1,
        id: "6f1d".to_owned(),
        title: title.to_owned(),
        severity: Severity::High,
        status: "New".to_owned(),
        tenants: Vec::new(),
        tactics: vec![Tactic::InitialAccess, Tactic::CredentialAccess],
        techniques: vec!["T1110.003".to_owned()],
        first_activity: start,
        last_activity: start + TimeDelta::hours(1),
        entities: list(vec![name("Account", account), name("Account", "bob@contoso.com"), name("IP", "203.0.113.7")]),
        alerts: list(vec![ReportAlert {
            id: "a1".to_owned(),
            name: title.to_owned(),
            rule_name: "Cloud password spray".to_owned(),
            rule_version: Some("1.0.0".to_owned()),
            severity: Severity::High,
            start,
            end: start + TimeDelta::hours(1),
            description: "One address tried many accounts.\n\nWhat to do: block the address.".to_owned(),
            details: vec![("Tries".to_owned(), "41".to_owned())],
        }]),
        events: Listed {
            items: vec![ReportEvent {
                time: start,
                table: "SigninLogs".to_owned(),
                text: event.to_owned(),
                fields: vec![("ResultType".to_owned(), "0".to_owned())],
                source_file: "signins.json".to_owned(),
                source_offset: Some(17),
            }],
            more: 7,
            query: "search in (SigninLogs) \"203.0.113.7\"".to_owned(),
        },
    }
}

fn other() -> ReportIncident {
    let base = spray("ann@contoso.com", "Quiet thing", "x");
    ReportIncident {
        number: 2,
        title: "Quiet thing".to_owned(),
        severity: Severity::Low,
        last_activity: base.first_activity,
        entities: list(Vec::new()),
        alerts: list(Vec::new()),
        events: list(Vec::new()),
        ..base
    }
}

fn sign_ins() -> TableCoverage {
    let monday = at("2026-01-05T00:00:00Z");
    let hours: Vec<_> = (0..5 * 24_i64)
        .filter(|hour| !(58..61).contains(hour))
        .map(|hour| (monday + TimeDelta::hours(hour), 10))
        .collect();
    table_coverage("SigninLogs", 1_200, Some(monday), Some(at("2026-01-09T23:59:00Z")), &hours)
}

fn rules() -> Vec<ReportRule> {
    let rule = |id: &str, name: &str, result, tables: &[&str], missing: &[&str]| ReportRule {
        id: id.to_owned(),
        name: name.to_owned(),
        version: Some("1.0.0".to_owned()),
        severity: Severity::Medium,
        tactics: vec![Tactic::CredentialAccess],
        techniques: vec!["T1110".to_owned()],
        result,
        tables: tables.iter().map(|&table| table.to_owned()).collect(),
        missing_tables: missing.iter().map(|&table| table.to_owned()).collect(),
    };
    vec![
        rule("r1", "Cloud password spray", RuleResult::Found { alerts: 1 }, &["SigninLogs"], &["OfficeActivity"]),
        rule("r2", "Cloud brute force", RuleResult::FoundNothing, &["SigninLogs"], &[]),
        rule("r3", "Consent grant", RuleResult::NeedsData, &[], &["AuditLogs"]),
        rule("r4", "Broken", RuleResult::Failed { message: "unknown column `X`".to_owned() }, &["SigninLogs"], &[]),
    ]
}

fn file(path: &str, rejected: u64, status: &str) -> ReportFile {
    ReportFile {
        path: path.to_owned(),
        sha256: "a9f0".repeat(16),
        bytes: 1_340_000,
        format: "entra-sign-in".to_owned(),
        records: 600,
        duplicates: 0,
        rejected,
        first: Some(at("2026-01-05T00:00:00Z")),
        last: Some(at("2026-01-09T23:59:00Z")),
        status: status.to_owned(),
    }
}
