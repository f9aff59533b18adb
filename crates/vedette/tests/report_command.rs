//! Reports, timelines and coverage as a user gets them, on a generated tenant and on the logs of two tenants.
#![allow(clippy::print_stderr, reason = "a skipped test says so")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// Browsers that print pages without a window.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vedette"));
        command.args(args).current_dir(self.folder.path()).env_remove("VEDETTE_WORKSPACE").stdin(Stdio::null());
        command.output().expect("runs")
    }

    fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.ok(args)).expect("JSON")
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A tenant with attacks, investigated into the workspace `case`.
fn investigated() -> Desk {
    let desk = Desk::new();
    desk.ok(&["generate", "--users", "150", "--days", "3", "--seed", "1", "--out", "tenant"]);
    // The folders of its logs: the truth beside them is none.
    let mut folders: Vec<String> = fs::read_dir(desk.path("tenant"))
        .expect("listed")
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| format!("tenant/{}", entry.file_name().to_string_lossy()))
        .collect();
    folders.sort();
    let mut args = vec!["investigate", "--workspace", "case"];
    args.extend(folders.iter().map(String::as_str));
    desk.ok(&args);
    desk
}

#[test]
fn a_generated_tenant_is_reported_from_the_workspace_alone() {
    let desk = investigated();
    fs::remove_dir_all(desk.path("tenant")).expect("the logs are gone");
    let report = desk.json(&["report", "--workspace", "case", "--format", "json"]);
    let incidents = list(&report["incidents"]["items"]);
    assert!(!incidents.is_empty());
    for incident in incidents {
        let events = list(&incident["events"]["items"]);
        assert!(!events.is_empty(), "no evidence of {}", incident["title"]);
        for event in events {
            assert!(event["sourceFile"].as_str().is_some_and(|file| file.starts_with("tenant/")), "{event}");
            assert!(event["text"].as_str().is_some_and(|text| !text.is_empty()), "{event}");
        }
        assert_eq!(events.len() as u64 + incident["events"]["more"].as_u64().expect("a count"), count(&desk, incident));
    }
    assert!(list(&report["entities"]["items"]).iter().any(|entity| !list(&entity["seen"]).is_empty()));
    assert!(
        list(&report["files"]["items"]).iter().all(|file| file["sha256"].as_str().is_some_and(|hash| hash.len() == 64))
    );
    let command = report["runs"]["items"][0]["command"].as_str().expect("a command");
    assert!(command.starts_with("vedette investigate --workspace case tenant/"), "{command}");

    let outcome = desk.ok(&["report", "--workspace", "case", "--out", "report.html"]);
    assert!(outcome.contains("report.html"), "{outcome}");
    let page = fs::read_to_string(desk.path("report.html")).expect("written");
    for incident in incidents {
        assert!(page.contains(&format!("id=\"incident-{}\"", incident["number"])));
    }
    // Logs hold addresses; as text they are quoted and lead nowhere.
    for outside in ["href=\"http", "src=\"", "url(", "<script", "<link", "@import"] {
        assert!(!page.contains(outside), "`{outside}` is on the page");
    }
    assert!(desk.ok(&["report", "--workspace", "case", "--format", "md"]).starts_with("# Investigation report"));
    prints_whole(&desk.path("report.html"), &desk.path("report.pdf"));
    coverage_and_layer(&desk);
}

/// The events that the report's own query finds are at least those it shows or counts.
fn count(desk: &Desk, incident: &Value) -> u64 {
    let query = incident["events"]["query"].as_str().expect("a query");
    let found = desk.json(&["query", "--workspace", "case", "--format", "json", &format!("{query}\n| count")]);
    let by_query = found["rows"][0][0].as_u64().expect("a count");
    let shown = list(&incident["events"]["items"]).len() as u64 + incident["events"]["more"].as_u64().unwrap_or(0);
    assert!(by_query >= shown, "the query finds {by_query} of {shown} events: {query}");
    shown
}

fn coverage_and_layer(desk: &Desk) {
    let coverage = desk.json(&["coverage", "--workspace", "case", "--format", "json"]);
    let sign_ins = list(&coverage["tables"]).iter().find(|table| table["table"] == "SigninLogs").expect("sign-ins");
    let by_day: u64 = list(&sign_ins["days"]).iter().filter_map(|day| day["rows"].as_u64()).sum();
    assert_eq!(Some(by_day), sign_ins["rows"].as_u64());
    let rules = list(&coverage["rules"]);
    assert!(rules.iter().any(|rule| rule["result"]["outcome"] == "found"));
    assert!(desk.ok(&["coverage", "--workspace", "case"]).contains("SigninLogs"));

    let shown = desk.ok(&["attack-coverage", "--workspace", "case", "--navigator", "layer.json"]);
    assert!(shown.contains("CredentialAccess"), "{shown}");
    let layer: Value =
        serde_json::from_str(&fs::read_to_string(desk.path("layer.json")).expect("written")).expect("JSON");
    assert_eq!(
        (layer["domain"].as_str(), layer["versions"]["layer"].as_str()),
        (Some("enterprise-attack"), Some("4.5"))
    );
    assert!(
        list(&layer["techniques"])
            .iter()
            .any(|technique| technique["color"].as_str().is_some_and(|color| !color.is_empty()))
    );
}

