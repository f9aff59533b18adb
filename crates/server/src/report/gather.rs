//! Everything a report says, from the workspace alone.

use std::path::Path;

use chrono::{DateTime, Utc};
use report::{ContextEntry, Listed, ReportInput};

use super::{coverage, entities, files, incidents, limits};
use crate::findings::Findings;
use crate::history::{VERSION, read_rule_runs, read_runs};
use crate::tenants::tenants;
use crate::{Error, Session, context_of};

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportForm {
    /// One page that needs nothing else.
    Html,
    /// Markdown.
    Markdown,
    /// Everything the page says, as one JSON object.
    Json,
}

/// The report of a workspace; `now` is when it is made.
pub fn report(workspace: &Path, form: ReportForm, now: DateTime<Utc>) -> Result<String, Error> {
    let input = report_input(workspace, now)?;
    match form {
        ReportForm::Html => Ok(report::html(&input)),
        ReportForm::Markdown => Ok(report::markdown(&input)),
        ReportForm::Json => serde_json::to_string_pretty(&input)
            .map(|text| text + "\n")
            .map_err(|error| Error::new(format!("failed to write the report as JSON: {error}"))),
    }
}

/// Gathers a report of the workspace; `now` is when it is made.
pub fn report_input(workspace: &Path, now: DateTime<Utc>) -> Result<ReportInput, Error> {
    let session = Session::open(workspace)?;
    let catalog = session.catalog()?;
    let findings = Findings::read(&session, &catalog)?;
    let rules = read_rule_runs(&session, &catalog)?;
    Ok(ReportInput {
        now,
        version: VERSION.to_owned(),
        workspace: workspace.display().to_string(),
        tenants: tenants(&session, &catalog)?.listed(),
        runs: Listed::cut(read_runs(&session, &catalog)?, limits::RUNS_MAX, "InvestigationRuns"),
        incidents: incidents::gather(&session, &catalog, &findings, &rules)?,
        entities: entities::gather(&session, &catalog, &findings)?,
        tables: coverage::tables(&session, &catalog)?,
        files: files::files(&session, &catalog)?,
        errors: files::errors(&session, &catalog)?,
        context: known_context(workspace)?,
        rules,
    })
}

/// The context that the workspace keeps, list by list.
fn known_context(workspace: &Path) -> Result<Listed<ContextEntry>, Error> {
    let entries = context_of(workspace)?.into_iter().map(|entry| ContextEntry {
        list: entry.list,
        value: entry.name,
        inferred: entry.origin != "given",
        reason: entry.evidence,
    });
    Ok(Listed::cut(entries.collect(), limits::CONTEXT_MAX, ""))
}
