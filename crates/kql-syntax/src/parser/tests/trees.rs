//! Trees of valid queries.

use expect_test::{Expect, expect};

use crate::{dump, parse};

/// The query parses without a diagnostic into the tree.
fn check(query: &str, tree: &Expect) {
    let parse = parse(query);
    assert_eq!(parse.diagnostics, [], "{query}");
    tree.assert_eq(&dump(&parse.query));
}

#[test]
fn statements_of_every_kind() {
    let query = r##"let x = 5;
let T1 = materialize(T | take 1);
let f = (T:(*), U:(a:long, ['b c']:string), x:long = 5) { T | take x };
let g = view () { let y = 1; T };
set query_now = datetime(2024-01-01);
set notruncation;
declare query_parameters(a:long = 1, b:string);
alias database d = cluster("c").database("d");
restrict access to (T);
T; f(T1, 2)"##;
    check(
        query,
        &expect![[r#"
        (let x 5)
        (let T1 (call materialize (pipe
              (source T)
              (take 1))))
        (let
          f
          (function ((: T *) (: U ((: a long) (: `b c` string))) (: x long 5)) (pipe
              (source T)
              (take x))))
        (let g (view () (let y 1) T))
        (set query_now (datetime 2024-01-01))
        (set notruncation)
        (declare (: a long 1) (: b string))
        (unsupported "alias database")
        (unsupported "restrict access")
        T
        (call f T1 2)
    "#]],
    );
}

#[test]
fn a_bare_table_is_a_name_and_parentheses_leave_no_trace() {
    let query = r##"(T)"##;
    check(
        query,
        &expect![[r#"
        T
    "#]],
    );
}

#[test]
fn a_pipeline_in_parentheses_is_a_source() {
    let query = r##"(T | take 1) | take 2"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (source (pipe
              (source T)
              (take 1)))
          (take 2))
    "#]],
    );
}

#[test]
fn precedence_from_or_down_to_text_operators() {
    let query = r##"print a or b and c == d + e * f has "g", not(x) and -a.b[0] < 1d"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (print
            (or a (and b (== c (+ d (* e (has f "g"))))))
            (and (call not x) (< (neg ([] (. a b) 0)) (timespan 1d)))))
    "#]],
    );
}

#[test]
fn text_operators_and_their_negations() {
    let query = r##"print a !has "x", b has_cs "x", c !contains_cs "x", d !startswith "x", e endswith_cs "x", f hasprefix "x", g !hassuffix_cs "x",
  h matches regex @"\d", i =~ "x", j !~ "x", k like "x*", l <> m"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (print
            (!has a "x")
            (has_cs b "x")
            (!contains_cs c "x")
            (!startswith d "x")
            (endswith_cs e "x")
            (hasprefix f "x")
            (!hassuffix_cs g "x")
            (matches-regex h "\\d")
            (=~ i "x")
            (!~ j "x")
            (like k "x*")
            (!= l m)))
    "#]],
    );
}

#[test]
fn lists_with_values_arrays_and_pipelines() {
    let query = r##"T | where a in (1, 2) and b !in~ ("x") and c has_any (list) and d !in ((U | project x)) and e in (U | project x) and f has_all (dynamic(["a"]))
  and g !has_any ("x")"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (source T)
          (where
            (and
              (and
                (and
                  (and
                    (and (and (in a 1 2) (!in~ b "x")) (has_any c list))
                    (!in d (pipe
                        (source U)
                        (project x))))
                  (in e (pipe
                      (source U)
                      (project x))))
                (has_all f (dynamic ["a"])))
              (!has_any g "x"))))
    "#]],
    );
}

#[test]
fn between_takes_two_dots() {
    let query = r##"T | where a between (1 .. 2) and b !between (ago(1d)..now()) or c between (-1d..2d)"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (source T)
          (where
            (or
              (and (between a 1 2) (!between b (call ago (timespan 1d)) (call now)))
              (between c (neg (timespan 1d)) (timespan 2d)))))
    "#]],
    );
}

#[test]
fn paths_of_names_indexes_and_quoted_names() {
    let query =
        r##"T | where a.b["c"][0].['d e'] == $left.x and ['f g'] == f(x).y and a[-1] == b[c] and a.["x"] == a.[0]"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (source T)
          (where
            (and
              (and
                (and (== (. ([] ([] (. a b) "c") 0) `d e`) (. $left x)) (== `f g` (. (call f x) y)))
                (== ([] a (neg 1)) ([] b c)))
              (== (. a x) ([] a 0)))))
    "#]],
    );
}

#[test]
fn qualified_names_keep_their_qualifier() {
    let query = r##"cluster("c").database("d").T | union database("x").U, workspace("w").V, table("t")"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (source (. (call database (= $of (call cluster "c")) "d") T))
          (union (. (call database "x") U) (. (call workspace "w") V) (call table "t")))
    "#]],
    );
}

