//! Looks at a workspace without changing anything, and says what is wrong with it and what to do.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::delta_log::{DeltaLog, LoggedFile};
use crate::maintenance::{CompactionOptions, small_files};
use crate::versions::{TableVersion, Versions};
use crate::wal::{self, RememberedBatches};
use crate::workspace::Inner;
use crate::{FORMAT_VERSION, SpaceGuard, StorageError, data_file, journal, layout, set_aside, terms};

/// Files that one finding names.
const NAMED_FILES: usize = 3;

/// So many files that could be merged make queries slower by what a person notices (about 1 ms a file).
const MANY_SMALL_FILES: usize = 200;

/// How far a clock may be off.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// A table is silent when it has had no row for this long,
const SILENCE: TimeDelta = TimeDelta::days(1);
/// and had rows on at least so many of
const BUSY_DAYS: usize = 5;
/// the days before.
const LOOKED_AT_DAYS: i64 = 7;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingSeverity {
    /// Worth knowing; nothing need be done.
    Notice,
    /// Something gets worse if nothing is done.
    Warning,
    /// Rows are lost or cannot be read, or will not be taken in.
    Error,
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: FindingSeverity,
    /// A table, file or part of the workspace.
    pub subject: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl Finding {
    /// A finding.
    pub fn new(
        severity: FindingSeverity,
        subject: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { severity, subject: subject.into(), problem: problem.into(), remedy: remedy.into() }
    }
}

const REPAIR: &str = "stop what writes the workspace and run `vedette repair --workspace W`: rows that can be read go to their tables, damaged files are moved to `_set_aside`, and it says how many rows may be lost; senders that still have them can send them again";

const RESTORE: &str = "restore the workspace from a backup: `vedette restore BACKUP --workspace NEW`";

/// Examines the workspace in a folder. Nothing is written or completed; another process may be writing.
///
/// # Errors
/// Where the folder holds no workspace that this version reads: everything else is a finding.
pub async fn examine(path: &Path, now: DateTime<Utc>) -> Result<Vec<Finding>, StorageError> {
    let mut findings = examine_tables(path, now).await?;
    let (inner, _) = Inner::peek(path)?;
    let work = tokio::task::spawn_blocking(move || log(&inner));
    findings.extend(work.await.map_err(|_| StorageError::Interrupted { path: path.to_owned() })?);
    Ok(sorted(findings))
}

/// The same without the write-ahead log, which the process that is live has in memory: reading it would take that memory twice.
///
/// # Errors
/// Those of [`examine`].
pub async fn examine_tables(path: &Path, now: DateTime<Utc>) -> Result<Vec<Finding>, StorageError> {
    let (inner, format) = Inner::peek(path)?;
    let mut findings = Vec::new();
    if format < FORMAT_VERSION {
        let problem = format!("has format {format}, this version writes {FORMAT_VERSION}");
        let remedy = "nothing need be done: it is read as it is";
        findings.push(Finding::new(FindingSeverity::Notice, "workspace.json", problem, remedy));
    }
    disk(&inner, &mut findings);
    set_aside(&inner, &mut findings);
    clock(&inner, now, &mut findings);
    pending(&inner, &mut findings)?;
    let versions = match Versions::read(&inner.journal()) {
        Ok(versions) => versions,
        Err(error) => {
            let problem = format!("{error}; which versions of the tables are visible is not known");
            findings.push(Finding::new(FindingSeverity::Error, "_journal/committed.json", problem, RESTORE));
            return Ok(findings);
        }
    };
    let mut days: BTreeMap<&String, BTreeSet<NaiveDate>> = BTreeMap::new();
    for (name, version) in &versions.tables {
        let files = table(&inner, name, version, now, &mut findings).await;
        days.insert(name, files.iter().filter_map(|file| layout::day_in(&file.path)).collect());
    }
    silence(&versions, &days, now, &mut findings);
    Ok(sorted(findings))
}

/// The worst first.
fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|left, right| right.severity.cmp(&left.severity).then_with(|| left.subject.cmp(&right.subject)));
    findings
}

