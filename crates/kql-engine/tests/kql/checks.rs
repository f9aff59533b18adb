//! Queries that are checked and not run: the stage that failed, diagnostics, columns.

use kql_engine::{Checked, Engine, EngineOptions, QueryOptions, Stage};
use kql_syntax::Severity;

use crate::tables::{NOW, catalog, ticks};

async fn check(query: &str) -> Checked {
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() }).expect("an engine");
    engine.check_plan(query, &catalog(), &QueryOptions::new(ticks(NOW))).await
}

fn codes(checked: &Checked) -> Vec<&'static str> {
    checked.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

#[tokio::test]
async fn the_stage_that_failed_is_named() {
    let parse = check("SigninLogs | where (").await;
    assert_eq!((parse.stage, parse.is_ok()), (Stage::Parse, false));
    let bind = check("SigninLogs | project Nothing | where X > 1").await;
    assert_eq!((bind.stage, codes(&bind)), (Stage::Bind, vec!["KQL101"]));
    let several = check("SigninLogs | where NoA == 1 | where NoB == 2 | project NoC, NoD").await;
    assert_eq!(codes(&several), ["KQL101"; 4]);
    let plan = check("SigninLogs | summarize n = count() by UserPrincipalName | top 3 by n").await;
    assert_eq!((plan.stage, plan.is_ok()), (Stage::Plan, true));
    let columns: Vec<_> = plan.columns.iter().map(|column| (column.name.as_str(), column.ty.name())).collect();
    assert_eq!(columns, [("UserPrincipalName", "string"), ("n", "long")]);
}

/// The places of what is tolerated.
async fn tolerated(query: &str) -> Vec<String> {
    let checked = check(query).await;
    assert!(checked.is_ok() && checked.stage == Stage::Plan, "{query}: {checked:?}");
    let found = checked.diagnostics.iter().filter(|found| found.severity == Severity::Tolerated);
    found.map(|found| format!("{} {}", found.code, &query[found.span.start..found.span.end])).collect()
}

#[tokio::test]
async fn a_count_of_something_that_is_no_condition_is_tolerated() {
    for argument in ["UserPrincipalName", "DurationMs", "*", "1", "dynamic(null)"] {
        for written in [
            "| summarize count(X)",
            "| make-series count(X) on TimeGenerated step 1h",
            "| top-nested 2 of ResultType by count(X)",
        ] {
            let query = format!("SigninLogs {}", written.replace('X', argument));
            assert_eq!(tolerated(&query).await, [format!("KQL114 {argument}")], "{query}");
        }
    }
    for argument in ["", "IsInteractive", "DurationMs > 5", "bool(null)"] {
        assert_eq!(tolerated(&format!("SigninLogs | summarize count({argument})")).await, Vec::<String>::new());
    }
    let nobody_knows = "print d = dynamic({}) | evaluate bag_unpack(d) | summarize count(x)";
    assert_eq!(tolerated(nobody_knows).await, Vec::<String>::new());
}

#[tokio::test]
async fn parsing_what_is_parsed_is_tolerated_where_that_is_known() {
    let known = [
        "todynamic(split(UserPrincipalName, '@'))",
        "toobject(dynamic([1]))",
        "todynamic(toscalar(AuditLogs | summarize make_set(Identity)))",
    ];
    for call in known {
        let argument = &call[call.find('(').map_or(0, |at| at + 1)..call.len() - 1];
        assert_eq!(tolerated(&format!("SigninLogs | extend a = {call}")).await, [format!("KQL114 {argument}")]);
    }
    assert_eq!(tolerated("let l = dynamic([1]); let m = (l); print todynamic(m)").await, ["KQL114 m"]);
    let unknown = [
        "print parse_json(split('a,b', ','))",
        "print todynamic(parse_json('[1]'))",
        "print todynamic(dynamic(null))",
        "let f = (d:dynamic) { todynamic(d) }; print f(dynamic([1]))",
        "let split = (a:string) { parse_json(a) }; print x = todynamic(split('1'))",
    ];
    for query in unknown {
        assert_eq!(tolerated(query).await, Vec::<String>::new(), "{query}");
    }
}

