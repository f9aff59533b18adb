//! The service is killed at random moments while senders send.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::senders::{Sender, Sent, Whereabouts};
use super::{ChaosOptions, ChaosReport};
use crate::{Access, HttpClient, Random, Service, distinct_numbers};

/// Least and most time from when the service is ready to its next kill, in milliseconds: from before the first batch is acknowledged to
/// after several flushes.
const MOMENTS: (u64, u64) = (1, 700);
/// Kills between two looks at what is stored.
const KILLS_PER_CHECK: usize = 10;

/// Kills and starts it again; gives the last service.
pub(super) fn kills(
    service: Service,
    access: &Access,
    options: &ChaosOptions,
    began: Instant,
    report: &mut ChaosReport,
) -> Result<Service, String> {
    let mut random = Random::new(options.seed);
    let whereabouts = Arc::new(Whereabouts::default());
    // Numbers below 100 belong to the other trials.
    let start = |number| Sender::start(100 + number, &access.ingest, Arc::clone(&whereabouts));
    let senders: Vec<Sender> = (0..options.senders).map(start).collect();
    let outcome = rounds(service, access, options, began, &mut random, &whereabouts, &senders, report);
    whereabouts.end();
    // Where it failed, senders that wait for a service are left to the end of the process.
    let service = outcome?;
    let mut sent = Vec::new();
    for sender in senders {
        let known = sender.join()?;
        report.acknowledged += known.acknowledged;
        report.retries += known.retries;
        sent.push(known);
    }
    check(&service, access, &sent, 0)?;
    Ok(service)
}

#[allow(clippy::too_many_arguments, reason = "one loop with all that it needs")]
fn rounds(
    mut service: Service,
    access: &Access,
    options: &ChaosOptions,
    began: Instant,
    random: &mut Random,
    whereabouts: &Whereabouts,
    senders: &[Sender],
    report: &mut ChaosReport,
) -> Result<Service, String> {
    let service_options = service.options().clone();
    whereabouts.set(Some(service.http));
    for kill in 1..=options.kills {
        if began.elapsed() > options.time {
            report.skipped.push(format!("{} kills that did not fit the time", options.kills - report.kills));
            break;
        }
        thread::sleep(Duration::from_millis(random.between(MOMENTS.0, MOMENTS.1)));
        service.kill();
        whereabouts.set(None);
        let acknowledged: Vec<Sent> = senders.iter().map(Sender::sent).collect();
        service = Service::start(&service_options)?;
        report.kills += 1;
        report.longest_start = report.longest_start.max(service.started_in.as_secs_f64());
        if service.started_in > options.back_within {
            return Err(format!("the service needed {:.1} s to be back", service.started_in.as_secs_f64()));
        }
        // Before the senders find it, so that what is missing was not sent anew.
        if kill.is_multiple_of(KILLS_PER_CHECK) {
            check(&service, access, &acknowledged, super::senders::BATCH)?;
        }
        whereabouts.set(Some(service.http));
    }
    Ok(service)
}

/// Whether the service has what was acknowledged, once, and beyond it at most a batch whose answer was lost.
pub(super) fn check(service: &Service, access: &Access, sent: &[Sent], unknown: u64) -> Result<(), String> {
    let stored = distinct_numbers(&mut HttpClient::new(service.http, Some(&access.reader)))?;
    for Sent { sender, acknowledged, complaint, .. } in sent {
        if let Some(complaint) = complaint {
            return Err(format!("sender {sender} was refused: {complaint}"));
        }
        let row = stored.iter().find(|row| row[0] == *sender);
        let [_, rows, distinct, highest] = row.copied().unwrap_or([*sender, 0, 0, 0]);
        let whole = distinct == *acknowledged || distinct == acknowledged + unknown;
        if !whole || rows != distinct || (distinct > 0 && highest != distinct - 1) {
            return Err(format!(
                "sender {sender} had {acknowledged} records acknowledged; stored are {rows} rows of {distinct} records up to number {highest}"
            ));
        }
    }
    Ok(())
}
