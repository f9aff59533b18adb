//! `vedette rules`.

mod labels;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use server::{Error, RunRulesRequest};

use crate::args::{ReportFormat, RulesCommand, RulesRun};
use crate::output::{self, table};
use crate::progress::TerminalProgress;

pub(crate) fn run(command: &RulesCommand) -> Result<ExitCode, Error> {
    match command {
        RulesCommand::List { paths, format } => list(paths, *format),
        RulesCommand::Check { paths } => check(paths),
        RulesCommand::Test(args) => test::run(args),
        RulesCommand::Labels(args) => labels::run(args),
        RulesCommand::Run(args) => replay(args),
    }
}

fn list(paths: &[PathBuf], format: ReportFormat) -> Result<ExitCode, Error> {
    let rules = server::list_rules(paths)?;
    if format == ReportFormat::Json {
        output::json(&rules)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut shown = table::new(&["name", "severity", "tactics", "techniques", "every", "looks back", "id"]);
    for rule in &rules {
        shown.add_row([
            table::cell(&rule.name),
            rule.severity.clone(),
            rule.tactics.join(", "),
            rule.techniques.join(", "),
            rule.frequency.clone(),
            rule.period.clone(),
            rule.id.clone(),
        ]);
    }
    output::text(&format!("{shown}\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn check(paths: &[PathBuf]) -> Result<ExitCode, Error> {
    let checked = server::check_rules(paths)?;
    let mut text = String::new();
    for rule in &checked {
        let failed = rule.problems.len();
        let verdict =
            if failed == 0 { format!("ok, {} tests beside it", rule.tests) } else { format!("{failed} problems") };
        text.push_str(&format!("{}: {verdict}\n", rule.name));
        for problem in &rule.problems {
            text.push_str(&format!("  {}\n", problem.replace('\n', "\n  ")));
        }
    }
    output::text(&text)?;
    let all_ok = checked.iter().all(|rule| rule.problems.is_empty());
    Ok(if all_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn replay(args: &RulesRun) -> Result<ExitCode, Error> {
    let request = RunRulesRequest {
        rules: args.paths.clone(),
        since: args.since,
        until: args.until,
        geo_database: args.geo_database.geo_database.clone(),
        context: args.context.context.clone(),
    };
    let outcome = server::run_rules(&args.workspace.workspace, &request, &TerminalProgress::new())?;
    if args.format == ReportFormat::Json {
        output::json(&outcome)?;
    } else {
        let mut shown = table::new(&["severity", "alert", "entities", "first event", "last event"]);
        for alert in &outcome.alerts {
            shown.add_row([
                alert.severity.clone(),
                table::cell(&alert.name),
                table::cell(&alert.entities.join(", ")),
                alert.start.to_rfc3339(),
                alert.end.to_rfc3339(),
            ]);
        }
        let mut text = format!("{shown}\n");
        for rule in outcome.rules.values() {
            if let Some(failure) = &rule.failure {
                text.push_str(&format!("{}: failed: {failure}\n", rule.name));
            }
        }
        output::text(&text)?;
    }
    let failed = outcome.rules.values().any(|rule| rule.failure.is_some());
    Ok(if failed { crate::exit::FAILED_RULES.into() } else { ExitCode::SUCCESS })
}
