//! How fast rows are appended to a live workspace, and how long one waits: `cargo run --release -p storage --example append_rate [SECONDS] [FOLDER]`.
//!
//! Sign-ins of about 2 KB of text, in requests of 500 from four senders, with flushes as the service has them; then single rows from 16 senders.

#![expect(clippy::print_stdout, reason = "prints what it measures")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray, new_null_array};
use arrow::datatypes::DataType;
use schema::Table;
use storage::{AppendError, LiveOptions, LiveWorkspace, Workspace};

const COLUMNS_WITH_TEXT: usize = 24;
const TEXT_BYTES: usize = 80;
const ROW_BYTES: usize = COLUMNS_WITH_TEXT * TEXT_BYTES;

/// Rows whose texts repeat about as those of real logs do: half of each is shared with other rows.
fn rows(table: &Table, count: usize, first: usize) -> RecordBatch {
    let schema = table.arrow_schema();
    let mut text_columns = 0;
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        match field.data_type() {
            _ if *field.name() == table.time_column => {
                let times = (0..count).map(|row| (first + row) as i64 * 50);
                Arc::new(TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC"))
            }
            DataType::Utf8 if !field.is_nullable() => {
                text_columns += 1;
                let is_filled = text_columns <= COLUMNS_WITH_TEXT;
                let text = |row: usize| {
                    let number = (first + row).wrapping_mul(0x9E37_79B9_7F4A_7C15 ^ text_columns);
                    format!("{:0>40}{number:040x}", row % 50)
                };
                Arc::new(
                    (0..count)
                        .map(|row| Some(if is_filled { text(row) } else { String::new() }))
                        .collect::<StringArray>(),
                )
            }
            other => new_null_array(other, count),
        }
    });
    RecordBatch::try_new(Arc::clone(&schema), columns.collect()).expect("fits")
}

/// Sends until the time is over; gives rows, refusals and how long each request took.
async fn send(live: LiveWorkspace, count: usize, sender: usize, until: Instant) -> (usize, usize, Vec<Duration>) {
    let table = schema::table("SigninLogs").expect("built in");
    let batch = rows(table, count, sender * 1_000_000);
    let (mut sent, mut refused, mut took) = (0, 0, Vec::new());
    while Instant::now() < until {
        let started = Instant::now();
        match live.append(vec![(table, batch.clone())], None).await {
            Ok(_) => {
                took.push(started.elapsed());
                sent += count;
            }
            Err(AppendError::Busy { .. }) => {
                refused += 1;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
    (sent, refused, took)
}

async fn measure(live: &LiveWorkspace, senders: usize, count: usize, seconds: u64) {
    let started = Instant::now();
    let until = started + Duration::from_secs(seconds);
    let before = live.status();
    let tasks: Vec<_> = (0..senders).map(|sender| tokio::spawn(send(live.clone(), count, sender, until))).collect();
    let ticks = {
        let live = live.clone();
        tokio::spawn(async move {
            while Instant::now() < until {
                live.tick(Instant::now()).await;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        })
    };
    let (mut sent, mut refused, mut took) = (0, 0, Vec::new());
    for task in tasks {
        let (rows, busy, times) = task.await.expect("sends");
        sent += rows;
        refused += busy;
        took.extend(times);
    }
    let elapsed = started.elapsed().as_secs_f64();
    ticks.await.expect("ticks");
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize];
    let after = live.status();
    println!(
        "{senders} senders of {count} rows: {:.1} MB/s, {:.0} rows/s, {refused} refused; latency p50 {:?} p99 {:?} max {:?}; {} groups of {:.1} requests, {:?} each; {} flushes, {:?} each",
        (sent * ROW_BYTES) as f64 / elapsed / 1e6,
        sent as f64 / elapsed,
        at(0.5),
        at(0.99),
        at(1.0),
        after.groups - before.groups,
        took.len() as f64 / (after.groups - before.groups).max(1) as f64,
        (after.group_time - before.group_time) / u32::try_from((after.groups - before.groups).max(1)).expect("few"),
        after.flushes - before.flushes,
        (after.flush_time - before.flush_time) / u32::try_from((after.flushes - before.flushes).max(1)).expect("few"),
    );
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(20);
    let folder = arguments.next().unwrap_or_else(|| "append_rate_workspace".to_owned());
    let workspace = Workspace::create(&folder).await.expect("a new folder");
    let live = workspace.go_live(LiveOptions::default()).await.expect("goes live");
    measure(&live, 4, 500, seconds).await;
    let started = Instant::now();
    let flushed = live.flush().await.expect("flushes");
    println!("the last flush: {:?} in {:?}", flushed.tables.get("SigninLogs"), started.elapsed());
    measure(&live, 16, 1, 5.min(seconds)).await;
    measure(&live, 1, 1, 5.min(seconds)).await;
    println!("{:?}", live.status());
    live.close().await.expect("closes");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("peak memory unknown"));
}
