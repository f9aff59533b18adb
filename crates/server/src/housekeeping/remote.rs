//! The same asked of a running service.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, RequestBuilder};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::backing_up::runtime;
use super::{BackupOutcome, FindingSummary};
use crate::Error;

/// Longest time until a connection stands.
const CONNECT_TIME: Duration = Duration::from_secs(10);

/// Longest time for a backup: it reads all data once.
const BACKUP_TIME: Duration = Duration::from_secs(6 * 3600);

/// Most bytes of an answer.
const MOST_BYTES: usize = 16 << 20;

/// A service, and who asks.
#[derive(Debug, Clone)]
pub struct RemoteService {
    /// Its address, such as `https://vedette.example.org`.
    pub url: String,
    /// A token of an administrator.
    pub token: Option<String>,
}

/// Has a running service back itself up, into a folder of this name within the folder that its configuration gives.
pub fn back_up_service(service: &RemoteService, name: &str) -> Result<BackupOutcome, Error> {
    service.ask(|client, url| {
        let request = client.post(format!("{url}/api/v1/backups")).header(CONTENT_TYPE, "application/json");
        request.body(json!({"name": name}).to_string())
    })
}

/// What a running service finds wrong with itself and its workspace.
pub fn examine_service(service: &RemoteService) -> Result<Vec<FindingSummary>, Error> {
    service.ask(|client, url| client.get(format!("{url}/api/v1/findings")))
}

impl RemoteService {
    fn ask<T: DeserializeOwned>(&self, request: impl FnOnce(&Client, &str) -> RequestBuilder) -> Result<T, Error> {
        let url = self.url.trim_end_matches('/');
        let failed = |error: reqwest::Error| {
            let mut message = format!("`{url}` could not be asked: {}", error.without_url());
            message = message.trim_end().to_owned();
            Error::new(message).with_hint("is the service running, and is its certificate known here?")
        };
        runtime()?.block_on(async {
            let client =
                Client::builder().connect_timeout(CONNECT_TIME).timeout(BACKUP_TIME).build().map_err(failed)?;
            let request = request(&client, url);
            let request = match &self.token {
                Some(token) => request.bearer_auth(token),
                None => request,
            };
            let mut response = request.send().await.map_err(failed)?;
            let status = response.status();
            let mut bytes = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(failed)? {
                bytes.extend_from_slice(&chunk);
                if bytes.len() > MOST_BYTES {
                    return Err(Error::new(format!("`{url}` answered with more than {MOST_BYTES} bytes")));
                }
            }
            if !status.is_success() {
                return Err(Error::new(format!("`{url}` answered {status}: {}", told(&bytes))));
            }
            serde_json::from_slice(&bytes)
                .map_err(|error| Error::new(format!("`{url}` answered what is not understood: {error}")))
        })
    }
}

/// The message of a refusal.
fn told(bytes: &[u8]) -> String {
    let read = serde_json::from_slice::<Value>(bytes).ok();
    let message = read.as_ref().and_then(|body| body.pointer("/error/message")?.as_str());
    message.map_or_else(|| String::from_utf8_lossy(bytes).chars().take(200).collect(), str::to_owned)
}