#[test]
fn literals_keep_their_text() {
    let query = r##"print 5, 0x1F, 1.5, 1e3, 2h, true, "a" 'b' @"\c", int(5), long(null), real(nan), decimal(1.5), bool(false), datetime(2024-01-01),
  datetime("2024-01-01"), timespan(1.00:00:00), time(2), guid(12345678-1234-1234-1234-123456789012), datetime(null)"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (print
            5
            0x1F
            (real 1.5)
            (real 1e3)
            (timespan 2h)
            true
            "ab\\c"
            (int 5)
            (long null)
            (real nan)
            (decimal 1.5)
            false
            (datetime 2024-01-01)
            (datetime 2024-01-01)
            (timespan 1.00:00:00)
            (timespan 2)
            (guid 12345678-1234-1234-1234-123456789012)
            (datetime null)))
    "#]],
    );
}

#[test]
fn dynamic_literals_become_json() {
    let query = r##"print dynamic(null), dynamic({'a': [1, 0x10, 1., -2.5e3, "x\ty"], "b": {}}), dynamic([datetime(2024-01-01), 1d, int(5), long(null), bool(1), guid(12345678-1234-1234-1234-123456789012)]),
  dynamic("s"), dynamic(['a' "b", dynamic([null])])"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (print
            (dynamic null)
            (dynamic {"a":[1,16,1.0,-2.5e3,"x\ty"],"b":{}})
            (dynamic
              ["\u0001datetime 2024-01-01","\u0001timespan 1d",5,null,true,"12345678-1234-1234-1234-123456789012"])
            (dynamic "s")
            (dynamic ["ab",[null]])))
    "#]],
    );
}

#[test]
fn words_of_operators_are_names_elsewhere() {
    let query = r##"T | where Kind == 1 and on == 2 and count == 3 and top == 4 and step == 5 and range == 6 and take == 7 and from == 8 and type == 9
| project with, Type, Source
| extend top = count, by = select
| summarize on = count() by Kind, x"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (source T)
          (where
            (and
              (and
                (and
                  (and
                    (and (and (and (and (== Kind 1) (== on 2)) (== count 3)) (== top 4)) (== step 5))
                    (== range 6))
                  (== take 7))
                (== from 8))
              (== type 9)))
          (project with Type Source)
          (extend (= top count) (= by select))
          (summarize (= on (call count)) (by Kind x)))
    "#]],
    );
}

#[test]
fn projections() {
    let query = r##"T | extend a = 1, (b, c) = f(x), ['d e'] = 2, 3
| project a, b = c.d
| project-away a*, *b, *c*, d
| project-keep a, b*
| project-rename x = y, ['a b'] = z
| project-reorder a*, b asc, c granny-desc
| distinct *
| distinct a, b = c
| serialize | serialize n = row_number()"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (source T)
          (extend (= a 1) (= b c (call f x)) (= `d e` 2) 3)
          (project a (= b (. c d)))
          (project-away a* *b *c* d)
          (project-keep a b*)
          (project-rename (= x y) (= `a b` z))
          (project-reorder a* (asc b) (granny-desc c))
          (distinct *)
          (distinct a (= b c))
          (serialize)
          (serialize (= n (call row_number))))
    "#]],
    );
}

#[test]
fn summarize() {
    let query = r##"T | summarize | summarize by a | summarize hint.strategy = shuffle count(), x = sum(y), (m, n) = arg_max(t, *) by bin(TimeGenerated, 1h), k = tostring(z)"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (source T)
          (summarize)
          (summarize (by a))
          (summarize
            (param hint.strategy shuffle)
            (call count)
            (= x (call sum y))
            (= m n (call arg_max t *))
            (by (call bin TimeGenerated (timespan 1h)) (= k (call tostring z)))))
    "#]],
    );
}

#[test]
fn ordering_and_taking_rows() {
    let query = r##"T | sort by a asc nulls last, b desc, c nulls first | order by d | top 5 by x asc nulls first | take 5 | limit 6 | sample 7
| sample-distinct 8 of x | count | count as N | getschema | as X | as hint.materialized=true Y | consume"##;
    check(
        query,
        &expect![[r#"
            (pipe
              (source T)
              (sort (asc a nulls-last) (desc b) (key c nulls-first))
              (sort (key d))
              (top 5 (asc x nulls-first))
              (take 5)
              (take 6)
              (sample 7)
              (sample-distinct 8 x)
              (count)
              (count N)
              (getschema)
              (as X)
              (as (param hint.materialized true) Y)
              (consume))
        "#]],
    );
}

#[test]
fn joins() {
    let query = r##"T | join kind=inner (U | where x == 1) on $left.a == $right.b, c
| join hint.strategy=shuffle kind=leftouter U on a | join (U) on a | join kind=leftanti f(x) on a | join (U) where a == b | lookup kind=inner U on a"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (source T)
          (join (param kind inner) (pipe
              (source U)
              (where (== x 1))) (on (== (. $left a) (. $right b)) c))
          (join (param hint.strategy shuffle) (param kind leftouter) U (on a))
          (join U (on a))
          (join (param kind leftanti) (call f x) (on a))
          (join U (where (== a b)))
          (lookup (param kind inner) U (on a)))
    "#]],
    );
}

