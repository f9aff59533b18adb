//! A gallery of errors: what is said, and what of the query is still in the tree.

use expect_test::{Expect, expect};

use crate::{dump, parse};

/// The rendered diagnostics and the tree of each query.
fn check(queries: &[&str], expected: &Expect) {
    let mut out = String::new();
    for query in queries {
        let parse = parse(query);
        assert!(!parse.diagnostics.is_empty(), "{query}");
        for diagnostic in &parse.diagnostics {
            out.push_str(&diagnostic.render(query, "query"));
        }
        out.push_str(&dump(&parse.query));
        out.push_str("----\n");
    }
    expected.assert_eq(&out);
}

#[test]
fn words_after_a_complete_operator() {
    let queries = ["T | where x y", "T | extend a b", "T U", "T | union A B"];
    check(
        &queries,
        &expect![[r#"
        error[KQL013]: expected `|` or the end of `where`, found `y`
         --> query:1:13
          |
        1 | T | where x y
          |             ^
        (pipe
          (source T)
          (where x))
        ----
        error[KQL013]: expected `|` or the end of `extend`, found `b`
         --> query:1:14
          |
        1 | T | extend a b
          |              ^
        (pipe
          (source T)
          (extend a))
        ----
        error[KQL013]: expected `;` or the end of the query, found `U`
         --> query:1:3
          |
        1 | T U
          |   ^
        T
        ----
        error[KQL013]: expected `|` or the end of `union`, found `B`
         --> query:1:13
          |
        1 | T | union A B
          |             ^
        (pipe
          (source T)
          (union A))
        ----
    "#]],
    );
}

#[test]
fn missing_operands() {
    let queries = [
        "T | where",
        "T | where a == and b == 1",
        "T | where a ==\n| project b, c",
        "T | project a,",
        "print f(1,)",
        "T | where !x",
    ];
    check(
        &queries,
        &expect![[r#"
        error[KQL010]: expected an expression, found the end of the query
         --> query:1:10
          |
        1 | T | where
          |          ^
        (pipe
          (source T)
          (where <error>))
        ----
        error[KQL010]: expected an expression, found `and`
         --> query:1:16
          |
        1 | T | where a == and b == 1
          |                ^^^
        (pipe
          (source T)
          (where (and (== a <error>) (== b 1))))
        ----
        error[KQL010]: expected an expression, found `|`
         --> query:2:1
          |
        2 | | project b, c
          | ^
        (pipe
          (source T)
          (where (== a <error>))
          (project b c))
        ----
        error[KQL010]: expected an expression, found the end of the query
         --> query:1:15
          |
        1 | T | project a,
          |               ^
        (pipe
          (source T)
          (project a <error>))
        ----
        error[KQL010]: expected an expression, found `)`
         --> query:1:11
          |
        1 | print f(1,)
          |           ^
        (pipe
          (print (call f 1 <error>)))
        ----
        error[KQL010]: expected an expression, found `!x`
         --> query:1:11
          |
        1 | T | where !x
          |           ^^
          = hint: write `not(…)` to negate
        (pipe
          (source T)
          (where <error>))
        ----
    "#]],
    );
}

#[test]
fn missing_and_unknown_operators() {
    let queries =
        ["T |", "T | | take 5", "T | wher x == 1 | take 5", "T | flurb | where a == | take 5", "T | mv-expnd a"];
    check(
        &queries,
        &expect![[r#"
        error[KQL010]: expected an operator such as `where`, found the end of the query
         --> query:1:4
          |
        1 | T |
          |    ^
          = hint: each `|` is followed by an operator
        (pipe
          (source T)
          <error>)
        ----
        error[KQL010]: expected an operator such as `where`, found `|`
         --> query:1:5
          |
        1 | T | | take 5
          |     ^
          = hint: each `|` is followed by an operator
        (pipe
          (source T)
          <error>
          (take 5))
        ----
        error[KQL011]: expected an operator, found `wher`
         --> query:1:5
          |
        1 | T | wher x == 1 | take 5
          |     ^^^^
          = hint: did you mean `where`?
        (pipe
          (source T)
          <error>
          (take 5))
        ----
        error[KQL011]: expected an operator, found `flurb`
         --> query:1:5
          |
        1 | T | flurb | where a == | take 5
          |     ^^^^^
        error[KQL010]: expected an expression, found `|`
         --> query:1:24
          |
        1 | T | flurb | where a == | take 5
          |                        ^
        (pipe
          (source T)
          <error>
          (where (== a <error>))
          (take 5))
        ----
        error[KQL011]: expected an operator, found `mv-expnd`
         --> query:1:5
          |
        1 | T | mv-expnd a
          |     ^^^^^^^^
          = hint: did you mean `mv-expand`?
        (pipe
          (source T)
          <error>)
        ----
    "#]],
    );
}

#[test]
fn missing_keywords() {
    let queries = [
        "T | sort a",
        "T | top 5 x",
        "T | join (U)",
        "T | join on a",
        "T | join (U) a",
        "range x from 1 to 10",
        "T | parse x \"a\" b",
        "let x 5; T",
        "T | mv-expand a to long",
    ];
    check(
        &queries,
        &expect![[r#"
        error[KQL010]: expected `by`, found `a`
         --> query:1:10
          |
        1 | T | sort a
          |          ^
        (pipe
          (source T)
          (sort (key a)))
        ----
        error[KQL010]: expected `by`, found `x`
         --> query:1:11
          |
        1 | T | top 5 x
          |           ^
        (pipe
          (source T)
          (top 5 (key x)))
        ----
        error[KQL010]: expected `on`, found the end of the query
         --> query:1:13
          |
        1 | T | join (U)
          |             ^
        (pipe
          (source T)
          (join U))
        ----
        error[KQL010]: expected a table, found `on`
         --> query:1:10
          |
        1 | T | join on a
          |          ^^
        (pipe
          (source T)
          (join <error> (on a)))
        ----
        error[KQL010]: expected `on`, found `a`
         --> query:1:14
          |
        1 | T | join (U) a
          |              ^
        (pipe
          (source T)
          (join U))
        ----
        error[KQL010]: expected `step`, found the end of the query
         --> query:1:21
          |
        1 | range x from 1 to 10
          |                     ^
        (pipe
          (range x 1 10 <error>))
        ----
        error[KQL010]: expected `with`, found `"a"`
         --> query:1:13
          |
        1 | T | parse x "a" b
          |             ^^^
        (pipe
          (source T)
          (parse x "a" (: b)))
        ----
        error[KQL010]: expected `=`, found `5`
         --> query:1:7
          |
        1 | let x 5; T
          |       ^
        (let x 5)
        T
        ----
        error[KQL010]: expected `typeof`, found `long`
         --> query:1:20
          |
        1 | T | mv-expand a to long
          |                    ^^^^
        (pipe
          (source T)
          (mv-expand (item a)))
        ----
    "#]],
    );
}

#[test]
fn brackets() {
    let queries = [
        "T | where (a == 1 | take 5",
        "T | where a == 1) | take 5",
        "T | where a in (1, 2 | take 5",
        "let f = (a:long) { T | take a; f(1)",
        "T | join (U | where x on y",
        "datatable(a:string)[\"x\"; T",
    ];
    check(
        &queries,
        &expect![[r#"
        error[KQL010]: expected `)`, found the end of the query
         --> query:1:27
          |
        1 | T | where (a == 1 | take 5
          |                           ^
        (pipe
          (source T)
          (where (pipe
              (source (== a 1))
              (take 5))))
        ----
        error[KQL013]: expected `;` or the end of the query, found `)`
         --> query:1:17
          |
        1 | T | where a == 1) | take 5
          |                 ^
        (pipe
          (source T)
          (where (== a 1))
          (take 5))
        ----
        error[KQL010]: expected `)`, found the end of the query
         --> query:1:30
          |
        1 | T | where a in (1, 2 | take 5
          |                              ^
        (pipe
          (source T)
          (where (in a 1 (pipe
                (source 2)
                (take 5)))))
        ----
        error[KQL010]: expected `}`, found the end of the query
         --> query:1:36
          |
        1 | let f = (a:long) { T | take a; f(1)
          |                                    ^
        (let f (function ((: a long)) (pipe
              (source T)
              (take a)) (call f 1)))
        ----
        error[KQL013]: expected `|` or the end of `where`, found `on`
         --> query:1:23
          |
        1 | T | join (U | where x on y
          |                       ^^
        error[KQL010]: expected `)`, found the end of the query
         --> query:1:27
          |
        1 | T | join (U | where x on y
          |                           ^
        (pipe
          (source T)
          (join (pipe
              (source U)
              (where x))))
        ----
        error[KQL010]: expected `]`, found `;`
         --> query:1:24
          |
        1 | datatable(a:string)["x"; T
          |                        ^
        (pipe
          (datatable ((: a string)) "x"))
        T
        ----
    "#]],
    );
}

#[test]
fn in_without_parentheses() {
    let queries = ["T | where x in dynamic([1]) and y == 2", "T | where x between 1 .. 2"];
    check(
        &queries,
        &expect![[r#"
        error[KQL010]: expected `(`, found `dynamic`
         --> query:1:16
          |
        1 | T | where x in dynamic([1]) and y == 2
          |                ^^^^^^^
          = hint: the list stands in parentheses, as in `x in (1, 2)`
        (pipe
          (source T)
          (where (and (in x (dynamic [1])) (== y 2))))
        ----
        error[KQL010]: expected `(`, found `1`
         --> query:1:21
          |
        1 | T | where x between 1 .. 2
          |                     ^
        (pipe
          (source T)
          (where (between x 1 2)))
        ----
    "#]],
    );
}

#[test]
fn comparisons_do_not_chain() {
    let queries = ["print a == b == c, a < b < c, a has \"x\" has \"y\""];
    check(
        &queries,
        &expect![[r#"
        error[KQL010]: expected `and`, `or` or the end of the expression, found `==`
         --> query:1:14
          |
        1 | print a == b == c, a < b < c, a has "x" has "y"
          |              ^^
          = hint: comparisons do not chain; use parentheses or `and`
        error[KQL010]: expected `and`, `or` or the end of the expression, found `<`
         --> query:1:26
          |
        1 | print a == b == c, a < b < c, a has "x" has "y"
          |                          ^
          = hint: comparisons do not chain; use parentheses or `and`
        error[KQL010]: expected `and`, `or` or the end of the expression, found `has`
         --> query:1:41
          |
        1 | print a == b == c, a < b < c, a has "x" has "y"
          |                                         ^^^
          = hint: comparisons do not chain; use parentheses or `and`
        (pipe
          (print (== (== a b) c) (< (< a b) c) (has (has a "x") "y")))
        ----
    "#]],
    );
}

#[test]
fn literals() {
    let queries = [
        "print int(x), bool(maybe), guid(1), real(a b)",
        "print \"a\\qb\"",
        "print 'a\n| take 5",
        "print dynamic({a: 1, \"b\": })",
        "datatable(a:long)[now()]",
        "print - -1",
    ];
    check(
        &queries,
        &expect![[r#"
        error[KQL006]: expected a value of type `int`, found `x`
         --> query:1:7
          |
        1 | print int(x), bool(maybe), guid(1), real(a b)
          |       ^^^^^^
          = hint: `int(…)` holds a literal; use `toint(…)` to convert a value
        error[KQL006]: expected a value of type `bool`, found `maybe`
         --> query:1:15
          |
        1 | print int(x), bool(maybe), guid(1), real(a b)
          |               ^^^^^^^^^^^
          = hint: `bool(…)` holds a literal; use `tobool(…)` to convert a value
        error[KQL006]: expected a value of type `guid`, found `1`
         --> query:1:28
          |
        1 | print int(x), bool(maybe), guid(1), real(a b)
          |                            ^^^^^^^
          = hint: `guid(…)` holds a literal; use `toguid(…)` to convert a value
        error[KQL006]: expected a value of type `real`, found `a b`
         --> query:1:37
          |
        1 | print int(x), bool(maybe), guid(1), real(a b)
          |                                     ^^^^^^^^^
          = hint: `real(…)` holds a literal; use `toreal(…)` to convert a value
        (pipe
          (print (int x) false (guid 1) (real a b)))
        ----
        error[KQL004]: expected an escape such as `\n`, found `\q`
         --> query:1:9
          |
        1 | print "a\qb"
          |         ^^
          = hint: write `\\` for a backslash, or put `@` before the string
        (pipe
          (print "a\\qb"))
        ----
        error[KQL003]: expected `'` at the end of the string, found the end of the line
         --> query:1:7
          |
        1 | print 'a
          |       ^^
        (pipe
          (print "a")
          (take 5))
        ----
        error[KQL010]: expected a property name in quotes, found `a`
         --> query:1:16
          |
        1 | print dynamic({a: 1, "b": })
          |                ^
          = hint: names of properties in `dynamic(…)` are strings
        error[KQL010]: expected a JSON value, found `}`
         --> query:1:27
          |
        1 | print dynamic({a: 1, "b": })
          |                           ^
        (pipe
          (print (dynamic {"a":1,"b":null})))
        ----
        error[KQL010]: expected a literal, found `now()`
         --> query:1:19
          |
        1 | datatable(a:long)[now()]
          |                   ^^^^^
          = hint: the rows of a `datatable` hold literals only
        (pipe
          (datatable ((: a long)) (call now)))
        ----
        error[KQL010]: expected an operand, found `-`
         --> query:1:9
          |
        1 | print - -1
          |         ^
          = hint: a value has at most one sign; use parentheses for a second one
        (pipe
          (print (neg (neg 1))))
        ----
    "#]],
    );
}

#[test]
fn types() {
    let queries = ["datatable(a:text)[\"x\"]", "T | mv-expand a to typeof(number)", "let f = (a) { a }; f(1)"];
    check(
        &queries,
        &expect![[r#"
        error[KQL012]: expected a type, found `text`
         --> query:1:13
          |
        1 | datatable(a:text)["x"]
          |             ^^^^
          = hint: the types are bool, int, long, real, decimal, string, guid, datetime, timespan and dynamic
        (pipe
          (datatable ((: a string)) "x"))
        ----
        error[KQL012]: expected a type, found `number`
         --> query:1:27
          |
        1 | T | mv-expand a to typeof(number)
          |                           ^^^^^^
          = hint: the types are bool, int, long, real, decimal, string, guid, datetime, timespan and dynamic
        (pipe
          (source T)
          (mv-expand (item a (to string))))
        ----
        error[KQL010]: expected `:`, found `)`
         --> query:1:11
          |
        1 | let f = (a) { a }; f(1)
          |           ^
        (let f (function ((: a string)) a))
        (call f 1)
        ----
    "#]],
    );
}

#[test]
fn unknown_characters() {
    let queries = ["T | where a == ‘x’ and b == 1", "T # x"];
    check(
        &queries,
        &expect![[r#"
            error[KQL002]: `‘` is no part of the language
             --> query:1:16
              |
            1 | T | where a == ‘x’ and b == 1
              |                ^
              = hint: strings stand in straight quotes: `'…'` or `"…"`
            error[KQL002]: `’` is no part of the language
             --> query:1:18
              |
            1 | T | where a == ‘x’ and b == 1
              |                  ^
              = hint: strings stand in straight quotes: `'…'` or `"…"`
            (pipe
              (source T)
              (where (== a <error>)))
            ----
            error[KQL002]: `#` is no part of the language
             --> query:1:3
              |
            1 | T # x
              |   ^
            T
            ----
        "#]],
    );
}

#[test]
fn management_commands() {
    let queries = [".show tables | take 5", "  .create table T (a:long)"];
    check(
        &queries,
        &expect![[r#"
        error[KQL016]: expected a query, found the management command `.show`
         --> query:1:1
          |
        1 | .show tables | take 5
          | ^^^^^
          = hint: only queries run here; management commands begin with a dot
        (unsupported ".show")
        ----
        error[KQL016]: expected a query, found the management command `.create`
         --> query:1:3
          |
        1 |   .create table T (a:long)
          |   ^^^^^^^
          = hint: only queries run here; management commands begin with a dot
        (unsupported ".create")
        ----
    "#]],
    );
}

#[test]
fn statements() {
    let queries = ["", "// only a comment", ";T", "let x = 1 let y = 2; T", "T; )"];
    check(
        &queries,
        &expect![[r#"
            error[KQL017]: the query is empty
             --> query:1:1
              |
            1 |
              | ^
            ----
            error[KQL017]: the query is empty
             --> query:1:18
              |
            1 | // only a comment
              |                  ^
            ----
            error[KQL010]: expected a statement, found `;`
             --> query:1:1
              |
            1 | ;T
              | ^
            T
            ----
            error[KQL013]: expected `;` or the end of the query, found `let`
             --> query:1:11
              |
            1 | let x = 1 let y = 2; T
              |           ^^^
              = hint: end the statement before with `;`
            (let x 1)
            (let y 2)
            T
            ----
            error[KQL010]: expected an expression, found `)`
             --> query:1:4
              |
            1 | T; )
              |    ^
            T
            <error>
            ----
        "#]],
    );
}

#[test]
fn a_single_equals_sign_in_where_is_a_warning() {
    let queries = ["T | where a = true"];
    check(
        &queries,
        &expect![[r#"
        warning[KQL020]: `=` compares nothing here: it only names the value at its right
         --> query:1:11
          |
        1 | T | where a = true
          |           ^^^^^^^^
          = hint: use `==` to compare
        (pipe
          (source T)
          (where true))
        ----
    "#]],
    );
}

#[test]
fn several_errors_in_one_query() {
    let queries = ["T | where a == \n| extend b = (1 + | take x y | foo\n| project c"];
    check(
        &queries,
        &expect![[r#"
        error[KQL010]: expected an expression, found `|`
         --> query:2:1
          |
        2 | | extend b = (1 + | take x y | foo
          | ^
        error[KQL010]: expected an expression, found `|`
         --> query:2:19
          |
        2 | | extend b = (1 + | take x y | foo
          |                   ^
        error[KQL013]: expected `|` or the end of `take`, found `y`
         --> query:2:28
          |
        2 | | extend b = (1 + | take x y | foo
          |                            ^
        error[KQL011]: expected an operator, found `foo`
         --> query:2:32
          |
        2 | | extend b = (1 + | take x y | foo
          |                                ^^^
        error[KQL010]: expected `)`, found the end of the query
         --> query:3:12
          |
        3 | | project c
          |            ^
        (pipe
          (source T)
          (where (== a <error>))
          (extend (= b (pipe
                (source (+ 1 <error>))
                (take x)
                <error>
                (project c)))))
        ----
    "#]],
    );
}

#[test]
fn stars_only_where_they_mean_all_columns() {
    let queries = ["T | extend x = *", "T | project a*"];
    check(
        &queries,
        &expect![[r#"
        error[KQL010]: expected an expression, found `*`
         --> query:1:16
          |
        1 | T | extend x = *
          |                ^
          = hint: `*` stands for all columns only in calls such as `arg_max(x, *)` and in `* has "x"`
        (pipe
          (source T)
          (extend (= x *)))
        ----
        error[KQL010]: expected an expression, found the end of the query
         --> query:1:15
          |
        1 | T | project a*
          |               ^
        (pipe
          (source T)
          (project (* a <error>)))
        ----
    "#]],
    );
}

#[test]
fn one_key_for_top() {
    let queries = ["T | top 5 by a, b | take 1"];
    check(
        &queries,
        &expect![[r#"
        error[KQL010]: expected `|` or the end of `top`, found `,`
         --> query:1:15
          |
        1 | T | top 5 by a, b | take 1
          |               ^
          = hint: `top` takes one key; use `sort by a, b | take n` for several
        (pipe
          (source T)
          (top 5 (key a))
          (take 1))
        ----
    "#]],
    );
}

#[test]
fn a_pipeline_without_its_table() {
    let queries = ["where type == 1 | take 5", "let x = 1; extend a = 2"];
    check(
        &queries,
        &expect![[r#"
        error[KQL010]: expected a table, found the operator `where`
         --> query:1:1
          |
        1 | where type == 1 | take 5
          | ^^^^^
          = hint: begin with a table, as in `SigninLogs | where …`
        (pipe
          (source <error>)
          (where (== type 1))
          (take 5))
        ----
        error[KQL010]: expected a table, found the operator `extend`
         --> query:1:12
          |
        1 | let x = 1; extend a = 2
          |            ^^^^^^
          = hint: begin with a table, as in `SigninLogs | where …`
        (let x 1)
        (pipe
          (source <error>)
          (extend (= a 2)))
        ----
    "#]],
    );
}

#[test]
fn placeholders_of_workbooks() {
    let queries = ["T | where a in~ ({Computer}) or '*' in~ ({Computer}) | take 5", "print dynamic({Rule})"];
    check(
        &queries,
        &expect![[r#"
            error[KQL021]: expected an expression, found the placeholder `{Computer}`
             --> query:1:18
              |
            1 | T | where a in~ ({Computer}) or '*' in~ ({Computer}) | take 5
              |                  ^^^^^^^^^^
              = hint: put a value in its place; workbooks fill placeholders in before a query runs
            error[KQL021]: expected an expression, found the placeholder `{Computer}`
             --> query:1:42
              |
            1 | T | where a in~ ({Computer}) or '*' in~ ({Computer}) | take 5
              |                                          ^^^^^^^^^^
              = hint: put a value in its place; workbooks fill placeholders in before a query runs
            (pipe
              (source T)
              (where (or (in~ a <error>) (in~ "*" <error>)))
              (take 5))
            ----
            error[KQL021]: expected an expression, found the placeholder `{Rule}`
             --> query:1:15
              |
            1 | print dynamic({Rule})
              |               ^^^^^^
              = hint: put a value in its place; workbooks fill placeholders in before a query runs
            (pipe
              (print (dynamic null)))
            ----
        "#]],
    );
}
