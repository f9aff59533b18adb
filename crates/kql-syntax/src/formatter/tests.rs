//! Layouts.

use expect_test::{Expect, expect};

use super::format;
use crate::codes;

fn check(text: &str, expected: &Expect) {
    let formatted = format(text).expect("the query is valid");
    expected.assert_eq(&formatted);
    assert_eq!(format(&formatted).as_deref(), Ok(formatted.as_str()), "formatting twice changes nothing");
}

#[test]
fn each_operator_gets_its_line() {
    check(
        "T|where a==1 and b  has 'x' |summarize   count( ) by bin( t ,1h ) ,c|take 5",
        &expect![[r#"
        T
        | where a == 1 and b has 'x'
        | summarize count() by bin(t, 1h), c
        | take 5
    "#]],
    );
}

#[test]
fn statements_functions_and_nested_pipelines_are_indented() {
    check(
        "let t=1d;let f=(T:(*),x:long=5){let y=x;T|take y};\nlet m = materialize(U|where a>ago(t));\n\n\nT|join kind=inner (m|project a,b) on a|where x in ((m|project a))",
        &expect![[r#"
            let t = 1d;
            let f = (T:(*), x:long=5) {
                let y = x;
                T
                | take y
            };
            let m = materialize(
                U
                | where a > ago(t)
            );

            T
            | join kind=inner (
                m
                | project a, b
            ) on a
            | where x in ((
                m
                | project a
            ))
        "#]],
    );
}

#[test]
fn comments_stay_where_they_were() {
    check(
        "// head\nT // source\n// before where\n| where a == 1 // tail\n  and b == 2\n| project a, // first\n b // second\n// before take\n| take 5\n// end",
        &expect![[r#"
            // head
            T // source
            // before where
            | where a == 1 // tail
                and b == 2
            | project a, // first
                b // second
            // before take
            | take 5
            // end
        "#]],
    );
}

#[test]
fn line_breaks_inside_an_operator_stay() {
    check(
        "T\n| extend a = 1,\n         b = 2\n| where x in (\n'a',\n'b'\n)\n| project\n a,\n b",
        &expect![[r#"
        T
        | extend a = 1,
            b = 2
        | where x in (
            'a',
            'b'
        )
        | project
            a,
            b
    "#]],
    );
}

#[test]
fn literals_and_wildcards_keep_their_spelling() {
    check(
        "T | project-away a*,*b | where a-b > -1 and x between(1..2) | extend d = dynamic({\"a\":[1,2]}), s = ```x\n  y```, p = a.['b c'][0] | make-graph a --> b with N on i",
        &expect![[r#"
            T
            | project-away a*, *b
            | where a-b > -1 and x between(1..2)
            | extend d = dynamic({"a":[1, 2]}), s = ```x
              y```, p = a.['b c'][0]
            | make-graph a --> b with N on i
        "#]],
    );
}

#[test]
fn a_query_with_errors_is_refused() {
    let errors = format("T | where").expect_err("the query is not valid");
    assert_eq!(errors[0].code, codes::EXPECTED);
}

#[test]
fn a_query_with_warnings_is_formatted() {
    assert_eq!(format("T|where a=true").as_deref(), Ok("T\n| where a=true\n"));
}
