//! Real clients and senders, unchanged, against a service of the built program: packages of PyPI in `tests/clients`, rsyslog and syslog-ng of Debian.
//!
//! The blocks of `docs/clients.md` and `docs/senders.md` are what runs. What this machine cannot have is said on standard error.

mod environments;
mod syslog;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use trials::{Access, HttpClient, Service, ServiceOptions, set_up};

/// The packages that are tested together, and the files of their tests.
const ENVIRONMENTS: [(&str, &[&str]); 7] = [
    ("arrow", &["test_arrow.py"]),
    ("kusto", &["test_kusto.py", "test_kusto_ingest.py", "test_query_kusto.py"]),
    ("azure", &["test_azure.py", "test_query_monitor.py"]),
    ("monitor-query-1", &["test_monitor_query_1.py", "test_query_monitor.py"]),
    ("kqlmagic", &["test_query_kqlmagic.py"]),
    ("msticpy", &["test_query_msticpy.py"]),
    ("sign-in", &["test_openapi.py", "test_sign_in.py"]),
];

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("a root").to_owned()
}

fn post(client: &mut HttpClient, path: &str, body: &Value) -> Value {
    let answer = client.post_json(path, body).expect("an answer");
    assert!(answer.status < 300, "{path}: {}: {}", answer.status, answer.text());
    if answer.body.is_empty() { Value::Null } else { answer.json().expect("JSON") }
}

/// Ten sign-ins of the last hour, three of which failed.
fn send_sign_ins(service: &Service, access: &Access) {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let records: Vec<Value> = (0..10)
        .map(|number| {
            let code = if number < 3 { 50126 } else { 0 };
            let time = time_text(Duration::from_secs(seconds - 60 * (number + 1)));
            json!({
                "time": time,
                "category": "SignInLogs",
                "operationName": "Sign-in activity",
                "resultType": code.to_string(),
                "properties": {
                    "id": format!("00000000-0000-0000-0000-{number:012}"),
                    "createdDateTime": time,
                    "userPrincipalName": "mia@tailwind.example",
                    "ipAddress": "203.0.113.7",
                    "status": {"errorCode": code},
                }
            })
        })
        .collect();
    let path = "/dataCollectionRules/dcr-00000000000000000000000000000000/streams/Custom-Raw?api-version=2023-01-01";
    post(&mut HttpClient::new(service.http, Some(&access.ingest)), path, &Value::from(records));
}

fn time_text(since_1970: Duration) -> String {
    let at = format!("@{}", since_1970.as_secs());
    let output = Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ", "-d", &at]).output().expect("date runs");
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

/// The variables that `tests/clients/conftest.py` lists.
fn variables(service: &Service, access: &Access) -> Vec<(&'static str, String)> {
    let mut administrator = HttpClient::new(service.http, Some(&access.administrator));
    let roles = json!([{"role": "Reader"}, {"role": "Ingest"}]);
    let client = post(&mut administrator, "/api/v1/clients", &json!({"name": "an application", "roles": roles}));
    let workspace = "00000000-0000-0000-0000-000000000001";
    let keys = post(&mut administrator, &format!("/api/v1/shared-keys/{workspace}"), &json!({}));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    vec![
        ("VEDETTE_URL", format!("http://{}", service.http)),
        ("VEDETTE_HTTPS_URL", format!("https://{}", service.https.expect("TLS"))),
        ("VEDETTE_CA", service.ca_file().display().to_string()),
        ("VEDETTE_READER_TOKEN", access.reader.clone()),
        ("VEDETTE_INGEST_TOKEN", access.ingest.clone()),
        ("VEDETTE_ADMINISTRATOR_TOKEN", access.administrator.clone()),
        ("VEDETTE_TOKEN", access.administrator.clone()),
        ("VEDETTE_CLIENT_ID", text(&client["id"])),
        ("VEDETTE_CLIENT_SECRET", text(&client["secret"])),
        ("VEDETTE_WORKSPACE_ID", workspace.to_owned()),
        ("VEDETTE_SHARED_KEY", text(&keys["primarySharedKey"])),
        ("VEDETTE", env!("CARGO_BIN_EXE_vedette").to_owned()),
    ]
}

#[test]
fn clients_and_senders_of_pypi_are_served_over_http_and_https() {
    let environments: Vec<_> = ENVIRONMENTS
        .into_iter()
        .filter_map(|(name, tests)| environments::python(name).map(|python| (python, tests)))
        .collect();
    if environments.is_empty() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = ServiceOptions::new(Path::new(env!("CARGO_BIN_EXE_vedette")), folder.path());
    options.has_tls = true;
    let service = Service::start(&options).expect("starts");
    let access = set_up(&service).expect("set up");
    send_sign_ins(&service, &access);
    let variables = variables(&service, &access);
    let mut failed = Vec::new();
    for (python, tests) in environments {
        let output = Command::new(python)
            .args(["-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", "--maxfail=20"])
            .args(tests.iter().map(|file| root().join("tests/clients").join(file)))
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .current_dir(folder.path())
            .output()
            .expect("pytest runs");
        if !output.status.success() {
            failed.push(format!("{tests:?}:\n{}", String::from_utf8_lossy(&output.stdout)));
        }
    }
    assert!(failed.is_empty(), "{}\nlog of the service:\n{}", failed.join("\n"), service.log());
}
