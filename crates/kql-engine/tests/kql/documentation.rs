//! `docs/kql.md` says of every operator, function, aggregate and plugin what is true.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use kql_engine::{Engine, EngineOptions, QueryOptions, plugin_names};

use crate::tables::{NOW, catalog, ticks};

/// A row of a table: what stands in its second cell.
type Rows = BTreeMap<String, String>;

/// The rows of a section, by the name in backticks in their first cell.
fn section(title: &str) -> Rows {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/kql.md");
    let text = std::fs::read_to_string(path).expect("docs/kql.md");
    let heading = format!("## {title}");
    let lines = text.lines().skip_while(|line| *line != heading).skip(1).take_while(|line| !line.starts_with("## "));
    let rows: Rows = lines
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split(" | ");
            let name = cells.next()?.trim_end_matches('`').to_owned();
            Some((name, cells.next()?.trim().trim_end_matches(" |").to_owned()))
        })
        .collect();
    assert!(!rows.is_empty(), "no table below `{heading}`");
    rows
}

fn missing(rows: &Rows, names: &[&str]) -> Vec<String> {
    // Names with blanks cannot be called: they are parts of operators.
    let callable = names.iter().filter(|name| !name.contains(' '));
    callable.filter(|name| !rows.contains_key(**name)).map(|name| (*name).to_owned()).collect()
}

/// The codes that binding a query gives.
async fn codes(query: &str) -> BTreeSet<&'static str> {
    problems(query).await.into_iter().map(|(code, _)| code).collect()
}

/// The codes and messages that binding a query gives.
async fn problems(query: &str) -> Vec<(&'static str, String)> {
    let engine = Engine::new(&EngineOptions { threads: 1, ..EngineOptions::default() }).expect("an engine");
    let checked = engine.check_plan(query, &catalog(), &QueryOptions::new(ticks(NOW))).await;
    checked.diagnostics.into_iter().map(|diagnostic| (diagnostic.code, diagnostic.message)).collect()
}

/// Names whose call, as `query` writes it, is answered in another way than the table says.
async fn untrue(rows: &Rows, query: impl Fn(&str) -> String) -> Vec<String> {
    let mut found = Vec::new();
    for (name, status) in rows {
        let codes = codes(&query(name)).await;
        let is_refused = ["KQL011", "KQL103", "KQL201", "KQL202", "KQL204"].iter().any(|code| codes.contains(code));
        if is_refused != (status == "refused") {
            found.push(format!("`{name}` is {status}, but gives {codes:?}"));
        }
    }
    found
}

#[test]
fn every_registered_name_stands_in_the_table() {
    assert_eq!(missing(&section("Scalar functions"), &kql_functions::scalar_names()), Vec::<String>::new());
    assert_eq!(missing(&section("Aggregates"), &kql_functions::aggregate_names()), Vec::<String>::new());
    assert_eq!(missing(&section("Plugins"), &plugin_names()), Vec::<String>::new());
}

#[tokio::test]
async fn what_the_table_calls_supported_is() {
    let functions = untrue(&section("Scalar functions"), |name| format!("print x = {name}()")).await;
    let aggregates = untrue(&section("Aggregates"), |name| format!("SigninLogs | summarize x = {name}()")).await;
    let plugins = untrue(&section("Plugins"), |name| format!("SigninLogs | evaluate {name}()")).await;
    assert_eq!([functions, aggregates, plugins].concat(), Vec::<String>::new());
}

#[tokio::test]
async fn the_examples_of_operators_and_statements_bind_where_they_are_supported() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/kql.md");
    let text = std::fs::read_to_string(path).expect("docs/kql.md");
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in text.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split(" | ").collect();
        // Sections with an example have four cells.
        let [_, status, _, example] = cells.as_slice() else { continue };
        let query = example.trim_end_matches(" |").trim_matches('`').replace("\\|", "|");
        count += 1;
        let mut problems = problems(&query).await;
        problems.retain(|(code, _)| *code != "KQL112");
        if problems.is_empty() == (*status == "refused") {
            wrong.push(format!("{query}: {problems:?}"));
        }
    }
    assert!(count > 50, "only {count} examples");
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn the_examples_of_diagnostics_give_their_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/diagnostics.md");
    let text = std::fs::read_to_string(path).expect("docs/diagnostics.md");
    let mut wrong = Vec::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("| `KQL")) {
        let cells: Vec<&str> = line.split(" | ").collect();
        let [digits, _, example] = cells.as_slice() else { panic!("`{line}` has no three cells") };
        let code = format!("KQL{}", digits.trim_end_matches('`'));
        let Some(query) = example.strip_prefix('`') else { continue };
        let query = query.trim_end_matches(" |").trim_end_matches('`').replace("\\|", "|");
        let found = codes(&query).await;
        if !found.contains(code.as_str()) {
            wrong.push(format!("{code}: `{query}` gives {found:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
