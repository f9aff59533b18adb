//! What came in through each way, in totals since the service started.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::service::doors::Sender;

/// Totals at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Activity {
    /// By way in and table.
    pub(crate) tables: BTreeMap<(String, String), Volume>,
    /// By way in.
    pub(crate) ways: BTreeMap<String, WayTotals>,
    /// By way in and sender.
    pub(crate) senders: BTreeMap<(String, Sender), SenderTotals>,
}

/// What one sender brought by one way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SenderTotals {
    pub(crate) records: u64,
    /// When the last of them came.
    pub(crate) last_arrival: Option<DateTime<Utc>>,
}

impl Activity {
    /// Rows by way in and table that came since.
    pub(crate) fn rows_since(&self, before: &Self) -> BTreeMap<(String, String), u64> {
        let rows = |key| before.tables.get(key).map_or(0, |volume| volume.rows);
        self.tables.iter().map(|(key, volume)| (key.clone(), volume.rows.saturating_sub(rows(key)))).collect()
    }

    /// Records by way in and sender that came since.
    pub(crate) fn records_since(&self, before: &Self) -> BTreeMap<(String, Sender), u64> {
        let records = |key| before.senders.get(key).map_or(0, |sender| sender.records);
        self.senders.iter().map(|(key, sender)| (key.clone(), sender.records.saturating_sub(records(key)))).collect()
    }
}

/// Rows that one way brought to one table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Volume {
    pub(crate) rows: u64,
    /// In memory.
    pub(crate) bytes: u64,
    /// When the last of them came.
    pub(crate) last_arrival: Option<DateTime<Utc>>,
}

/// What one way brought, whatever the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct WayTotals {
    pub(crate) records: u64,
    /// Records that went to `IngestionErrors`.
    pub(crate) rejected: u64,
    /// Records that were stored before.
    pub(crate) duplicates: u64,
    /// Requests that were not taken.
    pub(crate) refused: u64,
    /// Messages that were lost where nothing is acknowledged.
    pub(crate) dropped: u64,
    /// From the latest event of the last body until it could be queried, in ms.
    pub(crate) last_delay: i64,
}

impl Volume {
    /// What came since.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            rows: self.rows.saturating_sub(before.rows),
            bytes: self.bytes.saturating_sub(before.bytes),
            last_arrival: self.last_arrival,
        }
    }
}

impl WayTotals {
    /// What came since.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            records: self.records.saturating_sub(before.records),
            rejected: self.rejected.saturating_sub(before.rejected),
            duplicates: self.duplicates.saturating_sub(before.duplicates),
            refused: self.refused.saturating_sub(before.refused),
            dropped: self.dropped.saturating_sub(before.dropped),
            ..self
        }
    }

    /// Whether something was not taken in as it was sent.
    pub(crate) fn has_errors(self) -> bool {
        self.rejected + self.refused + self.dropped > 0
    }
}
