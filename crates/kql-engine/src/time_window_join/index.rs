//! The rows of the side that is kept in memory, by key and time.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, Int64Type, SchemaRef};
use datafusion::common::utils::memory::get_record_batch_memory_size;
use datafusion::common::{NullEquality, resources_err};
use datafusion::error::Result;
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_expr::PhysicalExpr;

use super::keys::{Keys, SameKeys};
use crate::functions::ticks::ticks;

/// Bytes that a row takes at most while the index is made, beside its columns: hash (8), group (4), time (8), ticks (8), place
/// (4), and a group of its own: first row, next and offset (12), hint (24) and a slot of the hash table, which is at least half full
/// (40).
const INDEX_BYTES: usize = 108;

/// No group.
pub(super) const NONE: u32 = u32::MAX;

/// Hashes are hashes already.
#[derive(Debug, Default, Clone, Copy)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// How the rows of a side are looked at.
#[derive(Debug, Clone)]
pub(super) struct SideValues {
    /// The keys.
    pub keys: Vec<Arc<dyn PhysicalExpr>>,
    /// The time.
    pub time: Arc<dyn PhysicalExpr>,
    /// Whether null keys are the same.
    pub nulls: NullEquality,
}

impl SideValues {
    /// The keys of the rows and their times in ticks.
    pub fn of(&self, batch: &RecordBatch) -> Result<(Vec<ArrayRef>, Int64Array)> {
        let keys = self.keys.iter().map(|key| key.evaluate(batch)?.into_array(batch.num_rows()));
        let keys = keys.collect::<Result<Vec<ArrayRef>>>()?;
        let time = self.time.evaluate(batch)?.into_array(batch.num_rows())?;
        let time = if *time.data_type() == DataType::Int64 { time } else { ticks(&time)? };
        Ok((keys, time.as_primitive::<Int64Type>().clone()))
    }
}

/// The rows of a side by key and time. Rows without a time are in no group: null is in no window.
pub(super) struct TimeIndex {
    /// All rows of the side.
    pub rows: RecordBatch,
    keys: Vec<ArrayRef>,
    /// The first group with a hash.
    first_group: HashMap<u64, u32, BuildHasherDefault<Hashed>>,
    /// For each group the next with the same hash, and a row that has its key.
    groups: Vec<(u32, u32)>,
    /// Where the times of each group begin; one more.
    offsets: Vec<u32>,
    /// By group and time.
    times: Vec<i64>,
    /// The rows of those times.
    places: Vec<u32>,
    /// Kept as long as the rows are.
    _memory: MemoryReservation,
}

impl TimeIndex {
    /// Indexes rows whose memory is reserved already.
    pub fn new(
        schema: &SchemaRef,
        batches: Vec<RecordBatch>,
        values: &SideValues,
        memory: MemoryReservation,
    ) -> Result<Self> {
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        if u32::try_from(rows).is_err() || rows == NONE as usize {
            return resources_err!("a join by time holds at most {} rows of a side in memory", u32::MAX);
        }
        memory.try_grow(rows.saturating_mul(INDEX_BYTES))?;
        let all = concat_batches(schema, &batches)?;
        drop(batches);
        let (keys, times) = values.of(&all)?;
        let keys = Keys::of(keys, values.nulls)?;
        let grouping = Grouping::of(&keys, &times)?;
        let Grouping { first_group, groups, group_of } = grouping;
        let (offsets, times, places) = by_time(groups.len(), &group_of, &times);
        let index_bytes = first_group.capacity() * (size_of::<(u64, u32)>() + 1)
            + groups.capacity() * (size_of::<(u32, u32)>() + size_of::<Hint>())
            + offsets.capacity() * size_of::<u32>()
            + times.capacity() * size_of::<i64>()
            + places.capacity() * size_of::<u32>();
        // Less than before, but where columns of the batches shared their memory.
        memory.try_resize(get_record_batch_memory_size(&all) + index_bytes)?;
        Ok(Self { rows: all, keys: keys.arrays, first_group, groups, offsets, times, places, _memory: memory })
    }

    /// Whether no row can have a partner.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// The group of each row of the other side, or [`NONE`].
    pub fn groups_of(&self, keys: &Keys) -> Result<Vec<u32>> {
        let same = SameKeys::new(&keys.arrays, &self.keys)?;
        let group_of = |(row, hash): (usize, &u64)| {
            if keys.matches(row) { self.group(*hash, |member| same.same(row, member)) } else { NONE }
        };
        Ok(keys.hashes.iter().enumerate().map(group_of).collect())
    }

    /// The group with that hash, the key of a row of which is the one that is looked for.
    fn group(&self, hash: u64, is_key: impl Fn(usize) -> bool) -> u32 {
        let mut group = self.first_group.get(&hash).copied().unwrap_or(NONE);
        while group != NONE {
            let (next, row) = self.groups[group as usize];
            if is_key(row as usize) {
                break;
            }
            group = next;
        }
        group
    }

    /// Where to look first in each group, for [`Self::within`].
    pub fn hints(&self) -> Vec<Hint> {
        let bounds = self.offsets.iter().zip(self.offsets.iter().skip(1));
        bounds.map(|(from, to)| Hint::of(&self.times[*from as usize..*to as usize], 0)).collect()
    }

