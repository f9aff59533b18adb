//! What became of a body.

use arrow::array::RecordBatch;
use schema::Table;

/// A record that has no place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Its place: which record of the body it is, from 0.
    pub index: usize,
    /// Why, as in `IngestionErrors`.
    pub reason: String,
}

/// The rows of a body, and what became of each record.
#[derive(Debug, Default)]
pub struct Decoded {
    /// The rows by table, those of `IngestionErrors` among them.
    pub rows: Vec<(&'static Table, RecordBatch)>,
    /// Records of the body.
    pub records: usize,
    /// Records without a place, in order, each once.
    pub rejected: Vec<Rejected>,
    /// Rows of `IngestionErrors`: at least one for each rejected record.
    pub error_rows: usize,
    /// Records that are copies of an event that is stored.
    pub duplicates: u64,
    /// Rows whose time was out of bounds.
    pub clamped: u64,
    /// Latest time of the rows, in microseconds since 1970, those of `IngestionErrors` aside.
    pub last_time: Option<i64>,
    /// Keys by which copies of these events are told, for [`crate::Intake::remember`].
    pub(crate) keys: Vec<u128>,
}

impl Decoded {
    /// Records that have a place.
    pub fn accepted(&self) -> usize {
        self.records.saturating_sub(self.rejected.len())
    }

    /// Rows beside those of `IngestionErrors`.
    pub fn event_rows(&self) -> usize {
        self.rows.iter().map(|(_, batch)| batch.num_rows()).sum::<usize>().saturating_sub(self.error_rows)
    }

    /// Bytes of the rows in memory.
    pub fn bytes(&self) -> usize {
        self.rows.iter().map(|(_, batch)| batch.get_array_memory_size()).sum()
    }
}
