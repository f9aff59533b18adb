//! `vedette incidents`.

use std::process::ExitCode;

use server::Error;

use crate::args::{IncidentsCommand, ReportFormat};
use crate::output;

pub(crate) fn run(command: &IncidentsCommand) -> Result<ExitCode, Error> {
    match command {
        IncidentsCommand::List { workspace, format } => {
            let incidents = server::incidents(&workspace.workspace)?;
            match format {
                ReportFormat::Table => output::text(&output::investigation::incidents(&incidents))?,
                ReportFormat::Json => output::json(&incidents)?,
            }
        }
        IncidentsCommand::Show { id, workspace, format } => {
            let incident = server::incident(&workspace.workspace, id)?;
            match format {
                ReportFormat::Table => output::text(&output::investigation::incident(&incident))?,
                ReportFormat::Json => output::json(&incident)?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
