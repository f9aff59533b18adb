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

impl Framing {
    /// Whether the records are rows of a table under a header line, not JSON or lines of text.
    pub fn is_table(&self) -> bool {
        self.between.is_empty()
    }

    /// The same records as a stream has them that never ends: one a line; a table keeps its header.
    #[must_use]
    pub fn streamed(&self) -> Self {
        if self.is_table() { self.clone() } else { Self { open: String::new(), between: "\n", close: "\n" } }
    }
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

impl FileAbout {
    /// The same file as it is while it grows: plain, its records as [`Framing::streamed`] says, its name accordingly.
    #[must_use]
    pub fn streamed(&self) -> Self {
        let plain = self.path.strip_suffix(".gz").or_else(|| self.path.strip_suffix(".zip")).unwrap_or(&self.path);
        let path = match plain.strip_suffix(".json") {
            Some(stem) => format!("{stem}.ndjson"),
            None => plain.to_owned(),
        };
        Self { path, framing: self.framing.streamed() }
    }
}

/// A place that takes a tenant's files.
pub trait Sink: Sync {
    /// Begins a file.
    ///
    /// # Errors
    /// When the place cannot take it.
    fn open(&self, about: &FileAbout) -> Result<Box<dyn SinkFile>, GenerateError>;

    /// All files have what arrived in a slice of time; what follows arrives later. No file is written during the call.
    ///
    /// # Errors
    /// When what was taken cannot be passed on.
    fn slice_done(&self) -> Result<(), GenerateError> {
        Ok(())
    }
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
