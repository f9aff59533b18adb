//! The command as a user runs it: real processes, real files, real exit codes.

mod bad_input;
mod chaos;
mod clients;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder with a few exported sign-ins, and the command in it.
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

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().expect("has a parent")).expect("a folder");
        fs::write(self.path(name), text).expect("written");
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vedette"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_remove("VEDETTE_WORKSPACE")
            .env_remove("VEDETTE_DATABASE_URL")
            .stdin(Stdio::null());
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

fn sign_in(minute: u32, user: &str, code: u32) -> String {
    json!({
        "time": format!("2026-01-05T08:{minute:02}:30.0000000Z"),
        "category": "SignInLogs",
        "operationName": "Sign-in activity",
        "resultType": code.to_string(),
        "properties": {
            "id": format!("00000000-0000-0000-0000-0000000000{minute:02}"),
            "createdDateTime": format!("2026-01-05T08:{minute:02}:00.1234567Z"),
            "userPrincipalName": format!("{user}@tailwind.example"),
            "ipAddress": "203.0.113.7",
            "status": {"errorCode": code},
            "location": {"countryOrRegion": "DE", "city": "Berlin"},
        }
    })
    .to_string()
}

fn desk_with_sign_ins() -> Desk {
    let desk = Desk::new();
    let lines: Vec<String> = (0..10)
        .map(|minute| sign_in(minute, if minute < 3 { "mia" } else { "noa" }, if minute == 0 { 50126 } else { 0 }))
        .collect();
    desk.write("logs/sign-ins.json", &lines.join("\n"));
    desk
}

#[test]
fn investigate_prints_one_json_object_with_the_documented_fields() {
    let desk = desk_with_sign_ins();
    let found = desk.json(&["investigate", "logs", "--workspace", "case", "--format", "json"]);
    let mut keys: Vec<&str> = found.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["duplicates", "errors", "files", "incidents", "rules", "tables", "workspace"]);
    assert_eq!(found["tables"]["SigninLogs"], 10);
    assert_eq!(found["files"][0]["records"], 10);
    assert_eq!(found["incidents"], json!([]));
    let rules = found["rules"].as_object().expect("rules");
    assert_eq!(rules.len(), 30);
    assert!(rules.values().all(|rule| rule.get("failure").is_none()), "{rules:?}");
}

#[test]
fn a_file_seen_before_is_skipped_until_forced() {
    let desk = desk_with_sign_ins();
    desk.ok(&["ingest", "logs", "--workspace", "case"]);
    let again = desk.json(&["ingest", "logs", "--workspace", "case", "--format", "json"]);
    assert_eq!((&again["files"][0]["known"], &again["tables"]), (&json!(true), &json!({})));
    let forced = desk.json(&["ingest", "logs", "--workspace", "case", "--format", "json", "--force"]);
    assert_eq!(forced["tables"]["SigninLogs"], 10);
}

#[test]
fn the_manifest_lists_every_file_with_its_hash_and_time_range() {
    let desk = desk_with_sign_ins();
    desk.write("logs/unknown.bin", "MZ\u{0}\u{1}");
    desk.run(&["ingest", "logs", "--workspace", "case"]);
    let files = desk.json(&["manifest", "--workspace", "case", "--format", "json"]);
    let files = files.as_array().expect("a list");
    assert_eq!(files.len(), 2);
    let text = |index: usize, name: &str| files[index][name].as_str().unwrap_or_default().to_owned();
    assert_eq!((text(0, "SourceFile"), text(0, "Status")), ("logs/sign-ins.json".to_owned(), "read".to_owned()));
    assert_eq!(text(0, "SHA256").len(), 64);
    assert_eq!(text(0, "FirstEventTime"), "2026-01-05T08:00:00.123456Z");
    assert_eq!(text(0, "LastEventTime"), "2026-01-05T08:09:00.123456Z");
    assert_eq!((&files[0]["Records"], &files[0]["RowsPerTable"]["SigninLogs"]), (&json!(10), &json!(10)));
    assert_eq!((text(1, "Status"), &files[1]["FirstEventTime"]), ("unreadable".to_owned(), &Value::Null));
    let csv = desk.ok(&["manifest", "--workspace", "case", "--format", "csv"]);
    assert!(csv.starts_with("SourceFile,SHA256,Bytes,Format,Status,Reason,Records,"), "{csv}");
    let table = desk.ok(&["manifest", "--workspace", "case"]);
    assert!(table.contains("2026-01-05 08:09:00") && table.contains("SigninLogs:10"), "{table}");
}

