//! What each way brought to each table, for metrics and for the rows about the service itself.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use ingest::{Decoded, Way};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::sender::Sender;

/// What one way brought to one table since the service started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DoorCounts {
    /// Rows stored.
    pub(crate) rows: u64,
    /// Their bytes in memory.
    pub(crate) bytes: u64,
    /// When the last of them arrived.
    pub(crate) last_arrival: Option<DateTime<Utc>>,
}

/// What one way brought, whatever the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WayCounts {
    /// Records, placed or not.
    pub(crate) records: u64,
    /// Records that went to `IngestionErrors`.
    pub(crate) rejected: u64,
    /// Copies of events that are stored.
    pub(crate) duplicates: u64,
    /// Rows that got the time of their arrival.
    pub(crate) clamped: u64,
    /// Bodies refused as busy, or because the disk was full.
    pub(crate) refused: u64,
    /// Messages dropped before they were read: over a limit of a listener, where nothing is acknowledged.
    pub(crate) dropped: u64,
    /// Milliseconds from the latest event of the last body to its arrival.
    pub(crate) last_delay: i64,
    /// When the last body arrived.
    pub(crate) last_arrival: Option<DateTime<Utc>>,
}

/// What one sender brought by one way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SenderCounts {
    /// Records, placed or not.
    pub(crate) records: u64,
    /// When the last of them arrived.
    pub(crate) last_arrival: Option<DateTime<Utc>>,
}

/// Most senders that are told apart, each way counted; whoever comes beyond them is one of `(others)`. A site with more has relays before
/// them, and a sender that makes up addresses of datagrams costs a megabyte, no more.
const MOST_SENDERS: usize = 5_000;
/// How long a sender that fell silent is remembered: long enough to be missed, and its row of `SentinelHealth` to be read.
const REMEMBERED: TimeDelta = TimeDelta::days(7);

/// The counters of all ways in.
#[derive(Debug, Default)]
pub(crate) struct DoorStatistics {
    counts: Mutex<Counts>,
    rows: Family<TableLabels, Counter>,
    bytes: Family<TableLabels, Counter>,
    records: Family<OutcomeLabels, Counter>,
}

#[derive(Debug, Default)]
struct Counts {
    tables: BTreeMap<(Way, String), DoorCounts>,
    ways: BTreeMap<Way, WayCounts>,
    senders: BTreeMap<(Way, Sender), SenderCounts>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TableLabels {
    way: &'static str,
    table: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabels {
    way: &'static str,
    outcome: &'static str,
}

impl DoorStatistics {
    /// Nothing counted yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Makes the counters visible to Prometheus.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("ingested_rows", "Rows stored by way in and table", self.rows.clone());
        registry.register("ingested_bytes", "Bytes of the rows in memory by way in and table", self.bytes.clone());
        registry.register("ingest_records", "Records by way in and what became of them", self.records.clone());
    }

    /// What each way brought to each table.
    pub(crate) fn tables(&self) -> BTreeMap<(Way, String), DoorCounts> {
        self.lock().tables.clone()
    }

    /// What each way brought.
    pub(crate) fn ways(&self) -> BTreeMap<Way, WayCounts> {
        self.lock().ways.clone()
    }

    /// Rows were stored.
    pub(crate) fn rows(&self, way: Way, table: &str, rows: u64, bytes: u64, now: DateTime<Utc>) {
        let labels = TableLabels { way: way.name(), table: table.to_owned() };
        self.rows.get_or_create(&labels).inc_by(rows);
        self.bytes.get_or_create(&labels).inc_by(bytes);
        let mut counts = self.lock();
        let table = counts.tables.entry((way, table.to_owned())).or_default();
        table.rows += rows;
        table.bytes += bytes;
        table.last_arrival = Some(now);
    }

    /// Records of a body were decoded and their rows stored.
    pub(crate) fn records(&self, way: Way, decoded: &Decoded, now: DateTime<Utc>) {
        let rejected = decoded.rejected.len() as u64;
        self.count(way, "accepted", decoded.accepted() as u64);
        self.count(way, "rejected", rejected);
        self.count(way, "duplicate", decoded.duplicates);
        self.count(way, "clamped", decoded.clamped);
        let mut counts = self.lock();
        let way = counts.ways.entry(way).or_default();
        way.records += decoded.records as u64;
        way.rejected += rejected;
        way.duplicates += decoded.duplicates;
        way.clamped += decoded.clamped;
        way.last_arrival = Some(now);
        if let Some(last) = decoded.last_time {
            way.last_delay = (now.timestamp_micros() - last) / 1000;
        }
    }

    /// What each sender brought. Those who were silent for a week are forgotten.
    pub(crate) fn senders(&self, now: DateTime<Utc>) -> BTreeMap<(Way, Sender), SenderCounts> {
        let mut counts = self.lock();
        counts.senders.retain(|_, sender| sender.last_arrival.is_some_and(|last| now - last < REMEMBERED));
        counts.senders.clone()
    }

    /// A sender brought records that are stored.
    pub(crate) fn sender(&self, way: Way, sender: &Sender, records: u64, now: DateTime<Utc>) {
        let senders = &mut self.lock().senders;
        let mut key = (way, sender.clone());
        if senders.len() >= MOST_SENDERS && !senders.contains_key(&key) {
            key.1 = Sender::others();
        }
        let counts = senders.entry(key).or_default();
        counts.records += records;
        counts.last_arrival = Some(now);
    }

    /// A body was not taken.
    pub(crate) fn refused(&self, way: Way) {
        self.count(way, "refused", 1);
        self.lock().ways.entry(way).or_default().refused += 1;
    }

    /// Messages were dropped unread.
    pub(crate) fn dropped(&self, way: Way, messages: u64) {
        self.count(way, "dropped", messages);
        self.lock().ways.entry(way).or_default().dropped += messages;
    }

    fn count(&self, way: Way, outcome: &'static str, count: u64) {
        if count > 0 {
            self.records.get_or_create(&OutcomeLabels { way: way.name(), outcome }).inc_by(count);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::testing::test_time;

    #[test]
    fn senders_are_bounded_and_forgotten_after_a_week() {
        let (statistics, now) = (DoorStatistics::new(), test_time());
        for number in 0..MOST_SENDERS + 7 {
            statistics.sender(Way::SyslogUdp, &Sender::named(number.to_string()), 1, now);
        }
        statistics.sender(Way::SyslogUdp, &Sender::named("0"), 2, now + TimeDelta::days(1));
        let senders = statistics.senders(now);
        assert_eq!(senders.len(), MOST_SENDERS + 1);
        assert_eq!(senders[&(Way::SyslogUdp, Sender::others())].records, 7);
        assert_eq!(senders[&(Way::SyslogUdp, Sender::named("0"))].records, 3);
        assert_eq!(statistics.senders(now + TimeDelta::days(7)).len(), 1);
    }
}