    /// Where the rows of a group stand whose time is within the bounds, both included. Logs come in the order of time mostly, so that the
    /// place is near that of the last question; `hints` holds those places.
    pub fn within(&self, group: u32, (low, high): (i64, i64), hints: &mut [Hint]) -> Range<usize> {
        let group = group as usize;
        let hint = &mut hints[group];
        if hint.has_none(low, high) {
            return 0..0;
        }
        let start = self.offsets[group] as usize;
        let times = &self.times[start..self.offsets[group + 1] as usize];
        let from = first_not(times, hint.at as usize, |time| time < low);
        *hint = Hint::of(times, from);
        let to = first_not(times, from, |time| time <= high);
        start + from..start + to
    }

    /// The row at a place that [`Self::within`] gives.
    pub fn row(&self, place: usize) -> u32 {
        self.places[place]
    }
}

/// A place among the times of a group, and the times next to it: that nothing is in a window, which is what most rows are told, is
/// known without a look at the group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hint {
    /// The last time before the place; the least of all where it is the first.
    before: i64,
    /// The time at the place; the greatest of all at the end.
    next: i64,
    at: u32,
}

impl Hint {
    fn of(times: &[i64], at: usize) -> Self {
        let before = at.checked_sub(1).and_then(|before| times.get(before)).copied().unwrap_or(i64::MIN);
        Self { before, next: times.get(at).copied().unwrap_or(i64::MAX), at: at as u32 }
    }

    /// Whether no time of the group can be within the bounds, as it is known here: a bound that is the least or the greatest time of
    /// all is left to a look.
    fn has_none(self, low: i64, high: i64) -> bool {
        self.before < low && high < self.next
    }
}

/// Where the times begin for which `is_before` does not hold; those for which it does are first. Looks near the hint first, at
/// distances that double.
pub(super) fn first_not(times: &[i64], hint: usize, is_before: impl Fn(i64) -> bool) -> usize {
    if hint > 0 && !is_before(times[hint - 1]) {
        return times[..hint].partition_point(|time| is_before(*time));
    }
    let (mut from, mut step) = (hint, 1);
    while from + step <= times.len() && is_before(times[from + step - 1]) {
        from += step;
        step *= 2;
    }
    let to = times.len().min(from + step);
    from + times[from..to].partition_point(|time| is_before(*time))
}

/// Which rows have the same key.
struct Grouping {
    first_group: HashMap<u64, u32, BuildHasherDefault<Hashed>>,
    groups: Vec<(u32, u32)>,
    group_of: Vec<u32>,
}

impl Grouping {
    fn of(keys: &Keys, times: &Int64Array) -> Result<Self> {
        let same = SameKeys::new(&keys.arrays, &keys.arrays)?;
        let mut first_group: HashMap<u64, u32, BuildHasherDefault<Hashed>> = HashMap::default();
        let mut groups: Vec<(u32, u32)> = Vec::new();
        let mut group_of = Vec::with_capacity(keys.hashes.len());
        for (row, hash) in keys.hashes.iter().enumerate() {
            if times.is_null(row) || !keys.matches(row) {
                group_of.push(NONE);
                continue;
            }
            let new = groups.len() as u32;
            let first = *first_group.entry(*hash).or_insert(new);
            let mut group = first;
            while group != new {
                let (next, member) = groups[group as usize];
                if same.same(row, member as usize) {
                    break;
                }
                if next == NONE {
                    // Another key of the same hash: very rare, but it happens.
                    groups[group as usize].0 = new;
                    group = new;
                } else {
                    group = next;
                }
            }
            if group == new {
                groups.push((NONE, row as u32));
            }
            group_of.push(group);
        }
        Ok(Self { first_group, groups, group_of })
    }
}

/// Rows by group and time: where each group begins, the times, and whose they are.
fn by_time(groups: usize, group_of: &[u32], times: &Int64Array) -> (Vec<u32>, Vec<i64>, Vec<u32>) {
    let mut offsets = vec![0_u32; groups + 1];
    for group in group_of.iter().filter(|group| **group != NONE) {
        offsets[*group as usize + 1] += 1;
    }
    for group in 0..groups {
        offsets[group + 1] += offsets[group];
    }
    let total = offsets[groups] as usize;
    let mut next = offsets.clone();
    let (mut sorted, mut places) = (vec![0_i64; total], vec![0_u32; total]);
    for (row, group) in group_of.iter().enumerate().filter(|(_, group)| **group != NONE) {
        let place = &mut next[*group as usize];
        sorted[*place as usize] = times.value(row);
        places[*place as usize] = row as u32;
        *place += 1;
    }
    let mut pairs: Vec<(i64, u32)> = Vec::new();
    for group in 0..groups {
        let range = offsets[group] as usize..offsets[group + 1] as usize;
        let (times, rows) = (&mut sorted[range.clone()], &mut places[range]);
        // Logs come in the order of time mostly.
        if times.is_sorted() {
            continue;
        }
        pairs.clear();
        pairs.extend(times.iter().copied().zip(rows.iter().copied()));
        pairs.sort_unstable();
        for (at, (time, row)) in pairs.iter().enumerate() {
            times[at] = *time;
            rows[at] = *row;
        }
    }
    (offsets, sorted, places)
}
