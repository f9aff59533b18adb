//! Where records go.

use chrono::{DateTime, Utc};

use crate::GenerateError;

/// How the records of a file are held together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Framing {
    /// Before the first record: a header line, an opening bracket.
    pub open: String,
    /// Between two records.
    pub between: &'static str,
    /// After the last.
    pub close: &'static str,
}

/// What is known of a file before its first record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAbout {
    /// Path below the tenant's folder, with `/`, such as `entra/signins-2026-01-05.ndjson.gz`. `.gz` asks for gzip, `.zip` for
    /// an archive of one file.
    pub path: String,
    /// How its records are held together.
    pub framing: Framing,
}

/// A place that takes a tenant's files.
pub trait Sink: Sync {
    /// Begins a file.
    ///
    /// # Errors
    /// When the place cannot take it.
    fn open(&self, about: &FileAbout) -> Result<Box<dyn SinkFile>, GenerateError>;
}

/// A file being written. Records of one file come in the order of their arrival.
pub trait SinkFile: Send {
    /// Takes a record, without the framing, and the moment at which its reader should get it.
    ///
    /// # Errors
    /// When it cannot be written.
    fn record(&mut self, arrival: DateTime<Utc>, record: &str) -> Result<(), GenerateError>;

    /// Ends the file.
    ///
    /// # Errors
    /// When it cannot be written.
    fn finish(self: Box<Self>) -> Result<(), GenerateError>;
}

/// Takes everything and keeps nothing: for measuring.
#[derive(Debug, Default)]
pub struct NullSink;

impl Sink for NullSink {
    fn open(&self, _: &FileAbout) -> Result<Box<dyn SinkFile>, GenerateError> {
        Ok(Box::new(Self))
    }
}

impl SinkFile for NullSink {
    fn record(&mut self, _: DateTime<Utc>, record: &str) -> Result<(), GenerateError> {
        std::hint::black_box(record);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), GenerateError> {
        Ok(())
    }
}
