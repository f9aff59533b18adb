//! `vedette kql check --jsonl`: a line in, a line out.

use std::io::{BufRead, BufWriter, Write};
use std::process::ExitCode;

use serde_json::{Value, json};
use server::{CheckOptions, CheckedQuery, Error, KqlChecker, KqlSource};

use crate::output;

/// Queries that are checked side by side.
const CHUNK: usize = 64;

pub(super) fn run(options: &CheckOptions) -> Result<ExitCode, Error> {
    let checker = KqlChecker::new(options)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut all_ok = true;
    let mut lines = std::io::stdin().lock().lines().enumerate();
    loop {
        let mut ids = Vec::new();
        let mut sources = Vec::new();
        for (number, line) in lines.by_ref().take(CHUNK) {
            let line = line.map_err(|error| Error::new(format!("failed to read standard input: {error}")))?;
            if line.trim().is_empty() {
                continue;
            }
            let (id, source) = request(&line, number + 1)?;
            ids.push(id);
            sources.push(source);
        }
        if ids.is_empty() {
            break;
        }
        for (id, checked) in ids.into_iter().zip(checker.check_all(&sources)) {
            all_ok &= checked.ok;
            output::done(writeln!(out, "{}", answer(id, &checked)))?;
        }
        output::done(out.flush())?;
    }
    Ok(if all_ok { ExitCode::SUCCESS } else { crate::exit::FAILURE })
}

fn request(line: &str, number: usize) -> Result<(Value, KqlSource), Error> {
    let wrong = |why: String| {
        Error::new(format!("line {number} of standard input is wrong: {why}"))
            .with_hint("each line is an object such as {\"id\":1,\"query\":\"print 1\"}")
    };
    let mut request: Value = serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
    let Some(query) = request["query"].as_str() else { return Err(wrong("it has no text `query`".to_owned())) };
    let source = KqlSource::new("query", query.to_owned());
    Ok((request["id"].take(), source))
}

fn answer(id: Value, checked: &CheckedQuery) -> Value {
    let columns: Vec<Value> = checked.columns.iter().map(|column| json!([column.name, column.ty])).collect();
    json!({
        "id": id,
        "ok": checked.ok,
        "stage": checked.stage,
        "diagnostics": checked.diagnostics,
        "columns": columns,
    })
}
