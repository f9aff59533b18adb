//! What the plan must look like for files to be pruned.

use kql_engine::{Engine, EngineOptions, QueryOptions};

use crate::tables::{NOW, catalog, ticks};

async fn plan(query: &str) -> String {
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() }).expect("an engine");
    engine.explain(query, &catalog(), &QueryOptions::new(ticks(NOW))).await.expect("a plan").to_string()
}

#[tokio::test]
async fn a_time_filter_reaches_the_scan_as_a_comparison_of_the_stored_column() {
    let text = plan("SigninLogs | where TimeGenerated > ago(1h) | summarize count() by UserPrincipalName").await;
    let logical = text.split("\n\n").next().unwrap_or_default();
    assert!(logical.contains("SigninLogs.TimeGenerated > TimestampMicrosecond(1718449200000000"), "{text}");
    assert!(!logical.contains("kql_ticks"), "{text}");
}

#[tokio::test]
async fn a_computed_time_is_compared_through_the_inverse_of_its_ticks() {
    let text =
        plan("SigninLogs | extend t = iff(true, TimeGenerated, TimeGenerated) | where t > ago(1h) | project t").await;
    assert!(text.contains("TimestampMicrosecond(1718449200000000"), "{text}");
}

#[tokio::test]
async fn bins_of_a_stored_time_stay_stored() {
    let text = plan("SigninLogs | summarize count() by bin(TimeGenerated, 1h)").await;
    assert!(text.contains("kql_bin_stored"), "{text}");
}

#[tokio::test]
async fn string_equality_is_the_plans_own() {
    let text = plan("SigninLogs | where ResultType != '0' and UserPrincipalName in ('a', 'b')").await;
    assert!(text.contains("ResultType != Utf8"), "{text}");
    assert!(!text.contains("kql_compare"), "{text}");
}

#[tokio::test]
async fn a_path_into_a_dynamic_is_one_function() {
    let text = plan("SigninLogs | where tostring(LocationDetails.geo.tags[0]) == 'sea'").await;
    assert!(text.contains(r#"json_path"#) && !text.contains("kql_element"), "{text}");
}

#[tokio::test]
async fn the_time_range_of_the_query_restricts_every_table() {
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() }).expect("an engine");
    let range = Some((ticks("2024-06-15T10:00:00Z"), ticks("2024-06-15T11:00:00Z")));
    let options = QueryOptions { time_range: range, ..QueryOptions::new(ticks(NOW)) };
    let result = engine.query("union SigninLogs, AuditLogs | count", &catalog(), &options).await.expect("a result");
    let rows: Vec<_> = result.rows_json().collect();
    assert_eq!(rows, vec![vec![serde_json::json!(3)]]);
}
