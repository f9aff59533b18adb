//! Runs the case files of `tests/kql`, each case with the optimizer on and off, and with plans encoded and decoded.

use std::path::{Path, PathBuf};

use kql_engine::{Engine, EngineOptions, QueryError, QueryOptions};

use crate::case_file::{read, write};
use crate::tables::{NOW, catalog, ticks};

/// The case files in a folder and those inside.
pub fn case_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("the folder of case files");
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            case_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "kqlt") {
            found.push(path);
        }
    }
    found.sort();
}

/// Columns and rows, or codes of diagnostics, one a line.
async fn answer(engine: &Engine, query: &str) -> Vec<String> {
    let outcome = engine.query(query, &catalog(), &QueryOptions::new(ticks(NOW))).await;
    match outcome {
        Ok(result) => {
            let columns: Vec<String> =
                result.columns.iter().map(|column| format!("{}:{}", column.name, column.ty.name())).collect();
            let mut lines = vec![columns.join(" | ")];
            lines.extend(result.rows_json().map(|row| {
                let cells: Vec<String> = row.iter().map(ToString::to_string).collect();
                cells.join(" | ")
            }));
            lines
        }
        Err(QueryError::Invalid(diagnostics)) => diagnostics
            .iter()
            .map(|d| format!("error {} {}..{} {}", d.code, d.span.start, d.span.end, d.message))
            .collect(),
        Err(error) => vec![format!("error {error}")],
    }
}

/// Whether the query's own text fixes the order of its rows.
fn is_ordered(query: &str) -> bool {
    let last = query.rsplit('|').find(|stage| {
        let stage = stage.trim_start();
        !["extend", "project", "where", "take"].iter().any(|kept| stage.starts_with(kept))
    });
    last.is_some_and(|stage| ["sort", "order", "top "].iter().any(|word| stage.trim_start().starts_with(word)))
}

fn comparable(mut lines: Vec<String>, ordered: bool) -> Vec<String> {
    if !ordered && lines.len() > 1 {
        lines[1..].sort();
    }
    lines
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_files_give_what_they_say_optimized_plain_and_encoded() {
    let bless = std::env::var_os("KQL_BLESS").is_some();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/kql");
    let mut paths = Vec::new();
    case_files(&folder, &mut paths);
    assert!(!paths.is_empty(), "no case files in {}", folder.display());
    let engine = |optimize, encode| {
        Engine::new(&EngineOptions { threads: 2, batch_rows: 3, optimize, encode, ..EngineOptions::default() })
            .expect("an engine")
    };
    let engines =
        [("optimized", engine(true, false)), ("plain", engine(false, false)), ("encoded", engine(true, true))];
    let mut failures = Vec::new();
    let mut count = 0;
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a case file");
        let (head, mut cases) = read(&text);
        for case in &mut cases {
            count += 1;
            let ordered = is_ordered(&case.query);
            if bless && case.expected.is_empty() {
                case.expected = comparable(answer(&engines[0].1, &case.query).await, ordered);
            }
            for (label, engine) in &engines {
                let found = comparable(answer(engine, &case.query).await, ordered);
                if found != comparable(case.expected.clone(), ordered) {
                    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    failures.push(format!(
                        "{file}: {} ({label})\n  expected: {:#?}\n  found: {found:#?}",
                        case.name, case.expected
                    ));
                }
            }
        }
        if bless {
            std::fs::write(&path, write(&head, &cases)).expect("the case file is writable");
        }
    }
    assert!(failures.is_empty(), "{} of {count} cases fail:\n{}", failures.len(), failures.join("\n"));
}