/// Prints the page with a real browser, where there is one.
fn prints_whole(page: &Path, pdf: &Path) {
    let print = |browser: &&str| {
        let mut command = Command::new(browser);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]);
        command.arg(format!("--print-to-pdf={}", pdf.display())).arg(page).stderr(Stdio::null()).stdout(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if BROWSERS.iter().any(print) {
        assert!(fs::metadata(pdf).expect("a PDF").len() > 10_000, "the PDF is empty");
    } else {
        eprintln!("SKIPPED: no browser to print the page with");
    }
}

fn sign_in(tenant: &str, minute: u32, user: &str, code: u32) -> String {
    json!({
        "time": format!("2026-01-05T08:{minute:02}:30.0000000Z"),
        "tenantId": tenant,
        "category": "SignInLogs",
        "operationName": "Sign-in activity",
        "resultType": code.to_string(),
        "properties": {
            "id": format!("00000000-0000-0000-{}-0000000000{minute:02}", &tenant[..4]),
            "createdDateTime": format!("2026-01-05T08:{minute:02}:00.1234567Z"),
            "userPrincipalName": format!("{user}@tailwind.example"),
            "userId": format!("aaaaaaaa-0000-4000-8000-0000000000{minute:02}"),
            "ipAddress": "203.0.113.7",
            "status": {"errorCode": code},
        }
    })
    .to_string()
}

const FIRST: &str = "1111aaaa-0000-4000-8000-000000000001";
const SECOND: &str = "2222bbbb-0000-4000-8000-000000000002";

/// So many accounts of each tenant fail at one address.
fn sprayed(first: u32, second: u32) -> Desk {
    let desk = Desk::new();
    let of = |tenant: &'static str, accounts: u32| {
        (0..accounts).map(move |account| sign_in(tenant, account, &format!("user{account}"), 50126))
    };
    let lines: Vec<String> = of(FIRST, first).chain(of(SECOND, second)).collect();
    fs::write(desk.path("sign-ins.json"), lines.join("\n")).expect("written");
    desk
}

#[test]
fn a_rule_does_not_add_up_what_two_tenants_saw() {
    let apart = sprayed(4, 4).json(&["investigate", "sign-ins.json", "--format", "json"]);
    assert_eq!(list(&apart["incidents"]).len(), 0, "four accounts each make no spray: {}", apart["incidents"]);
    let one = sprayed(8, 0).json(&["investigate", "sign-ins.json", "--format", "json"]);
    assert_eq!(list(&one["incidents"]).len(), 1, "eight accounts of one tenant do");
    assert_eq!(one["incidents"][0]["tenants"], json!([FIRST]));
}

#[test]
fn two_tenants_sprayed_from_one_address_share_an_incident_that_says_so() {
    let desk = sprayed(8, 9);
    let found = desk.json(&["investigate", "sign-ins.json", "--workspace", "case", "--format", "json"]);
    let incidents = list(&found["incidents"]);
    assert_eq!(incidents.len(), 1, "{}", found["incidents"]);
    assert_eq!(incidents[0]["tenants"], json!([FIRST, SECOND]));
    assert_eq!(list(&incidents[0]["alerts"]).len(), 2, "an alert a tenant");
    let rows = desk.json(&[
        "query",
        "--workspace",
        "case",
        "--format",
        "json",
        "SecurityAlert | summarize count() by TenantId | sort by TenantId asc",
    ]);
    assert_eq!(rows["rows"], json!([[FIRST, 1], [SECOND, 1]]));
    let report = desk.json(&["report", "--workspace", "case", "--format", "json"]);
    assert_eq!(list(&report["tenants"]).len(), 2);
}

#[test]
fn a_timeline_follows_an_account_over_its_identifiers() {
    let desk = sprayed(8, 0);
    desk.ok(&["investigate", "sign-ins.json", "--workspace", "case"]);
    let by_id = desk.ok(&[
        "timeline",
        "--workspace",
        "case",
        "--entity",
        "aaaaaaaa-0000-4000-8000-000000000003",
        "--format",
        "jsonl",
    ]);
    let events: Vec<Value> = by_id.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(events.len(), 1);
    assert!(
        events[0]["description"]
            .as_str()
            .is_some_and(|text| text.starts_with("user3@tailwind.example failed to sign in")),
        "{}",
        events[0]
    );
    let by_name =
        desk.ok(&["timeline", "--workspace", "case", "--entity", "User3@tailwind.example", "--format", "jsonl"]);
    assert_eq!(by_name, by_id);
    let csv = desk.ok(&["timeline", "--workspace", "case", "--incident", "1", "--format", "csv"]);
    assert_eq!(csv.lines().count(), 9, "a header and eight events: {csv}");
    let late = desk.ok(&[
        "timeline",
        "--workspace",
        "case",
        "--entity",
        "203.0.113.7",
        "--since",
        "2026-01-05T08:06:00Z",
        "--format",
        "csv",
    ]);
    assert_eq!(late.lines().count(), 3, "{late}");
    assert!(desk.ok(&["timeline", "--workspace", "case", "--entity", "nobody@tailwind.example"]).contains("0 events"));
    let output = desk.run(&["timeline", "--workspace", "case"]);
    assert!(!output.status.success(), "neither an entity nor an incident");
}
