//! Answers queries from standard input, one JSON line each: `{"id","query"}` in, `{"columns","rows"}` or
//! `{"error"}` out. There are no stored tables: queries bring their own data.

use std::io::{BufRead, Write};

use kql_engine::{Engine, EngineOptions, QueryError, QueryOptions, TableMap};
use serde_json::{Value, json};

/// `now()` of every query, in ticks: 2024-06-15T12:00:00Z, so that answers do not depend on the day.
const NOW: i64 = 638_540_496_000_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(16 << 20).build()?;
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() })?;
    let catalog = TableMap::new();
    let options = QueryOptions::new(NOW);
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let query = request["query"].as_str().unwrap_or_default().to_owned();
        let (engine, catalog, options) = (engine.clone(), catalog.clone(), options.clone());
        let task = runtime.spawn(async move { engine.query(&query, &catalog, &options).await });
        let reply = match runtime.block_on(task) {
            Ok(Ok(result)) => {
                let columns: Vec<Value> =
                    result.columns.iter().map(|c| json!({"name": c.name, "type": c.ty.name()})).collect();
                json!({"columns": columns, "rows": result.rows_json().collect::<Vec<_>>()})
            }
            Ok(Err(QueryError::Invalid(diagnostics))) => {
                let messages: Vec<String> =
                    diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
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
