//! Filters on texts that are asked by the keys of dictionaries say what they say of texts.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::compute::{concat_batches, take};
use arrow::datatypes::{DataType, UInt32Type};
use datafusion::physical_plan::{ExecutionPlan, collect};
use datafusion::prelude::{SessionConfig, SessionContext};
use kql_engine::{Catalog, Engine, EngineOptions};

use crate::documents::{Documents, File, engine};
use crate::rows::table;

const BY_KEY: &str = "keyed_test(";
const ROWS: usize = 20_000;

/// A file whose texts change from row to row, one with few risky rows, one whose users are more than a dictionary holds, and perhaps one without
/// texts, which leaves out their columns.
fn sign_ins(files: usize) -> Documents {
    let value = |file: usize, row: usize, name: &str| match (name, file) {
        (_, 3) => String::new(),
        ("RiskLevelDuringSignIn", 1) => if row % 5000 == 17 { "high" } else { "none" }.to_owned(),
        ("RiskLevelDuringSignIn", _) => ["none", "high", "low"][row * 7 % 3].to_owned(),
        ("UserPrincipalName", 2) => format!("{row:060}@example.com"),
        ("UserPrincipalName", _) => format!("user{}@example.com", row % 50),
        _ => if row.is_multiple_of(9) { "50126" } else { "0" }.to_owned(),
    };
    let file = |file: usize| -> File<'static> {
        let rows = if file == 3 { 10 } else { ROWS };
        let column = |name| (name, (0..rows).map(|row| Some(value(file, row, name))).collect());
        ["UserPrincipalName", "RiskLevelDuringSignIn", "ResultType"].map(column).to_vec()
    };
    Documents::new(table("SigninLogs"), &(0..files).map(file).collect::<Vec<_>>())
}

#[test]
fn answers_are_those_of_texts() {
    let (all, with_texts) = (sign_ins(4), sign_ins(3));
    for (query, is_by_key) in [
        ("SigninLogs | where RiskLevelDuringSignIn == 'high' | summarize count() by UserPrincipalName", true),
        ("SigninLogs | where RiskLevelDuringSignIn == 'high' | project TimeGenerated, UserPrincipalName", true),
        (
            "SigninLogs | where RiskLevelDuringSignIn != 'none' and ResultType == '0' | summarize count() by UserPrincipalName",
            true,
        ),
        ("SigninLogs | where RiskLevelDuringSignIn == 'no such' or ResultType == '50126' | count", false),
        (
            "SigninLogs | where isempty(RiskLevelDuringSignIn) or RiskLevelDuringSignIn == 'low' | project TimeGenerated, ResultType",
            true,
        ),
        ("SigninLogs | where ResultType in ('50126', '1') | summarize count() by RiskLevelDuringSignIn", true),
        ("SigninLogs | where ResultType !in ('50126', '0') | summarize count() by RiskLevelDuringSignIn", true),
        ("SigninLogs | where UserPrincipalName has 'user7' | summarize count() by ResultType", true),
        ("SigninLogs | where UserPrincipalName endswith '77@example.com' | project ResultType, TimeGenerated", true),
        ("SigninLogs | where UserPrincipalName matches regex '7.*3@' | summarize count() by ResultType", true),
        (
            "SigninLogs | where strlen(UserPrincipalName) > 17 and UserPrincipalName contains '3' | summarize count() by ResultType",
            true,
        ),
        (
            "SigninLogs | where ResultType == '50126' and TimeGenerated > datetime(1970-01-02) | project UserPrincipalName",
            true,
        ),
        // All rows by time and texts, in a table for each partition.
        ("SigninLogs | summarize count() by bin(TimeGenerated, 1h), ResultType", false),
        (
            "SigninLogs | summarize n = count(), failed = countif(ResultType != '0'), latest = max(TimeGenerated) \
             by bin(TimeGenerated, 10m), UserPrincipalName, RiskLevelDuringSignIn",
            false,
        ),
        (
            "SigninLogs | where TimeGenerated >= datetime(1970-01-01) and ResultType == '0' | summarize count() by bin(TimeGenerated, 1h), UserPrincipalName",
            true,
        ),
        // What a scan computes for others.
        (
            "union (SigninLogs | where ResultType == '0' | project UserPrincipalName, Kind = 'ok'), \
             (SigninLogs | where ResultType == '50126' | project UserPrincipalName, Kind = 'failed') | summarize count() by UserPrincipalName, Kind",
            true,
        ),
        (
            "union (SigninLogs | where ResultType == '0' and RiskLevelDuringSignIn == 'high' | project UserPrincipalName), \
             (SigninLogs | where ResultType == '0' and RiskLevelDuringSignIn == 'low' | project UserPrincipalName) | summarize count() by UserPrincipalName",
            true,
        ),
        (
            "union (SigninLogs | where ResultType == '0' | project UserPrincipalName, ResultType), \
             (SigninLogs | where ResultType == '50126' | project UserPrincipalName, ResultType) | summarize count() by UserPrincipalName, ResultType",
            false,
        ),
        // Asked for, too, or handed on to who counts rows of whatever columns.
        ("SigninLogs | where RiskLevelDuringSignIn != 'none' and ResultType == '0' | count", false),
        ("SigninLogs | where RiskLevelDuringSignIn == 'high' | summarize count() by RiskLevelDuringSignIn", false),
        ("SigninLogs | where strlen(ResultType) < rand(5) + 10 | project UserPrincipalName", false),
        ("SigninLogs | where ResultType == '50126' and ResultType != RiskLevelDuringSignIn | count", false),
    ] {
        let plain = EngineOptions { threads: 2, optimize: false, ..EngineOptions::default() };
        // A plan that travels knows no columns that a file leaves out.
        for (documents, optimize, encode) in [(&all, true, false), (&all, false, false), (&with_texts, true, true)] {
            let tables = documents.with_leaves();
            let expected = documents.rows_by(&Engine::new(&plain).expect("an engine"), query, &tables);
            assert!(!expected[0].is_empty() || query.contains("!in"), "{query}");
            let options = EngineOptions { threads: 2, optimize, encode, ..EngineOptions::default() };
            let found = documents.rows_by(&engine(&options), query, &tables);
            assert!(found == expected, "{query}\noptimize: {optimize}, encode: {encode}");
        }
        let plan = all.plan(query);
        assert_eq!(plan.contains(BY_KEY), is_by_key, "{query}\n{plan}");
    }
}

