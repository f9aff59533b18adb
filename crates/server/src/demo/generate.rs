//! A tenant into a folder, into tables or nowhere, and the list of its attacks.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use generator::realism::Realism;
use generator::{FolderSink, GenerateOptions, ListedScenario, NullSink, Truth, generate_into};

use super::tables::into_workspace;
use crate::Error;

/// Where a tenant goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TenantPlace {
    /// Files in a folder, which is empty, absent or an earlier tenant's.
    Folder(PathBuf),
    /// Tables of a new workspace.
    Workspace(PathBuf),
    /// Nowhere: it is only measured.
    Nowhere,
}

/// Generates a tenant and says what it has. `report` is where the realism report goes: HTML, or JSON where the name ends so. `now` is
/// the time of the run, which tables say.
pub fn generate(
    options: &GenerateOptions,
    place: &TenantPlace,
    report: Option<&Path>,
    now: DateTime<Utc>,
) -> Result<String, Error> {
    let write = |sink: &dyn generator::Sink| match report {
        Some(report) => measured(options, sink, report),
        None => Ok(generate_into(options, sink)?),
    };
    match place {
        TenantPlace::Folder(path) => {
            // Before anything in the folder is touched.
            options.check()?;
            let sink = FolderSink::open(path)?;
            let truth = write(&sink)?;
            sink.write_truth(&truth)?;
            Ok(summary(&truth, &format!("in `{}`", path.display())))
        }
        TenantPlace::Workspace(path) => {
            options.check()?;
            let (truth, rejected) = into_workspace(path, now, write)?;
            let mut text = summary(&truth, &format!("in the tables of `{}`", path.display()));
            if rejected > 0 {
                text.push_str(&format!("\n{rejected} records found no table: see `IngestionErrors`"));
            }
            Ok(text)
        }
        TenantPlace::Nowhere => Ok(summary(&write(&NullSink)?, "kept nowhere")),
    }
}

/// The same with a realism report.
fn measured(options: &GenerateOptions, sink: &dyn generator::Sink, report: &Path) -> Result<Truth, Error> {
    let realism = Realism::new(options, sink);
    let truth = generate_into(options, &realism)?;
    let measured = realism.report();
    let is_json = report.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let text = if is_json { measured.to_json() } else { measured.to_html() };
    fs::write(report, text).map_err(|error| Error::new(format!("failed to write `{}`: {error}", report.display())))?;
    Ok(truth)
}

/// Every attack that a tenant can have, with its stages and benign twins.
pub fn list_scenarios() -> Vec<ListedScenario> {
    generator::list_scenarios()
}

/// What a tenant has, for people.
pub(super) fn summary(truth: &Truth, place: &str) -> String {
    let options = &truth.options;
    let mut text = format!("Tenant of {} accounts over {} days {place}:\n", options.users, options.days);
    for (log, count) in &truth.counts {
        let _ = writeln!(text, "  {count:>9} {log}");
    }
    let names: Vec<&str> = truth.scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
    let attacks = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let _ = write!(text, "Attacks in it: {attacks}");
    text
}

impl From<generator::GenerateError> for Error {
    fn from(error: generator::GenerateError) -> Self {
        Self::new(error.to_string())
    }
}
