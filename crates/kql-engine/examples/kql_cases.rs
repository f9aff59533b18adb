//! Answers queries from standard input, one JSON line each: `{"id","query"}` in, `{"columns","rows"}` or
//! `{"error"}` out.
//!
//! Queries bring their own data; with `--tables FILE` (`{"table":[["column","type"],..],..}`) there are empty tables,
//! and with `--check` queries are only bound. `--plain` runs them without the optimizer, `--encode` encodes and decodes
//! each plan before it runs.

#[path = "support/tables.rs"]
mod tables;

use std::io::{BufRead, Write};

use kql_engine::{Engine, EngineOptions, QueryError, QueryOptions, TableMap};
use serde_json::{Value, json};

/// `now()` of every query, in ticks: 2024-06-15T12:00:00Z, so that answers do not depend on the day.
const NOW: i64 = 638_540_496_000_000_000;
/// Stack of the threads that plan: queries of the corpus are long.
const STACK_BYTES: usize = 16 << 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let is_check = args.iter().any(|arg| arg == "--check");
    let catalog = match args.iter().position(|arg| arg == "--tables").and_then(|at| args.get(at + 1)) {
        Some(path) => tables::tables(&serde_json::from_str(&std::fs::read_to_string(path)?)?)?,
        None => TableMap::new(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK_BYTES).build()?;
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    let engine = Engine::new(&EngineOptions {
        threads: 2,
        optimize: !has("--plain"),
        encode: has("--encode"),
        ..EngineOptions::default()
    })?;
    let options = QueryOptions::new(NOW);
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let query = request["query"].as_str().unwrap_or_default().to_owned();
        let (engine, catalog, options) = (engine.clone(), catalog.clone(), options.clone());
        let task = runtime.spawn(async move {
            if is_check {
                let columns = engine.check(&query, &catalog, &options).map_err(QueryError::Invalid)?;
                return Ok((columns, Vec::new()));
            }
            let result = engine.query(&query, &catalog, &options).await?;
            Ok((result.columns.clone(), result.rows_json().collect()))
        });
        let reply = match runtime.block_on(task) {
            Ok(Ok((columns, rows))) => {
                let columns: Vec<Value> =
                    columns.iter().map(|c| json!({"name": c.name, "type": c.ty.name()})).collect();
                json!({"columns": columns, "rows": rows})
            }
            Ok(Err(QueryError::Invalid(diagnostics))) => {
                let messages: Vec<String> = diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
                json!({"error": messages.join("; ")})
            }
            Ok(Err(error)) => json!({"error": error.to_string()}),
            Err(panic) => json!({"error": format!("PANIC {panic}")}),
        };
        writeln!(output, "{reply}")?;
        output.flush()?;
    }
    Ok(())
}
