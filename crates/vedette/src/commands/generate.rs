//! `vedette generate`.

use std::process::ExitCode;

use server::{Error, GenerateOptions};

use crate::args::Generate;
use crate::output::{self, table};
use crate::progress::TerminalProgress;

pub(crate) fn run(args: &Generate) -> Result<ExitCode, Error> {
    match (&args.check, &args.out) {
        (Some(folder), _) => check(folder),
        (None, Some(out)) => generate(args, out),
        (None, None) => Err(Error::new("`generate` needs `--out` or `--check`")),
    }
}

fn generate(args: &Generate, out: &std::path::Path) -> Result<ExitCode, Error> {
    let mut options =
        GenerateOptions { users: args.users, days: args.days, seed: args.seed, ..GenerateOptions::default() };
    if let Some(start) = args.start {
        options.start = start;
    }
    let summary = server::generate(&options, out)?;
    output::text(&format!("{summary}\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn check(folder: &std::path::Path) -> Result<ExitCode, Error> {
    let outcome = server::check_generated(folder, &TerminalProgress::new())?;
    let mut shown = table::new(&["scenario", "found", "incident"]);
    for scenario in &outcome.scenarios {
        shown.add_row([
            table::cell(&scenario.title),
            if scenario.is_found() { "yes".to_owned() } else { "no".to_owned() },
            table::cell(scenario.incident.as_deref().unwrap_or("")),
        ]);
    }
    output::text(&format!("{shown}\n{} incidents beside the scenarios\n", outcome.other_incidents))?;
    Ok(if outcome.all_found() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
