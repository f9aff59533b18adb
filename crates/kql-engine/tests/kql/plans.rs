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

/// 2024-06-14 00:00 and 2024-06-15 00:00, in µs since 1970; `NOW` is the 15th at 12:00.
const DAYS: [&str; 2] = ["1718323200000000", "1718409600000000"];

#[tokio::test]
async fn filters_on_time_reach_the_scan_as_bounds_of_the_stored_column() {
    for (filter, bounds) in [
        ("TimeGenerated > startofday(now())", vec![format!("> TimestampMicrosecond({}", DAYS[1])]),
        ("TimeGenerated >= todatetime('2024-06-14')", vec![format!(">= TimestampMicrosecond({}", DAYS[0])]),
        (
            "TimeGenerated between (startofday(ago(1d)) .. startofday(now()))",
            vec![format!(">= TimestampMicrosecond({}", DAYS[0]), format!("<= TimestampMicrosecond({}", DAYS[1])],
        ),
        ("TimeGenerated between (datetime(2024-06-14) .. 1d)", vec![format!("<= TimestampMicrosecond({}", DAYS[1])]),
        (
            "bin(TimeGenerated, 1d) == datetime(2024-06-14)",
            vec![format!(">= TimestampMicrosecond({}", DAYS[0]), format!("< TimestampMicrosecond({}", DAYS[1])],
        ),
        ("bin(TimeGenerated, 1d) > datetime(2024-06-14)", vec![format!(">= TimestampMicrosecond({}", DAYS[1])]),
        ("TimeGenerated + 12h > now()", vec![format!("> TimestampMicrosecond({}", DAYS[1])]),
        ("TimeGenerated - 1d >= datetime(2024-06-14)", vec![format!(">= TimestampMicrosecond({}", DAYS[1])]),
        ("now() - TimeGenerated < 12h", vec![format!("> TimestampMicrosecond({}", DAYS[1])]),
        ("12h > now() - TimeGenerated", vec![format!("> TimestampMicrosecond({}", DAYS[1])]),
        ("TimeGenerated - datetime(2024-06-14) <= 1d", vec![format!("<= TimestampMicrosecond({}", DAYS[1])]),
    ] {
        let text = plan(&format!("SigninLogs | where {filter} | project UserPrincipalName")).await;
        let logical = text.split("\n\n").next().unwrap_or_default();
        for bound in bounds {
            assert!(logical.contains(&format!("TimeGenerated {bound}")), "{filter}: {bound}\n{logical}");
        }
    }
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
async fn of_several_results_those_that_are_read_are_made() {
    let series = "print s = dynamic([1, 2, 3, 40, 5, 6]), n = rand(9)";
    let query =
        format!("{series} | extend (flag, score, base) = series_decompose_anomalies(array_concat(s, pack_array(n)))");
    let text = plan(&format!("{query} | project flag")).await;
    assert!(text.contains("series_decompose_anomalies[1]"), "{text}");
    let text = plan(&format!("{query} | project base, flag")).await;
    assert!(text.contains("series_decompose_anomalies[101]"), "{text}");
    let text = plan(&query).await;
    assert!(text.contains("series_decompose_anomalies[111]"), "{text}");
    // Once, however many are read: in the logical plan and in the physical one.
    assert_eq!(text.matches("series_decompose_anomalies").count(), 2, "{text}");
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

/// Successes joined with failures of the same user, then filtered.
fn after_a_failure(kind: &str, condition: &str) -> String {
    format!(
        "SigninLogs | where ResultType == '0' | project User = UserPrincipalName, t2 = TimeGenerated, City = tostring(LocationDetails.city) \
         | join kind={kind} (SigninLogs | where ResultType != '0' | project User = UserPrincipalName, t1 = TimeGenerated, DurationMs) on User \
         | {condition} | project User, t1, t2"
    )
}

#[tokio::test]
async fn a_window_of_time_is_joined_by_time_however_it_is_written() {
    for condition in [
        "where t2 between (t1 .. (t1 + 10m))",
        "where t2 between (t1 .. 10m)",
        "where t2 - t1 between (0min .. 10min)",
        "where t2 > t1 and t2 - t1 < 10m",
        "where datetime_diff('minute', t2, t1) <= 10",
        "where datetime_diff('month', t2, t1) between (0 .. 1)",
        "where abs(t1 - t2) < 5m",
        "where abs(datetime_diff('second', t1, t2)) < 5",
        "where t2 >= t1 and t2 <= t1 + 1h",
        "where t1 < t2",
        "where t2 > t1 + DurationMs * 1s",
        "where (t2 - t1) / 1m <= 10",
        "where t2 <= datetime_add('minute', 10, t1)",
        "extend delta = t2 - t1 | where delta between (0min .. 10min)",
        "extend delta = datetime_diff('second', t2, t1) | where delta >= 0 and delta <= 600",
        "extend from_time = t1 | project User, t1, t2, from_time | where t2 between (from_time .. (from_time + 10m)) and User != 'x'",
    ] {
        for kind in ["inner", "innerunique", "leftouter", "rightouter", "fullouter"] {
            let text = plan(&after_a_failure(kind, condition)).await;
            assert!(text.contains("TimeWindowJoinExec") && !text.contains("HashJoinExec"), "{condition}: {text}");
        }
    }
}

#[tokio::test]
async fn other_conditions_are_not_joined_by_time() {
    for (kind, condition) in [
        ("inner", "where t2 != t1"),
        ("inner", "where t2 > t1 or DurationMs > 5"),
        ("inner", "where bin(t2, 1h) != t1 and DurationMs > 5"),
        ("inner", "where t2 > datetime(2024-06-01) and t1 > ago(7d)"),
        // Of a span of the other side.
        ("inner", "where t2 + DurationMs * 1s > t1"),
        ("inner", "take 5"),
        ("leftouter", "where isnull(t1) or t2 > t1"),
        ("leftouter", "extend within = t2 - t1 < 10m | where not(within)"),
        ("fullouter", "where isnull(t1) or t2 > t1"),
        // Keeps a row without partner.
        ("leftouter", "extend t1 = iff(isnull(t1), t2, t1) | where t2 <= t1"),
    ] {
        let text = plan(&after_a_failure(kind, condition)).await;
        assert!(!text.contains("TimeWindowJoinExec"), "{kind}, {condition}: {text}");
    }
}

#[tokio::test]
async fn innerunique_chooses_its_rows_below_a_join_by_time() {
    let text = plan(&after_a_failure("innerunique", "where t2 between (t1 .. (t1 + 10m))")).await;
    let physical = text.split("\n\n").last().unwrap_or_default();
    let (above, below) = physical.split_once("TimeWindowJoinExec").expect("a join by time");
    assert!(!above.contains("FirstRowsExec") && below.contains("FirstRowsExec: of=all"), "{text}");
    assert!(!text.contains("AggregateExec"), "{text}");
}
