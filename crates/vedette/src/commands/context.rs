//! `vedette context`.

use std::process::ExitCode;

use server::Error;

use crate::args::{Context, ReportFormat};
use crate::output::{self, table};

pub(crate) fn run(args: &Context) -> Result<ExitCode, Error> {
    let entries = server::context_of(&args.workspace.workspace)?;
    if args.format == ReportFormat::Json {
        output::json(&entries)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut shown = table::new(&["list", "name", "origin", "evidence"]);
    for entry in &entries {
        shown.add_row([
            entry.list.clone(),
            table::cell(&entry.name),
            entry.origin.clone(),
            table::cell(&entry.evidence),
        ]);
    }
    output::text(&format!("{shown}\n"))?;
    Ok(ExitCode::SUCCESS)
}
