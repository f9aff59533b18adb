//! `vedette kql` and what queries may use beside tables, as a user runs them.

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder, and the command in it.
struct Desk(TempDir);

impl Desk {
    fn with(files: &[(&str, &str)]) -> Self {
        let desk = Self(tempfile::tempdir().expect("a folder"));
        for (name, text) in files {
            let path = desk.0.path().join(name);
            fs::create_dir_all(path.parent().expect("has a parent")).expect("a folder");
            fs::write(path, text).expect("written");
        }
        desk
    }

    fn run(&self, args: &[&str], input: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vedette"));
        command.args(args).current_dir(self.0.path()).env_remove("VEDETTE_WORKSPACE");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("starts");
        // A command that reads no input may have closed it.
        let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
        child.wait_with_output().expect("runs")
    }

    /// Exit code and standard output.
    fn outcome(&self, args: &[&str]) -> (i32, String) {
        let output = self.run(args, "");
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn json(&self, args: &[&str]) -> Value {
        let output = self.run(args, "");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
    }

    fn errors(&self, args: &[&str]) -> String {
        let output = self.run(args, "");
        assert!(!output.status.success(), "{args:?} succeeds");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

#[test]
fn check_names_what_is_wrong_with_the_line_and_a_hint() {
    let desk = Desk::with(&[]);
    let (code, text) =
        desk.outcome(&["kql", "check", "SigninLogs\n| where ResultTyp != '0'\n| project UserPrincipalNam"]);
    assert_eq!(code, 1);
    for part in ["error[KQL101]", "query:2:9", "did you mean `ResultType`?", "query:3:11", "1 wrong"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let (code, text) = desk.outcome(&["kql", "check", "SigninLogs | summarize n = count() by ResultType"]);
    assert_eq!((code, text.as_str()), (0, "query: ok\n  ResultType: string, n: long\n"));
}

#[test]
fn check_reads_files_folders_and_rules() {
    let desk = Desk::with(&[
        ("rules/good.yaml", "id: x\nquery: |\n  SigninLogs\n  | take 1\n"),
        ("rules/bad.yaml", "id: x\nquery: |\n  SigninLogs\n  | where Nothing\n"),
        ("rules/bad.tests.yaml", "- nothing\n"),
        ("hunt.kql", "AuditLogs | count"),
    ]);
    let (code, text) = desk.outcome(&["kql", "check", "rules", "hunt.kql"]);
    assert_eq!(code, 1);
    assert!(text.contains("rules/bad.yaml:4:11"), "{text}");
    assert!(text.ends_with("3 queries checked, 1 wrong, 0 warnings\n"), "{text}");
    assert_eq!(desk.outcome(&["kql", "check", "hunt.kql", "gone.kql"]).0, 2);
}

#[test]
fn check_fails_on_what_only_microsofts_language_service_refuses_unless_it_is_lenient() {
    let desk = Desk::with(&[]);
    let query = "SigninLogs | summarize n = count(ResultType)";
    let (code, text) = desk.outcome(&["kql", "check", query]);
    assert_eq!(code, 1);
    assert!(text.contains("tolerated[KQL114]") && text.ends_with("1 query checked, 1 wrong, 0 warnings\n"), "{text}");
    let found = desk.json(&["kql", "check", "--format", "json", query]);
    let found = &found["queries"][0];
    assert_eq!((&found["ok"], &found["stage"]), (&json!(false), &json!("bind")));
    assert_eq!(found["diagnostics"][0]["severity"], "tolerated");
    let (code, text) = desk.outcome(&["kql", "check", "--lenient", query]);
    assert_eq!(code, 0);
    assert!(text.contains("tolerated[KQL114]") && text.ends_with("query: ok\n  n: long\n"), "{text}");
    let line = format!("{{\"id\":1,\"query\":\"{query}\"}}\n");
    let lenient = desk.run(&["kql", "check", "--jsonl", "--lenient"], &line);
    let answer: Value = serde_json::from_slice(&lenient.stdout).expect("JSON");
    assert_eq!((&answer["ok"], &answer["stage"], lenient.status.code()), (&json!(true), &json!("plan"), Some(0)));
}

#[test]
fn check_prints_json_with_places() {
    let desk = Desk::with(&[("tables.json", r#"{"T":[["a","long"],["TimeGenerated","datetime"]]}"#)]);
    let found = desk.json(&["kql", "check", "--format", "json", "--tables", "tables.json", "T\n| project b"]);
    let diagnostic = &found["queries"][0]["diagnostics"][0];
    assert_eq!(
        *diagnostic,
        json!({"code": "KQL101", "severity": "error", "message": "no column or variable is named `b`", "start": 12, "end": 13, "line": 2, "column": 11})
    );
    assert_eq!(found["queries"][0]["stage"], "bind");
}

#[test]
fn check_answers_lines_with_lines() {
    let desk = Desk::with(&[]);
    let input =
        "{\"id\":1,\"query\":\"print a = 1\"}\n\n{\"id\":\"x\",\"query\":\"print (\"}\n{\"id\":null,\"query\":\"T\"}\n";
    let output = desk.run(&["kql", "check", "--jsonl"], input);
    let lines: Vec<Value> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines[0], json!({"id": 1, "ok": true, "stage": "plan", "diagnostics": [], "columns": [["a", "long"]]}));
    assert_eq!((&lines[1]["id"], &lines[1]["ok"], &lines[1]["stage"]), (&json!("x"), &json!(false), &json!("parse")));
    assert_eq!((&lines[2]["id"], &lines[2]["stage"]), (&Value::Null, &json!("bind")));
    assert_eq!((lines.len(), output.status.code()), (3, Some(1)));
    assert!(!desk.run(&["kql", "check", "--jsonl"], "no json\n").status.success());
}

#[test]
fn format_prints_writes_or_checks() {
    let desk = Desk::with(&[("a.kql", "SigninLogs|count // why\n"), ("b.kql", "print 1\n"), ("c.kql", "print (\n")]);
    assert_eq!(desk.outcome(&["kql", "format", "SigninLogs|count"]), (0, "SigninLogs\n| count\n".to_owned()));
    assert_eq!(desk.outcome(&["kql", "format", "--check", "a.kql", "b.kql"]), (1, "a.kql\n".to_owned()));
    assert_eq!(desk.outcome(&["kql", "format", "--write", "a.kql", "b.kql"]), (0, String::new()));
    assert_eq!(fs::read_to_string(desk.0.path().join("a.kql")).expect("there"), "SigninLogs\n| count // why\n");
    assert_eq!(desk.outcome(&["kql", "format", "--check", "a.kql", "b.kql"]).0, 0);
    assert!(desk.errors(&["kql", "format", "c.kql"]).contains("c.kql:1:"), "the place is named");
}

#[test]
fn explain_prints_both_plans() {
    let desk = Desk::with(&[]);
    let (code, text) = desk.outcome(&["kql", "explain", "SigninLogs | summarize count() by ResultType"]);
    assert_eq!(code, 0);
    assert!(
        text.contains("Logical plan\n") && text.contains("Physical plan\n") && text.contains("Aggregate"),
        "{text}"
    );
    assert!(desk.errors(&["kql", "explain", "Nothing"]).contains("KQL102"));
}

/// A workspace with a stored function, a watchlist, and a list outside of it.
fn desk_with_workspace() -> Desk {
    let desk = Desk::with(&[
        (
            "logs/a.json",
            "{\"TimeGenerated\":\"2026-01-05T08:00:00Z\",\"UserPrincipalName\":\"mia@x.example\",\"ResultType\":\"0\",\"Type\":\"SigninLogs\"}\n",
        ),
        ("lists/known.csv", "name,tier\nmia@x.example,0\n"),
        ("secret.csv", "name\nx\n"),
    ]);
    let output = desk.run(&["ingest", "logs", "--workspace", "case", "--table", "SigninLogs"], "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let write = |name: &str, text: &str| {
        let path = desk.0.path().join("case").join(name);
        fs::create_dir_all(path.parent().expect("has a parent")).expect("a folder");
        fs::write(path, text).expect("written");
    };
    write(
        "functions/OfUser.kql",
        ".create function OfUser(name:string) { SigninLogs | where UserPrincipalName == name }",
    );
    write("watchlists/VIP.csv", "User,Tier\nmia@x.example,0\n");
    desk
}

#[test]
fn a_workspace_has_stored_functions_and_watchlists() {
    let desk = desk_with_workspace();
    let query = "OfUser('mia@x.example') | lookup (_GetWatchlist('VIP')) on $left.UserPrincipalName == $right.SearchKey \
                 | project UserPrincipalName, Tier";
    let found = desk.json(&["query", "--workspace", "case", "--format", "json", query]);
    assert_eq!(found["rows"], json!([["mia@x.example", "0"]]));
    assert_eq!(desk.outcome(&["kql", "check", "--workspace", "case", query]).0, 0);
    assert_eq!(
        desk.outcome(&["kql", "check", "--functions", "case/functions", "--watchlists", "case/watchlists", query]).0,
        0
    );
    assert_eq!(desk.outcome(&["kql", "check", query]).0, 1);
}

#[test]
fn external_files_are_read_only_where_they_are_allowed() {
    let desk = desk_with_workspace();
    let run = |more: &[&str], uri: &str| {
        let query = format!("externaldata(name:string, tier:long)['{uri}'] with (ignoreFirstRecord=true)");
        desk.run(&[&["query", "--workspace", "case", "--format", "json", query.as_str()][..], more].concat(), "")
    };
    let refused = run(&[], "lists/known.csv");
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(text.contains("KQL401") && text.contains("--external-folder"), "{text}");
    let rows = |output: Output| -> Value {
        let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        found["rows"].clone()
    };
    let expected = json!([["mia@x.example", 0]]);
    assert_eq!(rows(run(&["--external-folder", "lists"], "lists/known.csv")), expected);
    assert!(!run(&["--external-folder", "lists"], "lists/../secret.csv").status.success());
    let address = "https://lists.example/known.csv";
    let answered = format!("{address}=lists/known.csv");
    assert_eq!(rows(run(&["--external-data", &answered], address)), expected);
    let refused = run(&[], address);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--external-host lists.example"));
    fs::write(desk.0.path().join("case/external-data.yaml"), format!("files:\n  {address}: ../lists/known.csv\n"))
        .expect("written");
    assert_eq!(rows(run(&[], address)), expected);
}
