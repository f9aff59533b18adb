//! `vedette ingest`.

use std::process::ExitCode;

use server::{Error, IngestRequest, SendRequest};

use crate::args::{Ingest, ReportFormat};
use crate::progress::TerminalProgress;
use crate::{exit, output};

pub(crate) fn run(args: &Ingest) -> Result<ExitCode, Error> {
    if let Some(server) = &args.server {
        return send(args, server);
    }
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

/// Sends the files to a service.
fn send(args: &Ingest, server: &str) -> Result<ExitCode, Error> {
    let request = SendRequest {
        paths: args.paths.clone(),
        server: server.to_owned(),
        token: args.token.clone().unwrap_or_default(),
        authority: args.ca.clone(),
        table: args.table.clone(),
    };
    let sent = server::send_files(&request, &TerminalProgress::new())?;
    match args.format {
        ReportFormat::Json => output::json(&sent)?,
        ReportFormat::Table => {
            for file in &sent {
                let failure = file.failure.as_deref().map(|reason| format!(", not sent to its end: {reason}"));
                let (path, accepted, rejected) = (&file.path, file.accepted, file.rejected);
                let failure = failure.unwrap_or_default();
                output::text(&format!("{path}: {accepted} records taken, {rejected} rejected{failure}\n"))?;
            }
        }
    }
    let code = if sent.iter().any(|file| file.failure.is_some()) { exit::UNREADABLE_FILES } else { exit::SUCCESS };
    Ok(code.into())
}
