//! Sign-ins through Logs Ingestion, as fast as they are taken (or at a given rate) and at half that rate.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use serde_json::json;

use super::latencies::Latencies;
use super::sign_ins::SignIns;
use super::{LoadOptions, LoadReport, freshness};
use crate::{Access, HttpClient, Random, Service};

/// The stream whose records the decoders recognize.
const PATH: &str =
    "/dataCollectionRules/dcr-00000000000000000000000000000000/streams/Custom-Raw?api-version=2023-01-01";
/// Pause after a refusal with 429, where the answer names none.
const RETRY_PAUSE: Duration = Duration::from_millis(100);
/// Between two looks at the memory of the service.
const MEMORY_PAUSE: Duration = Duration::from_millis(500);

/// What is counted while connections send.
#[derive(Debug, Default)]
struct Counters {
    /// The number of the next record, over all connections.
    next: AtomicU64,
    records: AtomicU64,
    bytes: AtomicU64,
    refused: AtomicU64,
}

/// Sends for the given time, as fast as it goes or at the given rate; notes MB/s and memory.
pub(super) fn for_a_time(
    service: &Service,
    access: &Access,
    options: &LoadOptions,
    report: &mut LoadReport,
) -> Result<(), String> {
    let counters = Counters::default();
    let (seconds, memory) = with_memory(service, || {
        let began = Instant::now();
        let pace = options.rate.map(|rate| Pace::new(options, rate, began));
        connections(service, access, options, |sender| {
            let mut due = pace.as_ref().map(|pace| pace.first(sender.index));
            while began.elapsed() < options.time {
                if let (Some(due), Some(pace)) = (&mut due, &pace) {
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                    *due += pace.step;
                }
                sender.send(&counters)?;
            }
            Ok(Latencies::default())
        })?;
        Ok(began.elapsed().as_secs_f64())
    })?;
    let bytes = counters.bytes.load(Ordering::Relaxed) as f64;
    report.megabytes_per_second = bytes / 1e6 / seconds;
    report.acknowledged += counters.records.load(Ordering::Relaxed);
    let refused = counters.refused.load(Ordering::Relaxed);
    report.add(format!("Logs Ingestion, durable, {seconds:.0} s"), format!("{:.1} MB/s", report.megabytes_per_second));
    report.add("records acknowledged; answered with 429", format!("{}; {refused}", report.acknowledged));
    let quarter = memory.len() / 4;
    let mean = |part: &[u64]| part.iter().sum::<u64>() as f64 / part.len().max(1) as f64 / 1e6;
    let most = memory.iter().max().copied().unwrap_or_default() as f64 / 1e6;
    let quarters: Vec<String> =
        memory.chunks(quarter.max(1)).take(4).map(|part| format!("{:.0}", mean(part))).collect();
    report.add("resident memory: means of the quarters; most", format!("{}; {most:.0} MB", quarters.join(", ")));
    Ok(())
}

/// Sends at half the rate, each body at its time, while a prober looks how soon its own records can be asked for.
pub(super) fn at_half_the_rate(
    service: &Service,
    access: &Access,
    options: &LoadOptions,
    report: &mut LoadReport,
) -> Result<(), String> {
    let counters = Counters { next: AtomicU64::new(500_000_000_000), ..Counters::default() };
    let is_over = AtomicBool::new(false);
    let began = Instant::now();
    let pace = Pace::new(options, report.megabytes_per_second / 2.0, began);
    let (mut acknowledged, mut fresh) = thread::scope(|scope| {
        let prober = scope.spawn(|| freshness::probe(service, access, &is_over));
        let sent = connections(service, access, options, |sender| {
            let mut latencies = Latencies::default();
            // A late body counts from when it was due, so that a stall is seen by all that it held up.
            let mut due = pace.first(sender.index);
            while due.duration_since(began) < options.paced_time {
                thread::sleep(due.saturating_duration_since(Instant::now()));
                sender.send(&counters)?;
                latencies.add(due.elapsed());
                due += pace.step;
            }
            Ok(latencies)
        });
        is_over.store(true, Ordering::Release);
        let fresh = prober.join().map_err(|_| "the prober panicked".to_owned())?;
        Ok::<_, String>((sent?, fresh?))
    })?;
    let rate = counters.bytes.load(Ordering::Relaxed) as f64 / 1e6 / began.elapsed().as_secs_f64();
    report.acknowledged += counters.records.load(Ordering::Relaxed);
    let count = acknowledged.count();
    report.add(format!("acknowledgement at {rate:.1} MB/s, p50 / p99 of {count} bodies"), acknowledged.describe(99));
    let count = fresh.count();
    report.add(format!("from acknowledgement to query meanwhile, p50 / p99 of {count}"), fresh.describe(99));
    Ok(())
}

