//! From the records of a body to batches of rows.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arrow::array::AsArray;
use arrow::datatypes::TimestampMicrosecondType;
use chrono::{DateTime, Utc};
use schema::Table;

use super::collected::Collected;
use super::{Decoded, IntakeSource, Records, Target, TimeBounds};
use crate::custom::{CustomExport, CustomRegistry, CustomTables, DataCollectorRows};
use crate::decoder::{Decoder, Record};
use crate::decoders::{all_decoders, decoders_into};
use crate::duplicates::SeenKeys;
use crate::limits::{LIVE_BUILDER_BYTES, LIVE_BUILDERS, LIVE_DUPLICATE_KEYS, Limits};
use crate::prepare::{Prepared, object_of, prepare};
use crate::readers::leaf::Chunk;
use crate::report::Counts;
use crate::rows::Rows;
use crate::source_file::SourceFile;
use crate::worker::{ERRORS_TABLE, Worker};

/// Rows that cannot be put together, such as more than 2 GiB of text in one column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("records of `{source_name}` cannot be decoded: {reason}")]
pub struct IntakeError {
    /// Where the body came from.
    pub source_name: String,
    /// Why.
    pub reason: String,
}

/// Decoders, the most specific first.
type Decoders = Vec<Box<dyn Decoder>>;

/// Decodes bodies, any number at once. Built once: looking up the columns of all decoders takes longer than a body.
pub struct Intake {
    decoders: Decoders,
    /// The decoders that put everything into one table, by its name.
    into_table: Mutex<HashMap<String, Arc<Decoders>>>,
    custom: Arc<CustomRegistry>,
    seen: Mutex<SeenKeys>,
    /// Row builders of bodies before, which have room already.
    builders: Mutex<Vec<Rows>>,
    limits: Limits,
    bounds_times: bool,
}

impl fmt::Debug for Intake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Intake").field("bounds_times", &self.bounds_times).finish_non_exhaustive()
    }
}

impl Intake {
    /// An intake of a workspace that has these custom tables, with the usual limits.
    pub fn new(custom: &[&'static Table]) -> Self {
        Self {
            decoders: all_decoders(),
            into_table: Mutex::default(),
            custom: Arc::new(CustomRegistry::new(custom)),
            seen: Mutex::new(SeenKeys::of_at_most(LIVE_DUPLICATE_KEYS)),
            builders: Mutex::default(),
            limits: Limits::default(),
            bounds_times: true,
        }
    }

    /// The same, with times taken as sent on all ways where `bounds_times` is false.
    pub fn with_bounded_times(self, bounds_times: bool) -> Self {
        Self { bounds_times, ..self }
    }

    /// The limits of a record.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The table of this name, built-in or custom; the case of a custom table's name does not matter.
    pub fn table(&self, name: &str) -> Option<&'static Table> {
        schema::table(name).or_else(|| self.custom.table(&name.to_ascii_lowercase()))
    }

