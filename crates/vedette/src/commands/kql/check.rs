//! `vedette kql check`.

use std::process::ExitCode;

use serde::Serialize;
use server::{CheckedQuery, Error, KqlChecker};

use super::{check_options, sources};
use crate::args::{KqlCheck, ReportFormat};
use crate::{exit, output};

/// The answer in JSON.
#[derive(Serialize)]
struct Report<'a> {
    queries: &'a [CheckedQuery],
    unreadable: Vec<String>,
}

pub(super) fn run(args: &KqlCheck) -> Result<ExitCode, Error> {
    let found = sources(&args.sources)?;
    let checked = KqlChecker::new(&check_options(args))?.check_all(&found.sources);
    if args.format == ReportFormat::Json {
        let unreadable = found.unreadable.iter().map(ToString::to_string).collect();
        output::json(&Report { queries: &checked, unreadable })?;
    } else {
        output::text(&report(&checked))?;
        found.unreadable.iter().for_each(output::error);
    }
    Ok(if !found.unreadable.is_empty() {
        exit::UNREADABLE_FILES.into()
    } else if checked.iter().all(|query| query.ok) {
        ExitCode::SUCCESS
    } else {
        exit::FAILURE
    })
}

/// What is wrong, then a line that counts; of a single query that is right, its columns.
fn report(checked: &[CheckedQuery]) -> String {
    let mut text: String = checked.iter().flat_map(|query| &query.rendered).map(|found| format!("{found}\n")).collect();
    if let [only] = checked
        && only.ok
    {
        let columns: Vec<String> =
            only.columns.iter().map(|column| format!("{}: {}", column.name, column.ty)).collect();
        text.push_str(&format!("{}: ok\n  {}\n", only.source, columns.join(", ")));
        return text;
    }
    let wrong = checked.iter().filter(|query| !query.ok).count();
    let warnings: usize = checked.iter().map(CheckedQuery::warnings).sum();
    let queries = if checked.len() == 1 { "query" } else { "queries" };
    if checked.is_empty() {
        return text;
    }
    text.push_str(&format!("{} {queries} checked, {wrong} wrong, {warnings} warnings\n", checked.len()));
    text
}
