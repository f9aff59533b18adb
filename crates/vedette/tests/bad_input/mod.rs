//! What nobody should send, over sockets: clear refusals, good rows kept, memory flat, the service alive.

mod bodies;
mod connections;
mod texts;

use std::path::Path;

use serde_json::json;
use tempfile::TempDir;
use trials::{Access, Answer, HttpClient, Service, ServiceOptions, set_up};

/// The rule that takes the stream of any table.
const RULE: &str = "dcr-00000000000000000000000000000000";

/// A service, and who may do what with it.
struct Target {
    folder: TempDir,
    service: Service,
    access: Access,
}

impl Target {
    fn new(sections: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut options = ServiceOptions::new(Path::new(env!("CARGO_BIN_EXE_vedette")), &folder.path().join("service"));
        options.sections = sections.to_owned();
        let service = Service::start(&options).expect("starts");
        let access = set_up(&service).expect("set up");
        Self { folder, service, access }
    }

    fn client(&self, token: &str) -> HttpClient {
        HttpClient::new(self.service.http, Some(token))
    }

    fn sender(&self) -> HttpClient {
        self.client(&self.access.ingest)
    }

    fn stream(stream: &str) -> String {
        format!("/dataCollectionRules/{RULE}/streams/{stream}?api-version=2023-01-01")
    }

    /// The single number that a query answers.
    fn number(&self, query: &str) -> u64 {
        let mut reader = self.client(&self.access.reader);
        let answer = reader.post_json("/v1/workspaces/vedette/query", &json!({"query": query})).expect("an answer");
        let number = answer.json().expect("JSON")["tables"][0]["rows"][0][0].as_u64();
        number.unwrap_or_else(|| panic!("{query}: {}", answer.text()))
    }

    /// That it still does what it is for.
    fn is_well(&mut self) {
        assert!(self.service.is_alive(), "{}", self.service.log());
        let sent =
            self.sender().post_json(&Self::stream("Custom-Well_CL"), &json!([{"Text": "well"}])).expect("an answer");
        assert_eq!(sent.status, 204, "{}", sent.text());
        assert!(self.number("Well_CL | count") > 0);
        assert!(!self.service.log().contains("panicked"), "{}", self.service.log());
    }
}

/// A refusal of the caller's own making, with a reason.
fn assert_clear(answer: &Answer, what: &str) {
    assert!((400..500).contains(&answer.status), "{what}: {}: {}", answer.status, answer.text());
    assert!(!answer.body.is_empty(), "{what}: {} without a reason", answer.status);
}
