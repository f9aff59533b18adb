//! How soon an acknowledged record can be asked for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::latencies::Latencies;
use crate::{Access, HttpClient, NumberedRecords, Service, TABLE};

/// Between two probes.
const PAUSE: Duration = Duration::from_millis(200);
/// Time in which a record must be found.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends a record, and asks until it is found; again and again.
pub(super) fn probe(service: &Service, access: &Access, is_over: &AtomicBool) -> Result<Latencies, String> {
    let mut sender = HttpClient::new(service.http, Some(&access.ingest));
    let mut reader = HttpClient::new(service.http, Some(&access.reader));
    let mut latencies = Latencies::default();
    let mut records = NumberedRecords { sender: 9, next: 0, batch: 1 };
    while !is_over.load(Ordering::Acquire) {
        let (path, headers, body) = records.logs_ingestion();
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = sender.send("POST", &path, &headers, &body).map_err(|error| error.to_string())?;
        if answer.status == 204 {
            latencies.add(time_until_found(&mut reader, records.next)?);
            records.next += 1;
        }
        thread::sleep(PAUSE);
    }
    Ok(latencies)
}

fn time_until_found(reader: &mut HttpClient, number: u64) -> Result<Duration, String> {
    let body = json!({"query": format!("{TABLE} | where Number == {number} | count")});
    let acknowledged = Instant::now();
    while acknowledged.elapsed() < PATIENCE {
        let answer = reader.post_json("/v1/workspaces/vedette/query", &body).map_err(|error| error.to_string())?;
        if answer.status == 200 && answer.json()?["tables"][0]["rows"][0][0] == 1 {
            return Ok(acknowledged.elapsed());
        }
    }
    Err(format!("record {number} was acknowledged and not found in {} s", PATIENCE.as_secs()))
}
