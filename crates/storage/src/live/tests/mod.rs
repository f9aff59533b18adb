//! Live workspaces under faults, and with many at once.

mod damage;
mod faults;
mod flush_crashes;
mod limits;
mod many_at_once;
mod power_loss;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use datafusion::prelude::SessionContext;
use schema::Table;

use super::{AppendError, Appended, BatchId, LiveOptions, LiveWorkspace};
use crate::crash_tests::{rows, table};
use crate::{Snapshot, Workspace};

/// The tables of a batch.
const TABLES: [&str; 2] = ["AuditLogs", "SigninLogs"];

const DAY: i64 = 86_400_000_000;

/// Rows of a table that say which batch they are of.
fn numbered(table: &'static Table, number: u64, count: usize) -> RecordBatch {
    let batch = rows(table, count);
    let schema = batch.schema();
    let first = i64::try_from(number % 3).expect("small") * DAY;
    let columns = schema.fields().iter().zip(batch.columns()).map(|(field, column)| -> ArrayRef {
        if *field.name() == table.time_column {
            // Not in order.
            let times = (0..count).map(|row| first + i64::try_from(count - row).expect("small"));
            Arc::new(TimestampMicrosecondArray::from(times.collect::<Vec<i64>>()).with_timezone("UTC"))
        } else if field.name() == "CorrelationId" {
            Arc::new(StringArray::from(vec![number.to_string(); count]))
        } else {
            Arc::clone(column)
        }
    });
    RecordBatch::try_new(Arc::clone(&schema), columns.collect()).expect("fits")
}

/// How many rows a batch has in each table.
fn size(number: u64) -> usize {
    1 + usize::try_from(number % 4).expect("small")
}

fn id(number: u64) -> BatchId {
    BatchId::new("test", number.to_string())
}

/// Sends a batch to all of its tables.
async fn send(live: &LiveWorkspace, number: u64) -> Result<Appended, AppendError> {
    let rows = TABLES.map(|name| (table(name), numbered(table(name), number, size(number))));
    live.append(rows.to_vec(), Some(id(number))).await
}

async fn live(workspace: &Workspace) -> LiveWorkspace {
    workspace.go_live(LiveOptions { segment_bytes: 40_000, ..LiveOptions::default() }).await.expect("goes live")
}

/// Rows of each batch in a table.
async fn batches(snapshot: &Snapshot, name: &str) -> BTreeMap<u64, usize> {
    let frame = SessionContext::new().read_table(snapshot.table(name).expect("built in")).expect("reads");
    let found = frame.select_columns(&["CorrelationId"]).expect("has it").collect().await.expect("runs");
    let mut counts = BTreeMap::new();
    for batch in found {
        for number in batch.column(0).as_string_view().iter().flatten() {
            *counts.entry(number.parse().expect("a number")).or_default() += 1;
        }
    }
    counts
}

/// Each batch is in all tables whole, and those of `must` are there.
async fn assert_whole(snapshot: &Snapshot, must: &[u64], case: &str) {
    let mut found = Vec::new();
    for name in TABLES {
        let counts = batches(snapshot, name).await;
        for (number, rows) in &counts {
            assert_eq!(*rows, size(*number), "batch {number} in {name}, {case}");
        }
        let stated = snapshot.statistics(name).map_or(0, |statistics| statistics.rows);
        assert_eq!(stated, counts.values().sum::<usize>() as u64, "{name}, {case}");
        found.push(counts.into_keys().collect::<Vec<u64>>());
    }
    assert_eq!(found[0], found[1], "{case}");
    for number in must {
        assert!(found[0].contains(number), "batch {number} is lost, {case}");
    }
}

/// Numbers that look like chance and are the same each time.
#[derive(Debug, Clone)]
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        // Knuth's MMIX generator; its high bits are good enough.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit.max(1)
    }
}
