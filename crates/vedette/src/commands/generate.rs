//! `vedette generate`.

use std::path::Path;
use std::process::ExitCode;

use chrono::Utc;
use server::{Error, TenantPlace};

use crate::args::{Generate, ReportFormat};
use crate::output;
use crate::output::tenant;
use crate::progress::TerminalProgress;

pub(crate) fn run(args: &Generate) -> Result<ExitCode, Error> {
    if args.list {
        list(args.format)
    } else if let Some(folder) = &args.check {
        check(folder, args)
    } else {
        let summary = generate(args)?;
        output::text(&format!("{summary}\n"))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn generate(args: &Generate) -> Result<String, Error> {
    let options = args.options()?;
    if let (Some(target), Some(rate)) = (&args.to, args.rate) {
        return server::play(&options, rate, target, args.out.as_deref());
    }
    let place = match (&args.out, &args.workspace) {
        (Some(out), _) => TenantPlace::Folder(out.clone()),
        (None, Some(workspace)) => TenantPlace::Workspace(workspace.clone()),
        (None, None) => TenantPlace::Nowhere,
    };
    server::generate(&options, &place, args.report.as_deref(), Utc::now())
}

fn list(format: ReportFormat) -> Result<ExitCode, Error> {
    let scenarios = server::list_scenarios();
    match format {
        ReportFormat::Table => output::text(&tenant::scenarios(&scenarios))?,
        ReportFormat::Json => output::json(&scenarios)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn check(folder: &Path, args: &Generate) -> Result<ExitCode, Error> {
    let outcome = server::check_generated(folder, &args.rules, &TerminalProgress::new())?;
    match args.format {
        ReportFormat::Table => output::text(&tenant::check(&outcome))?,
        ReportFormat::Json => output::json(&outcome)?,
    }
    Ok(if outcome.all_found() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
