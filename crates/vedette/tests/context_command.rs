//! The context of a workspace and the tests of rules, as a user runs them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A domain controller's ticket, and a logon of a synchronization account.
const LOG: &str = r#"{"EventID":4768,"Channel":"Security","Hostname":"DC01.contoso.local","EventTime":"2024-05-14 08:00:00","@timestamp":"2024-05-14T08:00:00.000Z","SourceName":"Microsoft-Windows-Security-Auditing","TargetUserName":"mia","Status":"0x0","IpAddress":"10.0.5.6"}
{"EventID":4624,"Channel":"Security","Hostname":"DC01.contoso.local","EventTime":"2024-05-14 08:00:01","@timestamp":"2024-05-14T08:00:01.000Z","SourceName":"Microsoft-Windows-Security-Auditing","TargetUserName":"MSOL_1a2b3c4d5e6f","TargetDomainName":"CONTOSO","LogonType":"3","IpAddress":"10.0.1.30"}
"#;

const RULE: &str = "id: 2b4c5d6e-0000-4000-8000-000000000001\nname: Any <sign-in>\nseverity: Low\nqueryFrequency: 1h\nqueryPeriod: 1h\n\
    triggerOperator: gt\ntriggerThreshold: 0\nquery: SigninLogs\n";

fn vedette(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vedette"));
    command.args(args).current_dir(folder).env_remove("VEDETTE_WORKSPACE").env_remove("VEDETTE_CONTEXT");
    command.output().expect("runs")
}

fn desk(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

/// List, name and origin of each entry.
fn context(folder: &Path) -> Vec<Value> {
    let output = vedette(folder, &["context", "--workspace", "case", "--format", "json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let entries: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    entries.iter().map(|entry| json!([entry["list"], entry["name"], entry["origin"]])).collect()
}

#[test]
fn what_is_given_stands_beside_what_the_logs_show_and_stays() {
    let desk = desk(&[("log.json", LOG), ("estate.yaml", "domainControllers: [DC02]\negress: [203.0.113.0/24]\n")]);
    let folder = desk.path();
    let first = vedette(folder, &["investigate", "log.json", "--workspace", "case", "--context", "estate.yaml"]);
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let wanted = [
        json!(["DomainControllers", "DC02", "given"]),
        json!(["DomainControllers", "DC01.contoso.local", "inferred"]),
        json!(["SyncAccounts", "CONTOSO\\MSOL_1a2b3c4d5e6f", "inferred"]),
        json!(["Egress", "203.0.113.0/24", "given"]),
    ];
    assert_eq!(context(folder), wanted);
    let again = vedette(folder, &["investigate", "log.json", "--workspace", "case"]);
    assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stderr));
    assert_eq!(context(folder), wanted, "a later run keeps what was given");
    let query = "_GetWatchlist('DomainControllers') | project SearchKey, Origin | sort by SearchKey asc";
    let asked = vedette(folder, &["query", "--workspace", "case", "--format", "csv", query]);
    assert_eq!(
        String::from_utf8_lossy(&asked.stdout).replace('\r', ""),
        "SearchKey,Origin\ndc01,inferred\ndc02,given\n"
    );
}

#[test]
fn a_context_file_with_a_mistake_is_refused_before_anything_is_made() {
    let desk = desk(&[("log.json", LOG), ("estate.yaml", "domainController: [DC02]\n")]);
    let output = vedette(desk.path(), &["investigate", "log.json", "--workspace", "case", "--context", "estate.yaml"]);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    for part in ["estate.yaml", "`domainController`", "hint: did you mean `domainControllers`?"] {
        assert!(errors.contains(part), "{errors}");
    }
    assert!(!desk.path().join("case").exists());
}

#[test]
fn tests_of_rules_are_run_and_written_as_junit() {
    let holds =
        "- {name: \"fires & more\", events: {SigninLogs: [{TimeGenerated: 2024-05-14T08:00:00Z}]}, expect: fire}\n";
    let desk = desk(&[("Any.yaml", RULE), ("Any.tests.yaml", holds)]);
    let folder = desk.path();
    let passed = vedette(folder, &["rules", "test", ".", "--junit", "rules.xml"]);
    assert_eq!(passed.status.code(), Some(0), "{}", String::from_utf8_lossy(&passed.stderr));
    let xml = fs::read_to_string(folder.join("rules.xml")).expect("written");
    assert!(
        xml.contains("<testsuite name=\"Any &lt;sign-in&gt;\"") && xml.contains("name=\"fires &amp; more\""),
        "{xml}"
    );
    fs::write(folder.join("Any.tests.yaml"), holds.replace("expect: fire", "expect: quiet")).expect("written");
    let failed = vedette(folder, &["rules", "test", ".", "--junit", "rules.xml"]);
    assert_eq!(failed.status.code(), Some(1));
    let text = String::from_utf8_lossy(&failed.stdout).into_owned();
    assert!(text.contains("1 of 1 tests do not hold") && text.contains("expected quiet"), "{text}");
    assert!(fs::read_to_string(folder.join("rules.xml")).expect("written").contains("failures=\"1\""));
    let checked = vedette(folder, &["rules", "check", "."]);
    assert_eq!(checked.status.code(), Some(0), "check runs no test");
}
