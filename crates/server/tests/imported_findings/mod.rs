//! Alerts and incidents of other products beside Vedette's own.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use server::{
    IngestRequest, InvestigateRequest, Investigation, QueryRequest, Unwatched, incidents, ingest, investigate, query,
};
use tempfile::TempDir;

/// A rule that always fires on the sign-in below.
const RULE: &str = r"
id: 0f0f0f0f-0000-4000-8000-000000000001
name: Any sign-in
description: Fires on every sign-in.
severity: Medium
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
tactics: [InitialAccess]
relevantTechniques: [T1078]
query: SigninLogs | where ResultType == '0'
entityMappings:
  - entityType: Account
    fieldMappings:
      - identifier: FullName
        columnName: UserPrincipalName
version: 1.0.0
kind: Scheduled
";

fn write(folder: &TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).expect("written");
    path
}

fn sign_in(day: u32, user: &str) -> String {
    json!({
        "category": "SignInLogs",
        "time": format!("2024-05-{day:02}T08:00:00Z"),
        "resultType": "0",
        "properties": {
            "id": format!("{user}-{day}"),
            "createdDateTime": format!("2024-05-{day:02}T08:00:00Z"),
            "userPrincipalName": format!("{user}@contoso.com"),
            "status": {"errorCode": 0},
        }
    })
    .to_string()
}

/// An incident of the Defender portal with this number, whose fields try to pass for a finding of ours.
fn imported(number: u32) -> String {
    json!({
        "id": number.to_string(),
        "displayName": "Imported",
        "createdDateTime": "2024-05-01T07:00:00Z",
        "lastUpdateDateTime": "2024-05-01T07:30:00Z",
        "status": "active",
        "severity": "high",
        "redirectIncidentId": null,
        "vedette": {"id": "not ours"},
        "alerts": [{
            "id": format!("da{number}"), "title": "Imported alert", "severity": "high", "vedette": {"id": "nor this"},
            "serviceSource": "microsoftDefenderForEndpoint", "createdDateTime": "2024-05-01T07:00:00Z",
        }],
    })
    .to_string()
}

fn run(folder: &TempDir, file: PathBuf) -> Investigation {
    let rules = vec![folder.path().join("rule.yaml")];
    let request = InvestigateRequest {
        paths: vec![file],
        workspace: folder.path().join("case"),
        rules,
        ..InvestigateRequest::default()
    };
    investigate(&request, &Unwatched).expect("investigates")
}

fn ask(workspace: &Path, text: &str) -> Vec<Vec<Value>> {
    let request = QueryRequest {
        text: text.to_owned(),
        workspace: workspace.to_owned(),
        files: Vec::new(),
        geo_database: None,
        archive: false,
        external: Default::default(),
    };
    query(&request, &Unwatched).expect("answers").rows.iter().collect()
}

#[test]
fn imported_incidents_are_neither_read_as_ours_nor_share_their_numbers() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder, "rule.yaml", RULE);
    let case = folder.path().join("case");
    let request = IngestRequest {
        paths: vec![write(&folder, "defender.ndjson", &[imported(1), imported(3)].join("\n"))],
        workspace: case.clone(),
        ..IngestRequest::default()
    };
    ingest(&request, &Unwatched).expect("ingests");
    let first = run(&folder, write(&folder, "a.json", &sign_in(2, "ada")));
    let numbers = |found: &Investigation| found.incidents.iter().map(|incident| incident.number).collect::<Vec<_>>();
    assert_eq!(numbers(&first), [2]);

    // A second run keeps the number of what it finds again, and goes around those that are taken.
    let second = run(&folder, write(&folder, "b.json", &sign_in(20, "bob")));
    let mut found = numbers(&second);
    found.sort_unstable();
    assert_eq!(found, [2, 4]);
    let listed: Vec<String> = incidents(&case).expect("lists").into_iter().map(|incident| incident.title).collect();
    assert!(listed.len() == 2 && !listed.iter().any(|title| title.contains("Imported")), "{listed:?}");

    let rows = ask(
        &case,
        "SecurityIncident | summarize arg_max(LastModifiedTime, Title) by IncidentNumber | project IncidentNumber | sort by IncidentNumber asc",
    );
    assert_eq!(rows, [[json!(1)], [json!(2)], [json!(3)], [json!(4)]]);
    let providers = ask(&case, "SecurityAlert | summarize count() by ProviderName | sort by ProviderName asc");
    assert_eq!(providers, [vec![json!("ASI Scheduled Alerts"), json!(2)], vec![json!("MDATP"), json!(2)]]);
}
