//! Arbitrary texts and mutations of valid queries.

use proptest::prelude::*;

use crate::fuzzing::fuzz_parse;
use crate::{Expr, ExprKind, OperatorKind, Query, StatementKind, parse};

/// Valid queries to mutate.
const QUERIES: [&str; 8] = [
    "let t = 1d; SigninLogs | where TimeGenerated > ago(t) and ResultType !in (\"0\", '50126') | summarize n = count() by bin(TimeGenerated, 1h), ['a b']",
    "T | join kind=inner (U | project a, b) on $left.a == $right.b, c // why\n| mv-expand x = y to typeof(string) limit 5",
    "let f = (T:(*), x:long=5) { T | take x }; T | invoke f(2) | parse kind=regex X with * \"a\" b:long *",
    "datatable(a:string, b:dynamic)[\"x\", dynamic({\"k\": [1, 2.5, null]}), @\"y\", dynamic([])] | where b.k[0] between (1 .. 2)",
    "union withsource=S isfuzzy=true T*, (U | top 5 by x desc nulls last) | make-series n=count() default=0 on t from a to b step 1h by k",
    "T | mv-apply e = todynamic(x) on (where e.name =~ \"v\" | project z = tostring(e.['w x'])) | evaluate bag_unpack(z) : (a:string)",
    "search in (A, B) \"x\" and col:\"y\" | scan declare (c:long=0) with (step s: true => c = s.c + 1;)",
    "print datetime(2024-01-01) + 1d, guid(12345678-1234-1234-1234-123456789012), -1.5e3, toscalar(T | count) | render timechart with (title=\"x\")",
];

/// Pieces that matter to the parser.
const PIECES: [&str; 32] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "|",
    ";",
    ",",
    "'",
    "\"",
    "```",
    "//",
    "\n",
    "\\",
    "=",
    "==",
    "..",
    ".",
    "-",
    "*",
    "!",
    " by ",
    " on ",
    " in ",
    "let ",
    "dynamic(",
    "datetime(",
    "where ",
    "é",
    "\u{feff}",
    "\r",
];

/// `text` with pieces put in, and stretches taken out, at character boundaries.
fn mutated(text: &str, edits: &[(usize, usize, usize)]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for (place, piece, removed) in edits {
        let place = place % (chars.len() + 1);
        let end = (place + removed).min(chars.len());
        chars.splice(place..end, PIECES[piece % PIECES.len()].chars());
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_texts_never_panic(text in "\\PC{0,200}") {
        fuzz_parse(text.as_bytes());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        fuzz_parse(&bytes);
    }

    #[test]
    fn pieces_of_the_language_in_any_order_never_panic(pieces in proptest::collection::vec(0..PIECES.len(), 0..60)) {
        let text: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        fuzz_parse(text.as_bytes());
    }

    #[test]
    fn mutated_queries_never_panic_and_their_spans_nest(
        query in 0..QUERIES.len(),
        edits in proptest::collection::vec((0usize..400, 0usize..32, 0usize..12), 0..6),
    ) {
        let text = mutated(QUERIES[query], &edits);
        fuzz_parse(text.as_bytes());
        check_spans(&parse(&text).query, &text);
    }
}

#[test]
fn the_queries_to_mutate_are_valid() {
    for query in QUERIES {
        assert_eq!(parse(query).diagnostics, [], "{query}");
    }
}

/// Spans lie in the text, on character boundaries, and the parts of an expression in the expression.
fn check_spans(query: &Query, text: &str) {
    for statement in &query.statements {
        assert!(text.get(statement.span.start..statement.span.end).is_some(), "{:?}", statement.span);
        if let StatementKind::Expression(expr) = &statement.kind {
            check_expression(expr, text);
        }
    }
}

fn check_expression(expr: &Expr, text: &str) {
    assert!(text.get(expr.span.start..expr.span.end).is_some(), "{expr:?}");
    match &expr.kind {
        ExprKind::Binary { left, right, .. } => {
            for part in [left, right] {
                assert!(expr.span.start <= part.span.start && part.span.end <= expr.span.end, "{expr:?}");
                check_expression(part, text);
            }
        }
        ExprKind::Pipeline(pipeline) => {
            for stage in &pipeline.stages {
                assert!(text.get(stage.span.start..stage.span.end).is_some(), "{stage:?}");
                if let OperatorKind::Where(inner) | OperatorKind::Source(inner) = &stage.kind {
                    check_expression(inner, text);
                }
            }
        }
        _ => {}
    }
}