/// Whether every acknowledged row that is not in a table can be read.
fn log(inner: &Inner) -> Option<Finding> {
    const SUBJECT: &str = "write-ahead log";
    if let Err(error @ StorageError::DamagedLog { .. }) = RememberedBatches::read_all(&wal::folder(&inner.path)) {
        return Some(Finding::new(FindingSeverity::Error, SUBJECT, error.to_string(), REPAIR));
    }
    match inner.read_log() {
        Ok(0) => None,
        Ok(rows) => {
            let problem = format!("{rows} rows are not in their tables yet; queries see them");
            let remedy = "nothing need be done: they are moved by the service, or by the next command that writes";
            Some(Finding::new(FindingSeverity::Notice, SUBJECT, problem, remedy))
        }
        Err(error @ StorageError::LogTooLong { .. }) => {
            let remedy = "start the service: it moves the rows to their tables";
            Some(Finding::new(FindingSeverity::Warning, SUBJECT, error.to_string(), remedy))
        }
        Err(error @ StorageError::DamagedLog { .. }) => {
            Some(Finding::new(FindingSeverity::Error, SUBJECT, error.to_string(), REPAIR))
        }
        // Without the visible versions it is not known which rows are needed; that is a finding of its own.
        Err(StorageError::Damaged { .. }) => None,
        Err(error) => Some(Finding::new(FindingSeverity::Error, SUBJECT, error.to_string(), RESTORE)),
    }
}

fn disk(inner: &Inner, findings: &mut Vec<Finding>) {
    let Ok(space) = SpaceGuard::new(&inner.path, None).space(Instant::now()) else { return };
    let problem = format!("{} of {} bytes are free", space.free, space.total);
    let remedy = "free space on the disk of the workspace, or set a retention";
    if space.is_full() {
        let problem = format!("{problem}: no more rows are taken in");
        findings.push(Finding::new(FindingSeverity::Error, "disk", problem, remedy));
    } else if space.free < space.reserve.saturating_mul(2) {
        findings.push(Finding::new(FindingSeverity::Warning, "disk", problem, remedy));
    }
}

/// Damaged files stay until somebody has looked at them.
fn set_aside(inner: &Inner, findings: &mut Vec<Finding>) {
    let folders = fs::read_dir(inner.path.join(set_aside::FOLDER)).into_iter().flatten().flatten();
    let mut names: Vec<String> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    for name in names {
        let subject = format!("{}/{name}", set_aside::FOLDER);
        let problem = "damaged files of the write-ahead log were set aside: rows may be lost";
        let remedy = "remove the folder when nobody needs it any more";
        findings.push(Finding::new(FindingSeverity::Notice, subject, problem, remedy));
    }
}

/// A file from the future tells that the clock was, or is, wrong.
fn clock(inner: &Inner, now: DateTime<Utc>, findings: &mut Vec<Finding>) {
    let written = fs::metadata(inner.journal().join("committed.json")).and_then(|metadata| metadata.modified());
    let Ok(written) = written else { return };
    if written > SystemTime::from(now + CLOCK_TOLERANCE) {
        let written = DateTime::<Utc>::from(written);
        let problem = format!("the last change is from {written}, and the machine says that it is {now}");
        let remedy = "set the machine's clock, best by NTP";
        findings.push(Finding::new(FindingSeverity::Warning, "clock", problem, remedy));
    }
}

fn pending(inner: &Inner, findings: &mut Vec<Finding>) -> Result<(), StorageError> {
    for path in journal::pending(&inner.journal())? {
        let subject = path.strip_prefix(&inner.path).unwrap_or(&path).display().to_string();
        match journal::read(&path) {
            Ok(_) => {
                let problem = "a change is decided and not complete";
                let remedy = "nothing need be done while the workspace is written; otherwise any command that opens it completes the change";
                findings.push(Finding::new(FindingSeverity::Notice, subject, problem, remedy));
            }
            Err(error) => {
                findings.push(Finding::new(FindingSeverity::Error, subject, error.to_string(), RESTORE));
            }
        }
    }
    Ok(())
}

