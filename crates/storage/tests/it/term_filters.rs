//! A search for a word reads only the files that can have it, and answers as it does without filters.

use std::fs;
use std::path::{Path, PathBuf};

use datafusion::logical_expr::Expr;
use datafusion::physical_plan::{ExecutionPlan, displayable};
use datafusion::prelude::{DataFrame, col, lit};
use serde_json::{Value, json};
use storage::{Snapshot, Workspace};

use crate::rows::{Row, frame, ingest, table};

const DAY: i64 = 86_400_000_000;

fn terms_folder(workspace: &Path) -> PathBuf {
    workspace.join("tables/SigninLogs/_terms")
}

fn names(folder: &Path) -> Vec<PathBuf> {
    let mut names: Vec<PathBuf> =
        fs::read_dir(folder).expect("lists").map(|entry| entry.expect("an entry").path()).collect();
    names.sort();
    names
}

/// Three days with one user agent each.
async fn three_days(workspace: &Workspace) -> Snapshot {
    let agents = ["python-requests/2.31", "Mozilla/5.0 (Windows NT 10.0)", "curl/8.5"];
    for (day, agent) in (0i64..).zip(agents) {
        let values = [("UserAgent", json!(agent)), ("LocationDetails", json!(r#"{"city":"Berlin"}"#))];
        ingest(workspace, table("SigninLogs"), &[(day * DAY, &values), (day * DAY + 1, &[])]).await;
    }
    workspace.snapshot().await.expect("snapshots")
}

async fn files(frame: &DataFrame) -> usize {
    let plan = frame.clone().create_physical_plan().await.expect("plans");
    let plan: &dyn ExecutionPlan = plan.as_ref();
    displayable(plan).indent(false).to_string().matches(".parquet").count()
}

fn agent_is(text: &str) -> Expr {
    col("\"UserAgent\"").eq(lit(text))
}

fn cases() -> Vec<(Expr, usize, usize)> {
    vec![
        (agent_is("curl/8.5"), 1, 1),
        (agent_is("curl/8.6"), 0, 0),
        (agent_is("Mozilla/5.0 (Windows NT 10.0)").or(agent_is("curl/8.5")), 2, 2),
        (agent_is("curl/8.5").and(agent_is("python-requests/2.31")), 0, 0),
        (col("\"UserAgent\"").in_list(vec![lit("curl/8.5"), lit("nothing")], false), 1, 1),
        (col("\"UserAgent\"").in_list(vec![lit("curl/8.5")], true), 3, 5),
        (agent_is(""), 3, 3),
        (col("\"LocationDetails\"").eq(lit(r#"{"city":"Berlin"}"#)), 3, 3),
        (col("\"LocationDetails\"").eq(lit(r#"{"city":"Paris"}"#)), 0, 0),
        // A column of which no file has a value.
        (col("\"AppDisplayName\"").eq(lit("Portal")), 0, 0),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn files_without_the_text_are_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let snapshot = three_days(&workspace).await;
    for (filter, expected_files, rows) in cases() {
        let filtered = frame(&snapshot, "SigninLogs").filter(filter.clone()).expect("filters");
        assert_eq!(files(&filtered).await, expected_files, "{filter}");
        assert_eq!(filtered.count().await.expect("counts"), rows, "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_that_are_gone_or_damaged_cost_time_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    let snapshot = three_days(&workspace).await;
    let sidecars = names(&terms_folder(folder.path()));
    assert_eq!(sidecars.len(), 3);
    fs::remove_file(&sidecars[0]).expect("removes");
    fs::write(&sidecars[1], b"VDTERMS1 and then nothing of sense").expect("writes");
    let mut bytes = fs::read(&sidecars[2]).expect("reads");
    let last = bytes.len() - 1;
    bytes[last] ^= 0xff;
    fs::write(&sidecars[2], bytes).expect("writes");
    for (filter, _, rows) in cases() {
        let filtered = frame(&snapshot, "SigninLogs").filter(filter.clone()).expect("filters");
        assert_eq!(filtered.count().await.expect("counts"), rows, "{filter}");
    }
    fs::remove_dir_all(terms_folder(folder.path())).expect("removes");
    for (filter, _, rows) in cases() {
        let filtered = frame(&snapshot, "SigninLogs").filter(filter.clone()).expect("filters");
        assert_eq!(filtered.count().await.expect("counts"), rows, "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_groups_without_the_text_are_not_read_and_the_others_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    // More than two row groups; a word in the first and the last row only, another in all rows of the second half.
    let agents: Vec<Value> = ["firstword", "middleword", "lastword", "otherword"].map(|agent| json!(agent)).to_vec();
    let count = 300_000;
    let values: Vec<[(&str, Value); 1]> = (0..count)
        .map(|row| {
            let agent = if row == 0 {
                0
            } else if row == count - 1 {
                2
            } else if row < count / 2 {
                3
            } else {
                1
            };
            [("UserAgent", agents[agent].clone())]
        })
        .collect();
    let rows: Vec<Row<'_>> = (0i64..).zip(&values).map(|(time, values)| (time, values.as_slice())).collect();
    ingest(&workspace, table("SigninLogs"), &rows).await;
    let snapshot = workspace.snapshot().await.expect("snapshots");
    for (word, rows) in
        [("firstword", 1), ("lastword", 1), ("middleword", count / 2 - 1), ("otherword", count / 2 - 1), ("none", 0)]
    {
        let filtered = frame(&snapshot, "SigninLogs").filter(agent_is(word)).expect("filters");
        assert_eq!(filtered.clone().count().await.expect("counts"), rows, "{word}");
        let plan = filtered.create_physical_plan().await.expect("plans");
        let context = datafusion::prelude::SessionContext::new().task_ctx();
        let batches = datafusion::physical_plan::collect(std::sync::Arc::clone(&plan), context).await.expect("runs");
        assert_eq!(batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), rows, "{word}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_files_the_largest_tell_whether_the_others_are_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = Workspace::create(folder.path()).await.expect("creates");
    // Seven large days, of which the first has a word of its own, and a small one without the common word.
    for day in 0..8 {
        let (rows, common) = if day < 7 { (60, "commonword") } else { (1, "otherword") };
        let values: Vec<[(&str, Value); 1]> = (0..rows)
            .map(|row| match (day, row) {
                (0, 0) => [("UserAgent", json!("rareword"))],
                (_, 1..30) => [("UserAgent", json!(format!("agent{day}x{row} {}", "longer ".repeat(row))))],
                _ => [("UserAgent", json!(common))],
            })
            .collect();
        let rows: Vec<Row<'_>> = (day * DAY..).zip(&values).map(|(time, values)| (time, values.as_slice())).collect();
        ingest(&workspace, table("SigninLogs"), &rows).await;
    }
    let snapshot = workspace.snapshot().await.expect("snapshots");
    for (word, read, rows) in [("commonword", 8, 7 * 31 - 1), ("rareword", 1, 1), ("otherword", 1, 1), ("noword", 0, 0)]
    {
        let filtered = frame(&snapshot, "SigninLogs").filter(agent_is(word)).expect("filters");
        assert_eq!(files(&filtered).await, read, "{word}");
        assert_eq!(filtered.count().await.expect("counts"), rows, "{word}");
    }
}