#[test]
fn union() {
    let query = r##"union withsource=X isfuzzy=true T1, (T2 | take 1), Sec*, database("d").T*, database("d*").*X | union kind=inner T3"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (union
            (param withsource X)
            (param isfuzzy true)
            T1
            (pipe
              (source T2)
              (take 1))
            (pattern "Sec*")
            (pattern "database(\"d\").T*")
            (pattern "database(\"d*\").*X"))
          (union (param kind inner) T3))
    "#]],
    );
}

#[test]
fn expansion() {
    let query = r##"T | mv-expand a = b to typeof(string), c limit 5 | mvexpand d | mv-expand kind=array with_itemindex=i e
| mv-apply x to typeof(long) limit 3 on (where x > 1 | summarize sum(x)) | mv-apply with_itemindex=i y = z, w on (take 1)"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (source T)
          (mv-expand (item (name a) b (to string)) (item c) (limit 5))
          (mvexpand (item d))
          (mv-expand (param kind array) (param with_itemindex i) (item e))
          (mv-apply (item x (to long)) (limit 3) (pipe
              (where (> x 1))
              (summarize (call sum x))))
          (mv-apply (param with_itemindex i) (item (name y) z) (item w) (pipe
              (take 1))))
    "#]],
    );
}

#[test]
fn parse_and_its_kin() {
    let query = r##"T | parse kind=regex flags=Ui X with * "a" b:string "c" * | parse-where kind=relaxed tostring(x.y) with "a" b " " c:long | parse x with 'a' "b" d
| parse-kv m as (a:long, b:string) with (pair_delimiter=';', quote='"')"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (source T)
          (parse regex (flags "Ui") X * "a" (: b string) "c" *)
          (parse-where relaxed (call tostring (. x y)) "a" (: b) " " (: c long))
          (parse x "ab" (: d))
          (parse-kv m (: a long) (: b string) (param pair_delimiter ";") (param quote "\"")))
    "#]],
    );
}

#[test]
fn sources() {
    let query = r##"union (datatable(a:string, ['b c']:long)["x", -1, "y", long(null),]), (externaldata(a:string)[@"u1", h@"u2"] with (format="csv", ignoreFirstRecord=true)),
 (range x from 1 to 10 step 1), (print x = range(1, 10, 2), 2)"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (union
            (pipe
              (datatable ((: a string) (: `b c` long)) "x" (neg 1) "y" (long null)))
            (pipe
              (externaldata ((: a string)) "u1" "u2" (param format "csv") (param ignoreFirstRecord true)))
            (pipe
              (range x 1 10 1))
            (pipe
              (print (= x (call range 1 10 2)) 2))))
    "#]],
    );
}

#[test]
fn series() {
    let query = r##"T | make-series n = count() default = 0, avg(x) on t from ago(1d) to now() step 1h by k, l
| make-series n = count() on t in range(ago(1d), now(), 1h) by k | make-series count() on t step 1d"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (source T)
          (make-series
            (default (= n (call count)) 0)
            (call avg x)
            (on t)
            (from (call ago (timespan 1d)))
            (to (call now))
            (step (timespan 1h))
            (by k l))
          (make-series
            (= n (call count))
            (on t)
            in-range
            (from (call ago (timespan 1d)))
            (to (call now))
            (step (timespan 1h))
            (by k))
          (make-series (call count) (on t) (step (timespan 1d))))
    "#]],
    );
}

#[test]
fn plugins_and_rendering() {
    let query = r##"T | evaluate bag_unpack(x, "p_") : (*, a:string) | evaluate hint.distribution=single pivot(x) | invoke f(1)
| render timechart with (title="x", ycolumns=a, b, kind=stacked)"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (source T)
          (evaluate (call bag_unpack x "p_") (schema * (: a string)))
          (evaluate (param hint.distribution single) (call pivot x))
          (invoke (call f 1))
          (render timechart (param title "x") (param ycolumns (list a b)) (param kind stacked)))
    "#]],
    );
}

#[test]
fn search() {
    let query = r##"union (search in (A, B*) "x" and col:"y"), (search kind=case_sensitive "a" or "b"), (search *), (T | search x has "y")"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (union
            (pipe
              (search (in A (pattern "B*")) (and "x" (: col "y"))))
            (pipe
              (search (param kind case_sensitive) (or "a" "b")))
            (pipe
              (search *))
            (pipe
              (source T)
              (search (has x "y")))))
    "#]],
    );
}

