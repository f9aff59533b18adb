//! Entry of `cargo xtask bench ingest`: a file through its reader and its decoders, all on the calling thread.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use chrono::DateTime;
use schema::Table;

use crate::decoders::all_decoders;
use crate::limits::Limits;
use crate::prepare::prepare;
use crate::readers::archive::{Leaf, LeafHandler, walk};
use crate::readers::content::Kind;
use crate::readers::leaf::read_leaf;
use crate::report::Counts;
use crate::sink::Sink;
use crate::source_file::SourceFile;
use crate::worker::Worker;

/// Drops all rows.
#[derive(Debug, Default, Clone, Copy)]
pub struct NullSink;

impl Sink for NullSink {
    fn write(&self, _table: &'static Table, _batch: RecordBatch) -> Result<(), String> {
        Ok(())
    }

    fn is_known(&self, _sha256: &str, _decoder_version: i32) -> bool {
        false
    }
}

/// What was found in the files.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Records, placed or not.
    pub records: u64,
    /// Records without a place.
    pub rejected: u64,
}

/// Reads and decodes these files into Arrow batches, which are dropped.
///
/// # Errors
/// When a file cannot be read.
pub fn decode_files(paths: &[impl AsRef<Path>]) -> Result<Measured, String> {
    let decoders = all_decoders();
    let mut reader = Reader {
        worker: Worker::new(&decoders, &NullSink, DateTime::UNIX_EPOCH),
        counts: Counts::default(),
        failed: None,
    };
    for path in paths {
        let path = path.as_ref();
        let failed = |error: std::io::Error| format!("`{}` cannot be read: {error}", path.display());
        let file = File::open(path).map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        walk(&path.display().to_string(), Box::new(file), bytes, None, &Limits::default(), &mut reader)
            .map_err(failed)?;
    }
    reader.worker.finish()?;
    reader.failed.map_or(Ok(Measured { records: reader.counts.records, rejected: reader.counts.rejected }), Err)
}

struct Reader<'w> {
    worker: Worker<'w>,
    counts: Counts,
    failed: Option<String>,
}

impl LeafHandler for Reader<'_> {
    fn leaf(&mut self, leaf: Leaf) -> bool {
        let limits = Limits::default();
        let file = SourceFile { path: Arc::from(leaf.path.as_str()), kind: leaf.kind.name(), modified: leaf.modified };
        let result = read_leaf(leaf.kind, leaf.source, &limits, &mut |chunk| {
            let prepared = prepare(&chunk, self.worker.decoders(), &limits);
            match self.worker.decode(&file, prepared) {
                Ok(counts) => self.counts.add(counts),
                Err(reason) => self.failed = Some(reason),
            }
            self.failed.is_none()
        });
        if let Err(reason) = result {
            self.failed = Some(format!("`{}`: {reason}", file.path));
        }
        self.failed.is_none()
    }

    fn broken(&mut self, path: &str, _kind: Kind, reason: String) {
        self.failed = Some(format!("`{path}`: {reason}"));
    }
}
