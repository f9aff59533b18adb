//! `vedette tables`.

use std::process::ExitCode;

use server::Error;

use crate::args::{ReportFormat, Tables};
use crate::output::{self, table};

pub(crate) fn run(args: &Tables) -> Result<ExitCode, Error> {
    let tables = server::tables(&args.workspace.workspace)?;
    if args.format == ReportFormat::Json {
        output::json(&tables)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut shown = table::new(&["table", "rows", "files", "bytes", "first", "last"]);
    for summary in &tables {
        let time = |time: Option<chrono::DateTime<chrono::Utc>>| {
            time.map(|time| time.format("%Y-%m-%d %H:%M:%SZ").to_string()).unwrap_or_default()
        };
        shown.add_row([
            summary.name.clone(),
            summary.rows.to_string(),
            summary.files.to_string(),
            summary.bytes.to_string(),
            time(summary.first),
            time(summary.last),
        ]);
    }
    output::text(&format!("{shown}\n"))?;
    Ok(ExitCode::SUCCESS)
}