#[test]
fn find() {
    let query = r##"find withsource=S in (T, U*) where * has "x" and a == 1 project a, b:long, pack(*)"##;
    check(
        query,
        &expect![[r#"
            (pipe
              (find
                (param withsource S)
                (in T (pattern "U*"))
                (and (has * "x") (== a 1))
                (project a (: b long) (call pack *))))
        "#]],
    );
}

#[test]
fn scan() {
    let query = r##"T | scan with_match_id=m order by a asc partition by b declare (c:long = 0, d:string) with (step s1 output=all: a == 1 => c = s1.c + 1, d = "x"; step s2 output=last: true;)"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (source T)
          (scan
            (param with_match_id m)
            (order (asc a))
            (partition b)
            (declare (= (: c long) 0) (: d string))
            (step s1 (== a 1) (= c (+ (. s1 c) 1)) (= d "x"))
            (step s2 last true)))
    "#]],
    );
}

#[test]
fn operators_that_take_their_rows_apart() {
    let query = r##"T | partition hint.strategy=native by a.b (top 1 by c | project d) | partition by a { U | take 1 } | fork x = (take 1) (count)
| facet by a, b with (take 5) | reduce by a with threshold=0.1, characters="x" | top-nested 3 of a with others = "o" by count() desc, top-nested of b by x = max(c)
| top-hitters 5 of a by b | assert-schema (a:long) | take 1"##;
    check(
        query,
        &expect![[r#"
            (pipe
              (source T)
              (partition (param hint.strategy native) (. a b) (pipe
                  (top 1 (key c))
                  (project d)))
              (partition a (pipe
                  (source U)
                  (take 1)))
              (fork (= x (pipe
                    (take 1))) (pipe
                  (count)))
              (facet a b (with (pipe
                    (take 5))))
              (reduce a (with (param threshold (real 0.1)) (param characters "x")))
              (top-nested (level 3 a (others "o") (by (call count) desc)) (level all b (by (= x (call max c)))))
              (top-hitters 5 a (by b))
              (assert-schema (: a long))
              (take 1))
        "#]],
    );
}

#[test]
fn graphs() {
    let query = r##"T | make-graph a --> b with N on id, M on id2 | graph-match cycles=none (a)-[e*1..3]->(b)<-[f]-(c)--(d), (x) where a.y == 1 project a.z, w = b.v
| graph-to-table nodes as N with_node_id=i, edges | take 1"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (source T)
          (make-graph a b (nodes N id) (nodes M id2))
          (graph-match
            (param cycles none)
            (path (a) (-> e 1 3) (b) (<- f) (c) (--) (d))
            (path (x))
            (where (== (. a y) 1))
            (project (. a z) (= w (. b v))))
          (graph-to-table (nodes (as N) (param with_node_id i)) (edges))
          (take 1))
    "#]],
    );
}

#[test]
fn macro_expand() {
    let query = r##"macro-expand isfuzzy=true entity_group [cluster("a").database("b"), database("c")] as X (let y = 1; X.T | take y) | take 2"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (macro-expand 1 (pipe
              (source (. X T))
              (take y)))
          (take 2))
    "#]],
    );
}

#[test]
fn scalar_and_tabular_arguments() {
    let query = r##"print toscalar(T | count), f(a = 1, T | take 1), materialize(U), iff(a, (b), c)"##;
    check(
        query,
        &expect![[r#"
        (pipe
          (print
            (call toscalar (pipe
                (source T)
                (count)))
            (call f (= a 1) (pipe
                (source T)
                (take 1)))
            (call materialize U)
            (call iff a b c)))
    "#]],
    );
}

#[test]
fn comments_and_line_ends_anywhere() {
    let query = "T // a\r\n// b\r\n| where a == 1";
    check(
        query,
        &expect![[r#"
        (pipe
          (source T)
          (where (== a 1)))
    "#]],
    );
}

#[test]
fn partitioned_graphs() {
    let query = r##"T | make-graph a --> b with N on id partitioned-by p (graph-shortest-paths output=all ()-[*0..n]-(b) project b.x)
| as U; T | make-graph a --> b with_node_id=c | graph-mark-components kind=strong | graph-where-nodes c > 1 | graph-where-edges d"##;
    check(
        query,
        &expect![[r#"
            (pipe
              (source T)
              (make-graph
                a
                b
                (nodes N id)
                (partitioned-by
                  p
                  (graph-shortest-paths (param output all) (path () (-- 0 n) (b)) (project (. b x)))))
              (as U))
            (pipe
              (source T)
              (make-graph a b (node-id c))
              (graph-mark-components (param kind strong))
              (graph-where-nodes (> c 1))
              (graph-where-edges d))
        "#]],
    );
}
