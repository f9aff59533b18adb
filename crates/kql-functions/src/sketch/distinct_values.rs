//! Which different values there are: hashes up to a limit, a HyperLogLog sketch beyond.

use std::hash::{BuildHasherDefault, Hasher};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hashbrown::HashSet;

use super::hyperloglog::HyperLogLog;
use crate::dynamic::{ArrayWriter, elements, get_index, unquote};

/// Most values that are counted exactly.
pub(crate) const EXACT_COUNT: usize = 2_000;
/// Marks the text form; the second number is the sketch's precision.
const FORM: &str = "[1024,14]";

/// Hashes are their own hashes.
#[derive(Debug, Default, Clone)]
pub(crate) struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// A set of hashes.
pub(crate) type Hashes = HashSet<u64, BuildHasherDefault<Identity>>;

/// The different values of a group, by their hashes.
#[derive(Debug, Clone)]
pub(crate) enum DistinctValues {
    Few(Hashes),
    Many(HyperLogLog),
}

impl Default for DistinctValues {
    fn default() -> Self {
        DistinctValues::Few(Hashes::default())
    }
}

impl DistinctValues {
    /// Takes in a hash; more than `limit` of them become a sketch.
    pub(crate) fn insert(&mut self, hash: u64, limit: usize) {
        match self {
            DistinctValues::Few(hashes) => {
                hashes.insert(hash);
                if hashes.len() > limit {
                    *self = DistinctValues::Many(sketch(hashes));
                }
            }
            DistinctValues::Many(sketch) => sketch.insert(hash),
        }
    }

    fn merge_sketch(&mut self, other: HyperLogLog) {
        match self {
            DistinctValues::Few(hashes) => {
                let mut merged = other;
                hashes.iter().for_each(|hash| merged.insert(*hash));
                *self = DistinctValues::Many(merged);
            }
            DistinctValues::Many(sketch) => sketch.merge(&other),
        }
    }

    /// How many there are, exactly or as the sketch has it.
    pub(crate) fn count(&self) -> i64 {
        match self {
            DistinctValues::Few(hashes) => i64::try_from(hashes.len()).unwrap_or(i64::MAX),
            DistinctValues::Many(sketch) => sketch.estimate(),
        }
    }

    /// Appends the values as a JSON array: the hashes, or the sketch in base64.
    pub(crate) fn write(&self, out: &mut String) {
        let mut array = ArrayWriter::new(out);
        array.push(FORM);
        let mut hashes = ArrayWriter::new(array.element());
        if let DistinctValues::Few(few) = self {
            let mut sorted: Vec<i64> = few.iter().map(|hash| hash.cast_signed()).collect();
            sorted.sort_unstable();
            sorted.iter().for_each(|hash| hashes.push_text(&hash.to_string()));
        }
        hashes.end();
        let mut registers = ArrayWriter::new(array.element());
        if let DistinctValues::Many(sketch) = self {
            registers.push_text(&STANDARD.encode(sketch.bytes()));
        }
        registers.end();
        array.end();
    }

    /// Takes in what [`DistinctValues::write`] wrote; false for other texts.
    pub(crate) fn merge_text(&mut self, json: &str, limit: usize) -> bool {
        let (Some(FORM), Some(hashes), Some(registers)) = (get_index(json, 0), get_index(json, 1), get_index(json, 2))
        else {
            return false;
        };
        for hash in elements(hashes).filter_map(|item| unquote(item).parse::<i64>().ok()) {
            self.insert(hash.cast_unsigned(), limit);
        }
        if let Some(bytes) = elements(registers).next().and_then(|text| STANDARD.decode(unquote(text).as_bytes()).ok())
        {
            self.merge_sketch(HyperLogLog::from_bytes(&bytes));
        }
        true
    }
}

fn sketch(hashes: &Hashes) -> HyperLogLog {
    let mut sketch = HyperLogLog::new();
    hashes.iter().for_each(|hash| sketch.insert(*hash));
    sketch
}
