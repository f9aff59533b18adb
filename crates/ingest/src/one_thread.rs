//! Reads and decodes one file on the calling thread, for measuring and for callers that have threads of their own.

use std::io::Cursor;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::decoders::all_decoders;
use crate::limits::{Limits, SNIFF_BYTES};
use crate::prepare::prepare;
use crate::readers::archive::LeafSource;
use crate::readers::content::Kind;
use crate::readers::leaf::read_leaf;
use crate::report::Counts;
use crate::sink::Sink;
use crate::source_file::SourceFile;
use crate::worker::Worker;

/// Decodes the content of a file that is no archive into batches for the sink, without a second thread; returns how many records it
/// has. Copies of events are not looked for.
///
/// # Errors
/// When the content cannot be read to its end, or the sink does not take the rows; the reason.
pub fn decode_on_this_thread(content: Vec<u8>, sink: &dyn Sink, now: DateTime<Utc>) -> Result<u64, String> {
    let kind = Kind::of(&content[..content.len().min(SNIFF_BYTES)]);
    let (limits, decoders) = (Limits::default(), all_decoders());
    let mut worker = Worker::new(&decoders, sink, now);
    let file = SourceFile { path: Arc::from("content"), kind: kind.name(), modified: None };
    let (mut counts, mut failed) = (Counts::default(), None);
    read_leaf(kind, LeafSource::Seekable(Box::new(Cursor::new(content))), &limits, &mut |chunk| {
        match worker.decode(&file, prepare(&chunk, &decoders, &limits)) {
            Ok(decoded) => counts.add(decoded),
            Err(reason) => failed = Some(reason),
        }
        failed.is_none()
    })?;
    failed.map_or(Ok(()), Err)?;
    worker.finish()?;
    Ok(counts.records)
}
