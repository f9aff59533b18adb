//! Runs over the public samples in the folder that `VEDETTE_SAMPLES` names; skipped when it is unset.

use std::io::Read;
use std::path::PathBuf;
use std::time::Instant;

use chrono::DateTime;
use ingest::{FileStatus, IngestOptions, IngestReport, MemorySink, NoProgress, ingest};

fn samples(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("VEDETTE_SAMPLES").map(PathBuf::from);
    if root.is_none() {
        eprintln!("skipped: VEDETTE_SAMPLES is not set");
    }
    root.map(|root| root.join(folder))
}

fn run(paths: &[PathBuf]) -> (IngestReport, MemorySink) {
    let sink = MemorySink::new();
    let start = Instant::now();
    let report = ingest(paths, &IngestOptions::new(DateTime::UNIX_EPOCH), &sink, &NoProgress).unwrap();
    let bytes: u64 = report.files.iter().map(|file| file.bytes).sum();
    eprintln!("{:.2} s, {:.1} MB", start.elapsed().as_secs_f64(), bytes as f64 / 1e6);
    (report, sink)
}

fn print(report: &IngestReport) {
    for file in &report.files {
        let rows: u64 = file.rows.iter().filter(|(table, _)| *table != "IngestionErrors").map(|(_, rows)| rows).sum();
        eprintln!(
            "{:>7} records {:>7} rows {:>6} dup {:>5} rejected  {:<14} {:<24} {}{}",
            file.records,
            rows,
            file.duplicates,
            file.rejected,
            file.status.name(),
            file.format,
            file.path,
            file.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default()
        );
    }
    eprintln!("tables {:?}, duplicates {}", report.tables, report.duplicates);
    for error in &report.errors {
        eprintln!("{:>6} {} | {}", error.count, error.file, error.reason);
    }
}

/// Logs of other formats than the decoders': their records count neither as placed nor as missed.
fn is_other_format(reason: &str) -> bool {
    reason.contains("are not decoded yet") || reason.starts_with("no decoder for records with fields")
}

fn check(folder: &str) {
    let Some(path) = samples(folder) else { return };
    check_paths(folder, &[path]);
}

fn check_paths(folder: &str, paths: &[PathBuf]) {
    let (report, _sink) = run(paths);
    print(&report);
    assert!(report.files.iter().all(|file| file.status != FileStatus::Unreadable));
    let records: u64 = report.files.iter().map(|file| file.records).sum();
    let rejected: u64 = report.errors.iter().map(|error| error.count).sum();
    let missed: u64 =
        report.errors.iter().filter(|error| !is_other_format(&error.reason)).map(|error| error.count).sum();
    let ours = records - (rejected - missed) - report.duplicates;
    let share = (ours - missed) as f64 / ours as f64;
    eprintln!(
        "{folder}: {records} records, {} of other formats, {missed} missed: {:.2} % placed",
        rejected - missed,
        share * 100.0
    );
    assert!(share >= 0.95, "only {share} of the records of known formats were placed");
}

#[test]
fn of_the_entra_samples_95_percent_are_placed() {
    check("entra");
}

#[test]
fn of_the_office_365_samples_95_percent_are_placed() {
    check("o365");
}

#[test]
fn of_the_windows_samples_95_percent_are_placed() {
    let Some(root) = samples("windows") else { return };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    // Authentications in a research format of its own.
    paths.retain(|path| !path.ends_with("lanl-auth"));
    paths.sort();
    check_paths("windows", &paths);
}

/// Prints how fast unified audit is decoded; asked for by `VEDETTE_MEASURE=1`, with `--nocapture`.
#[test]
fn speed_of_unified_audit() {
    if std::env::var_os("VEDETTE_MEASURE").is_none() {
        eprintln!("SKIPPED: a measurement; VEDETTE_MEASURE is not set");
        return;
    }
    /// Copies of the sample, each with ids of its own.
    const COPIES: usize = 40;
    let Some(path) = samples("o365/invictus/ual-2021-03-23_2021-06-08.ndjson.gz") else { return };
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let copies: String = (0..COPIES).map(|copy| text.replace("\"Id\": \"", &format!("\"Id\": \"{copy}-"))).collect();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ual.ndjson"), &copies).unwrap();
    for threads in [1, 2] {
        let options = IngestOptions { threads, ..IngestOptions::new(DateTime::UNIX_EPOCH) };
        let start = Instant::now();
        let report = ingest(&[folder.path().to_owned()], &options, &MemorySink::new(), &NoProgress).unwrap();
        let seconds = start.elapsed().as_secs_f64();
        let megabytes = copies.len() as f64 / 1e6;
        eprintln!(
            "{threads} threads: {megabytes:.0} MB, {} rows, {seconds:.2} s, {:.0} MB/s",
            report.tables["OfficeActivity"],
            megabytes / seconds
        );
    }
}
