//! Addresses are read from their numbers where files have them, and are what they were.

use chrono::{DateTime, Utc};
use datafusion::physical_plan::displayable;
use datafusion::prelude::{col, lit};
use kql_engine::{Engine, EngineOptions};
use serde_json::{Value, json};
use storage::{CompactionOptions, Snapshot, Stop, Workspace};

use crate::documents::{Documents, File, engine};
use crate::rows::{Row, frame, ingest, printed, table, time};

const NUMBER: &str = "packed_text_number(IPAddress";

/// Files with many addresses, with one, with some texts that are none, and with hardly any text.
fn sign_ins() -> Documents {
    let address = |file: usize, row: usize| match (file, row % 8) {
        (0, _) => format!("10.0.{}.{}", row / 250, row % 250),
        (1, _) => "203.0.113.200".to_owned(),
        (2, 0) => ["::1", "", "010.0.0.1", "2001:db8:0:0:1:0:0:cafe"][row / 8 % 4].to_owned(),
        (2, _) => format!("10.2.{}.{row}", row * 7 % 256),
        (3, 0) if row == 0 => "198.51.100.7".to_owned(),
        _ => String::new(),
    };
    let value = |file: usize, row: usize, name: &str| match name {
        "UserPrincipalName" => format!("user{}@example.com", row % 5),
        "IPAddress" => address(file, row),
        _ => if row.is_multiple_of(3) { "50126" } else { "0" }.to_owned(),
    };
    let file = |file: usize| -> File<'static> {
        let column = |name| (name, (0..200).map(|row| Some(value(file, row, name))).collect());
        ["UserPrincipalName", "IPAddress", "ResultType"].map(column).to_vec()
    };
    Documents::new(table("SigninLogs"), &(0..4).map(file).collect::<Vec<_>>())
}

#[test]
fn answers_are_those_of_texts() {
    let documents = sign_ins();
    for (query, reads_numbers) in [
        ("SigninLogs | project TimeGenerated, IPAddress", true),
        ("SigninLogs | where ResultType != '0' | project IPAddress, UserPrincipalName, IPAddress2 = IPAddress", true),
        ("SigninLogs | where ResultType != '0' | summarize count(), dcount(IPAddress) by UserPrincipalName", true),
        (
            "SigninLogs | where ResultType != '0' | summarize users = make_set(UserPrincipalName) by IPAddress \
             | extend users = array_sort_asc(users)",
            true,
        ),
        ("SigninLogs | where ResultType == '0' | where UserPrincipalName has 'user1' | distinct IPAddress", true),
        ("SigninLogs | project ResultType, IPAddress | where ResultType != '0' | extend A = IPAddress == '::1'", true),
        ("SigninLogs | where IPAddress == '10.0.0.7' | project IPAddress", false),
        ("SigninLogs | where IPAddress startswith '10.2.' | distinct IPAddress", false),
        ("SigninLogs | where isempty(IPAddress) | summarize count() by IPAddress", false),
        ("SigninLogs | summarize arg_max(TimeGenerated, *) by UserPrincipalName | project IPAddress", true),
        (
            "SigninLogs | where ResultType != '0' | join kind=inner (SigninLogs | where ResultType == '0') on IPAddress \
             | project IPAddress, UserPrincipalName, IPAddress1",
            true,
        ),
        ("SigninLogs | top 7 by TimeGenerated desc | project IPAddress", true),
    ] {
        let plain = EngineOptions { threads: 2, optimize: false, ..EngineOptions::default() };
        let tables = documents.with_leaves();
        let expected = documents.rows_by(&Engine::new(&plain).expect("an engine"), query, &tables);
        assert!(!expected[0].is_empty(), "{query}");
        for (optimize, encode) in [(true, false), (false, false), (true, true)] {
            let options = EngineOptions { threads: 2, optimize, encode, ..EngineOptions::default() };
            let found = documents.rows_by(&engine(&options), query, &tables);
            assert_eq!(found, expected, "{query}\noptimize: {optimize}, encode: {encode}");
        }
        let plan = documents.plan(query);
        assert_eq!(plan.contains(NUMBER), reads_numbers, "{query}\n{plan}");
    }
}

/// Ingests of one day, each with these addresses.
async fn ingested(workspace: &Workspace, ingests: &[Vec<String>]) {
    let mut at = time("2024-01-01T08:00:00Z");
    for addresses in ingests {
        let values: Vec<[(&str, Value); 1]> = addresses.iter().map(|text| [("IPAddress", json!(text))]).collect();
        let rows: Vec<Row<'_>> = values.iter().zip(at..).map(|(values, time)| (time, values.as_slice())).collect();
        ingest(workspace, table("SigninLogs"), &rows).await;
        at += 60_000_000;
    }
}

async fn addresses(snapshot: &Snapshot) -> (Vec<String>, bool) {
    let frame = frame(snapshot, "SigninLogs").filter(col("\"UserPrincipalName\"").eq(lit(""))).expect("filters");
    let frame = frame.select_columns(&["IPAddress"]).expect("selects");
    let plan = frame.clone().create_physical_plan().await.expect("plans");
    let reads_numbers = displayable(plan.as_ref()).indent(false).to_string().contains(NUMBER);
    (printed(frame).await, reads_numbers)
}

#[tokio::test(flavor = "multi_thread")]
async fn merged_files_have_numbers_where_most_of_theirs_had() {
    let now: DateTime<Utc> = "2024-02-01T00:00:00Z".parse().expect("a time");
    let options = CompactionOptions { enough_files: 3, ..CompactionOptions::default() };
    let many = || (0..40).map(|row| format!("10.0.{row}.7")).collect::<Vec<_>>();
    let one = || vec!["203.0.113.200".to_owned(); 40];
    let none = || vec![String::new(); 40];
    for (ingests, has_numbers) in [
        (vec![many(), many(), one()], true),
        (vec![many(), none(), vec!["::1".to_owned(), "10.0.0.1".to_owned()]], true),
        (vec![many(), one(), one()], false),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let workspace = Workspace::create(folder.path()).await.expect("creates");
        ingested(&workspace, &ingests).await;
        let mut expected: Vec<String> = ingests.concat();
        expected.sort();
        assert_eq!(addresses(&workspace.snapshot().await.expect("snapshots")).await.0, expected);
        let maintenance = workspace.maintain().await.expect("takes the lock");
        let done = maintenance.compact(&options, now, &Stop::default()).await.expect("compacts");
        assert!(done.failed.is_empty(), "{:?}", done.failed);
        assert_eq!((done.files_before, done.files_after), (3, 1));
        let merged = workspace.snapshot().await.expect("snapshots");
        assert_eq!(addresses(&merged).await, (expected, has_numbers), "{ingests:?}");
    }
}