#[tokio::test]
async fn a_query_that_runs_does_not_mention_what_is_tolerated() {
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() }).expect("an engine");
    let query = "let unused = SigninLogs | summarize count(ResultType); SigninLogs | summarize n = count(DurationMs)";
    let result = engine.query(query, &catalog(), &QueryOptions::new(ticks(NOW))).await.expect("runs");
    assert_eq!((result.warnings.len(), result.rows_json().count()), (0, 1));
}

#[tokio::test]
async fn nothing_is_read_to_check_a_query() {
    let external = check("externaldata(a:string, n:long)['https://refused.example/x.csv'] | where n > 1").await;
    assert_eq!((external.stage, external.diagnostics.len(), external.columns.len()), (Stage::Plan, 0, 2));
    let inner = check("let n = toscalar(SigninLogs | count); SigninLogs | where DurationMs > n | count").await;
    assert!(inner.is_ok(), "{inner:?}");
}

#[tokio::test]
async fn stages_that_name_a_column_twice_do_not_blow_a_filter_up() {
    let mut query = "SigninLogs | extend arr = dynamic([])".to_owned();
    for n in 0..13 {
        query
            .push_str(&format!(" | extend arr = iff(ResultType has '{n}', array_concat(arr, pack_array('{n}')), arr)"));
    }
    query.push_str(" | where array_length(arr) > 0 and TimeGenerated > ago(1h) | summarize count() by tostring(arr)");
    let checked = check(&query).await;
    assert!(checked.is_ok(), "{checked:?}");
}

#[tokio::test]
async fn a_rule_of_the_optimizer_that_fails_is_skipped() {
    let checked = check("SigninLogs | mv-expand t = LocationDetails.geo.tags to typeof(string)").await;
    assert!(checked.is_ok(), "{checked:?}");
}

#[tokio::test]
async fn a_watchlist_that_does_not_exist_is_a_warning() {
    let checked = check("_GetWatchlist('VIPUser') | project SearchKey").await;
    assert_eq!((checked.is_ok(), codes(&checked)), (true, vec!["KQL112"]));
    assert_eq!(checked.diagnostics[0].hint.as_deref(), Some("did you mean `VIPUsers`?"));
}

#[tokio::test]
async fn a_fuzzy_leg_over_a_missing_table_is_checked_with_the_columns_it_names() {
    let union = "union isfuzzy=true (Missing | where Code == 3 | project Code, UserPrincipalName), \
                 (SigninLogs | project UserPrincipalName)";
    let checked = check(union).await;
    assert!(checked.is_ok(), "{checked:?}");
    let names = |checked: &Checked| checked.columns.iter().map(|column| column.name.clone()).collect::<Vec<String>>();
    assert_eq!(names(&checked), ["Code", "UserPrincipalName_unknown", "UserPrincipalName_string"]);
    // Where the table exists and its types agree, the name is that of one column.
    let checked = check(&format!("{union} | where UserPrincipalName == 'ann' | project UserPrincipalName")).await;
    assert!(checked.is_ok(), "{checked:?}");
    assert_eq!(names(&checked), ["UserPrincipalName"]);
}

#[tokio::test]
async fn legs_over_missing_tables_add_no_third_type_to_a_name_whose_first_two_types_agree() {
    let checked = check(
        "union isfuzzy=true (SigninLogs | project X = '1'), (SigninLogs | project X = '2'), \
         (Missing | project X, Y), (SigninLogs | project X = 3)",
    )
    .await;
    let columns: Vec<(&str, &str)> = checked.columns.iter().map(|c| (c.name.as_str(), c.ty.name())).collect();
    assert_eq!(columns, [("X", "string"), ("Y", "dynamic")]);
}

#[tokio::test]
async fn a_fuzzy_leg_over_a_missing_table_is_refused_for_what_is_wrong_in_any_table() {
    let checked = check("union isfuzzy=true (Missing | where Code = 'x'), (SigninLogs | take 1) | count").await;
    assert_eq!(codes(&checked), ["KQL020", "KQL105"]);
}

#[tokio::test]
async fn an_axis_of_a_missing_table_may_be_anything() {
    let checked = check(
        "union isfuzzy=true (Missing | make-series n = count() on When step 1d), \
         (SigninLogs | make-series n = count() on TimeGenerated step 1d)",
    )
    .await;
    assert!(checked.is_ok(), "{checked:?}");
}
