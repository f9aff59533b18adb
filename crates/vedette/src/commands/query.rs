//! `vedette query`.

use std::io::{Read, Write};
use std::process::ExitCode;

use server::{Error, QueryRequest};

use crate::args::Query;
use crate::output;
use crate::progress::TerminalProgress;

/// Longest query text, in bytes.
const QUERY_BYTES_MAX: u64 = 1 << 20;

pub(crate) fn run(args: &Query) -> Result<ExitCode, Error> {
    let text = match args.query.as_deref() {
        Some(text) if text != "-" => text.to_owned(),
        _ => standard_input()?,
    };
    let request = QueryRequest {
        text,
        workspace: args.workspace.workspace.clone(),
        files: args.files.clone(),
        geo_database: args.geo_database.geo_database.clone(),
    };
    let result = server::query(&request, &TerminalProgress::new())?;
    output::rows::print(&result, args.format)?;
    if let Some(warning) = &result.warning {
        let hint = "aggregate, filter or `take` fewer rows to see all of what you ask for";
        // A closed standard error is no reason to stop.
        let _ = writeln!(std::io::stderr(), "warning: {warning}\n  {hint}");
    }
    Ok(ExitCode::SUCCESS)
}

fn standard_input() -> Result<String, Error> {
    let mut text = String::new();
    std::io::stdin()
        .take(QUERY_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .map_err(|error| Error::new(format!("failed to read the query from standard input: {error}")))?;
    if text.len() as u64 > QUERY_BYTES_MAX {
        return Err(Error::new(format!("query on standard input is longer than {QUERY_BYTES_MAX} bytes")));
    }
    Ok(text)
}
