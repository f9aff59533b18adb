//! The records of a log, over all of its segments.

use std::path::Path;

use super::log_damage::LogDamage;
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
    /// What could not be read and what could, where damage is passed over.
    passed_over: Option<PassedOver>,
}

/// What a replay that passes over damage found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PassedOver {
    pub(crate) damages: Vec<LogDamage>,
    /// Of all records that were read, those in files included.
    pub(crate) requests: u64,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// Rows that are not in files.
    pub(crate) fresh_rows: u64,
}

/// A record, with the rows that are not in Delta.
#[derive(Debug)]
pub(crate) struct ReplayedRecord {
    pub(crate) sequence: u64,
    pub(crate) record: Record,
}

impl Replay {
    pub(crate) fn open(folder: &Path) -> Result<Self, StorageError> {
        Ok(Self { segments: list(folder)?, at: 0, reader: None, next: None, closed: Vec::new(), passed_over: None })
    }

    /// A replay that passes over what cannot be read, and takes note of it.
    pub(crate) fn passing_over_damage(folder: &Path) -> Result<Self, StorageError> {
        Ok(Self { passed_over: Some(PassedOver::default()), ..Self::open(folder)? })
    }

    /// What was found by a replay that passes over damage.
    pub(crate) fn found(self) -> PassedOver {
        self.passed_over.unwrap_or_default()
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
            if self.reader.is_none() && !self.open_segment()? {
                return Ok(None);
            }
            let (Some(reader), Some(segment)) = (&mut self.reader, self.segments.get(self.at)) else { return Ok(None) };
            let (segment_path, segment_bytes) = (segment.path.clone(), segment.bytes);
            let raw = match reader.next() {
                Err(StorageError::DamagedLog { path, offset, problem }) if self.passed_over.is_some() => {
                    let later = self.segments.iter().skip(self.at + 1).find_map(|segment| segment.header);
                    let places = self.next.unwrap_or(0)..later.map_or(u64::MAX, |header| header.first_sequence);
                    let bytes = reader.resume(places)?;
                    self.note(LogDamage { path, offset, problem, bytes, requests: None });
                    continue;
                }
                other => other?,
            };
            if let Some(raw) = raw {
                self.count_lost(raw.sequence);
                self.next = Some(raw.sequence + 1);
                let is_fresh = |table: &str| raw.sequence > versions.log_position(table);
                let is_counted = self.passed_over.is_some();
                let decoded = decode(&raw.payload, |table| is_counted || is_fresh(table));
                let mut record = decoded.map_err(|problem| StorageError::DamagedLog {
                    path: segment_path,
                    offset: raw.offset,
                    problem,
                })?;
                if let Some(found) = &mut self.passed_over {
                    let rows =
                        |record: &Record| record.tables.iter().map(|(_, rows)| rows.num_rows() as u64).sum::<u64>();
                    found.requests += 1;
                    found.bytes += raw.payload.len() as u64;
                    found.rows += rows(&record);
                    record.tables.retain(|(table, _)| is_fresh(&table.name));
                    found.fresh_rows += rows(&record);
                }
                return Ok(Some(ReplayedRecord { sequence: raw.sequence, record }));
            }
            let last_sequence = self.next.map_or(0, |next| next.saturating_sub(1));
            self.closed.push(ClosedSegment { path: segment_path, last_sequence, bytes: segment_bytes });
            self.reader = None;
            self.at += 1;
        }
    }

    /// Begins to read the next segment; whether there is one.
    fn open_segment(&mut self) -> Result<bool, StorageError> {
        let Some(segment) = self.segments.get(self.at).cloned() else { return Ok(false) };
        if let (Some(header), Some(next)) = (segment.header, self.next)
            && header.first_sequence != next
        {
            let missing = missing(&segment, next, header.first_sequence);
            if self.passed_over.is_none() || header.first_sequence < next {
                return Err(StorageError::DamagedLog { path: missing.path, offset: 0, problem: missing.problem });
            }
            if !self.count_lost(header.first_sequence) {
                self.note(missing);
            }
        }
        let later = self.segments.iter().skip(self.at + 1).find_map(|segment| segment.header);
        // One without a header has no records: what should be in it is missed when the next one is opened.
        let end = if segment.header.is_some() { later.map(|header| header.first_sequence) } else { None };
        self.next = segment.header.map(|header| header.first_sequence).or(self.next);
        self.reader = Some(SegmentReader::open(&segment, end)?);
        Ok(true)
    }

    fn note(&mut self, damage: LogDamage) {
        if let Some(found) = &mut self.passed_over {
            found.damages.push(damage);
        }
    }

    /// The record after what was passed over last has this place: tells how many are lost. Whether something was passed over.
    fn count_lost(&mut self, sequence: u64) -> bool {
        let last = self.passed_over.as_mut().and_then(|found| found.damages.last_mut());
        let Some(damage) = last.filter(|damage| damage.requests.is_none()) else { return false };
        damage.requests = self.next.map(|next| sequence.saturating_sub(next));
        true
    }

    /// The place of the last record; nothing where there was none.
    pub(crate) fn last_sequence(&self) -> Option<u64> {
        self.next.map(|next| next - 1)
    }
}

fn missing(segment: &SegmentFile, next: u64, first: u64) -> LogDamage {
    LogDamage {
        path: segment.path.clone(),
        offset: 0,
        problem: format!("the record before it is {}, and the one at its beginning {first}", next.saturating_sub(1)),
        bytes: 0,
        requests: Some(first.saturating_sub(next)),
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
