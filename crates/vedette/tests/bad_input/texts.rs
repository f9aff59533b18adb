//! Names that lead elsewhere, and queries where no query belongs.

use std::fs;

use serde_json::json;

use super::{RULE, Target};

/// Texts that mean something to SQL, KQL, shells and file systems.
const TEXTS: [&str; 12] = [
    "'; DROP TABLE users; --",
    "\" OR 1=1 --",
    "x' | union SecurityAlert | take 1 //",
    "SigninLogs | take 1",
    ".drop table SigninLogs",
    "../../../../etc/passwd",
    "..\\..\\windows\\system32",
    "%2e%2e%2f%2e%2e%2f",
    "$(touch /tmp/x)`id`",
    "<script>alert(1)</script>",
    "a\u{0}b\u{202e}c",
    "{{7*7}}${7*7}",
];

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[test]
fn texts_in_names_lead_nowhere() {
    let mut target = Target::new("");
    let listed = || {
        let mut names: Vec<_> =
            fs::read_dir(target.folder.path()).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        names
    };
    let before = listed();
    let (mut sender, mut reader) = (target.sender(), target.client(&target.access.reader));
    let body = b"[{\"a\":1}]";
    let headers = [("content-type", "application/json")];
    for text in TEXTS {
        let name = encoded(text);
        for path in [
            format!("/dataCollectionRules/{name}/streams/Custom-A_CL?api-version=2023-01-01"),
            format!("/dataCollectionRules/{RULE}/streams/{name}?api-version=2023-01-01"),
            format!("/dataCollectionRules/{RULE}/streams/Custom-{name}_CL?api-version=2023-01-01"),
            format!("/v1/rest/ingest/{name}/A_CL?streamFormat=json"),
            format!("/v1/rest/ingest/vedette/{name}?streamFormat=json"),
            format!("/v1/rest/ingest/vedette/A_CL?streamFormat={name}"),
        ] {
            let answer = sender.send("POST", &path, &headers, body).expect("an answer");
            assert!((400..500).contains(&answer.status), "{path}: {}: {}", answer.status, answer.text());
        }
        let bulk = format!("{}\n{{\"a\":1}}\n", json!({"create": {"_index": text, "_id": text}}));
        let answer = sender.send("POST", "/_bulk", &headers, bulk.as_bytes()).expect("an answer");
        assert!(answer.status < 500, "{text}: {}: {}", answer.status, answer.text());
        for path in [
            format!("/v1/workspaces/{name}/query"),
            format!("/v1/workspaces/vedette/{name}"),
            format!("/{name}/oauth2/v2.0/token"),
        ] {
            let answer = reader.post_json(&path, &json!({"query": "print 1"})).expect("an answer");
            assert!(answer.status < 500, "{path}: {}: {}", answer.status, answer.text());
        }
        for body in [
            json!({"db": text, "csl": "print 1"}),
            json!({"db": "vedette", "csl": "print 1", "properties": text}),
            json!({"db": "vedette", "csl": "declare query_parameters(a:string); print a", "properties": {"Parameters": {"a": text}}}),
            json!({"db": "vedette", "csl": format!(".show table ['{}'] schema", text.replace('\'', "\\'"))}),
        ] {
            for path in ["/v2/rest/query", "/v1/rest/query", "/v1/rest/mgmt"] {
                let answer = reader.post_json(path, &body).expect("an answer");
                assert!(answer.status < 500, "{path} {body}: {}: {}", answer.status, answer.text());
            }
        }
        let timespan = json!({"query": "print 1", "timespan": text});
        let answer = reader.post_json("/v1/workspaces/vedette/query", &timespan).expect("an answer");
        assert!((400..500).contains(&answer.status), "timespan {text}: {}: {}", answer.status, answer.text());
    }
    assert_eq!(listed(), before);
    target.is_well();
}

#[test]
fn texts_in_fields_are_stored_as_they_are() {
    let mut target = Target::new("");
    let mut administrator = target.client(&target.access.administrator);
    let records: Vec<_> =
        TEXTS.iter().enumerate().map(|(number, text)| json!({"Number": number, "Text": text})).collect();
    let answer = target.sender().post_json(&Target::stream("Custom-Texts_CL"), &json!(records)).expect("an answer");
    assert_eq!(answer.status, 204, "{}", answer.text());
    let query = json!({"query": "Texts_CL | order by Number asc | project Text"});
    let answer =
        target.client(&target.access.reader).post_json("/v1/workspaces/vedette/query", &query).expect("an answer");
    let rows = answer.json().expect("JSON")["tables"][0]["rows"].clone();
    assert_eq!(rows, json!(TEXTS.map(|text| [text])));
    for text in TEXTS {
        for (path, body) in [
            ("/api/v1/users", json!({"name": text, "password": "the tailwind of a trial 8"})),
            ("/api/v1/groups", json!({"name": text})),
            (
                "/api/v1/tokens",
                json!({"name": text, "ofService": true, "roles": [{"role": "Reader", "tables": [text]}]}),
            ),
            ("/api/v1/clients", json!({"name": text, "id": text})),
            ("/api/v1/session", json!({"name": text, "password": text})),
            ("/api/v1/setup", json!({"secret": text, "name": text, "password": text})),
        ] {
            let answer = administrator.post_json(path, &body).expect("an answer");
            assert!(answer.status < 500, "{path} {text}: {}: {}", answer.status, answer.text());
        }
    }
    let users = administrator.get("/api/v1/users").expect("an answer");
    assert_eq!(users.status, 200, "{}", users.text());
    target.is_well();
}
