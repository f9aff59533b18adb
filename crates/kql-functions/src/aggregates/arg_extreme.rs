//! The state of `arg_max` and `arg_min`: other columns of the row with the greatest or least key.

use arrow::array::{Array, ArrayRef, BooleanArray, UInt64Array};
use arrow::compute::{interleave, take};
use arrow::datatypes::DataType;

use super::groups::{grow, selected, take_first};
use crate::column::{Bools, Strings, absent, bool_results, decimals, ints, longs, reals};
use crate::{Arg, Type};

/// Winning rows held beyond two a group, before those that have lost are dropped.
const SLACK_ROWS: usize = 8_192;

/// For each group the row whose key is greatest or least, with the key and its values.
///
/// Of rows with equal keys the first stays. Null keys lose against all others, but a group whose keys are
/// all null keeps a row.
#[derive(Debug)]
pub struct ArgExtremeState {
    /// The key's type, then those of the values.
    types: Vec<Type>,
    is_max: bool,
    best: Vec<Best>,
    /// Winning rows of each batch: the key's column, then those of the values.
    batches: Vec<Vec<ArrayRef>>,
    held_rows: usize,
}

/// The best row of a group so far.
#[derive(Debug, Clone, Default)]
struct Best {
    key: Key,
    /// Batch and row in it; `None` before the first row.
    place: Option<(usize, usize)>,
}

/// A key in a form that compares; greater is better.
#[derive(Debug, Clone, Default, PartialEq, PartialOrd)]
enum Key {
    #[default]
    Null,
    Number(i128),
    Text(Box<str>),
    /// Kusto takes it for the greatest and for the least.
    NotANumber,
}

type ReadKey = Box<dyn Fn(usize) -> Key>;

impl ArgExtremeState {
    /// A state for a key and some values; `max` takes the greatest key, else the least.
    pub fn new(key: Type, values: &[Type], max: bool) -> Self {
        let types = std::iter::once(key).chain(values.iter().copied()).collect();
        ArgExtremeState { types, is_max: max, best: Vec::new(), batches: Vec::new(), held_rows: 0 }
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
        let read = read_key(key, self.types[0]);
        let batch = self.batches.len();
        let mut changed: Vec<usize> = Vec::new();
        for (row, group) in selected(groups, filter) {
            let best = &mut self.best[group];
            if best.place.is_some() && !is_better(&read(row), &best.key, self.is_max) {
                continue;
            }
            if best.place.is_none_or(|(held, _)| held != batch) {
                changed.push(group);
            }
            *best = Best { key: read(row), place: Some((batch, row)) };
        }
        if changed.is_empty() {
            return;
        }
        let rows = changed.iter().enumerate().filter_map(|(index, group)| {
            let place = self.best[*group].place.as_mut()?;
            let row = u64::try_from(place.1).ok()?;
            place.1 = index;
            Some(row)
        });
        let rows: UInt64Array = rows.collect();
        self.held_rows += rows.len();
        let columns = std::iter::once(key).chain(values).zip(&self.types);
        let gather =
            |(column, ty): (&ArrayRef, &Type)| take(column, &rows, None).unwrap_or_else(|_| absent(*ty, rows.len()));
        self.batches.push(columns.map(gather).collect());
        if self.held_rows > 2 * self.best.len() + SLACK_ROWS {
            self.compact();
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

    /// The Arrow types of the partial state.
    pub fn partial_types(&self) -> Vec<DataType> {
        self.types.iter().map(|ty| ty.arrow()).chain([DataType::Boolean]).collect()
    }

    /// The key and the values of the first `n` groups, which are then dropped and the rest renumbered from 0.
    pub fn finish(&mut self, n: usize) -> Vec<ArrayRef> {
        let taken = take_first(&mut self.best, n);
        let columns = self.columns_of(&taken);
        if self.best.is_empty() {
            self.batches.clear();
            self.held_rows = 0;
        } else {
            self.compact();
        }
        columns
    }

    /// The rows of some groups; absent values for those without a row.
    fn columns_of(&self, groups: &[Best]) -> Vec<ArrayRef> {
        let none = self.batches.len();
        let places: Vec<(usize, usize)> = groups.iter().map(|best| best.place.unwrap_or((none, 0))).collect();
        let column = |(index, ty): (usize, &Type)| {
            let absent_row = absent(*ty, 1);
            let sources: Vec<&dyn Array> =
                self.batches.iter().map(|batch| batch[index].as_ref()).chain([absent_row.as_ref()]).collect();
            interleave(&sources, &places).unwrap_or_else(|_| absent(*ty, groups.len()))
        };
        self.types.iter().enumerate().map(column).collect()
    }

    /// Keeps the winners only, as one batch.
    fn compact(&mut self) {
        let columns = self.columns_of(&self.best);
        self.batches = vec![columns];
        self.held_rows = self.best.len();
        for (row, best) in self.best.iter_mut().enumerate() {
            if best.place.is_some() {
                best.place = Some((0, row));
            }
        }
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        let columns: usize = self.batches.iter().flatten().map(|column| column.get_array_memory_size()).sum();
        size_of::<Self>() + self.best.capacity() * size_of::<Best>() + columns
    }
}

fn is_better(key: &Key, best: &Key, is_max: bool) -> bool {
    match (key, best) {
        (Key::Null, _) => false,
        (_, Key::Null) => true,
        (_, Key::NotANumber) => false,
        (Key::NotANumber, _) => true,
        _ if is_max => key > best,
        _ => key < best,
    }
}

/// Reads keys of a type.
fn read_key(array: &ArrayRef, ty: Type) -> ReadKey {
    let arg = Arg::Array(array.clone());
    let number = |value: Option<i128>| value.map_or(Key::Null, Key::Number);
    match ty {
        Type::Bool => {
            let values = Bools::of(&arg);
            Box::new(move |row| number(values.get(row).map(i128::from)))
        }
        Type::Int => {
            let values = ints(&arg);
            Box::new(move |row| number(values.get(row).map(i128::from)))
        }
        Type::Real => {
            let values = reals(&arg);
            Box::new(move |row| match values.get(row) {
                Some(value) if value.is_nan() => Key::NotANumber,
                value => number(value.map(|value| i128::from(ordered(value)))),
            })
        }
        Type::Decimal => {
            let values = decimals(&arg);
            Box::new(move |row| number(values.get(row)))
        }
        Type::Long | Type::DateTime | Type::TimeSpan => {
            let values = longs(&arg);
            Box::new(move |row| number(values.get(row).map(i128::from)))
        }
        Type::String | Type::Guid | Type::Dynamic => {
            let values = Strings::of(&arg);
            Box::new(move |row| values.get(row).map_or(Key::Null, |text| Key::Text(text.into())))
        }
    }
}

/// A whole number in the order of the reals; both zeros are the same.
fn ordered(value: f64) -> i64 {
    let bits = (value + 0.0).to_bits().cast_signed();
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}
