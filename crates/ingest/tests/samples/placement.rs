//! Measures where the records of a folder of samples go.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use ingest::{FileReport, FileStatus, IngestOptions, IngestReport, MemorySink, NoProgress, ingest};
use tempfile::TempDir;

use super::agreement::Agreement;
use super::folders::Folder;
use super::right_tables::RightTables;
use super::wrappers::{Sample, samples_in};

/// The table of what was not placed.
const ERRORS: &str = "IngestionErrors";

/// What became of the records of some samples.
#[derive(Debug, Clone, Default)]
pub struct Count {
    pub files: u64,
    pub records: u64,
    pub duplicates: u64,
    /// Records in the right tables.
    pub placed: u64,
    /// Records in other tables.
    pub misplaced: u64,
    pub rejected: u64,
    /// Records refused because they are no logs, as they should be.
    pub not_logs: u64,
    pub tables: BTreeSet<String>,
}

impl Count {
    fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.records += other.records;
        self.duplicates += other.duplicates;
        self.placed += other.placed;
        self.misplaced += other.misplaced;
        self.rejected += other.rejected;
        self.not_logs += other.not_logs;
        self.tables.extend(other.tables.iter().cloned());
    }

    /// Share of the log records, copies left out, that are in the right tables.
    pub fn share(&self) -> f64 {
        let logs = self.records - self.duplicates - self.not_logs;
        if logs == 0 { 1.0 } else { self.placed as f64 / logs as f64 }
    }
}

/// A folder, ingested.
pub struct Placement {
    samples: Vec<(Sample, Count)>,
    report: IngestReport,
    sink: MemorySink,
    _scratch: TempDir,
}

impl Placement {
    /// Ingests the folder, wrappers taken off, and counts.
    pub fn measure(root: &Path, folder: &Folder) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let samples = samples_in(&root.join(folder.name), folder.leave_out, scratch.path());
        let paths: Vec<PathBuf> =
            samples.iter().flat_map(|sample| &sample.inputs).map(|input| input.path.clone()).collect();
        let sink = MemorySink::new();
        // Forced, so that a file with the content of another counts by its records.
        let options = IngestOptions { force: true, ..IngestOptions::new(DateTime::UNIX_EPOCH) };
        let report = ingest(&paths, &options, &sink, &NoProgress).unwrap();
        let right = RightTables::of(folder.name);
        let samples = samples
            .into_iter()
            .map(|sample| {
                let count = count(&sample, &report, &right);
                (sample, count)
            })
            .collect();
        Self { samples, report, sink, _scratch: scratch }
    }

    /// All samples together.
    pub fn total(&self) -> Count {
        self.samples.iter().fold(Count::default(), |mut total, (_, count)| {
            total.add(count);
            total
        })
    }

    /// Samples by the part of their name before the last `/`.
    fn subfolders(&self) -> BTreeMap<String, Count> {
        let mut subfolders: BTreeMap<String, Count> = BTreeMap::new();
        for (sample, count) in &self.samples {
            let subfolder = sample.name.rsplit_once('/').map_or("", |(subfolder, _)| subfolder);
            subfolders.entry(subfolder.to_owned()).or_default().add(count);
        }
        subfolders
    }

    /// Prints the samples that are not wholly placed, and why.
    pub fn print(&self) {
        for (sample, count) in &self.samples {
            if count.rejected + count.misplaced > 0 {
                eprintln!("{}: {count:?}", sample.name);
            }
        }
        let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
        for error in &self.report.errors {
            *reasons.entry(&error.reason).or_default() += error.count;
        }
        for (reason, count) in reasons {
            eprintln!("{count:>7} {reason}");
        }
        let total = self.total();
        eprintln!("{:.2} % placed: {total:?}", total.share() * 100.0);
    }

    /// Every record of every file is placed, a duplicate, or rejected; what is no log is rejected wholly.
    pub fn assert_explained(&self) {
        for file in &self.report.files {
            let unplaced = file.duplicates + file.rejected;
            assert!(unplaced <= file.records, "{}: more left out than read", file.path);
            let rows: u64 = log_rows(file).map(|(_, rows)| rows).sum();
            assert!(rows >= file.records - unplaced, "{}: records without a row: {file:?}", file.path);
        }
        for (sample, count) in &self.samples {
            assert!(count.not_logs == 0 || count.placed + count.misplaced == 0, "{}: rows of no log", sample.name);
        }
    }

    /// Compares rows with what other parsers found.
    pub fn agreement(&self, folder: &Folder) -> Agreement {
        Agreement::measure(folder.name, self.samples.iter().map(|(sample, _)| sample), &self.sink)
    }
}

/// Rows of tables of logs.
fn log_rows(file: &FileReport) -> impl Iterator<Item = (&str, u64)> {
    file.rows.iter().filter(|(table, _)| *table != ERRORS).map(|(table, rows)| (table.as_str(), *rows))
}

fn count(sample: &Sample, report: &IngestReport, right: &RightTables) -> Count {
    let mut count = Count { files: 1, ..Count::default() };
    for input in &sample.inputs {
        let path = input.path.display().to_string();
        let inside = format!("{path}!");
        for file in report.files.iter().filter(|file| file.path == path || file.path.starts_with(&inside)) {
            // A file that cannot be read at all is a record that was not placed.
            let unread = u64::from(file.status == FileStatus::Unreadable && file.records == 0);
            let wrong: u64 =
                log_rows(file).filter(|(table, _)| !right.allow(&sample.name, table)).map(|(_, rows)| rows).sum();
            let placed = file.records - file.duplicates - file.rejected;
            let misplaced = wrong.min(placed);
            count.records += file.records + unread;
            count.duplicates += file.duplicates;
            count.rejected += file.rejected + unread;
            count.misplaced += misplaced;
            count.placed += placed - misplaced;
            count.tables.extend(log_rows(file).map(|(table, _)| table.to_owned()));
        }
    }
    if !right.is_log(&sample.name) {
        count.not_logs = count.records;
    }
    count
}

/// The measured share of each subfolder, for `docs/decoders.md`.
pub fn markdown(measured: &[(&Folder, Placement)]) -> String {
    let mut text =
        "| folder | files | records | duplicates | placed | rejected | no logs | share | tables |\n".to_owned();
    text.push_str("|---|---:|---:|---:|---:|---:|---:|---:|---|\n");
    for (folder, placement) in measured {
        for (subfolder, count) in placement.subfolders() {
            line(&mut text, format!("{}/{subfolder}", folder.name).trim_end_matches('/'), &count);
        }
        line(&mut text, &format!("**{}**", folder.name), &Count { tables: BTreeSet::new(), ..placement.total() });
    }
    text
}

fn line(text: &mut String, name: &str, count: &Count) {
    let tables: Vec<&str> = count.tables.iter().map(String::as_str).collect();
    let logs = count.records - count.duplicates - count.not_logs;
    let share = if logs == 0 { "".to_owned() } else { format!("{:.1} %", count.share() * 100.0) };
    let _ = writeln!(
        text,
        "| {name} | {} | {} | {} | {} | {} | {} | {share} | {} |",
        count.files,
        count.records,
        count.duplicates,
        count.placed,
        count.rejected + count.misplaced - count.not_logs.min(count.rejected + count.misplaced),
        count.not_logs,
        tables.join(", ")
    );
}
