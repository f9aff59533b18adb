//! Where a body's batches are put together.

use std::sync::{Mutex, PoisonError};

use arrow::array::RecordBatch;
use schema::Table;

use crate::sink::Sink;

/// Keeps the batches of one body.
#[derive(Debug, Default)]
pub(super) struct Collected(Mutex<Vec<(&'static Table, RecordBatch)>>);

impl Collected {
    /// The batches in the order in which they came.
    pub fn into_rows(self) -> Vec<(&'static Table, RecordBatch)> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Collected {
    fn write(&self, table: &'static Table, batch: RecordBatch) -> Result<(), String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((table, batch));
        Ok(())
    }

    fn is_known(&self, _sha256: &str, _decoder_version: i32) -> bool {
        false
    }
}
