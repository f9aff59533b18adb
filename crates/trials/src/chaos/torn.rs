//! The last record of the write-ahead log is torn.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::ChaosReport;
use crate::{Access, HttpClient, NumberedRecords, Service, distinct_numbers};

/// The sender of the record that is torn.
const SENDER: u64 = 3;
/// Bytes cut off the log's end, fewer than any record has.
const CUT: u64 = 7;

/// Sends two batches, kills the service, cuts the log within the second: that one is gone as a whole, all else is there, and what is sent
/// again is stored once.
pub(super) fn torn(service: Service, access: &Access, report: &mut ChaosReport) -> Result<(), String> {
    let options = service.options().clone();
    let before = distinct_numbers(&mut HttpClient::new(service.http, Some(&access.reader)))?;
    send(&service, access, 0)?;
    send(&service, access, 30)?;
    service.kill();
    let segment = last_segment(&options.workspace)?;
    let file = File::options().write(true).open(&segment).map_err(|error| error.to_string())?;
    let length = file.metadata().map_err(|error| error.to_string())?.len();
    file.set_len(length.saturating_sub(CUT)).map_err(|error| error.to_string())?;
    let service = Service::start(&options)?;
    let after = |rows: u64| {
        let mut expected = before.clone();
        expected.push([SENDER, rows, rows, rows - 1]);
        expected.sort_unstable();
        let stored = distinct_numbers(&mut HttpClient::new(service.http, Some(&access.reader)))?;
        if stored == expected {
            Ok(())
        } else {
            Err(format!(
                "after the log was torn in its last record, {expected:?} were expected and {stored:?} are stored"
            ))
        }
    };
    after(30)?;
    send(&service, access, 30)?;
    after(60)?;
    report.acknowledged += 60;
    report.trials.push("the log torn within its last record: that record alone is gone".to_owned());
    service.stop()
}

fn send(service: &Service, access: &Access, next: u64) -> Result<(), String> {
    let (path, headers, body) = NumberedRecords { sender: SENDER, next, batch: 30 }.logs_ingestion();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = HttpClient::new(service.http, Some(&access.ingest)).send("POST", &path, &headers, &body);
    let answer = answer.map_err(|error| error.to_string())?;
    if answer.status == 204 { Ok(()) } else { Err(format!("answered with {}: {}", answer.status, answer.text())) }
}

/// The newest segment of the log that has records.
fn last_segment(workspace: &Path) -> Result<PathBuf, String> {
    let folder = workspace.join("_wal");
    let entries = fs::read_dir(&folder).map_err(|error| format!("failed to list `{}`: {error}", folder.display()))?;
    let mut segments: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    segments.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    segments.sort();
    segments.pop().ok_or_else(|| format!("no segments in `{}`", folder.display()))
}
