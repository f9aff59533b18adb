//! Senders that try again until they are told that their records are stored.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::{HttpClient, NumberedRecords};

/// Records of a batch.
pub(super) const BATCH: u64 = 20;
/// Pause before a request is sent again, as short as senders are impatient.
const RETRY_PAUSE: Duration = Duration::from_millis(20);

/// Where the service is, or that it is nowhere.
#[derive(Debug, Default)]
pub(super) struct Whereabouts {
    address: Mutex<Option<SocketAddr>>,
    changed: Condvar,
    ended: AtomicBool,
}

impl Whereabouts {
    /// Tells the senders where it is.
    pub(super) fn set(&self, address: Option<SocketAddr>) {
        *self.address.lock().unwrap_or_else(PoisonError::into_inner) = address;
        self.changed.notify_all();
    }

    /// Tells the senders to begin no further batch.
    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Release);
        self.changed.notify_all();
    }

    /// Waits until it is somewhere.
    fn wait(&self) -> SocketAddr {
        let mut address = self.address.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(address) = *address {
                return address;
            }
            address = self.changed.wait(address).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// What a sender knows.
#[derive(Debug, Clone, Default)]
pub(super) struct Sent {
    /// Its number.
    pub(super) sender: u64,
    /// Records that were acknowledged: those of numbers below.
    pub(super) acknowledged: u64,
    /// Requests sent again.
    pub(super) retries: u64,
    /// Answers that no sender should get: the status and what was said.
    pub(super) complaint: Option<String>,
}

/// A running sender and what it knows at this moment.
#[derive(Debug)]
pub(super) struct Sender {
    known: Arc<Mutex<Sent>>,
    thread: JoinHandle<()>,
}

impl Sender {
    /// Starts one.
    pub(super) fn start(number: u64, token: &str, whereabouts: Arc<Whereabouts>) -> Self {
        let known = Arc::new(Mutex::new(Sent { sender: number, ..Sent::default() }));
        let (shared, token) = (Arc::clone(&known), token.to_owned());
        let thread = thread::spawn(move || send(number, &token, &whereabouts, &shared));
        Self { known, thread }
    }

    /// What it knows.
    pub(super) fn sent(&self) -> Sent {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until its last batch is acknowledged.
    pub(super) fn join(self) -> Result<Sent, String> {
        self.thread.join().map_err(|_| "a sender panicked".to_owned())?;
        Ok(self.known.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

fn send(number: u64, token: &str, whereabouts: &Whereabouts, known: &Mutex<Sent>) {
    let mut records = NumberedRecords { sender: number, next: 0, batch: BATCH };
    let mut client: Option<(SocketAddr, HttpClient)> = None;
    while !whereabouts.ended.load(Ordering::Acquire) {
        let (path, headers, body) = if number.is_multiple_of(2) { records.logs_ingestion() } else { records.bulk() };
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        loop {
            let address = whereabouts.wait();
            let client = match &mut client {
                Some((known, client)) if *known == address => client,
                other => &mut other.insert((address, HttpClient::new(address, Some(token)))).1,
            };
            let answer = client.send("POST", &path, &headers, &body);
            let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
            match answer.map(|answer| verdict(answer.status, &answer.text())) {
                Ok(Verdict::Stored) => {
                    known.acknowledged += BATCH;
                    break;
                }
                Ok(Verdict::Never(complaint)) => {
                    known.complaint = Some(complaint);
                    return;
                }
                Ok(Verdict::Later) | Err(_) => known.retries += 1,
            }
            drop(known);
            thread::sleep(RETRY_PAUSE);
        }
        records.next += BATCH;
    }
}

enum Verdict {
    Stored,
    Later,
    Never(String),
}

/// What senders make of an answer. `_bulk` says in its body what became of each document.
fn verdict(status: u16, body: &str) -> Verdict {
    match status {
        204 => Verdict::Stored,
        200 if body.contains("\"errors\":false") => Verdict::Stored,
        200 if body.contains("\"status\":429") => Verdict::Later,
        408 | 429 | 500..=599 => Verdict::Later,
        _ => Verdict::Never(format!("{status}: {body}")),
    }
}
