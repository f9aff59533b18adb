//! An account is taken over: many rules see a part of it each, and it is one incident.

use std::fs;

use serde_json::{Value, json};
use server::{InvestigateRequest, Unwatched, investigate};

const VICTIM: &str = "mia@contoso.com";
const INTRUDER: &str = "203.0.113.7";

fn time(minute: u32, second: u32) -> String {
    format!("2024-05-14T{:02}:{:02}:{second:02}Z", 8 + minute / 60, minute % 60)
}

fn sign_in(minute: u32, user: &str, code: u32) -> Value {
    json!({
        "category": "SignInLogs", "time": time(minute, 30), "resultType": code.to_string(),
        "properties": {
            "id": format!("s-{minute}"), "createdDateTime": time(minute, 0), "userPrincipalName": user, "ipAddress": INTRUDER,
            "status": {"errorCode": code},
        },
    })
}

fn audit(minute: u32, operation: &str, targets: Value) -> Value {
    json!({
        "category": "AuditLogs", "time": time(minute, 30), "operationName": operation,
        "properties": {
            "id": format!("a-{minute}"), "activityDisplayName": operation, "activityDateTime": time(minute, 0), "result": "success",
            "initiatedBy": {"user": {"userPrincipalName": VICTIM, "ipAddress": INTRUDER}}, "targetResources": targets,
        },
    })
}

fn unified(id: String, at: &str, operation: &str, workload: &str, more: Value) -> Value {
    let mut record = json!({
        "CreationTime": at.trim_end_matches('Z'), "Id": id, "Operation": operation, "OrganizationId": "8d4121ed-0000-4000-8000-000000000001",
        "RecordType": if workload == "Exchange" { 1 } else { 6 }, "ResultStatus": "True", "UserKey": "1", "UserType": 0, "Version": 1,
        "Workload": workload, "ClientIP": INTRUDER, "UserId": VICTIM,
    });
    if let (Value::Object(record), Value::Object(more)) = (&mut record, more) {
        record.extend(more);
    }
    record
}

/// Spray, own method of authentication, inbox rule, consent, download: two hours.
fn chain() -> Vec<Value> {
    let mut records: Vec<Value> = (0..8).map(|n| sign_in(n, &format!("user{n}@contoso.com"), 50126)).collect();
    records.push(sign_in(9, VICTIM, 50126));
    records.push(sign_in(12, VICTIM, 0));
    records.push(audit(25, "User registered security info", json!([{"type": "User", "userPrincipalName": VICTIM}])));
    let permissions = "\"[] => [[Id: x, ConsentType: Principal, Scope: Mail.Read Files.Read.All]]; \"";
    let modified = json!([{"displayName": "ConsentAction.Permissions", "oldValue": null, "newValue": permissions}]);
    let application =
        json!([{"type": "ServicePrincipal", "displayName": "Mail Helper", "modifiedProperties": modified}]);
    records.push(audit(50, "Consent to application", application));
    let rule = json!([{"Name": "Name", "Value": "."}, {"Name": "SubjectContainsWords", "Value": "invoice"}, {"Name": "DeleteMessage", "Value": "True"}]);
    records.push(unified("rule".to_owned(), &time(40, 0), "New-InboxRule", "Exchange", json!({"Parameters": rule})));
    for n in 0..150 {
        let file = json!({"ObjectId": format!("https://contoso.sharepoint.com/sites/a/{n}.docx"), "SiteUrl": "https://contoso.sharepoint.com/sites/a/"});
        records.push(unified(
            format!("file-{n}"),
            &time(70 + n / 10, n % 10 * 5),
            "FileDownloaded",
            "SharePoint",
            file,
        ));
    }
    records
}

#[test]
fn the_takeover_of_an_account_is_one_incident_of_many_alerts() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines: Vec<String> = chain().iter().map(Value::to_string).collect();
    fs::write(folder.path().join("logs.json"), lines.join("\n")).expect("written");
    let request = InvestigateRequest {
        paths: vec![folder.path().join("logs.json")],
        workspace: folder.path().join("case"),
        ..InvestigateRequest::default()
    };
    let found = investigate(&request, &Unwatched).expect("investigates");
    let titles: Vec<&str> = found.incidents.iter().map(|incident| incident.title.as_str()).collect();
    assert_eq!(found.incidents.len(), 1, "{titles:?} {:?}", found.errors);
    let incident = &found.incidents[0];
    assert_eq!(incident.severity, "High");
    let rules: Vec<&str> = incident.alerts.iter().map(|alert| found.rules[&alert.rule_id].name.as_str()).collect();
    for wanted in [
        "Password spray (cloud)",
        "Authentication method added after a suspicious sign-in",
        "Inbox rule",
        "Consent grant",
        "Mass download",
    ] {
        assert!(rules.contains(&wanted), "`{wanted}` is not in {rules:?}");
    }
    assert!(incident.entities.iter().any(|entity| entity.value == VICTIM), "{:?}", incident.entities);
}
