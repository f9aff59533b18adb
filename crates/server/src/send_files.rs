//! Files to a service: cut into parts at records, each sent until it is acknowledged.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ingest::{FilePart, Limits, file_hash, read_file_parts};
use reqwest::header::RETRY_AFTER;
use reqwest::{Certificate, Client, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::runtime::Runtime;
use tokio::time::sleep;
use url::Url;

use crate::ingest_files::check_paths;
use crate::{Error, Progress, Unit};

/// Bytes of a part.
const PART_BYTES: usize = 4 << 20;
/// How often a part is sent before it is given up.
const TRIES: u32 = 12;
/// Longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Time for one part to be acknowledged.
const ANSWER_TIME: Duration = Duration::from_secs(120);
/// Longest answer of a service that is shown.
const SHOWN_BYTES: usize = 500;

/// What to send where.
#[derive(Debug, Clone)]
pub struct SendRequest {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// The service's address, such as `https://vedette.example.org`.
    pub server: String,
    /// A token with the role `Ingest`.
    pub token: String,
    /// The certificate of the authority that the service's is from, PEM; those of the system where it is absent.
    pub authority: Option<PathBuf>,
    /// The table of all records; found by content where it is absent.
    pub table: Option<String>,
}

/// What became of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SentFile {
    /// Its path.
    pub path: String,
    /// Records that have a place.
    pub accepted: u64,
    /// Records that went to `IngestionErrors`.
    pub rejected: u64,
    /// Parts that the service had already.
    pub repeated: u64,
    /// Why it was not sent to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Answer {
    accepted: u64,
    rejected: u64,
    repeated: bool,
}

/// Sends files. A part is named by its file's content and its number, so that a run that was broken off may be begun anew: the service stores
/// no part twice.
///
/// # Errors
/// When a path does not exist or the address is none. Files that cannot be sent say so in what is returned.
pub fn send_files(request: &SendRequest, progress: &dyn Progress) -> Result<Vec<SentFile>, Error> {
    check_paths(&request.paths)?;
    let sender = Sender::new(request)?;
    let files = files_below(&request.paths)?;
    progress.stage("sending files", files.len() as u64, Unit::Items);
    let mut sent = Vec::with_capacity(files.len());
    for file in &files {
        sent.push(sender.send_file(file));
        progress.advance(1);
    }
    progress.finish();
    Ok(sent)
}

struct Sender {
    runtime: Runtime,
    client: Client,
    address: Url,
    token: String,
    table: Option<String>,
}

impl Sender {
    fn new(request: &SendRequest) -> Result<Self, Error> {
        let address = Url::parse(&request.server).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let address = address.and_then(|url| url.join("/api/v1/ingest").ok()).ok_or_else(|| {
            let error = Error::new(format!("`{}` is no address of a service", request.server));
            error.with_hint("an address begins with `http://` or `https://`")
        })?;
        let mut client = Client::builder().timeout(ANSWER_TIME).redirect(reqwest::redirect::Policy::none());
        if let Some(path) = &request.authority {
            let failed =
                |reason: String| Error::new(format!("certificate `{}` cannot be used: {reason}", path.display()));
            let pem = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
            client =
                client.add_root_certificate(Certificate::from_pem(&pem).map_err(|error| failed(error.to_string()))?);
        }
        let failed = |reason: String| Error::new(format!("failed to start sending: {reason}"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(Self {
            runtime: runtime.map_err(|error| failed(error.to_string()))?,
            client: client.build().map_err(|error| failed(error.to_string()))?,
            address,
            token: request.token.clone(),
            table: request.table.clone(),
        })
    }

    fn send_file(&self, path: &Path) -> SentFile {
        let mut sent = SentFile { path: path.display().to_string(), ..SentFile::default() };
        let hash = match file_hash(path) {
            Ok((hash, _)) => hash,
            Err(reason) => return SentFile { failure: Some(reason), ..sent },
        };
        let mut number = 0_u64;
        let read = read_file_parts(path, &Limits::default(), PART_BYTES, &mut |part| {
            let answered = self.send_part(&part, &format!("{hash}:{number}"));
            number += 1;
            match answered {
                Ok(answer) => {
                    sent.accepted += answer.accepted;
                    sent.rejected += answer.rejected;
                    sent.repeated += u64::from(answer.repeated);
                }
                Err(reason) => sent.failure = Some(reason),
            }
            sent.failure.is_none()
        });
        if let Err(reason) = read {
            sent.failure.get_or_insert(reason);
        }
        sent
    }

    fn send_part(&self, part: &FilePart, id: &str) -> Result<Answer, String> {
        let body = part.records.to_text().ok_or_else(|| {
            format!("`{}` holds Windows events in a form that is not sent: read it where the workspace lies", part.name)
        })?;
        let mut address = self.address.clone();
        address.query_pairs_mut().append_pair("source", &part.name);
        if let Some(table) = &self.table {
            address.query_pairs_mut().append_pair("table", table);
        }
        self.runtime.block_on(async {
            let mut tries = 0;
            loop {
                tries += 1;
                let (reason, pause) = match self.try_part(&address, &body, id).await {
                    Ok(answer) => return Ok(answer),
                    Err(Failure::Final(reason)) => return Err(reason),
                    Err(Failure::Passing(reason, pause)) => (reason, pause),
                };
                if tries >= TRIES {
                    return Err(format!("{reason}, {TRIES} times"));
                }
                sleep(pause.unwrap_or(Duration::from_millis(500 << tries.min(10))).min(LONGEST_PAUSE)).await;
            }
        })
    }

    async fn try_part(&self, address: &Url, body: &[u8], id: &str) -> Result<Answer, Failure> {
        let request = self.client.post(address.clone()).bearer_auth(&self.token).header("x-vedette-batch-id", id);
        let passing = |error: reqwest::Error| Failure::Passing(error.without_url().to_string(), None);
        let response = request.body(body.to_vec()).send().await.map_err(passing)?;
        let status = response.status();
        let pause = response.headers().get(RETRY_AFTER).and_then(|seconds| seconds.to_str().ok()?.parse().ok());
        let text = response.text().await.map_err(passing)?;
        if status.is_success() {
            return serde_json::from_str(&text)
                .map_err(|error| Failure::Final(format!("answer is not understood: {error}")));
        }
        let shown: String = text.chars().take(SHOWN_BYTES).collect();
        let reason = format!("the service answers {status}: {shown}");
        let passes =
            status.is_server_error() || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
        Err(if passes { Failure::Passing(reason, pause.map(Duration::from_secs)) } else { Failure::Final(reason) })
    }
}

enum Failure {
    /// The same again will fail again.
    Final(String),
    /// It may work later, after this pause.
    Passing(String, Option<Duration>),
}

/// The files under these paths, sorted within each folder; links in folders are not followed.
fn files_below(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for path in paths {
        let mut waiting = vec![path.clone()];
        while let Some(path) = waiting.pop() {
            if !path.is_dir() {
                files.push(path);
                continue;
            }
            let failed = |error: std::io::Error| Error::new(format!("failed to list `{}`: {error}", path.display()));
            let mut entries = Vec::new();
            for entry in std::fs::read_dir(&path).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                if entry.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_file()) {
                    entries.push(entry.path());
                }
            }
            entries.sort();
            waiting.extend(entries.into_iter().rev());
        }
    }
    Ok(files)
}
