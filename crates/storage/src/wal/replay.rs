//! The records of a log, over all of its segments.

use std::path::Path;

use super::record::{Record, decode};
use super::segment::ClosedSegment;
use super::segment_reader::{SegmentFile, SegmentReader, list};
use crate::StorageError;
use crate::live::FreshRows;
use crate::live::custom_columns::with_columns_of;
use crate::live::live_view::View;
use crate::live::run::{Run, in_columns};
use crate::versions::Versions;

/// Most bytes of fresh rows that a process reads from a log which another one writes.
const MAX_READ_BYTES: u64 = 1024 * 1024 * 1024;

/// Reads a log from its beginning.
#[derive(Debug)]
pub(crate) struct Replay {
    segments: Vec<SegmentFile>,
    at: usize,
    reader: Option<SegmentReader>,
    /// The place of the next record, once one is known.
    next: Option<u64>,
    /// Segments read to their end.
    pub(crate) closed: Vec<ClosedSegment>,
}

/// A record, with the rows that are not in Delta.
#[derive(Debug)]
pub(crate) struct ReplayedRecord {
    pub(crate) sequence: u64,
    pub(crate) record: Record,
}

impl Replay {
    pub(crate) fn open(folder: &Path) -> Result<Self, StorageError> {
        Ok(Self { segments: list(folder)?, at: 0, reader: None, next: None, closed: Vec::new() })
    }

    /// Whether there is anything to read.
    pub(crate) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    pub(crate) fn segments(&self) -> &[SegmentFile] {
        &self.segments
    }

    /// The index of the segment after all that there are.
    pub(crate) fn next_index(&self) -> u64 {
        self.segments.last().map_or(1, |segment| segment.index + 1)
    }

    /// The next record, with the rows that are not in the files of these versions.
    pub(crate) fn next(&mut self, versions: &Versions) -> Result<Option<ReplayedRecord>, StorageError> {
        loop {
            let Some(segment) = self.segments.get(self.at) else { return Ok(None) };
            let reader = match &mut self.reader {
                Some(reader) => reader,
                None => {
                    if let (Some(header), Some(next)) = (segment.header, self.next)
                        && header.first_sequence != next
                    {
                        return Err(missing(segment, next, header.first_sequence));
                    }
                    let later = self.segments.iter().skip(self.at + 1).find_map(|segment| segment.header);
                    // One without a header has no records: what should be in it is missed when the next one is opened.
                    let end = if segment.header.is_some() { later.map(|header| header.first_sequence) } else { None };
                    self.next = segment.header.map(|header| header.first_sequence).or(self.next);
                    self.reader.insert(SegmentReader::open(segment, end)?)
                }
            };
            if let Some(raw) = reader.next()? {
                self.next = Some(raw.sequence + 1);
                let is_fresh = |table: &str| raw.sequence > versions.log_position(table);
                let record = decode(&raw.payload, is_fresh).map_err(|problem| StorageError::DamagedLog {
                    path: segment.path.clone(),
                    offset: raw.offset,
                    problem,
                })?;
                return Ok(Some(ReplayedRecord { sequence: raw.sequence, record }));
            }
            let last_sequence = self.next.map_or(0, |next| next - 1);
            self.closed.push(ClosedSegment { path: segment.path.clone(), last_sequence, bytes: segment.bytes });
            self.reader = None;
            self.at += 1;
        }
    }

    /// The place of the last record; nothing where there was none.
    pub(crate) fn last_sequence(&self) -> Option<u64> {
        self.next.map(|next| next - 1)
    }
}

fn missing(segment: &SegmentFile, next: u64, first: u64) -> StorageError {
    StorageError::DamagedLog {
        path: segment.path.clone(),
        offset: 0,
        problem: format!("the record before it is {}, and the one at its beginning {first}", next.saturating_sub(1)),
    }
}

/// The rows of a record as fresh rows. Columns were put together when it was written; those of files come from the versions.
pub(crate) fn add(view: &View, fresh: &mut FreshRows, replayed: ReplayedRecord) -> Result<(), StorageError> {
    for (given, batch) in replayed.record.tables {
        let known =
            fresh.table(&given.name).map(|fresh| fresh.table).or_else(|| view.versions.custom_table(&given.name));
        let table = known.map_or(Ok(given), |known| with_columns_of(known, given))?;
        let failed = |source| StorageError::Rows { table: table.name.clone(), source: Box::new(source) };
        let batch = in_columns(&batch, &table.arrow_schema()).map_err(failed)?;
        if let Some(run) = Run::new(table, batch, replayed.sequence).map_err(failed)? {
            fresh.push(table, run);
        }
    }
    fresh.sequence = fresh.sequence.max(replayed.sequence);
    Ok(())
}

/// The rows of a log that another process may be writing, and that are not in the files of these versions. Changes nothing.
pub(crate) fn read_fresh(folder: &Path, view: &View) -> Result<FreshRows, StorageError> {
    let mut replay = Replay::open(folder)?;
    let mut fresh = FreshRows::default();
    while let Some(replayed) = replay.next(&view.versions)? {
        add(view, &mut fresh, replayed)?;
        if fresh.bytes() > MAX_READ_BYTES {
            return Err(StorageError::LogTooLong { path: folder.to_owned(), limit: MAX_READ_BYTES });
        }
    }
    Ok(fresh)
}
