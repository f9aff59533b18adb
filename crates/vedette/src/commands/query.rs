//! `vedette query`.

use std::io::Write;
use std::process::ExitCode;

use server::{Error, ExternalAccess, QueryRequest};

use super::input::standard_input;
use crate::args::Query;
use crate::output;
use crate::progress::TerminalProgress;

pub(crate) fn run(args: &Query) -> Result<ExitCode, Error> {
    server::keep_freed_memory();
    let text = match args.query.as_deref() {
        Some(text) if text != "-" => text.to_owned(),
        _ => standard_input()?,
    };
    let request = QueryRequest {
        text,
        workspace: args.workspace.workspace.clone(),
        files: args.files.clone(),
        archive: args.archive,
        geo_database: args.geo_database.geo_database.clone(),
        external: ExternalAccess {
            folders: args.external_folders.clone(),
            hosts: args.external_hosts.clone(),
            files: args.external_files.iter().cloned().collect(),
        },
    };
    let result = server::query(&request, &TerminalProgress::new())?;
    for warning in &result.warnings {
        output::warning(warning);
    }
    output::rows::print(&result, args.format)?;
    if let Some(warning) = &result.warning {
        let hint = "aggregate, filter or `take` fewer rows to see all of what you ask for";
        // A closed standard error is no reason to stop.
        let _ = writeln!(std::io::stderr(), "warning: {warning}\n  {hint}");
    }
    Ok(ExitCode::SUCCESS)
}
