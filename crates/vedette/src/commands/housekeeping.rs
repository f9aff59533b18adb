//! `vedette backup`, `restore`, `maintain`, `doctor` and `repair`.

use std::process::ExitCode;

use server::{Error, MaintenanceRequest, RemoteService};

use crate::args::{Backup, Doctor, Maintain, Repair, ReportFormat, Restore, ServerArg};
use crate::output::{self, table};

/// `doctor` found something that gets worse if nothing is done.
const FOUND_WARNINGS: u8 = 4;
/// `doctor` found that rows are lost, cannot be read or are not taken in.
const FOUND_ERRORS: u8 = 5;

fn remote(arg: &ServerArg) -> Option<RemoteService> {
    arg.server.clone().map(|url| RemoteService { url, token: arg.token.clone() })
}

pub(crate) fn backup(args: &Backup) -> Result<ExitCode, Error> {
    let outcome = match remote(&args.server) {
        Some(service) => server::back_up_service(&service, &args.out.to_string_lossy())?,
        None => server::back_up(&args.workspace.workspace, &args.out, args.database.database.as_deref())?,
    };
    if args.format == ReportFormat::Json {
        output::json(&outcome)?;
        return Ok(ExitCode::SUCCESS);
    }
    let database = if outcome.has_database { ", with the database" } else { ", without a database" };
    output::text(&format!(
        "Backup: {}\nPosition: {}\n{} rows in {} files of {} bytes{database}\n",
        outcome.folder, outcome.position, outcome.rows, outcome.files, outcome.bytes
    ))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn restore(args: &Restore) -> Result<ExitCode, Error> {
    let outcome = server::restore(&args.backup, &args.workspace.workspace, args.database.database.as_deref())?;
    match args.format {
        ReportFormat::Json => output::json(&outcome)?,
        ReportFormat::Table => output::text(&format!(
            "Workspace: {}\nDatabase: {}\nPosition: {}\n{} rows, {} files beside the tables\n",
            outcome.workspace,
            outcome.database.as_deref().unwrap_or("none"),
            outcome.position,
            outcome.rows,
            outcome.other_files
        ))?,
    }
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn maintain(args: &Maintain) -> Result<ExitCode, Error> {
    let request = MaintenanceRequest {
        workspace: args.workspace.workspace.clone(),
        retention_days: args.retention_days,
        total_retention_days: args.total_retention_days,
    };
    let outcome = server::maintain(&request)?;
    if args.format == ReportFormat::Json {
        output::json(&outcome)?;
    } else {
        let mut text = format!(
            "{} files became {}\n{} rows were past their retention\n{} rows were archived\n{} files of {} bytes were removed, {} wait\n",
            outcome.merged_files,
            outcome.merged_into,
            outcome.retired_rows,
            outcome.archived_rows,
            outcome.removed_files,
            outcome.freed_bytes,
            outcome.waiting_files
        );
        for failed in &outcome.failed {
            text.push_str(&format!("Not merged: {failed}\n"));
        }
        output::text(&text)?;
    }
    Ok(if outcome.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(crate) fn doctor(args: &Doctor) -> Result<ExitCode, Error> {
    let findings = match remote(&args.server) {
        Some(service) => server::examine_service(&service)?,
        None => server::examine(&args.workspace.workspace)?,
    };
    if args.format == ReportFormat::Json {
        output::json(&findings)?;
    } else if findings.is_empty() {
        output::text("nothing is wrong\n")?;
    } else {
        let mut shown = table::ruled(&["severity", "subject", "problem", "what to do"]);
        for finding in &findings {
            shown.add_row([&finding.severity, &finding.subject, &finding.problem, &finding.remedy].map(String::as_str));
        }
        output::text(&format!("{shown}\n"))?;
    }
    Ok(if findings.iter().any(server::FindingSummary::is_error) {
        FOUND_ERRORS.into()
    } else if findings.iter().any(server::FindingSummary::is_warning) {
        FOUND_WARNINGS.into()
    } else {
        ExitCode::SUCCESS
    })
}

pub(crate) fn repair(args: &Repair) -> Result<ExitCode, Error> {
    let outcome = server::repair(&args.workspace.workspace)?;
    if args.format == ReportFormat::Json {
        output::json(&outcome)?;
        return Ok(ExitCode::SUCCESS);
    }
    if outcome.damages.is_empty() && !outcome.lost_batches {
        output::text("nothing is damaged\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = String::new();
    for damage in &outcome.damages {
        text.push_str(&format!(
            "Damaged: {} from byte {} on, {} bytes: {}\n",
            damage.file, damage.offset, damage.bytes, damage.problem
        ));
    }
    for file in &outcome.files {
        text.push_str(&format!("Set aside: {file}\n"));
    }
    let lost = outcome.lost_rows.map_or_else(|| "an unknown number of".to_owned(), |rows| format!("about {rows}"));
    text.push_str(&format!("{} rows were moved to their tables, {lost} rows may be lost\n", outcome.kept_rows));
    if outcome.lost_batches {
        text.push_str("Batches that were stored before are stored again where they are sent again\n");
    }
    output::text(&text)?;
    Ok(ExitCode::SUCCESS)
}