#[test]
fn scans_give_texts_as_keys_whether_files_have_them_or_not() {
    let documents = sign_ins(4);
    let table = documents.with_leaves().table("SigninLogs").expect("is there");
    // One partition reads files in their order.
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
    documents.run(async {
        let (state, schema) = (context.state(), table.provider.schema());
        let columns = ["TimeGenerated", "UserPrincipalName", "RiskLevelDuringSignIn"];
        let columns = columns.iter().map(|name| schema.index_of(name).expect("a column")).collect::<Vec<_>>();
        let scan = table.provider.scan(&state, Some(&columns), &[], None).await.expect("scans");
        let keyed = storage::giving_keys(&scan, &[0, 1, 9], state.config_options()).expect("plans").expect("a text");
        assert_eq!(keyed.schema().field(0), scan.schema().field(0));
        assert!(matches!(keyed.schema().field(1).data_type(), DataType::Dictionary(..)));
        assert_eq!(keyed.schema().field(2), scan.schema().field(2));
        let rows = |plan: Arc<dyn ExecutionPlan>| {
            let context = state.task_ctx();
            async move { concat_batches(&plan.schema(), &collect(Arc::clone(&plan), context).await.expect("reads")) }
        };
        let (expected, found) = (rows(scan).await.expect("alike"), rows(Arc::clone(&keyed)).await.expect("alike"));
        let users = found.column(1).as_dictionary::<UInt32Type>();
        let users = take(users.values(), users.keys(), None).expect("texts");
        assert_eq!(&users, expected.column(1));
        assert_eq!((found.column(0), found.column(2)), (expected.column(0), expected.column(2)));
        assert!(storage::giving_keys(&keyed, &[0], state.config_options()).expect("plans").is_none(), "no text");
    });
}