/// When the bodies of each connection are due.
struct Pace {
    began: Instant,
    connections: usize,
    /// Between two bodies of one connection.
    step: Duration,
}

impl Pace {
    /// So many MB/s over all connections.
    fn new(options: &LoadOptions, rate: f64, began: Instant) -> Self {
        let size = SignIns::new(options.records, &mut Random::new(0)).body.len() as f64;
        let per_connection = rate * 1e6 / size / options.connections as f64;
        let step = Duration::from_secs_f64(1.0 / per_connection.max(0.01));
        Self { began, connections: options.connections, step }
    }

    /// The first body of a connection: they take turns.
    fn first(&self, index: usize) -> Instant {
        self.began + self.step.mul_f64(index as f64 / self.connections as f64)
    }
}

/// Whether all that was acknowledged is there.
pub(super) fn nothing_is_missing(service: &Service, access: &Access, report: &mut LoadReport) -> Result<(), String> {
    let body = json!({"query": "SigninLogs | count"});
    let answer = HttpClient::new(service.http, Some(&access.reader)).post_json("/v1/workspaces/vedette/query", &body);
    let answer = answer.map_err(|error| error.to_string())?;
    let stored = answer.json()?["tables"][0]["rows"][0][0].as_u64();
    if stored != Some(report.acknowledged) {
        return Err(format!(
            "{} records were acknowledged and {stored:?} are stored: {}",
            report.acknowledged, answer.status
        ));
    }
    report.add("records lost or doubled", "0");
    Ok(())
}

/// One connection and its body.
struct Sender {
    index: usize,
    client: HttpClient,
    body: SignIns,
}

impl Sender {
    /// Sends the body, numbered anew, until it is taken.
    fn send(&mut self, counters: &Counters) -> Result<(), String> {
        let records = self.body.records() as u64;
        self.body.number(counters.next.fetch_add(records, Ordering::Relaxed));
        loop {
            let headers = [("content-type", "application/json")];
            let answer =
                self.client.send("POST", PATH, &headers, &self.body.body).map_err(|error| error.to_string())?;
            match answer.status {
                204 => break,
                429 => {
                    counters.refused.fetch_add(1, Ordering::Relaxed);
                    let named = answer.header("retry-after").and_then(|seconds| seconds.parse().ok());
                    thread::sleep(named.map_or(RETRY_PAUSE, Duration::from_secs));
                }
                status => return Err(format!("a body was answered with {status}: {}", answer.text())),
            }
        }
        counters.records.fetch_add(records, Ordering::Relaxed);
        counters.bytes.fetch_add(self.body.body.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}

/// Runs a function on each connection; gives what all of them measured.
fn connections(
    service: &Service,
    access: &Access,
    options: &LoadOptions,
    run: impl Fn(&mut Sender) -> Result<Latencies, String> + Sync,
) -> Result<Latencies, String> {
    let mut senders: Vec<Sender> = (0..options.connections)
        .map(|index| Sender {
            index,
            client: HttpClient::new(service.http, Some(&access.ingest)),
            body: SignIns::new(options.records, &mut Random::new(1 + index as u64)),
        })
        .collect();
    thread::scope(|scope| {
        let run = &run;
        let threads: Vec<ScopedJoinHandle<'_, _>> =
            senders.iter_mut().map(|sender| scope.spawn(move || run(sender))).collect();
        let mut all = Latencies::default();
        for thread in threads {
            all.extend(thread.join().map_err(|_| "a connection panicked".to_owned())??);
        }
        Ok(all)
    })
}

/// Runs something and notes the resident memory of the service meanwhile, in bytes.
fn with_memory<T>(service: &Service, run: impl FnOnce() -> Result<T, String>) -> Result<(T, Vec<u64>), String> {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut memory = vec![service.resident_bytes()];
            while !is_over.load(Ordering::Acquire) {
                thread::sleep(MEMORY_PAUSE);
                memory.push(service.resident_bytes());
            }
            memory
        });
        let done = run();
        is_over.store(true, Ordering::Release);
        let memory = watcher.join().map_err(|_| "the watcher panicked".to_owned())?;
        Ok((done?, memory))
    })
}