async fn table(
    inner: &Arc<Inner>,
    name: &str,
    version: &TableVersion,
    now: DateTime<Utc>,
    findings: &mut Vec<Finding>,
) -> Vec<LoggedFile> {
    let mut error = |problem: String| findings.push(Finding::new(FindingSeverity::Error, name, problem, RESTORE));
    let folder = layout::table_folder(&inner.path, name);
    for gap in log_gaps(&folder.join("_delta_log"), version.version) {
        error(format!("entry {gap} of its log is missing"));
    }
    let listed = match DeltaLog::open(inner, name) {
        Ok(log) => log.files(version.version).await,
        Err(error) => Err(error),
    };
    let files = match listed {
        Ok(files) => files,
        Err(failure) => {
            error(format!("its log cannot be read: {failure}"));
            return Vec::new();
        }
    };
    let (mut missing, mut wrong, mut without_terms) = (Vec::new(), Vec::new(), 0u64);
    for file in &files {
        match fs::metadata(folder.join(&file.path)) {
            Err(_) => missing.push(&file.path),
            Ok(metadata) if metadata.len() != file.size => wrong.push(&file.path),
            Ok(_) => {}
        }
        let has_terms = terms::path_of(&folder, &file.path).exists();
        without_terms += u64::from(data_file::is_name_of_ours(&file.path) && !has_terms);
    }
    for (what, which) in [("are missing", missing), ("do not have the size that the log says", wrong)] {
        if !which.is_empty() {
            error(format!("{} of {} data files {what}: {}", which.len(), files.len(), named(&which)));
        }
    }
    if files.len() as u64 != version.files {
        error(format!("its log has {} data files and `committed.json` says {}", files.len(), version.files));
    }
    if without_terms > 0 {
        let problem = format!("{without_terms} data files have no file of terms: searches read them whole");
        let remedy = "nothing need be done: it is written anew when the files are merged";
        findings.push(Finding::new(FindingSeverity::Notice, name, problem, remedy));
    }
    let described = schema::table(name)
        .or_else(|| schema::is_custom_table_name(name).then(|| schema::custom_table(name, &version.custom_columns)));
    let small = described.map_or(0, |table| small_files(table, &files, now, &CompactionOptions::default()));
    if small >= MANY_SMALL_FILES {
        let problem = format!("{small} small files could be fewer large ones, which are read faster");
        let remedy = "run `vedette maintain`; a service merges them by itself";
        findings.push(Finding::new(FindingSeverity::Warning, name, problem, remedy));
    }
    files
}

fn named(paths: &[&String]) -> String {
    let mut text = paths.iter().take(NAMED_FILES).map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
    if paths.len() > NAMED_FILES {
        text.push_str(", …");
    }
    text
}

/// The versions whose entries should be there, as no checkpoint stands for them.
fn log_gaps(folder: &Path, version: u64) -> Vec<u64> {
    let mut entries = BTreeSet::new();
    let mut checkpoint = None;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((number, end)) = name.split_once('.') else { continue };
        match (number.parse::<u64>(), end) {
            (Ok(number), "json") => {
                entries.insert(number);
            }
            (Ok(number), "checkpoint.parquet") if number <= version => checkpoint = checkpoint.max(Some(number)),
            _ => {}
        }
    }
    let first = checkpoint.map_or(0, |checkpoint| checkpoint + 1);
    (first..=version).filter(|version| !entries.contains(version)).take(NAMED_FILES).collect()
}

/// Tables that used to have rows and have none of late, in a workspace that still gets some.
fn silence(
    versions: &Versions,
    days: &BTreeMap<&String, BTreeSet<NaiveDate>>,
    now: DateTime<Utc>,
    findings: &mut Vec<Finding>,
) {
    let last = |table: &TableVersion| DateTime::from_timestamp_micros(table.last).filter(|_| table.rows > 0);
    let is_recent = |time: DateTime<Utc>| time > now - SILENCE && time <= now + CLOCK_TOLERANCE;
    if !versions.tables.values().filter_map(last).any(is_recent) {
        return;
    }
    for (name, table) in &versions.tables {
        let Some(last) = last(table).filter(|last| *last <= now - SILENCE) else { continue };
        let from = last.date_naive() - TimeDelta::days(LOOKED_AT_DAYS);
        let busy = days.get(name).map_or(0, |days| days.range(from..=last.date_naive()).count());
        // What fell silent long ago was switched off.
        if busy >= BUSY_DAYS && last > now - TimeDelta::days(LOOKED_AT_DAYS) {
            let problem =
                format!("has had no rows since {}, and had some on {busy} days before", last.format("%F %H:%MZ"));
            let remedy = "look whether its senders run and are let in: `IngestionErrors` and `SentinelHealth` tell what was refused";
            findings.push(Finding::new(FindingSeverity::Warning, name.as_str(), problem, remedy));
        }
    }
}
