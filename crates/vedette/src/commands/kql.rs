//! `vedette kql`.

mod check;
mod explain;
mod format;
mod jsonl;

use std::process::ExitCode;

use server::{CheckOptions, Error, KqlSource, KqlSources};

use super::input::standard_input;
use crate::args::{KqlAgainst, KqlCheck, KqlCommand};

pub(crate) fn run(command: &KqlCommand) -> Result<ExitCode, Error> {
    match command {
        KqlCommand::Check(args) if args.jsonl => jsonl::run(&check_options(args)),
        KqlCommand::Check(args) => check::run(args),
        KqlCommand::Format(args) => format::run(args),
        KqlCommand::Explain(args) => explain::run(args),
    }
}

fn options(against: &KqlAgainst) -> CheckOptions {
    CheckOptions {
        workspace: against.workspace.clone(),
        tables: against.tables.clone(),
        functions: against.functions.clone(),
        watchlists: against.watchlists.clone(),
        is_lenient: false,
    }
}

fn check_options(args: &KqlCheck) -> CheckOptions {
    CheckOptions { is_lenient: args.lenient, ..options(&args.against) }
}

/// The queries that the arguments name; of standard input where there is none or `-`.
fn sources(arguments: &[String]) -> Result<KqlSources, Error> {
    let reads_input = arguments.is_empty() || arguments.iter().any(|argument| argument == "-");
    let named: Vec<String> = arguments.iter().filter(|argument| *argument != "-").cloned().collect();
    let mut found = server::find_sources(&named)?;
    if reads_input {
        found.sources.push(KqlSource::new("standard input", standard_input()?));
    }
    Ok(found)
}
