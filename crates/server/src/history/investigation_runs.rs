//! Each `investigate` as a row of `InvestigationRuns`.

use chrono::{DateTime, SecondsFormat, Utc};
use report::InvestigationRun;
use serde_json::{Map, Value, json};

use crate::catalog::WorkspaceCatalog;
use crate::investigate::InvestigateRequest;
use crate::investigation::Investigation;
use crate::json_rows::{JsonRow, count, json_rows, text, time};
use crate::{Error, Session};

/// The version of this program, as rows and reports name it.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A run as a row.
pub(crate) fn run_row(
    request: &InvestigateRequest,
    investigation: &Investigation,
    (begin, end): (DateTime<Utc>, DateTime<Utc>),
) -> Map<String, Value> {
    let written = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let files = &investigation.files;
    let row = json!({
        "TimeGenerated": written(begin),
        "EndTime": written(end),
        "Version": VERSION,
        "CommandLine": request.command_line,
        "Since": request.since.map(written),
        "Until": request.until.map(written),
        "Rules": investigation.rules.len(),
        "Files": files.len(),
        "Records": files.iter().map(|file| file.records).sum::<u64>(),
        "Duplicates": investigation.duplicates,
        "Rejected": files.iter().map(|file| file.rejected).sum::<u64>(),
        "Alerts": investigation.rules.values().map(|rule| rule.alerts).sum::<u64>(),
        "Incidents": investigation.incidents.len(),
    });
    row.as_object().cloned().unwrap_or_default()
}

/// All runs, oldest first.
pub(crate) fn read_runs(session: &Session, catalog: &WorkspaceCatalog) -> Result<Vec<InvestigationRun>, Error> {
    let rows = json_rows(session, catalog, "InvestigationRuns | sort by TimeGenerated asc", None)?;
    let run = |row: JsonRow| {
        Some(InvestigationRun {
            time: time(&row, "TimeGenerated")?,
            version: text(&row, "Version"),
            command: text(&row, "CommandLine"),
            rules: count(&row, "Rules"),
            files: count(&row, "Files"),
            records: count(&row, "Records"),
        })
    };
    Ok(rows.into_iter().filter_map(run).collect())
}
