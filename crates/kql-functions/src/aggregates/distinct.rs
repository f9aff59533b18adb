//! `dcount` and `count_distinct`: how many different values, nulls aside.
//!
//! Values count by their 64-bit hashes. `dcount` is exact up to [`EXACT_COUNT`] values of a group and a
//! HyperLogLog estimate beyond; `count_distinct` keeps all hashes. `hll` gives the state of `dcount` as a dynamic.

use std::sync::Arc;

use arrow::array::{ArrayRef, BinaryArray, BooleanArray, Int64Array};
use arrow::datatypes::DataType;

use super::conditional::Conditional;
use super::definition::Aggregate;
use super::groups::{grow, selected, take_first};
use super::hash::each_hash;
use crate::column::{Strings, concrete, written_nullable};
use crate::sketch::{DistinctValues, EXACT_COUNT};
use crate::{Arg, ArgumentInfo, FunctionError, GroupState, Resolved, Type, signature};

pub(super) static DCOUNT: Aggregate = Aggregate::new(
    "dcount",
    |args| resolve(args, 2),
    |_, resolved| Box::new(Distinct::new(resolved.parameters[0], EXACT_COUNT)),
    |_| vec![DataType::Binary],
);

pub(super) static COUNT_DISTINCT: Aggregate = Aggregate::new(
    "count_distinct",
    |args| signature::not_dynamic(args).and_then(|()| resolve(args, 1)),
    |_, resolved| Box::new(Distinct::new(resolved.parameters[0], usize::MAX)),
    |_| vec![DataType::Binary],
);

/// The state of `dcount` as a dynamic.
pub(super) static HLL: Aggregate = Aggregate::new(
    "hll",
    |args| sketched(args, 2),
    |_, resolved| Box::new(Distinct::sketch(resolved.parameters[0])),
    |_| vec![DataType::Binary],
);

pub(super) static HLL_IF: Conditional = Conditional::new("hll_if", &HLL, 1);

/// States of `hll` joined into one.
pub(super) static HLL_MERGE: Aggregate = Aggregate::new(
    "hll_merge",
    |args| signature::fixed(args, &[Type::Dynamic], 1, Type::Dynamic),
    |_, _| Box::new(Distinct { is_merge: true, ..Distinct::sketch(Type::Dynamic) }),
    |_| vec![DataType::Binary],
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
    limit: usize,
    /// The result is the state as a dynamic, not a count.
    is_sketch: bool,
    /// The arguments are such states.
    is_merge: bool,
    groups: Vec<DistinctValues>,
}

impl Distinct {
    fn new(ty: Type, limit: usize) -> Self {
        Distinct { ty, limit, is_sketch: false, is_merge: false, groups: Vec::new() }
    }

    fn sketch(ty: Type) -> Self {
        Distinct { is_sketch: true, ..Distinct::new(ty, EXACT_COUNT) }
    }
}

impl GroupState for Distinct {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        grow(&mut self.groups, n_groups);
        let (rows, limit) = (selected(groups, filter), self.limit);
        if self.is_merge {
            let sketches = Strings::of(&Arg::Array(args[0].clone()));
            rows.for_each(|(row, group)| {
                self.groups[group].merge_text(sketches.text(row), limit);
            });
            return;
        }
        each_hash(&args[0], self.ty, rows, |group, hash| self.groups[group].insert(hash, limit));
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        grow(&mut self.groups, n_groups);
        let states: BinaryArray = concrete(&partial[0], &DataType::Binary);
        for (row, group) in groups.iter().enumerate() {
            self.groups[*group].merge_bytes(states.value(row), self.limit);
        }
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        let taken = take_first(&mut self.groups, n);
        vec![Arc::new(BinaryArray::from_iter_values(taken.iter().map(DistinctValues::bytes)))]
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        let taken = take_first(&mut self.groups, n);
        if self.is_sketch {
            return written_nullable(n, |group, out| {
                taken[group].write(out);
                true
            });
        }
        Arc::new(Int64Array::from_iter_values(taken.iter().map(DistinctValues::count)))
    }

    fn size(&self) -> usize {
        let held: usize = self.groups.iter().map(DistinctValues::size).sum();
        size_of::<Self>() + self.groups.capacity() * size_of::<DistinctValues>() + held
    }
}
