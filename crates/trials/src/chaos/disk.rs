//! The disk is full.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::{ChaosOptions, ChaosReport};
use crate::{Access, HttpClient, NumberedRecords, Service, ServiceOptions, distinct_numbers, set_up};

/// The size of the disk.
const DISK: &str = "size=48m";
/// Batches after which the disk must have been full.
const MOST_BATCHES: u64 = 4000;
/// Records of a batch.
const BATCH: u64 = 1000;
/// The sender of the records.
const SENDER: u64 = 4;

/// In how long the service must see that there is room again; it does not look at the disk for every batch.
const SEEN_WITHIN: Duration = Duration::from_secs(15);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(100);

/// A small file system in memory, gone when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Nothing where this process may not mount.
    fn mount(folder: &Path) -> Option<Self> {
        fs::create_dir_all(folder).ok()?;
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", DISK, "tmpfs"]).arg(folder).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(folder.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).output();
    }
}

/// Sends until the disk is full: the refusal is clear, what was acknowledged is there, and there is room again once somebody makes some.
pub(super) fn filled(options: &ChaosOptions, report: &mut ChaosReport) -> Result<(), String> {
    let Some(disk) = SmallDisk::mount(&options.folder.join("disk")) else {
        report.skipped.push("a full disk: this user may not mount a small one".to_owned());
        return Ok(());
    };
    // What somebody will delete to make room.
    let ballast = disk.0.join("ballast");
    fs::write(&ballast, vec![1; 24 << 20]).map_err(|error| format!("failed to write the ballast: {error}"))?;
    let mut service_options = ServiceOptions::new(&options.vedette, &options.folder.join("full"));
    service_options.workspace = disk.0.join("workspace");
    let service = Service::start(&service_options)?;
    let access = set_up(&service)?;
    let mut records = NumberedRecords { sender: SENDER, next: 0, batch: BATCH };
    let refusal = fill(&service, &access, &mut records)?;
    let is_clear = matches!(refusal.status, 429 | 503 | 507) && refusal.header("retry-after").is_some();
    let says_so = ["disk", "space", "room"].iter().any(|word| refusal.text().contains(word));
    if !is_clear || !says_so {
        return Err(format!("a full disk was answered with {}: {}", refusal.status, refusal.text()));
    }
    stored(&service, &access, records.next)?;
    fs::remove_file(&ballast).map_err(|error| format!("failed to remove the ballast: {error}"))?;
    let began = Instant::now();
    loop {
        let answer = send(&service, &access, &records)?;
        if answer.status == 204 {
            break;
        }
        if began.elapsed() > SEEN_WITHIN {
            return Err(format!("with room again a batch was answered with {}: {}", answer.status, answer.text()));
        }
        thread::sleep(PAUSE);
    }
    records.next += BATCH;
    // Killed, not stopped: there may be no room to flush, and nothing may depend on that.
    service.kill();
    let service = Service::start(&service_options)?;
    stored(&service, &access, records.next)?;
    service.kill();
    report.acknowledged += records.next;
    report.trials.push("a full disk: refused with 503 and a reason, taken again once there was room".to_owned());
    Ok(())
}

fn fill(service: &Service, access: &Access, records: &mut NumberedRecords) -> Result<crate::Answer, String> {
    for _ in 0..MOST_BATCHES {
        let answer = send(service, access, records)?;
        match answer.status {
            204 => records.next += BATCH,
            _ => return Ok(answer),
        }
    }
    Err("the disk did not become full".to_owned())
}

fn send(service: &Service, access: &Access, records: &NumberedRecords) -> Result<crate::Answer, String> {
    let (path, headers, body) = records.logs_ingestion();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = HttpClient::new(service.http, Some(&access.ingest)).send("POST", &path, &headers, &body);
    answer.map_err(|error| format!("a sender was cut off: {error}\n{}", service.log()))
}

fn stored(service: &Service, access: &Access, acknowledged: u64) -> Result<(), String> {
    let stored = distinct_numbers(&mut HttpClient::new(service.http, Some(&access.reader)))?;
    let expected = [SENDER, acknowledged, acknowledged, acknowledged.saturating_sub(1)];
    if stored == [expected] {
        Ok(())
    } else {
        Err(format!("{acknowledged} records were acknowledged, {stored:?} are stored"))
    }
}
