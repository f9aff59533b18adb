//! Where rows go, and who hears of progress.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use arrow::array::RecordBatch;
use schema::Table;

use crate::report::FileReport;

/// Takes the rows. Called from several threads at once.
pub trait Sink: Sync {
    /// Takes a batch of the table's rows, in [`Table::arrow_schema`].
    ///
    /// # Errors
    /// When the rows cannot be kept; the run then stops.
    fn write(&self, table: &'static Table, batch: RecordBatch) -> Result<(), String>;

    /// The custom tables that there are, whose columns keep their types; by default none.
    fn custom_tables(&self) -> Vec<&'static Table> {
        Vec::new()
    }

    /// Whether a file of this content (SHA-256 in lower-case hexadecimal) was read before by this version of the decoders or a later one,
    /// to its end or not: its rows are there already.
    fn is_known(&self, sha256: &str, decoder_version: i32) -> bool;
}

/// Hears how far reading is.
pub trait Progress: Sync {
    /// Reading starts: so many files with so many bytes on disk.
    fn start(&self, files: usize, bytes: u64);
    /// So many more bytes were read.
    fn advance(&self, bytes: u64);
    /// A file is done.
    fn file_done(&self, file: &FileReport);
}

/// Progress that nobody hears of.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn start(&self, _files: usize, _bytes: u64) {}
    fn advance(&self, _bytes: u64) {}
    fn file_done(&self, _file: &FileReport) {}
}

/// Keeps all rows in memory, for tests.
#[derive(Debug, Default)]
pub struct MemorySink {
    batches: Mutex<BTreeMap<String, Vec<RecordBatch>>>,
    known: Vec<String>,
    custom: Vec<&'static Table>,
}

impl MemorySink {
    /// An empty sink.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty sink that knows files of these SHA-256 values.
    pub fn knowing(known: Vec<String>) -> Self {
        Self { known, ..Self::default() }
    }

    /// An empty sink with these custom tables.
    pub fn with_custom_tables(custom: Vec<&'static Table>) -> Self {
        Self { custom, ..Self::default() }
    }

    /// The batches of this table so far.
    pub fn batches(&self, table: &str) -> Vec<RecordBatch> {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner).get(table).cloned().unwrap_or_default()
    }

    /// Number of rows of this table so far.
    pub fn rows(&self, table: &str) -> usize {
        self.batches(table).iter().map(RecordBatch::num_rows).sum()
    }

    /// The names of the tables that have rows.
    pub fn tables(&self) -> Vec<String> {
        self.batches.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }
}

impl Sink for MemorySink {
    fn write(&self, table: &'static Table, batch: RecordBatch) -> Result<(), String> {
        let mut batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner);
        batches.entry(table.name.clone()).or_default().push(batch);
        Ok(())
    }

    fn custom_tables(&self) -> Vec<&'static Table> {
        self.custom.clone()
    }

    fn is_known(&self, sha256: &str, _decoder_version: i32) -> bool {
        self.known.iter().any(|known| known == sha256)
    }
}
