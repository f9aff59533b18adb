//! `vedette ingest`.

use std::process::ExitCode;

use server::{Error, IngestRequest};

use crate::args::{Ingest, ReportFormat};
use crate::progress::TerminalProgress;
use crate::{exit, output};

pub(crate) fn run(args: &Ingest) -> Result<ExitCode, Error> {
    let request = IngestRequest {
        paths: args.paths.clone(),
        workspace: args.workspace.workspace.clone(),
        table: args.table.clone(),
        force: args.force,
    };
    let outcome = server::ingest(&request, &TerminalProgress::new())?;
    match args.format {
        ReportFormat::Table => {
            let (read, not_read) = (output::investigation::read(&outcome), output::investigation::not_read(&outcome));
            output::text(&format!("{read}{not_read}\nWorkspace: {}\n", outcome.workspace))?;
        }
        ReportFormat::Json => output::json(&outcome)?,
    }
    let code = if outcome.has_unreadable_files() { exit::UNREADABLE_FILES } else { exit::SUCCESS };
    Ok(code.into())
}
