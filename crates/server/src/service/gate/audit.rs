//! What happened here, as rows of `SentinelAudit`.
//!
//! <https://learn.microsoft.com/azure/azure-monitor/reference/tables/sentinelaudit>

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use access::Principal;
use chrono::{DateTime, SecondsFormat, Utc};
use schema::Table;
use serde_json::{Map, Value, json};

use super::super::app::App;
use crate::rows_from_json::rows_from_json;

/// Events that wait to be stored, at most: at a thousand a second, some seconds without a disk. Beyond it events go to the service's log alone.
const MOST_WAITING: usize = 8192;

/// Events that are stored at a time.
const BATCH: usize = 1024;

/// Something that somebody did, or tried to do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AuditEvent {
    time: DateTime<Utc>,
    operation: &'static str,
    succeeded: bool,
    actor: String,
    address: Option<String>,
    resource: Option<(&'static str, String)>,
    details: Map<String, Value>,
}

impl AuditEvent {
    /// Something that was done.
    pub(crate) fn done(operation: &'static str, actor: &str, time: DateTime<Utc>) -> Self {
        Self {
            time,
            operation,
            succeeded: true,
            actor: actor.to_owned(),
            address: None,
            resource: None,
            details: Map::new(),
        }
    }

    /// Something that a caller did.
    pub(crate) fn by(operation: &'static str, caller: &Principal, time: DateTime<Utc>) -> Self {
        let kind = Value::from(format!("{:?}", caller.kind));
        Self::done(operation, &caller.name, time)
            .with("CallerKind", kind)
            .with("CallerId", Value::from(caller.id.clone()))
    }

    /// Something that somebody tried in vain.
    pub(crate) fn failed(operation: &'static str, actor: &str, time: DateTime<Utc>) -> Self {
        Self { succeeded: false, ..Self::done(operation, actor, time) }
    }

    /// From where.
    #[must_use]
    pub(crate) fn from(mut self, address: &str) -> Self {
        self.address = Some(address.to_owned());
        self
    }

    /// What it was done to: a kind and a name.
    #[must_use]
    pub(crate) fn about(mut self, kind: &'static str, name: &str) -> Self {
        self.resource = Some((kind, name.to_owned()));
        self
    }

    /// A detail.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        self.details.insert(name.to_owned(), value);
        self
    }

    fn row(&self) -> Map<String, Value> {
        let mut details = self.details.clone();
        details.insert("CallerName".to_owned(), json!(self.actor));
        if let Some(address) = &self.address {
            details.insert("CallerIpAddress".to_owned(), json!(address));
        }
        let (kind, name) = self.resource.as_ref().map_or(("", ""), |(kind, name)| (*kind, name.as_str()));
        let outcome = if self.succeeded { "Success" } else { "Failure" };
        let row = json!({
            "TimeGenerated": self.time.to_rfc3339_opts(SecondsFormat::Micros, true),
            "OperationName": self.operation,
            "Status": outcome,
            "Description": format!("{} by `{}`: {}", self.operation, self.actor, outcome.to_lowercase()),
            "ExtendedProperties": details,
            "SentinelResourceKind": kind,
            "SentinelResourceName": name,
            "SentinelResourceType": kind,
            "SourceSystem": "Vedette",
        });
        match row {
            Value::Object(row) => row,
            _ => Map::new(),
        }
    }
}

/// Events that wait to be stored.
pub(super) struct AuditQueue {
    events: Mutex<VecDeque<AuditEvent>>,
}

impl AuditQueue {
    /// None yet.
    pub(super) fn new() -> Self {
        Self { events: Mutex::default() }
    }

    /// Puts an event last; the log has it too, so that it is somewhere whatever happens to the store.
    pub(super) fn push(&self, event: AuditEvent) {
        tracing::info!(
            target: "audit",
            operation = event.operation,
            succeeded = event.succeeded,
            actor = event.actor,
            address = event.address,
            resource = event.resource.as_ref().map(|(kind, name)| format!("{kind} {name}")),
            "audit"
        );
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        if events.len() < MOST_WAITING {
            events.push_back(event);
        } else {
            tracing::error!("too many audit events wait to be stored: this one is in the log alone");
        }
    }

    /// Takes the oldest events.
    pub(super) fn take(&self) -> Vec<AuditEvent> {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let count = events.len().min(BATCH);
        events.drain(..count).collect()
    }

    /// Puts events back that could not be stored.
    fn put_back(&self, taken: Vec<AuditEvent>) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        for event in taken.into_iter().rev() {
            events.push_front(event);
        }
        events.truncate(MOST_WAITING);
    }
}

/// Stores the events that wait; called by the job loop, and once more when the service ends.
pub(crate) async fn drain_audit(app: &App) {
    let Some(table) = schema::table("SentinelAudit") else { return };
    loop {
        let events = app.gate().audit_queue().take();
        if events.is_empty() {
            return;
        }
        if let Err(error) = store(app, table, &events).await {
            tracing::error!(%error, "audit events could not be stored; they are tried again");
            app.gate().audit_queue().put_back(events);
            return;
        }
    }
}

async fn store(app: &App, table: &'static Table, events: &[AuditEvent]) -> Result<(), String> {
    let rows: Vec<_> = events.iter().map(AuditEvent::row).collect();
    let rows = rows_from_json(table, &rows).map_err(|error| error.to_string())?;
    app.live().append(vec![(table, rows)], None).await.map(|_| ()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_a_row_of_the_table() {
        let event =
            AuditEvent::failed("Sign in", "alice", DateTime::UNIX_EPOCH).from("192.0.2.1").about("User", "alice");
        let table = schema::table("SentinelAudit").unwrap();
        let rows = rows_from_json(table, &[event.row()]).unwrap();
        assert_eq!(rows.num_rows(), 1);
        assert_eq!(event.row()["Status"], "Failure");
    }

    #[test]
    fn the_queue_is_bounded_and_keeps_order() {
        let queue = AuditQueue::new();
        for number in 0..MOST_WAITING + 10 {
            queue.push(AuditEvent::done("Test", &number.to_string(), DateTime::UNIX_EPOCH));
        }
        let taken = queue.take();
        assert_eq!((taken.len(), taken[0].actor.as_str()), (BATCH, "0"));
        queue.put_back(taken);
        let mut count = 0;
        loop {
            let taken = queue.take();
            if taken.is_empty() {
                break;
            }
            assert_eq!(taken[0].actor, count.to_string());
            count += taken.len();
        }
        assert_eq!(count, MOST_WAITING);
    }
}