    /// Adds a custom table, or columns to one; columns that it has keep their types. Gives what it is then.
    pub fn declare(&self, table: &Table) -> &'static Table {
        self.custom.declare(table)
    }

    /// Forgets a custom table that was dropped.
    pub fn forget(&self, name: &str) {
        self.custom.forget(name);
        lock(&self.into_table).remove(name);
    }

    /// Decodes a body that arrived now. Nothing is remembered of its events until [`Intake::remember`].
    ///
    /// # Errors
    /// When rows cannot be put together; no row of the body is then given.
    pub fn decode(
        &self,
        records: &Records,
        source: &IntakeSource,
        target: &Target,
        now: DateTime<Utc>,
    ) -> Result<Decoded, IntakeError> {
        let failed = |reason| IntakeError { source_name: source.name.to_string(), reason };
        let into = match target {
            Target::Table(table) => Some(self.decoders_into(table)),
            _ => None,
        };
        let body = Body {
            decoders: into.as_deref().unwrap_or(&self.decoders),
            own: OnceLock::new(),
            fallback: fallback(target),
            file: SourceFile { path: Arc::clone(&source.name), kind: source.way.name(), modified: None },
            sink: Collected::default(),
        };
        let bounds = (self.bounds_times && source.way.bounds_times()).then(|| TimeBounds::of_arrival(now));
        let custom = Arc::new(CustomTables::shared(Arc::clone(&self.custom)));
        let mut rows = lock(&self.builders).pop().unwrap_or_default();
        rows.begin_live(now, bounds, Arc::clone(&custom));
        let mut worker = Worker::of_live(rows, body.decoders, &body.sink, now);
        let mut keys = Keys::default();
        let mut counts = Counts::default();
        for chunk in &records.chunks {
            counts.add(self.decode_chunk(chunk, &body, &mut worker, &mut keys).map_err(failed)?);
        }
        if body.own.get().is_some() {
            worker.decode_late().map_err(failed)?;
        }
        worker.finish().and_then(|()| custom.finish(&body.sink)).map_err(failed)?;
        let (mut rows, mut rejected) = worker.into_rows();
        let clamped = rows.take_clamped();
        self.keep(rows, records.bytes());
        rejected.sort_by_key(|rejected| rejected.index);
        rejected.dedup_by_key(|rejected| rejected.index);
        let rows = body.sink.into_rows();
        Ok(Decoded {
            records: records.len(),
            error_rows: rows.iter().filter(|(table, _)| table.name == ERRORS_TABLE).map(|row| row.1.num_rows()).sum(),
            last_time: last_time(&rows),
            duplicates: counts.duplicates,
            keys: keys.new,
            rows,
            rejected,
            clamped,
        })
    }

    /// Remembers the events of a body whose rows are stored, so that copies of them are known.
    pub fn remember(&self, decoded: &Decoded) {
        if !decoded.keys.is_empty() {
            let mut seen = lock(&self.seen);
            for key in &decoded.keys {
                seen.insert(*key);
            }
        }
    }

    fn decode_chunk<'b>(
        &self,
        chunk: &Chunk,
        body: &'b Body,
        worker: &mut Worker<'b>,
        keys: &mut Keys,
    ) -> Result<Counts, String> {
        let mut prepared = prepare(chunk, body.decoders, &self.limits);
        let unknown = match &body.fallback {
            Some(_) => take_unknown(&mut prepared, chunk),
            None => Vec::new(),
        };
        self.find_copies(&mut prepared, keys);
        let is_stateful = |prepared: &Prepared| match prepared {
            Prepared::Direct { decoder, .. } | Prepared::Inner { decoder, .. } => body.decoders[*decoder].is_of_a_run(),
            _ => false,
        };
        if prepared.iter().any(is_stateful) {
            worker.set_decoders(body.own.get_or_init(all_decoders));
        }
        let mut counts = worker.decode(&body.file, prepared)?;
        if let Some(fallback) = &body.fallback {
            for index in unknown {
                let piece = &chunk.pieces[index];
                if let Ok(object) = object_of(piece) {
                    let record = Record::of_object(object, &piece.text);
                    worker.decode_with(&**fallback, piece.offset, &record, &mut counts);
                }
            }
        }
        Ok(counts)
    }

    /// Marks copies of events that are stored, or that came before in the same body.
    fn find_copies(&self, prepared: &mut [Prepared], keys: &mut Keys) {
        if prepared.iter().all(|prepared| prepared.key().is_none()) {
            return;
        }
        let seen = lock(&self.seen);
        for prepared in prepared {
            let Some(key) = prepared.key() else { continue };
            if seen.contains(key) || !keys.all.insert(key) {
                *prepared = Prepared::Duplicate;
            } else {
                keys.new.push(key);
            }
        }
    }

    fn decoders_into(&self, table: &'static Table) -> Arc<Decoders> {
        let mut into_table = lock(&self.into_table);
        let make = || Arc::new(decoders_into(table));
        Arc::clone(into_table.entry(table.name.clone()).or_insert_with(make))
    }

    /// Keeps row builders for the next body.
    fn keep(&self, rows: Rows, bytes: usize) {
        let mut builders = lock(&self.builders);
        if bytes <= LIVE_BUILDER_BYTES && builders.len() < LIVE_BUILDERS {
            builders.push(rows);
        }
    }
}

/// What decoding one body needs.
struct Body<'d> {
    decoders: &'d [Box<dyn Decoder>],
    /// The same decoders for this body alone, where a record came whose decoder puts a run's records together.
    own: OnceLock<Decoders>,
    /// Takes what no decoder knows.
    fallback: Option<Box<dyn Decoder>>,
    file: SourceFile,
    sink: Collected,
}

/// The keys of a body's events.
#[derive(Default)]
struct Keys {
    all: HashSet<u128>,
    new: Vec<u128>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn fallback(target: &Target) -> Option<Box<dyn Decoder>> {
    match target {
        Target::Recognized | Target::Table(_) => None,
        Target::RecognizedOr(table) => Some(Box::new(CustomExport::into_table(table))),
        Target::RecognizedOrTyped { table, time_field, resource_id } => {
            Some(Box::new(DataCollectorRows::into_table(table.clone(), time_field.clone(), resource_id.clone())))
        }
    }
}

/// Takes the records that are objects and that no decoder knows out of the list: their places in the chunk. What lies in wrappers counts
/// as known once a decoder knows any of it.
fn take_unknown(prepared: &mut Vec<Prepared>, chunk: &Chunk) -> Vec<usize> {
    let offsets: HashSet<i64> =
        prepared.iter().filter(|found| found.is_rejected()).filter_map(Prepared::offset).collect();
    if offsets.is_empty() {
        return Vec::new();
    }
    let mut unknown = offsets;
    for found in prepared.iter().filter(|found| !found.is_rejected()) {
        found.offset().map(|offset| unknown.remove(&offset));
    }
    let is_unknown = |index: &usize| {
        let piece = &chunk.pieces[*index];
        unknown.contains(&piece.offset) && piece.damage.is_none() && is_object(chunk, *index)
    };
    let places: Vec<usize> = (0..chunk.pieces.len()).filter(is_unknown).collect();
    let taken: HashSet<i64> = places.iter().map(|index| chunk.pieces[*index].offset).collect();
    prepared.retain(|found| found.offset().is_none_or(|offset| !taken.contains(&offset)));
    places
}

fn is_object(chunk: &Chunk, index: usize) -> bool {
    chunk.header.is_none() && chunk.text_field.is_none() && object_of(&chunk.pieces[index]).is_ok()
}

/// The latest time of the rows of events.
fn last_time(rows: &[(&'static Table, arrow::array::RecordBatch)]) -> Option<i64> {
    let events = rows.iter().filter(|(table, _)| table.name != ERRORS_TABLE);
    let times = events.filter_map(|(table, batch)| {
        let column = batch.column_by_name(&table.time_column)?;
        column.as_primitive_opt::<TimestampMicrosecondType>().and_then(arrow::compute::max)
    });
    times.max()
}