#[test]
fn query_prints_rows_in_each_format() {
    let desk = desk_with_sign_ins();
    desk.ok(&["ingest", "logs", "--workspace", "case"]);
    let query = "SigninLogs | summarize Count=count(), First=min(TimeGenerated) by User=tostring(split(UserPrincipalName, '@')[0]) | sort by User asc";
    let base = ["query", query, "--workspace", "case", "--format"];
    let run = |format: &str| desk.ok(&[&base[..], &[format]].concat());
    let json: Value = serde_json::from_str(&run("json")).expect("JSON");
    assert_eq!(
        json,
        json!({
            "columns": [{"name": "User", "type": "string"}, {"name": "Count", "type": "long"}, {"name": "First", "type": "datetime"}],
            "rows": [["mia", 3, "2026-01-05T08:00:00.123456Z"], ["noa", 7, "2026-01-05T08:03:00.123456Z"]],
        })
    );
    assert_eq!(run("csv"), "User,Count,First\nmia,3,2026-01-05T08:00:00.123456Z\nnoa,7,2026-01-05T08:03:00.123456Z\n");
    assert_eq!(run("ndjson").lines().next(), Some(r#"{"User":"mia","Count":3,"First":"2026-01-05T08:00:00.123456Z"}"#));
    assert!(run("table").contains("2 rows"));
}

#[test]
fn query_reads_files_without_a_workspace() {
    let desk = desk_with_sign_ins();
    let found = desk.json(&[
        "query",
        "-f",
        "logs/sign-ins.json",
        "SigninLogs | where ResultType != '0' | count",
        "--format",
        "json",
    ]);
    assert_eq!(found["rows"], json!([[1]]));
    assert!(!desk.path("vedette-workspace").exists());
}

#[test]
fn every_row_knows_its_file_and_offset() {
    let desk = desk_with_sign_ins();
    let found = desk.json(&[
        "query",
        "-f",
        "logs/sign-ins.json",
        "SigninLogs | sort by TimeGenerated asc | take 2 | project _SourceFile, _SourceOffset",
        "--format",
        "json",
    ]);
    let first_line = sign_in(0, "mia", 50126).len() as i64 + 1;
    assert_eq!(found["rows"], json!([["logs/sign-ins.json", 0], ["logs/sign-ins.json", first_line]]));
}

#[test]
fn what_cannot_be_placed_is_in_ingestion_errors() {
    let desk = desk_with_sign_ins();
    desk.write(
        "logs/broken.json",
        &format!("{}\n{{\"half\": \"of a\n{}\n", sign_in(20, "mia", 0), sign_in(21, "mia", 0)),
    );
    let found = desk.json(&["investigate", "logs", "--workspace", "case", "--format", "json"]);
    assert_eq!(found["tables"]["SigninLogs"], 12);
    assert_eq!(found["errors"].as_array().map(Vec::len), Some(1));
    let rows = desk.json(&[
        "query",
        "IngestionErrors | project SourceFile, RawRecord",
        "--workspace",
        "case",
        "--format",
        "json",
    ]);
    assert_eq!(rows["rows"][0][0], "logs/broken.json");
    assert!(rows["rows"][0][1].as_str().expect("text").starts_with("{\"half\":"));
}

#[test]
fn errors_name_what_failed_and_what_to_do() {
    let desk = desk_with_sign_ins();
    let missing = desk.run(&["investigate", "nowhere"]);
    assert_eq!(missing.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&missing.stderr).trim(), "error: no file or folder at `nowhere`");
    let typo = desk.run(&["query", "-f", "logs/sign-ins.json", "SigninLog | count"]);
    let message = String::from_utf8_lossy(&typo.stderr).into_owned();
    assert_eq!(typo.status.code(), Some(1));
    assert!(message.contains("`SigninLog`") && message.contains("SigninLogs"), "{message}");
}

#[test]
fn an_incident_of_the_asked_severity_fails_the_command() {
    let desk = Desk::new();
    let spray: Vec<String> = (0..40).map(|minute| sign_in(minute, &format!("user{minute}"), 50126)).collect();
    desk.write("logs/spray.json", &spray.join("\n"));
    let output = desk.run(&["investigate", "logs", "--workspace", "case", "--fail-on", "low", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let incident = &found["incidents"][0];
    assert!(incident["techniques"].as_array().expect("a list").contains(&json!("T1110.003")), "{incident}");
    let listed = desk.json(&["incidents", "list", "--workspace", "case", "--format", "json"]);
    assert_eq!(listed[0]["id"], incident["id"]);
    let shown = desk.ok(&["incidents", "show", "1", "--workspace", "case"]);
    assert!(shown.contains("203.0.113.7"), "{shown}");
}

#[test]
fn a_rule_that_fails_gives_exit_code_3_and_stops_no_other() {
    let desk = desk_with_sign_ins();
    desk.write(
        "rules/broken.yaml",
        "id: 2b4c5d6e-0000-4000-8000-000000000001\nname: Broken\nkind: Scheduled\nseverity: Low\nqueryFrequency: 1h\nqueryPeriod: 1h\ntriggerOperator: gt\ntriggerThreshold: 0\nquery: SigninLogs | where NoSuchColumn == 1\n",
    );
    let output = desk.run(&["investigate", "logs", "--workspace", "case", "--rules", "rules", "--format", "json"]);
    assert_eq!(output.status.code(), Some(3));
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let failure = found["rules"]["2b4c5d6e-0000-4000-8000-000000000001"]["failure"].as_str().expect("a failure");
    assert!(failure.contains("NoSuchColumn"), "{failure}");
}

#[test]
fn investigating_twice_finds_the_same_incidents_once() {
    let desk = Desk::new();
    let spray: Vec<String> = (0..40).map(|minute| sign_in(minute, &format!("user{minute}"), 50126)).collect();
    desk.write("logs/spray.json", &spray.join("\n"));
    let run = || desk.json(&["investigate", "logs", "--workspace", "case", "--format", "json"]);
    let (first, second) = (run(), run());
    assert_eq!(first["incidents"], second["incidents"]);
    let rows = desk.json(&["query", "SecurityIncident | count", "--workspace", "case", "--format", "json"]);
    assert_eq!(
        rows["rows"][0][0].as_u64().expect("a number") as usize,
        first["incidents"].as_array().expect("a list").len()
    );
}

#[test]
fn help_shows_examples_and_exit_codes() {
    let desk = Desk::new();
    assert!(desk.ok(&["--help"]).contains("Exit codes:"));
    assert!(desk.ok(&["investigate", "--help"]).contains("Examples:"));
    assert!(desk.ok(&["completions", "bash"]).contains("vedette"));
}

#[test]
fn the_demo_tenant_comes_out_the_same_twice() {
    let desk = Desk::new();
    for out in ["one", "two"] {
        desk.ok(&["generate", "--users", "150", "--days", "3", "--out", out]);
    }
    let (one, two) = (contents(&desk.path("one")), contents(&desk.path("two")));
    assert!(one.len() > 5);
    assert_eq!(one, two);
}

#[test]
fn attacks_are_listed_and_unknown_ones_refused_with_the_known() {
    let desk = Desk::new();
    assert!(desk.ok(&["generate", "--list"]).contains("password-spray"));
    let listed = desk.json(&["generate", "--list", "--format", "json"]);
    for scenario in listed.as_array().expect("a list") {
        assert!(!scenario["stages"].as_array().expect("stages").is_empty(), "{scenario}");
        assert!(!scenario["twins"].as_array().expect("twins").is_empty(), "{scenario}");
    }
    let refused = desk.run(&["generate", "--scenario", "password-sprey", "--out", "tenant"]);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && message.contains("password-spray"), "{message}");
    assert!(!desk.path("tenant").exists());
}

#[test]
fn a_tenant_is_played_into_growing_files_and_put_straight_into_tables() {
    let desk = Desk::new();
    let size = ["--users", "150", "--days", "3", "--scenario", "none"];
    let generate = |rest: &[&str]| desk.ok(&[&["generate"], &size[..], rest].concat());
    // So fast that nothing waits.
    generate(&["--rate", "10000000", "--to", "live"]);
    let truth: Value =
        serde_json::from_slice(&fs::read(desk.path("live/truth.json")).expect("a truth file")).expect("JSON");
    for file in truth["files"].as_array().expect("files") {
        let content = fs::read(desk.path("live").join(file["path"].as_str().expect("a path"))).expect("a file");
        assert!(content.ends_with(b"\n"), "{file} ends with a whole record");
    }
    generate(&["--workspace", "case"]);
    for (table, log) in [("SigninLogs", "SignInLogs"), ("OfficeActivity", "UnifiedAudit")] {
        let query = format!("{table} | count");
        let rows = desk.json(&["query", &query, "--workspace", "case", "--format", "json"]);
        assert_eq!(rows["rows"][0][0], truth["counts"][log], "{table}");
    }
    let again = desk.run(&[&["generate"], &size[..], &["--workspace", "case"]].concat());
    assert!(String::from_utf8_lossy(&again.stderr).contains("has rows already"));
}

/// Relative path and bytes of each file under a folder, sorted.
fn contents(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let relative = path.strip_prefix(root).expect("inside").to_owned();
                files.push((relative, fs::read(&path).expect("read")));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn archived_rows_are_asked_for_by_a_flag_or_in_the_query() {
    let desk = desk_with_sign_ins();
    desk.ok(&["ingest", "logs", "--workspace", "case"]);
    let count = |more: &[&str], query: &str| {
        let query = [&["query", "--workspace", "case", "--format", "json"], more, &[query]].concat();
        desk.json(&query)["rows"][0][0].as_u64().expect("a count")
    };
    let all = count(&[], "SigninLogs | count");
    assert!(all > 0);
    let maintain = ["maintain", "--workspace", "case", "--format", "json", "--retention-days", "1"];
    // The sign-ins are of a day long ago.
    let done = desk.json(&[&maintain[..], &["--total-retention-days", "4383"]].concat());
    assert_eq!(done["retired_rows"], 0);
    assert!(done["archived_rows"].as_u64() >= Some(all), "{done}");
    assert_eq!(count(&[], "SigninLogs | count"), 0);
    assert_eq!(count(&["--archive"], "SigninLogs | count"), all);
    assert_eq!(count(&[], "set query_datascope = 'all'; SigninLogs | count"), all);
    assert_eq!(count(&["--archive"], "set query_datascope = 'default'; SigninLogs | count"), 0);
    let again = desk.json(&["ingest", "logs", "--workspace", "case", "--format", "json"]);
    assert_eq!(count(&["--archive"], "SigninLogs | count"), all, "files that were read long ago are known: {again}");
    assert_eq!(
        desk.json(&[&maintain[..], &["--total-retention-days", "1"]].concat())["retired_rows"],
        done["archived_rows"]
    );
    assert_eq!(count(&["--archive"], "SigninLogs | count"), 0);
}

#[test]
fn users_and_tokens_go_with_a_backup_from_either_database_into_either() {
    if !Path::new("/usr/lib/postgresql").exists() {
        eprintln!("SKIPPED: PostgreSQL is not installed");
        return;
    }
    // PostgreSQL runs as somebody else, who must reach its folder.
    let open = fs::Permissions::from_mode(0o755);
    let folder = tempfile::Builder::new().permissions(open).tempdir_in("/tmp").expect("a folder");
    let server = trials::Postgres::start(&folder.path().join("postgres")).expect("starts");
    let url = server.url();
    let desk = desk_with_sign_ins();
    desk.ok(&["ingest", "logs", "--workspace", "case"]);
    desk.ok(&["tokens", "create", "winlogbeat", "--role", "Ingest", "--workspace", "case"]);
    desk.ok(&["backup", "--workspace", "case", "--out", "first"]);
    let restored = desk.json(&["restore", "first", "--workspace", "again", "--database", &url, "--format", "json"]);
    assert!(restored["database"].as_str().is_some_and(|place| place.starts_with("postgres://")), "{restored}");
    assert!(!desk.path("again/database.sqlite").exists());
    let made =
        desk.json(&["backup", "--workspace", "again", "--database", &url, "--out", "second", "--format", "json"]);
    assert_eq!(made["has_database"], true);
    desk.ok(&["restore", "second", "--workspace", "third"]);
    let listed = desk.ok(&["tokens", "list", "--workspace", "third"]);
    assert!(listed.contains("winlogbeat"), "{listed}");
    // A database in use stays as it is, and nothing is left of the workspace.
    let refused = desk.run(&["restore", "first", "--workspace", "fourth", "--database", &url]);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && message.contains("the database is not empty"), "{message}");
    assert_eq!(fs::read_dir(desk.path("fourth")).expect("lists").count(), 0);
}

#[test]
fn a_log_without_damage_needs_no_repair() {
    let desk = desk_with_sign_ins();
    desk.ok(&["ingest", "logs", "--workspace", "case"]);
    assert_eq!(desk.ok(&["repair", "--workspace", "case"]), "nothing is damaged\n");
    fs::create_dir_all(desk.path("case/_wal")).expect("makes it");
    desk.write("case/_wal/batches", "nothing of the kind");
    let found = desk.run(&["doctor", "--workspace", "case"]);
    assert_eq!(found.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&found.stdout).contains("vedette repair"), "{found:?}");
    let repaired = desk.json(&["repair", "--workspace", "case", "--format", "json"]);
    let file = repaired["files"][0].as_str().expect("a file");
    assert_eq!(fs::read_to_string(file).expect("is there"), "nothing of the kind");
    assert_eq!(desk.run(&["doctor", "--workspace", "case"]).status.code(), Some(0));
}

#[test]
fn a_backup_is_restored_with_what_lies_beside_the_tables_and_a_damaged_one_is_not() {
    let desk = desk_with_sign_ins();
    desk.ok(&["ingest", "logs", "--workspace", "case"]);
    desk.write("case/watchlists/vip.csv", "user\nmia");
    desk.ok(&["tokens", "create", "winlogbeat", "--role", "Ingest", "--workspace", "case"]);
    let made = desk.json(&["backup", "--workspace", "case", "--out", "copy", "--format", "json"]);
    desk.ok(&["ingest", "logs", "--workspace", "case", "--force"]);
    let restored = desk.json(&["restore", "copy", "--workspace", "again", "--format", "json"]);
    assert_eq!((&restored["position"], &restored["rows"]), (&made["position"], &made["rows"]));
    assert_eq!(fs::read_to_string(desk.path("again/watchlists/vip.csv")).expect("is restored"), "user\nmia");
    assert_eq!(made["has_database"], true);
    let tokens = desk.run(&["tokens", "list", "--workspace", "again"]);
    assert!(String::from_utf8_lossy(&tokens.stdout).contains("winlogbeat"), "{tokens:?}");
    assert!(!desk.path("again/database.jsonl").exists(), "secrets lie in the database alone");
    let counted = |workspace: &str| {
        let query = "SigninLogs | count";
        desk.json(&["query", "--workspace", workspace, "--format", "json", query])["rows"][0].clone()
    };
    assert_ne!(counted("again"), counted("case"), "rows that came after the backup are not in it");
    fs::write(desk.path("copy/beside/watchlists/vip.csv"), "user\nnoa").expect("writes");
    let refused = desk.run(&["restore", "copy", "--workspace", "third"]);
    assert_eq!(refused.status.code(), Some(1));
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(message.contains("`beside/watchlists/vip.csv` has another content"), "{message}");
    assert!(!desk.path("third").exists());
}

#[test]
fn the_doctor_tells_by_its_exit_code_how_bad_it_is() {
    let desk = desk_with_sign_ins();
    desk.ok(&["ingest", "logs", "--workspace", "case"]);
    let sound = desk.run(&["doctor", "--workspace", "case", "--format", "json"]);
    // A machine with a full disk is none of the workspace's business.
    let findings: Value = serde_json::from_slice(&sound.stdout).expect("JSON");
    assert!(findings.as_array().expect("a list").iter().all(|finding| finding["subject"] == "disk"), "{findings}");
    desk.ok(&["maintain", "--workspace", "case"]);
    let day = desk.path("case/tables/SigninLogs/_Day=2026-01-05");
    for file in fs::read_dir(day).expect("lists") {
        fs::remove_file(file.expect("an entry").path()).expect("removes");
    }
    let broken = desk.run(&["doctor", "--workspace", "case"]);
    assert_eq!(broken.status.code(), Some(5));
    let shown = String::from_utf8_lossy(&broken.stdout).into_owned();
    assert!(shown.contains("data files are missing") && shown.contains("vedette restore"), "{shown}");
}
