//! What goes on by itself, outside the way of rows that come in: one piece of work at a time, within limits, ended when the service stops.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use storage::{CompactionOptions, Stop, VacuumOptions};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::activity::{Activity, SenderTotals, Volume, WayTotals};
use super::reports::{Interval, reports};
use super::silence::Silence;
use crate::Error;
use crate::rows_from_json::rows_from_json;
use crate::service::app::App;
use crate::service::doors::Sender;

/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_secs(15);

/// Merges of one run: some seconds of one processor each, between which rows of another table get their turn.
const MOST_MERGES: usize = 16;

/// Runs until `stop`.
pub(crate) async fn run(app: App, stop: CancellationToken) {
    let ended = Stop::default();
    let tell = {
        let (ended, stop) = (ended.clone(), stop.clone());
        async move {
            stop.cancelled().await;
            ended.stop();
        }
    };
    // A merge that runs is told to end; the service waits for it.
    tokio::join!(tell, go_on(&app, &stop, &ended));
}

async fn go_on(app: &App, stop: &CancellationToken, ended: &Stop) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut work = Housekeeping::new(app.now());
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        work.do_what_is_due(app, ended).await;
    }
}

/// What is due when.
pub(super) struct Housekeeping {
    maintained: DateTime<Utc>,
    reported: DateTime<Utc>,
    /// At the last report.
    activity: Activity,
    silence: Silence<(String, String)>,
    silent_senders: Silence<(String, Sender)>,
}

impl Housekeeping {
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        let (silence, silent_senders) = (Silence::default(), Silence::default());
        Self { maintained: now, reported: now, activity: Activity::default(), silence, silent_senders }
    }

    /// A failure is logged, and tried again when it is due again.
    pub(super) async fn do_what_is_due(&mut self, app: &App, ended: &Stop) {
        let now = app.now();
        let config = &app.config().housekeeping;
        if is_due(self.reported, config.report_interval.0, now) {
            if let Err(error) = self.report(app, now).await {
                tracing::error!(%error, "the rows about the service were not written");
            }
            self.reported = now;
        }
        if is_due(self.maintained, config.interval.0, now) {
            if let Err(error) = maintain(app, now, ended).await {
                tracing::error!(%error, "house-keeping failed");
            }
            self.maintained = now;
        }
    }

    async fn report(&mut self, app: &App, now: DateTime<Utc>) -> Result<(), Error> {
        let activity = activity(app, now);
        let changes = self.silence.interval(&activity.rows_since(&self.activity));
        let sender_changes = self.silent_senders.interval(&activity.records_since(&self.activity));
        let interval = Interval {
            start: self.reported,
            end: now,
            before: &self.activity,
            after: &activity,
            changes: &changes,
            sender_changes: &sender_changes,
            computer: &computer(),
        };
        let mut rows = Vec::new();
        for (name, of_table) in reports(&interval) {
            let table = schema::table(name).ok_or_else(|| Error::new(format!("there is no table `{name}`")))?;
            rows.push((table, rows_from_json(table, &of_table)?));
        }
        self.activity = activity;
        app.live().append(rows, None).await.map_err(|error| Error::new(error.to_string()))?;
        Ok(())
    }
}

/// A clock that went back makes nothing wait longer than an interval.
fn is_due(last: DateTime<Utc>, interval: Duration, now: DateTime<Utc>) -> bool {
    let interval = TimeDelta::from_std(interval).unwrap_or(TimeDelta::MAX);
    !interval.is_zero() && (now < last || now - last >= interval)
}

async fn maintain(app: &App, now: DateTime<Utc>, ended: &Stop) -> Result<(), Error> {
    let maintenance = app.live().maintain();
    let retired = maintenance.retain(&app.config().retention.options(), now).await?;
    for (table, rows) in &retired.tables {
        tracing::info!(table, rows = rows.rows, files = rows.files, "rows past their retention were removed");
    }
    for (table, archived) in &retired.archived {
        let first_visible = archived.first_visible.map(|day| day.to_string());
        tracing::info!(table, rows = archived.rows, first_visible, "older rows are archived");
    }
    let options = CompactionOptions { most_merges: MOST_MERGES, ..CompactionOptions::default() };
    let merged = maintenance.compact(&options, now, ended).await?;
    for (table, why) in &merged.failed {
        tracing::error!(table, why, "files were not merged");
    }
    if merged.merges > 0 {
        let (before, after, rows) = (merged.files_before, merged.files_after, merged.rows);
        tracing::info!(before, after, rows, "small files were merged");
    }
    if ended.is_told() {
        return Ok(());
    }
    let minimum_age = TimeDelta::from_std(app.config().housekeeping.minimum_age.0).unwrap_or(TimeDelta::MAX);
    let cleaned = maintenance.vacuum(&VacuumOptions { minimum_age }, now).await?;
    if cleaned.files + cleaned.log_entries > 0 {
        let (files, bytes, entries) = (cleaned.files, cleaned.bytes, cleaned.log_entries);
        tracing::info!(files, bytes, entries, "space was freed");
    }
    Ok(())
}

