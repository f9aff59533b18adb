//! What goes on by itself, outside the way of rows that come in: one piece of work at a time, within limits, ended when the service stops.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use storage::{CompactionOptions, Stop, VacuumOptions};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::activity::Activity;
use super::reports::{Interval, reports};
use super::silence::Silence;
use crate::Error;
use crate::rows_from_json::rows_from_json;
use crate::service::app::App;

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
    silence: Silence,
}

impl Housekeeping {
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        Self { maintained: now, reported: now, activity: Activity::default(), silence: Silence::default() }
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
        let activity = activity(app);
        let changes = self.silence.interval(&self.activity, &activity);
        let interval = Interval {
            start: self.reported,
            end: now,
            before: &self.activity,
            after: &activity,
            changes: &changes,
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
fn activity(_app: &App) -> Activity {
    Activity::default()
}

/// The machine's name, as the kernel has it.
fn computer() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "localhost".to_owned() } else { name.to_owned() }
}
