//! `vedette investigate`.

use std::process::ExitCode;

use server::{Error, InvestigateRequest, Investigation, Severity};

use crate::args::{Investigate, ReportFormat, SeverityArg};
use crate::progress::TerminalProgress;
use crate::{exit, output};

pub(crate) fn run(args: &Investigate) -> Result<ExitCode, Error> {
    let request = InvestigateRequest {
        paths: args.paths.clone(),
        workspace: args.workspace.workspace.clone(),
        rules: args.rules.clone(),
        since: args.since,
        until: args.until,
        force: args.force,
        command_line: command_line(std::env::args()),
        geo_database: args.geo_database.geo_database.clone(),
        context: args.context.context.clone(),
    };
    let investigation = server::investigate(&request, &TerminalProgress::new())?;
    match args.format {
        ReportFormat::Table => output::text(&output::investigation::report(&investigation))?,
        ReportFormat::Json => output::json(&investigation)?,
    }
    Ok(exit_code(&investigation, args.fail_on).into())
}

/// The arguments as one line that a shell would read again; the program's path is of no interest.
fn command_line(arguments: impl Iterator<Item = String>) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./:=,@+".contains(letter);
    let quoted = |argument: String| {
        if !argument.is_empty() && argument.chars().all(plain) {
            argument
        } else {
            format!("'{}'", argument.replace('\'', "'\\''"))
        }
    };
    ["vedette".to_owned()].into_iter().chain(arguments.skip(1).map(quoted)).collect::<Vec<_>>().join(" ")
}

/// An incident that the caller asked about comes first, then files, then rules.
fn exit_code(investigation: &Investigation, fail_on: Option<SeverityArg>) -> u8 {
    let is_severe = |name: &str| {
        let severity = name.parse::<Severity>().ok();
        fail_on.zip(severity).is_some_and(|(least, severity)| severity >= self::severity(least))
    };
    if investigation.incidents.iter().any(|incident| is_severe(&incident.severity)) {
        exit::FAILURE_CODE
    } else if investigation.has_unreadable_files() {
        exit::UNREADABLE_FILES
    } else if investigation.has_failed_rules() {
        exit::FAILED_RULES
    } else {
        exit::SUCCESS
    }
}

fn severity(arg: SeverityArg) -> Severity {
    match arg {
        SeverityArg::Informational => Severity::Informational,
        SeverityArg::Low => Severity::Low,
        SeverityArg::Medium => Severity::Medium,
        SeverityArg::High => Severity::High,
    }
}