/// What came in so far.
fn activity(app: &App, now: DateTime<Utc>) -> Activity {
    let statistics = app.doors().statistics();
    let tables = statistics.tables().into_iter().map(|((way, table), counts)| {
        let volume = Volume { rows: counts.rows, bytes: counts.bytes, last_arrival: counts.last_arrival };
        ((way.name().to_owned(), table), volume)
    });
    let ways = statistics.ways().into_iter().map(|(way, counts)| {
        let totals = WayTotals {
            records: counts.records,
            rejected: counts.rejected,
            duplicates: counts.duplicates,
            refused: counts.refused,
            dropped: counts.dropped,
            last_delay: counts.last_delay,
        };
        (way.name().to_owned(), totals)
    });
    let senders = statistics.senders(now).into_iter().map(|((way, sender), counts)| {
        let totals = SenderTotals { records: counts.records, last_arrival: counts.last_arrival };
        ((way.name().to_owned(), sender), totals)
    });
    Activity { tables: tables.collect(), ways: ways.collect(), senders: senders.collect() }
}

/// The machine's name, as the kernel has it.
fn computer() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "localhost".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::service::testing::{TestService, test_time};

    #[test]
    fn work_is_due_once_an_interval_and_also_after_the_clock_went_back() {
        let (last, minute) = (test_time(), Duration::from_secs(60));
        for (seconds, expected) in [(0, false), (59, false), (60, true), (3600, true), (-1, true)] {
            assert_eq!(is_due(last, minute, last + TimeDelta::seconds(seconds)), expected, "{seconds}");
        }
        assert!(!is_due(last, Duration::ZERO, last + TimeDelta::days(1)), "switched off");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_service_writes_rows_about_itself_and_merges_small_files() {
        let service = TestService::with("[retention.tables.AuditLogs]\ndays = 30\n", Vec::new()).await;
        let live = service.app.live();
        let row = |time: &str| {
            let row = serde_json::json!({"TimeGenerated": time}).as_object().cloned().expect("an object");
            vec![row]
        };
        for second in 0..8 {
            let time = format!("2026-02-01T00:00:0{second}Z");
            for name in ["SigninLogs", "AuditLogs"] {
                let table = schema::table(name).expect("built in");
                let rows = rows_from_json(table, &row(&time)).expect("fits");
                live.append(vec![(table, rows)], None).await.expect("appends");
            }
            live.flush().await.expect("flushes");
        }
        let mut work = Housekeeping::new(test_time() - TimeDelta::hours(2));
        work.do_what_is_due(&service.app, &Stop::default()).await;
        let of = |name: &str| live.snapshot().statistics(name).map(|found| (found.rows, found.files));
        assert_eq!(of("SigninLogs"), Some((8, 1)), "small files became one");
        assert_eq!(of("AuditLogs"), Some((8, 1)), "29 days are not past 30");
        assert_eq!(of("Heartbeat").map(|(rows, _)| rows), Some(1));
        work.do_what_is_due(&service.app, &Stop::default()).await;
        assert_eq!(of("Heartbeat").map(|(rows, _)| rows), Some(1), "nothing is due again at once");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_sender_that_falls_silent_is_missed_and_one_that_never_was_regular_is_not() {
        let service = TestService::start().await;
        let path = "/dataCollectionRules/dcr-00000000000000000000000000000000/streams/Custom-App_CL";
        let mut work = Housekeeping::new(test_time());
        for hour in 0..8 {
            let senders: &[&str] = match hour {
                0 => &["Ingest", "Contributor"],
                1..6 => &["Ingest"],
                _ => &["Administrator"],
            };
            for sender in senders {
                let answer = service.call(sender, http::Method::POST, path, r#"[{"N":1}]"#).await;
                assert_eq!(answer.status, 204);
            }
            service.pass(3600);
            work.do_what_is_due(&service.app, &Stop::default()).await;
        }
        let asked = [
            (
                "SentinelHealth | where OperationName == 'Data fetch status change' \
                 | project SentinelResourceName, SentinelResourceKind, Status, Last=tostring(ExtendedProperties.LastArrival)",
                serde_json::json!([["Ingest", "logs-ingestion", "Failure", "2026-03-02T17:00:00.000000Z"]]),
            ),
            (
                "Heartbeat | where Category == 'Vedette sender' | summarize count() by Computer, ResourceType \
                 | order by Computer asc",
                serde_json::json!([
                    ["Administrator", "logs-ingestion", 2],
                    ["Contributor", "logs-ingestion", 1],
                    ["Ingest", "logs-ingestion", 6]
                ]),
            ),
        ];
        for (query, expected) in asked {
            let catalog = service.app.queries().catalog(&service.app, &access::TableScope::All).await.unwrap();
            let options = kql_engine::QueryOptions::new(crate::ticks::to_ticks(service.app.now()));
            let result = service.app.engine().query(query, &catalog, &options).await;
            let rows: Vec<_> = result.unwrap_or_else(|error| panic!("{error:?}")).rows_json().collect();
            assert_eq!(serde_json::json!(rows), expected, "{query}");
        }
    }
}
