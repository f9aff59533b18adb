//! Whole numbers, of times too, numbered in the order in which they first come.

use arrow::buffer::NullBuffer;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::known::{Known, make_room, place};
use super::seed::Seed;

/// Different values, each with a number. Rows mostly come in the order of their times, so that the hour of a row is that of the row before.
#[derive(Debug, Default)]
pub struct LongKeys {
    table: HashTable<Known>,
    seed: Seed,
    /// By number; 0 at that of null.
    values: Vec<i64>,
    null: Option<u32>,
    /// The last value and its number.
    last: Option<(i64, u32)>,
}

impl LongKeys {
    /// How many values there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Appends the numbers of all values; new ones get new numbers.
    pub fn number(&mut self, values: &[i64], nulls: Option<&NullBuffer>, numbers: &mut Vec<u32>) {
        match nulls.filter(|nulls| nulls.null_count() > 0) {
            None => numbers.extend(values.iter().map(|value| self.number_of(*value))),
            Some(nulls) => numbers.extend(
                values
                    .iter()
                    .zip(nulls)
                    .map(|(value, is_valid)| if is_valid { self.number_of(*value) } else { self.number_of_null() }),
            ),
        }
    }

    #[inline]
    fn number_of(&mut self, value: i64) -> u32 {
        match self.last {
            Some((last, number)) if last == value => number,
            _ => {
                let number = self.look_up(value);
                self.last = Some((value, number));
                number
            }
        }
    }

    fn look_up(&mut self, value: i64) -> u32 {
        make_room(&mut self.table);
        let (hash, next) = (self.seed.hash(u128::from(value.cast_unsigned())), self.next());
        let LongKeys { table, values, .. } = self;
        let same = |known: &Known| known.may_be(hash) && values[known.number as usize] == value;
        match table.entry(place(hash), same, Known::place) {
            Entry::Occupied(found) => found.get().number,
            Entry::Vacant(free) => {
                free.insert(Known::new(hash, next));
                values.push(value);
                next
            }
        }
    }

    fn number_of_null(&mut self) -> u32 {
        let next = self.next();
        *self.null.get_or_insert_with(|| {
            self.values.push(0);
            next
        })
    }

    /// Memory ends long before these numbers do.
    fn next(&self) -> u32 {
        u32::try_from(self.values.len()).unwrap_or(u32::MAX)
    }

    /// All values by number, and which of them is no null.
    pub fn values(&self) -> (Vec<i64>, Option<NullBuffer>) {
        let is_value = |null: u32| (0..self.len()).map(|number| number != null as usize).collect::<NullBuffer>();
        (self.values.clone(), self.null.map(is_value))
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        self.table.capacity() * (size_of::<Known>() + 1) + self.values.capacity() * size_of::<i64>()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn equal_values_have_one_number_and_numbers_their_value(
            batches in prop::collection::vec(
                prop::collection::vec((prop::option::weighted(0.9, -3_i64..3), 1_usize..4), 0..60), 0..5),
        ) {
            let mut keys = LongKeys::default();
            let mut expected: HashMap<Option<i64>, u32> = HashMap::new();
            for batch in batches {
                let rows: Vec<Option<i64>> =
                    batch.into_iter().flat_map(|(value, times)| std::iter::repeat_n(value, times)).collect();
                let nulls = rows.iter().map(Option::is_some).collect::<NullBuffer>();
                let values: Vec<i64> = rows.iter().map(|value| value.unwrap_or(i64::MAX)).collect();
                let mut numbers = vec![7];
                keys.number(&values, Some(&nulls), &mut numbers);
                prop_assert_eq!(numbers.len(), rows.len() + 1);
                for (value, number) in rows.iter().zip(&numbers[1..]) {
                    let next = expected.len() as u32;
                    prop_assert_eq!(*expected.entry(*value).or_insert(next), *number);
                }
            }
            prop_assert_eq!((keys.len(), keys.is_empty()), (expected.len(), expected.is_empty()));
            let (values, nulls) = keys.values();
            for (value, number) in expected {
                let is_valid = nulls.as_ref().is_none_or(|nulls| nulls.is_valid(number as usize));
                prop_assert_eq!(is_valid.then(|| values[number as usize]), value);
            }
        }
    }
}
