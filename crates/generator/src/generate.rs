//! From options to a folder of logs.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Utc};

use crate::events::Events;
use crate::output::Output;
use crate::sign_ins::SignInKind;
use crate::tenant::Tenant;
use crate::truth::{BenignTwin, Truth, TruthOptions, TruthScenario};
use crate::{GenerateError, GenerateOptions, envelopes, noise, scenarios, unified_audit};

/// Interactive sign-ins in 1,000 that the unified audit shows too.
const SEEN_TWICE: u64 = 600;
/// Unified audit records in 1,000 that an export repeats.
const REPEATED: u64 = 50;

/// Writes the tenant that `options` describe into the folder `out`, which must be empty, absent or an earlier tenant's.
///
/// # Errors
/// When an option is outside its limits, the folder holds something else, or a file can't be written.
pub fn generate(options: &GenerateOptions, out: &Path) -> Result<Truth, GenerateError> {
    options.check()?;
    let mut output = Output::open(out)?;
    let tenant = Tenant::invent(options);
    let mut events = Events::default();
    noise::add(&tenant, &mut events);
    let twins = noise::twins::add(&tenant, &mut events);
    let stories = scenarios::add(&tenant, &mut events);
    mirror(&tenant, &mut events);
    events.settle(&tenant);
    repeat(&tenant, &mut events);
    envelopes::write(&tenant, &events, &mut output)?;
    output.finish(truth(&tenant, &events, stories, twins))
}

/// The unified audit's view of sign-ins and directory changes.
fn mirror(tenant: &Tenant, events: &mut Events) {
    let mut random = tenant.random("mirror", 0);
    for sign_in in events.sign_ins.iter().filter(|event| event.kind == SignInKind::Interactive) {
        // Interrupts are no sign-ins to the unified audit.
        if matches!(sign_in.result, 0 | 50126 | 50053 | 50055 | 50057) && random.chance(SEEN_TWICE) {
            events.unified_audit.push(unified_audit::logged_in(tenant, sign_in, &mut random));
        }
    }
    for change in &events.audit {
        events.unified_audit.extend(unified_audit::directory_change(tenant, change, &mut random));
    }
}

fn repeat(tenant: &Tenant, events: &mut Events) {
    let mut random = tenant.random("repeat", 0);
    for record in &mut events.unified_audit {
        record.duplicated = random.chance(REPEATED);
    }
}

/// Where and when each event lies, in whatever log: mark, time, id.
fn all(events: &Events) -> impl Iterator<Item = (&'static str, DateTime<Utc>, String)> {
    let sign_ins = events.sign_ins.iter().map(|event| (event.mark, event.time, event.id.clone()));
    let audit = events.audit.iter().map(|event| (event.mark, event.time, event.id.clone()));
    let unified = events.unified_audit.iter().map(|record| (record.mark, record.time, record.id.clone()));
    let windows = events.windows.iter().map(|event| (event.mark, event.time, event.id()));
    sign_ins.chain(audit).chain(unified).chain(windows)
}

fn truth(tenant: &Tenant, events: &Events, mut scenarios: Vec<TruthScenario>, mut twins: Vec<BenignTwin>) -> Truth {
    for (mark, time, id) in all(events).filter(|(mark, ..)| !mark.is_empty()) {
        if let Some(scenario) = scenarios.iter_mut().find(|scenario| scenario.id == mark) {
            widen(&mut scenario.first_event, &mut scenario.last_event, time);
            scenario.event_ids.push(id);
        } else if let Some(twin) = twins.iter_mut().find(|twin| twin.id == mark) {
            widen(&mut twin.first_event, &mut twin.last_event, time);
            twin.events += 1;
        }
    }
    for scenario in &mut scenarios {
        scenario.benign_twins =
            twins.iter().filter(|twin| twin.scenario == scenario.id && twin.events > 0).cloned().collect();
    }
    Truth {
        options: TruthOptions::from(&tenant.options),
        tenant_id: tenant.tenant_id.clone(),
        scenarios,
        counts: counts(events),
        duplicates: events
            .unified_audit
            .iter()
            .filter(|record| record.duplicated)
            .map(|record| record.id.clone())
            .collect(),
        files: Vec::new(),
    }
}

fn widen(first: &mut Option<DateTime<Utc>>, last: &mut Option<DateTime<Utc>>, time: DateTime<Utc>) {
    *first = Some(first.map_or(time, |first| first.min(time)));
    *last = Some(last.map_or(time, |last| last.max(time)));
}

fn counts(events: &Events) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    let mut add = |log: &str| *counts.entry(log.to_owned()).or_insert(0) += 1;
    events.sign_ins.iter().for_each(|event| add(event.kind.category()));
    events.audit.iter().for_each(|_| add("AuditLogs"));
    events.unified_audit.iter().for_each(|_| add("UnifiedAudit"));
    events
        .windows
        .iter()
        .for_each(|event| add(if event.channel == "Security" { "WindowsSecurity" } else { "WindowsSystem" }));
    counts
}
