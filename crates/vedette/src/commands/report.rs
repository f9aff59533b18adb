//! `vedette report`.

use std::process::ExitCode;

use chrono::Utc;
use server::Error;

use crate::args::{DocumentFormat, Report};
use crate::output;

pub(crate) fn run(args: &Report) -> Result<ExitCode, Error> {
    let form = match args.format {
        DocumentFormat::Html => server::ReportForm::Html,
        DocumentFormat::Md => server::ReportForm::Markdown,
        DocumentFormat::Json => server::ReportForm::Json,
    };
    let text = server::report(&args.workspace.workspace, form, Utc::now())?;
    let Some(out) = &args.out else {
        output::text(&text)?;
        return Ok(ExitCode::SUCCESS);
    };
    std::fs::write(out, &text).map_err(|error| Error::new(format!("failed to write `{}`: {error}", out.display())))?;
    output::text(&format!("Report: {} ({} kB)\n", out.display(), text.len().div_ceil(1_000)))?;
    Ok(ExitCode::SUCCESS)
}
