//! No text exhausts the stack, memory or patience.

use crate::{MAX_DIAGNOSTICS, MAX_TEXT_BYTES, codes, dump, parse};

/// The code of the only diagnostic; the tree is walked, too, as walking recurses.
fn only_code(query: &str) -> &'static str {
    let parse = parse(query);
    let _walked = dump(&parse.query);
    assert_eq!(parse.diagnostics.len(), 1, "{:?}", &parse.diagnostics[..parse.diagnostics.len().min(3)]);
    parse.diagnostics[0].code
}

#[test]
fn a_hundred_thousand_brackets_are_refused() {
    for opening in [
        "(",
        "f(",
        "x[",
        "dynamic([",
        "(T | where ",
        "a in (",
        "-",
        "T | join (",
        "T | mv-apply x on (",
        "dynamic({\"a\":",
    ] {
        let parse = parse(&format!("print {}", opening.repeat(100_000)));
        let _walked = dump(&parse.query);
        assert!(!parse.diagnostics.is_empty(), "{opening}");
    }
    assert_eq!(only_code(&format!("print {}", "(".repeat(100_000))), codes::TOO_DEEP);
}

#[test]
fn functions_in_functions_are_refused_beyond_the_limit() {
    let query = "let f = () { ".repeat(10_000);
    assert!(parse(&query).diagnostics.iter().any(|found| found.code == codes::TOO_DEEP));
}

#[test]
fn nesting_within_the_limit_is_accepted() {
    let query = format!("print {}1{}", "(".repeat(90), ")".repeat(90));
    assert_eq!(parse(&query).diagnostics, []);
}

#[test]
fn long_chains_of_and_and_or_are_balanced() {
    let query = format!("T | where {}", vec!["a == 1"; 50_000].join(" or "));
    let parse = parse(&query);
    assert_eq!(parse.diagnostics, []);
    assert!(dump(&parse.query).len() > 50_000);
}

#[test]
fn long_chains_of_other_operators_are_refused() {
    assert_eq!(only_code(&format!("print {}", vec!["a"; 50_000].join(" + "))), codes::CHAIN_TOO_LONG);
    assert_eq!(only_code(&format!("print {}", vec!["a"; 50_000].join("."))), codes::CHAIN_TOO_LONG);
}

#[test]
fn long_pipelines_and_lists_are_accepted() {
    assert_eq!(parse(&format!("T{}", " | take 5".repeat(20_000))).diagnostics, []);
    assert_eq!(parse(&format!("print {}", vec!["1"; 50_000].join(","))).diagnostics, []);
}

#[test]
fn a_text_beyond_the_limit_is_refused() {
    assert_eq!(only_code(&"a".repeat(MAX_TEXT_BYTES + 1)), codes::TEXT_TOO_LONG);
}

#[test]
fn the_number_of_diagnostics_is_limited() {
    let parse = parse(&"T | foo;".repeat(1_000));
    assert_eq!(parse.diagnostics.len(), MAX_DIAGNOSTICS);
    assert_eq!(parse.diagnostics.last().map(|last| last.code), Some(codes::TOO_MANY));
}
