//! `dcount` and `count_distinct`: how many different values, nulls aside.
//!
//! Values count by their 64-bit hashes. `dcount` is exact up to [`EXACT_COUNT`] values of a group and a
//! HyperLogLog estimate beyond; `count_distinct` keeps all hashes. `hll` gives the state of `dcount` as a dynamic.

use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryViewArray, BinaryViewBuilder, BooleanArray, Int64Array};
use arrow::datatypes::DataType;

use super::conditional::Conditional;
use super::definition::Aggregate;
use super::groups::each_selected;
use super::hash::each_hash;
use crate::column::{Strings, concrete, written_nullable};
use crate::sketch::{DistinctSets, EXACT_COUNT};
use crate::{Arg, ArgumentInfo, FunctionError, GroupState, Resolved, Type, signature};

pub(super) static DCOUNT: Aggregate = Aggregate::new(
    "dcount",
    |args| resolve(args, 2),
    |_, resolved| Box::new(Distinct::new(resolved.parameters[0], EXACT_COUNT)),
    |_| vec![DataType::BinaryView],
);

pub(super) static COUNT_DISTINCT: Aggregate = Aggregate::new(
    "count_distinct",
    |args| signature::not_dynamic(args).and_then(|()| resolve(args, 1)),
    |_, resolved| Box::new(Distinct::new(resolved.parameters[0], usize::MAX)),
    |_| vec![DataType::BinaryView],
);

/// The state of `dcount` as a dynamic.
pub(super) static HLL: Aggregate = Aggregate::new(
    "hll",
    |args| sketched(args, 2),
    |_, resolved| Box::new(Distinct::sketch(resolved.parameters[0])),
    |_| vec![DataType::BinaryView],
);

pub(super) static HLL_IF: Conditional = Conditional::new("hll_if", &HLL, 1);

/// States of `hll` joined into one.
pub(super) static HLL_MERGE: Aggregate = Aggregate::new(
    "hll_merge",
    |args| signature::fixed(args, &[Type::Dynamic], 1, Type::Dynamic),
    |_, _| Box::new(Distinct { is_merge: true, ..Distinct::sketch(Type::Dynamic) }),
    |_| vec![DataType::BinaryView],
);

fn sketched(args: &[ArgumentInfo], most: usize) -> Result<Resolved, FunctionError> {
    let resolved = signature::unchanged(args, 1, most, Type::Dynamic)?;
    match args[0].ty {
        found @ (Type::Real | Type::Bool) => Err(signature::refuse(0, "a type other than real and bool", found)),
        _ => Ok(resolved),
    }
}

pub(super) static DCOUNTIF: Conditional = Conditional::new("dcountif", &DCOUNT, 1);
pub(super) static COUNT_DISTINCTIF: Conditional = Conditional::new("count_distinctif", &COUNT_DISTINCT, 1);

/// The second argument of `dcount`, its accuracy, does not change the method.
fn resolve(args: &[ArgumentInfo], most: usize) -> Result<Resolved, FunctionError> {
    signature::unchanged(args, 1, most, Type::Long)
}

#[derive(Debug)]
struct Distinct {
    ty: Type,
    /// The result is the state as a dynamic, not a count.
    is_sketch: bool,
    /// The arguments are such states.
    is_merge: bool,
    sets: DistinctSets,
}

impl Distinct {
    fn new(ty: Type, limit: usize) -> Self {
        Distinct { ty, is_sketch: false, is_merge: false, sets: DistinctSets::new(limit) }
    }

    fn sketch(ty: Type) -> Self {
        Distinct { is_sketch: true, ..Distinct::new(ty, EXACT_COUNT) }
    }
}

impl GroupState for Distinct {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        self.sets.grow(n_groups);
        if self.is_merge {
            let sketches = Strings::of(&Arg::Array(args[0].clone()));
            each_selected(groups, filter, |row, group| self.sets.merge_text(group, sketches.text(row)));
            return;
        }
        let mut hashes = Vec::with_capacity(groups.len());
        each_hash(&args[0], self.ty, groups, filter, |group, hash| hashes.push((group, hash)));
        self.sets.insert_all(&hashes);
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        self.sets.grow(n_groups);
        let states: BinaryViewArray = concrete(&partial[0], &DataType::BinaryView);
        for (row, group) in groups.iter().enumerate() {
            self.sets.merge_bytes(*group, states.value(row));
        }
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        self.sets.grow(n);
        let mut states = BinaryViewBuilder::with_capacity(n);
        let mut scratch = Vec::new();
        (0..n).for_each(|group| states.append_value(self.sets.bytes(group, &mut scratch)));
        self.sets.drop_first(n);
        vec![Arc::new(states.finish())]
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        self.sets.grow(n);
        let results: ArrayRef = if self.is_sketch {
            written_nullable(n, |group, out| {
                self.sets.write(group, out);
                true
            })
        } else {
            Arc::new(Int64Array::from_iter_values((0..n).map(|group| self.sets.count(group))))
        };
        self.sets.drop_first(n);
        results
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.sets.size()
    }
}
