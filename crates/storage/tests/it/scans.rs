//! How scans share out files and in which order they read them; that answers are the same is what counts.

use kql_engine::{Engine, EngineOptions, QueryOptions};

use crate::documents::{Documents, File};
use crate::rows::table;

fn sign_ins(files: usize, rows: usize) -> Documents {
    let value = |file: usize, row: usize, name: &str| match name {
        "UserPrincipalName" => format!("user{}@example.com", (row * 31 + file) % 700),
        "IPAddress" => format!("10.{file}.{}.{}", row / 250 % 250, row % 250),
        _ => if row % 11 == 3 { "50126" } else { "0" }.to_owned(),
    };
    let file = |file: usize| -> File<'static> {
        let column = |name| (name, (0..rows).map(|row| Some(value(file, row, name))).collect());
        ["UserPrincipalName", "IPAddress", "ResultType"].map(column).to_vec()
    };
    Documents::new(table("SigninLogs"), &(0..files).map(file).collect::<Vec<_>>())
}

/// Panics where two threads, or the optimizer, give other rows than one thread without it, or another number of them.
fn agree(documents: &Documents, query: &str, rows: usize) {
    let options = |threads, optimize| EngineOptions { threads, optimize, ..EngineOptions::default() };
    let expected = documents.rows(query, &documents.with_leaves(), &options(1, false));
    assert_eq!(expected[0].len(), rows, "{query}");
    for options in [options(2, true), options(1, true), options(2, false)] {
        assert_eq!(documents.rows(query, &documents.with_leaves(), &options), expected, "{query}");
    }
}

#[test]
fn the_newest_rows_are_sought_in_the_newest_files_also_below_a_filter() {
    let documents = sign_ins(4, 60);
    for query in [
        "SigninLogs | where ResultType != '0' | top 5 by TimeGenerated desc | project TimeGenerated, UserPrincipalName",
        "SigninLogs | where ResultType != '0' | project Time = TimeGenerated, IPAddress | top 5 by Time desc",
        "SigninLogs | where ResultType != '0' | sort by TimeGenerated desc | take 5 | project TimeGenerated, IPAddress",
    ] {
        let plan = documents.plan(query);
        assert!(plan.contains("reverse_row_groups=true"), "{plan}");
        agree(&documents, query, 5);
    }
    let oldest = "SigninLogs | where ResultType != '0' | top 5 by TimeGenerated asc | project TimeGenerated, IPAddress";
    assert!(!documents.plan(oldest).contains("reverse_row_groups=true"));
    agree(&documents, oldest, 5);
}

#[test]
fn a_large_file_is_read_in_parts_each_row_once() {
    let documents = sign_ins(1, 40_000);
    let part = |line: &&str| line.contains("DataSourceExec") && line.contains("2 groups");
    for (query, rows) in [
        ("SigninLogs | summarize count(), dcount(IPAddress) by UserPrincipalName", 700),
        ("SigninLogs | where ResultType != '0' | summarize count(), max(TimeGenerated) by UserPrincipalName", 700),
        ("SigninLogs | where ResultType != '0' | project TimeGenerated, IPAddress", 3_637),
        ("SigninLogs | where IPAddress == '10.0.159.249'", 1),
        ("SigninLogs | top 7 by TimeGenerated desc | project TimeGenerated, IPAddress", 7),
        ("SigninLogs | count", 1),
    ] {
        agree(&documents, query, rows);
    }
    let plan = documents.plan("SigninLogs | where ResultType != '0' | distinct UserPrincipalName");
    assert_eq!(plan.lines().filter(part).count(), 1, "{plan}");
}

#[test]
fn a_part_of_a_file_does_not_travel() {
    let documents = sign_ins(1, 40_000);
    let engine =
        Engine::new(&EngineOptions { threads: 2, encode: true, ..EngineOptions::default() }).expect("an engine");
    let (tables, options) = (documents.with_leaves(), QueryOptions::new(0));
    let answer = engine.query("SigninLogs | distinct UserPrincipalName", &tables, &options);
    let error = documents.run(answer).expect_err("a part is not encoded").to_string();
    assert!(error.contains("part of a file"), "{error}");
}
