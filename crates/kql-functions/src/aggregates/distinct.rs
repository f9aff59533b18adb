//! `dcount` and `count_distinct`: how many different values, nulls aside.
//!
//! Values count by their 64-bit hashes. `dcount` is exact up to [`EXACT_LIMIT`] values of a group and a
//! HyperLogLog estimate beyond; `count_distinct` keeps all hashes.

use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray, BooleanArray, Int64Array};
use arrow::datatypes::DataType;
use hashbrown::HashSet;

use super::conditional::Conditional;
use super::definition::Aggregate;
use super::groups::{grow, selected, take_first};
use super::hash::each_hash;
use super::hyperloglog::HyperLogLog;
use crate::column::concrete;
use crate::{ArgumentInfo, FunctionError, GroupState, Resolved, Type, signature};

/// Most values of a group that `dcount` counts exactly.
const EXACT_LIMIT: usize = 2_000;

pub(super) static DCOUNT: Aggregate = Aggregate::new(
    "dcount",
    |args| resolve(args, 2),
    |_, resolved| Box::new(Distinct::new(resolved.parameters[0], EXACT_LIMIT)),
    |_| vec![DataType::Binary],
);

pub(super) static COUNT_DISTINCT: Aggregate = Aggregate::new(
    "count_distinct",
    |args| signature::not_dynamic(args).and_then(|()| resolve(args, 1)),
    |_, resolved| Box::new(Distinct::new(resolved.parameters[0], usize::MAX)),
    |_| vec![DataType::Binary],
);

pub(super) static DCOUNTIF: Conditional = Conditional::new("dcountif", &DCOUNT, 1);
pub(super) static COUNT_DISTINCTIF: Conditional = Conditional::new("count_distinctif", &COUNT_DISTINCT, 1);

/// The second argument of `dcount`, its accuracy, does not change the method.
fn resolve(args: &[ArgumentInfo], most: usize) -> Result<Resolved, FunctionError> {
    signature::unchanged(args, 1, most, Type::Long)
}

/// Hashes are their own hashes.
#[derive(Debug, Default, Clone)]
pub(super) struct Identity(u64);

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
pub(super) type Hashes = HashSet<u64, BuildHasherDefault<Identity>>;

#[derive(Debug, Clone)]
enum Values {
    Few(Hashes),
    Many(HyperLogLog),
}

impl Default for Values {
    fn default() -> Self {
        Values::Few(Hashes::default())
    }
}

impl Values {
    fn insert(&mut self, hash: u64, limit: usize) {
        match self {
            Values::Few(hashes) => {
                hashes.insert(hash);
                if hashes.len() > limit {
                    *self = Values::Many(sketch(hashes));
                }
            }
            Values::Many(sketch) => sketch.insert(hash),
        }
    }

    fn merge_sketch(&mut self, other: HyperLogLog) {
        match self {
            Values::Few(hashes) => {
                let mut merged = other;
                hashes.iter().for_each(|hash| merged.insert(*hash));
                *self = Values::Many(merged);
            }
            Values::Many(sketch) => sketch.merge(&other),
        }
    }

    fn count(&self) -> i64 {
        match self {
            Values::Few(hashes) => i64::try_from(hashes.len()).unwrap_or(i64::MAX),
            Values::Many(sketch) => sketch.estimate(),
        }
    }

    /// Hashes in little-endian order, or the registers after one byte more.
    fn bytes(&self) -> Vec<u8> {
        match self {
            Values::Few(hashes) => hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect(),
            Values::Many(sketch) => [&[1], sketch.bytes()].concat(),
        }
    }
}

fn sketch(hashes: &Hashes) -> HyperLogLog {
    let mut sketch = HyperLogLog::new();
    hashes.iter().for_each(|hash| sketch.insert(*hash));
    sketch
}

#[derive(Debug)]
struct Distinct {
    ty: Type,
    limit: usize,
    groups: Vec<Values>,
}

impl Distinct {
    fn new(ty: Type, limit: usize) -> Self {
        Distinct { ty, limit, groups: Vec::new() }
    }
}

impl GroupState for Distinct {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        grow(&mut self.groups, n_groups);
        each_hash(&args[0], self.ty, selected(groups, filter), |group, hash| {
            self.groups[group].insert(hash, self.limit);
        });
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        grow(&mut self.groups, n_groups);
        let states: BinaryArray = concrete(&partial[0], &DataType::Binary);
        for (row, group) in groups.iter().enumerate() {
            let bytes = states.value(row);
            let values = &mut self.groups[*group];
            if bytes.len() == HyperLogLog::BYTES + 1 {
                values.merge_sketch(HyperLogLog::from_bytes(&bytes[1..]));
                continue;
            }
            for chunk in bytes.chunks_exact(8) {
                let hash = chunk.iter().rev().fold(0, |hash, byte| (hash << 8) | u64::from(*byte));
                values.insert(hash, self.limit);
            }
        }
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        let taken = take_first(&mut self.groups, n);
        vec![Arc::new(BinaryArray::from_iter_values(taken.iter().map(Values::bytes)))]
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        let taken = take_first(&mut self.groups, n);
        Arc::new(Int64Array::from_iter_values(taken.iter().map(Values::count)))
    }

    fn size(&self) -> usize {
        let held = |values: &Values| match values {
            Values::Few(hashes) => hashes.allocation_size(),
            Values::Many(_) => HyperLogLog::BYTES,
        };
        let held: usize = self.groups.iter().map(held).sum();
        size_of::<Self>() + self.groups.capacity() * size_of::<Values>() + held
    }
}
