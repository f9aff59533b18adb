//! Which different values the groups of an aggregation have: [`DistinctValues`] in flat buffers.

use super::distinct_values::DistinctValues;
use super::hash_sets::HashSets;
use super::hyperloglog::HyperLogLog;
use crate::together::TOGETHER;

/// For each group its hashes, or a sketch of them once they are more than a limit.
#[derive(Debug)]
pub(crate) struct DistinctSets {
    limit: usize,
    sets: HashSets,
    sketches: Vec<HyperLogLog>,
    free: Vec<usize>,
}

impl DistinctSets {
    /// No groups yet; more than `limit` hashes of a group become a sketch.
    pub(crate) fn new(limit: usize) -> Self {
        DistinctSets { limit, sets: HashSets::default(), sketches: Vec::new(), free: Vec::new() }
    }

    /// Makes room for all groups.
    pub(crate) fn grow(&mut self, groups: usize) {
        self.sets.grow(groups);
    }

    /// Takes in a hash.
    #[inline]
    pub(crate) fn insert(&mut self, group: usize, hash: u64) {
        if let Some(at) = self.sets.elsewhere(group) {
            self.sketches[at as usize].insert(hash);
        } else if self.sets.insert(group, hash) && self.sets.count(group) > self.limit {
            self.sketch(group);
        }
    }

    /// Takes in hashes, each with its group.
    pub(crate) fn insert_all(&mut self, hashes: &[(usize, u64)]) {
        for together in hashes.chunks(TOGETHER) {
            self.sets.fetch(together);
            together.iter().for_each(|(group, hash)| self.insert(*group, *hash));
        }
    }

    /// The sketch of a group, made of its hashes where there is none yet.
    fn sketch(&mut self, group: usize) -> &mut HyperLogLog {
        if let Some(at) = self.sets.elsewhere(group) {
            return &mut self.sketches[at as usize];
        }
        let mut sketch = HyperLogLog::new();
        self.sets.hashes(group).for_each(|hash| sketch.insert(hash));
        let at = match self.free.pop() {
            Some(at) => {
                self.sketches[at] = sketch;
                at
            }
            None => {
                self.sketches.push(sketch);
                self.sketches.len() - 1
            }
        };
        self.sets.put_elsewhere(group, at as u64);
        &mut self.sketches[at]
    }

    fn known_sketch(&self, group: usize) -> Option<&HyperLogLog> {
        self.sets.elsewhere(group).map(|at| &self.sketches[at as usize])
    }

    /// How many there are, exactly or as the sketch has it.
    pub(crate) fn count(&self, group: usize) -> i64 {
        let exact = || i64::try_from(self.sets.count(group)).unwrap_or(i64::MAX);
        self.known_sketch(group).map_or_else(exact, HyperLogLog::estimate)
    }

    /// Takes in a partial state: see [`DistinctSets::bytes`].
    pub(crate) fn merge_bytes(&mut self, group: usize, bytes: &[u8]) {
        if bytes.len() == HyperLogLog::BYTES + 1 {
            self.sketch(group).merge_bytes(&bytes[1..]);
            return;
        }
        for chunk in bytes.chunks_exact(8) {
            self.insert(group, <[u8; 8]>::try_from(chunk).map_or(0, u64::from_le_bytes));
        }
    }

    /// The partial state of a group: its hashes in little-endian order, or the sketch after one byte more.
    pub(crate) fn bytes<'a>(&self, group: usize, scratch: &'a mut Vec<u8>) -> &'a [u8] {
        scratch.clear();
        match self.known_sketch(group) {
            None => self.sets.hashes(group).for_each(|hash| scratch.extend_from_slice(&hash.to_le_bytes())),
            Some(sketch) => {
                scratch.push(1);
                scratch.extend_from_slice(sketch.bytes());
            }
        }
        scratch
    }

    /// Takes in a value that `hll` made: see [`DistinctValues::merge_text`].
    pub(crate) fn merge_text(&mut self, group: usize, json: &str) {
        let mut values = DistinctValues::default();
        if !values.merge_text(json, self.limit) {
            return;
        }
        match values {
            DistinctValues::Few(hashes) => hashes.iter().for_each(|hash| self.insert(group, *hash)),
            DistinctValues::Many(sketch) => self.sketch(group).merge_bytes(sketch.bytes()),
        }
    }

    /// Appends the values of a group as `hll` shows them.
    pub(crate) fn write(&self, group: usize, out: &mut String) {
        let values = match self.known_sketch(group) {
            None => DistinctValues::Few(self.sets.hashes(group).collect()),
            Some(sketch) => DistinctValues::Many(sketch.clone()),
        };
        values.write(out);
    }

    /// Drops the first `n` groups; the rest is renumbered from 0.
    pub(crate) fn drop_first(&mut self, n: usize) {
        if n >= self.sets.groups() {
            *self = DistinctSets::new(self.limit);
            return;
        }
        self.free.extend((0..n).filter_map(|group| self.sets.elsewhere(group)).map(|at| at as usize));
        self.sets.drop_first(n);
    }

    /// Bytes held.
    pub(crate) fn size(&self) -> usize {
        let sketches = self.sketches.capacity() * size_of::<HyperLogLog>() + self.sketches.len() * HyperLogLog::BYTES;
        self.sets.size() + sketches + self.free.capacity() * size_of::<usize>()
    }
}
