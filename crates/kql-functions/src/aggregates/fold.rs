//! States that hold one number a group: sums, least and greatest values, bits.

use std::fmt::Debug;
use std::sync::Arc;

use arrow::array::{ArrayRef, ArrowPrimitiveType, BooleanArray, PrimitiveArray};
use arrow::datatypes::DataType;

use super::groups::{grow, selected, take_first};
use crate::GroupState;
use crate::column::concrete;

/// Folds the values of each group with a function that is associative and commutative.
pub(super) struct Fold<P: ArrowPrimitiveType> {
    values: Vec<P::Native>,
    is_seen: Vec<bool>,
    fold: fn(P::Native, P::Native) -> P::Native,
    /// The result of a group without values.
    empty: Option<P::Native>,
    ty: DataType,
}

impl<P: ArrowPrimitiveType> Fold<P> {
    pub(super) fn boxed(
        ty: DataType,
        empty: Option<P::Native>,
        fold: fn(P::Native, P::Native) -> P::Native,
    ) -> Box<dyn GroupState> {
        Box::new(Fold::<P> { values: Vec::new(), is_seen: Vec::new(), fold, empty, ty })
    }

    fn take(&mut self, n: usize, empty: Option<P::Native>) -> ArrayRef {
        let values = take_first(&mut self.values, n);
        let is_seen = take_first(&mut self.is_seen, n);
        let results = values.into_iter().zip(is_seen).map(|(value, is_seen)| if is_seen { Some(value) } else { empty });
        Arc::new(results.collect::<PrimitiveArray<P>>().with_data_type(self.ty.clone()))
    }
}

impl<P: ArrowPrimitiveType> Debug for Fold<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fold of {} groups of {}", self.values.len(), self.ty)
    }
}

impl<P: ArrowPrimitiveType> GroupState for Fold<P> {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        grow(&mut self.values, n_groups);
        grow(&mut self.is_seen, n_groups);
        let array: PrimitiveArray<P> = concrete(&args[0], &self.ty);
        let nulls = arrow::array::Array::nulls(&array);
        let values = array.values();
        for (row, group) in selected(groups, filter) {
            if nulls.is_some_and(|nulls| nulls.is_null(row)) {
                continue;
            }
            let entry = &mut self.values[group];
            *entry = if self.is_seen[group] { (self.fold)(*entry, values[row]) } else { values[row] };
            self.is_seen[group] = true;
        }
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        self.update(partial, groups, None, n_groups);
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        vec![self.take(n, None)]
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        self.take(n, self.empty)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.values.capacity() * size_of::<P::Native>() + self.is_seen.capacity()
    }
}
