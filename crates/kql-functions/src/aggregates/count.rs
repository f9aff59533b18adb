//! `count`: rows, nulls included.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int64Array};
use arrow::datatypes::DataType;

use super::conditional::Conditional;
use super::definition::Aggregate;
use super::groups::{grow, selected, take_first};
use crate::column::concrete;
use crate::signature::unchanged;
use crate::{GroupState, Type};

pub(super) static COUNT: Aggregate = Aggregate::new(
    "count",
    |args| unchanged(args, 0, 1, Type::Long),
    |_, _| Box::new(Count::default()),
    |_| vec![DataType::Int64],
);

pub(super) static COUNTIF: Conditional = Conditional::new("countif", &COUNT, 0);

#[derive(Debug, Default)]
struct Count {
    counts: Vec<i64>,
}

impl GroupState for Count {
    fn update(&mut self, _: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        grow(&mut self.counts, n_groups);
        selected(groups, filter).for_each(|(_, group)| self.counts[group] += 1);
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        grow(&mut self.counts, n_groups);
        let counts: Int64Array = concrete(&partial[0], &DataType::Int64);
        groups.iter().zip(counts.values()).for_each(|(group, count)| self.counts[*group] += count);
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        vec![self.finish(n)]
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        Arc::new(Int64Array::from(take_first(&mut self.counts, n)))
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.counts.capacity() * size_of::<i64>()
    }
}
