//! The same batch, sent twice.

use super::ChaosReport;
use crate::{Access, HttpClient, NumberedRecords, Service, distinct_numbers};

/// Sends a batch twice by each way that can tell, and looks that it is stored once.
pub(super) fn sent_twice(service: &Service, access: &Access, report: &mut ChaosReport) -> Result<(), String> {
    let mut client = HttpClient::new(service.http, Some(&access.ingest));
    for sender in [1, 2] {
        let records = NumberedRecords { sender, next: 0, batch: 50 };
        let (path, headers, body) = if sender == 1 { records.logs_ingestion() } else { records.bulk() };
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut answers = Vec::new();
        for _ in 0..2 {
            let answer = client.send("POST", &path, &headers, &body).map_err(|error| error.to_string())?;
            if !matches!(answer.status, 200 | 204) {
                return Err(format!("a batch was answered with {}: {}", answer.status, answer.text()));
            }
            answers.push(answer.status);
        }
        if answers[0] != answers[1] {
            return Err(format!("the same batch was answered with {answers:?}"));
        }
        report.acknowledged += 50;
    }
    let stored = distinct_numbers(&mut HttpClient::new(service.http, Some(&access.reader)))?;
    for sender in [1, 2] {
        let row = stored.iter().find(|row| row[0] == sender);
        if row != Some(&[sender, 50, 50, 49]) {
            return Err(format!("a batch of 50 records that was sent twice is stored as {row:?}"));
        }
    }
    report.trials.push("the same batch sent twice by Logs Ingestion and `_bulk`, stored once".to_owned());
    Ok(())
}
