//! The state of `arg_max` and `arg_min`: other columns of the row with the greatest or least key.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Decimal128Array, StringViewArray, UInt64Array, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::DataType;

use super::groups::{each_selected, grow, is_true, take_first};
use super::held_rows::{HeldRows, Place};
use super::rank::Ranks;
use crate::column::{Bools, bool_results};
use crate::{Arg, Type};

/// For each group the row whose key is greatest or least, with the key and its values.
///
/// Of rows with equal keys the first stays. Null keys lose against all others, but a group whose keys are
/// all null keeps a row. Batches are held while a group's best row lies in them, and values gathered once, at the end.
#[derive(Debug)]
pub struct ArgExtremeState {
    is_max: bool,
    best: Vec<Best>,
    /// The key's column, then those of the values.
    rows: HeldRows,
    /// Groups whose best row lies in the batch at hand.
    changed: Vec<usize>,
}

/// The best row of a group so far.
#[derive(Debug, Clone, Copy)]
struct Best {
    /// Of its key; the least there is without a key, so that others mostly lose by this alone.
    rank: i64,
    place: Place,
    has_key: bool,
}

impl Default for Best {
    fn default() -> Self {
        Best { rank: i64::MIN, place: Place::NONE, has_key: false }
    }
}

impl ArgExtremeState {
    /// A state for a key and some values; `max` takes the greatest key, else the least.
    pub fn new(key: Type, values: &[Type], max: bool) -> Self {
        let types = std::iter::once(key).chain(values.iter().copied()).collect();
        ArgExtremeState { is_max: max, best: Vec::new(), rows: HeldRows::new(types), changed: Vec::new() }
    }

    /// Takes in a batch: see [`crate::GroupState::update`].
    pub fn update(
        &mut self,
        key: &ArrayRef,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        n_groups: usize,
    ) {
        grow(&mut self.best, n_groups);
        let key = &self.in_form(key, 0);
        let ranks = Ranks::of(key, self.rows.types()[0], self.is_max);
        let batch = self.rows.next_batch();
        let full = FullKeys { keys: key, batch, rows: &self.rows, is_max: self.is_max };
        let best = &mut self.best;
        let mut changed = std::mem::take(&mut self.changed);
        changed.clear();
        each_selected(groups, filter, |row, group| {
            let best = &mut best[group];
            let (rank, is_null) = (ranks.number(row), ranks.is_null(row));
            let wins = if is_null {
                !best.place.is_some()
            } else {
                rank > best.rank
                    || !best.has_key
                    || rank == best.rank && !ranks.is_exact && full.is_better(row, best.place)
            };
            if !wins {
                return;
            }
            if best.place.batch != batch {
                changed.push(group);
            }
            let place = Place { batch, row: u32::try_from(row).unwrap_or(u32::MAX) };
            *best = Best { rank: if is_null { i64::MIN } else { rank }, place, has_key: !is_null };
        });
        if !changed.is_empty() {
            let columns = values.iter().zip(1..).map(|(value, at)| self.in_form(value, at));
            let columns = std::iter::once(Arc::clone(key)).chain(columns).collect();
            self.hold(columns, &changed);
        }
        self.changed = changed;
    }

    /// An array in the form of its type, in which all batches must be to be put together.
    fn in_form(&self, array: &ArrayRef, column: usize) -> ArrayRef {
        let form = self.rows.types().get(column).map_or(DataType::Null, |ty| ty.arrow());
        if *array.data_type() == form {
            return Arc::clone(array);
        }
        cast(array, &form).unwrap_or_else(|_| new_null_array(&form, array.len()))
    }

    /// Holds the batch in which the best rows of some groups lie.
    fn hold(&mut self, columns: Vec<ArrayRef>, changed: &[usize]) {
        let best = &mut self.best;
        self.rows.push(columns, || {
            let renumbered = changed.iter().zip(0..).map(|(group, index)| {
                let row = &mut best[*group].place.row;
                u64::from(std::mem::replace(row, index))
            });
            renumbered.collect::<UInt64Array>()
        });
        if self.rows.is_mostly_garbage() {
            let places: Vec<Place> = self.best.iter().map(|best| best.place).collect();
            self.rows.keep(&places);
            let kept = self.best.iter_mut().zip(0..).filter(|(best, _)| best.place.is_some());
            kept.for_each(|(best, row)| best.place = Place { batch: 0, row });
        }
    }

    /// Takes in what [`ArgExtremeState::partial`] gave.
    pub fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        let [key, values @ .., is_present] = partial else { return };
        let is_present = Bools::of(&Arg::Array(is_present.clone()));
        let filter: BooleanArray = (0..groups.len()).map(|row| Some(is_present.get(row) == Some(true))).collect();
        self.update(key, values, groups, Some(&filter), n_groups);
    }

    /// The partial state of the first `n` groups, which are then dropped: the key, the values, and whether
    /// the group has a row.
    pub fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        grow(&mut self.best, n);
        let is_present: Vec<bool> = self.best[..n].iter().map(|best| best.place.is_some()).collect();
        let mut columns = self.finish(n);
        columns.push(bool_results(n, |group| Some(is_present[group])));
        columns
    }

    /// The partial state of groups of one row each: the rows themselves, of which the filtered ones are absent.
    pub fn partial_rows(key: &ArrayRef, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Vec<ArrayRef> {
        let is_present = bool_results(key.len(), |row| Some(filter.is_none_or(|filter| is_true(filter, row))));
        std::iter::once(key).chain(values).cloned().chain([is_present]).collect()
    }

    /// The Arrow types of the partial state.
    pub fn partial_types(&self) -> Vec<DataType> {
        self.rows.types().iter().map(|ty| ty.arrow()).chain([DataType::Boolean]).collect()
    }

    /// The key and the values of the first `n` groups, which are then dropped and the rest renumbered from 0.
    pub fn finish(&mut self, n: usize) -> Vec<ArrayRef> {
        let taken = take_first(&mut self.best, n);
        let places: Vec<Place> = taken.iter().map(|best| best.place).collect();
        let columns = self.rows.gathered(&places);
        if self.best.is_empty() {
            self.rows.clear();
        }
        columns
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        let vectors = self.best.capacity() * size_of::<Best>() + self.changed.capacity() * size_of::<usize>();
        size_of::<Self>() + vectors + self.rows.bytes()
    }
}

/// Keys of which the rank is only a part.
struct FullKeys<'a> {
    /// Of the batch at hand.
    keys: &'a ArrayRef,
    batch: u32,
    /// Of the batches before.
    rows: &'a HeldRows,
    is_max: bool,
}

impl FullKeys<'_> {
    /// Whether a row's key is better than that of a place, whose rank is the same.
    fn is_better(&self, row: usize, place: Place) -> bool {
        let other = if place.batch == self.batch { Some(self.keys) } else { self.rows.column(place.batch, 0) };
        let Some(other) = other else { return false };
        let (at, keys) = (place.row as usize, self.keys.as_any());
        let order = if let (Some(keys), Some(others)) =
            (keys.downcast_ref::<StringViewArray>(), other.as_any().downcast_ref::<StringViewArray>())
        {
            keys.value(row).cmp(others.value(at))
        } else if let (Some(keys), Some(others)) =
            (keys.downcast_ref::<Decimal128Array>(), other.as_any().downcast_ref::<Decimal128Array>())
        {
            keys.value(row).cmp(&others.value(at))
        } else {
            Ordering::Equal
        };
        order == if self.is_max { Ordering::Greater } else { Ordering::Less }
    }
}
