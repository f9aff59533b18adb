//! Combinations of numbers, numbered in the order in which they first come.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::known::{Known, candidates, make_room, place};
use super::row_places::RowPlaces;
use super::seed::Seed;
use crate::together::{TOGETHER, together};

/// Different rows of as many numbers each, each with a number of its own.
#[derive(Debug)]
pub struct RowKeys {
    width: usize,
    seed: Seed,
    /// As long as all numbers are small; the table is empty until then.
    places: Option<RowPlaces>,
    table: HashTable<Known>,
    /// The rows one after the other.
    rows: Vec<u32>,
}

impl RowKeys {
    /// None yet, of rows of this many numbers.
    pub fn new(width: usize) -> Self {
        let places = Some(RowPlaces::new(width));
        RowKeys { width, seed: Seed::default(), places, table: HashTable::new(), rows: Vec::new() }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len() / self.width.max(1)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Appends the numbers of rows, which come column by column; a new one gets the next.
    pub fn number(&mut self, columns: &[Vec<u32>], numbers: &mut Vec<usize>) {
        let count = columns.first().map_or(0, Vec::len);
        numbers.reserve(count);
        if let Some(mut places) = self.places.take() {
            if places.make_room(columns, &self.rows) {
                places.number(columns, &mut self.rows, numbers);
                self.places = Some(places);
                return;
            }
            self.fill_table();
        }
        let mut row = Vec::with_capacity(self.width);
        for together in together(count) {
            let mut hashes = [0; TOGETHER];
            for column in columns {
                for (hash, number) in hashes.iter_mut().zip(&column[together.clone()]) {
                    *hash = self.hash(*hash, *number);
                }
            }
            let candidates = self.candidates(&hashes[..together.len()]);
            for ((at, hash), candidate) in together.zip(hashes).zip(candidates) {
                if self.is_row(candidate, columns, at) {
                    numbers.push(candidate as usize);
                    continue;
                }
                row.clear();
                row.extend(columns.iter().map(|column| column[at]));
                numbers.push(self.number_of(&row, hash) as usize);
            }
        }
    }

    /// Rows that may be those looked for, read so far that they are near.
    fn candidates(&self, hashes: &[u64]) -> [u32; TOGETHER] {
        let candidates = candidates(&self.table, hashes);
        let first = |candidate: &u32| self.rows.get(*candidate as usize * self.width).copied().unwrap_or_default();
        std::hint::black_box(candidates.iter().fold(0, |read, candidate| read ^ first(candidate)));
        candidates
    }

    /// The hash of a row up to a number, from the one up to the number before.
    #[inline]
    fn hash(&self, before: u64, number: u32) -> u64 {
        self.seed.hash(u128::from(number) << 64 | u128::from(before))
    }

    /// Brings the known rows into the table.
    fn fill_table(&mut self) {
        for (number, row) in (0..).zip(self.rows.chunks_exact(self.width.max(1))) {
            let hash = row.iter().fold(0, |hash, number| self.hash(hash, *number));
            make_room(&mut self.table);
            self.table.insert_unique(place(hash), Known::new(hash, number), Known::place);
        }
    }

    /// Whether it is the number of a row of these columns.
    fn is_row(&self, number: u32, columns: &[Vec<u32>], at: usize) -> bool {
        let from = number as usize * self.width;
        let known = self.rows.get(from..from + self.width);
        known.is_some_and(|known| known.iter().zip(columns).all(|(known, column)| *known == column[at]))
    }

    #[inline]
    fn number_of(&mut self, row: &[u32], hash: u64) -> u32 {
        make_room(&mut self.table);
        let next = u32::try_from(self.len()).unwrap_or(u32::MAX);
        let RowKeys { width, table, rows, .. } = self;
        let same = |known: &Known| {
            let from = known.number as usize * *width;
            known.may_be(hash) && rows.get(from..from + *width) == Some(row)
        };
        match table.entry(place(hash), same, Known::place) {
            Entry::Occupied(found) => found.get().number,
            Entry::Vacant(free) => {
                free.insert(Known::new(hash, next));
                rows.extend_from_slice(row);
                next
            }
        }
    }

    /// One of the numbers of each row.
    pub fn column(&self, at: usize) -> Vec<u32> {
        self.rows.iter().copied().skip(at).step_by(self.width.max(1)).collect()
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        let places = self.places.as_ref().map_or(0, RowPlaces::size);
        places + self.table.capacity() * (size_of::<Known>() + 1) + self.rows.capacity() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Numbers that grow from batch to batch, for which places are enough at first, or always, or never.
        #[test]
        fn equal_rows_have_one_number(
            width in 1_usize..4,
            batches in prop::collection::vec((prop::sample::select(vec![2_u32, 70, 3_000, u32::MAX]), 0_usize..300), 1..6),
            seed in any::<u32>(),
        ) {
            let mut keys = RowKeys::new(width);
            let mut expected: HashMap<Vec<u32>, usize> = HashMap::new();
            let mut drawn = seed;
            for (most, rows) in batches {
                let mut draw = || {
                    drawn = drawn.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (drawn >> 7) % most
                };
                let columns: Vec<Vec<u32>> = (0..width).map(|_| (0..rows).map(|_| draw()).collect()).collect();
                let mut numbers = vec![7];
                keys.number(&columns, &mut numbers);
                prop_assert_eq!(numbers.len(), rows + 1);
                for (at, number) in numbers.into_iter().skip(1).enumerate() {
                    let row: Vec<u32> = columns.iter().map(|column| column[at]).collect();
                    let next = expected.len();
                    prop_assert_eq!(*expected.entry(row).or_insert(next), number);
                }
            }
            prop_assert_eq!((keys.len(), keys.is_empty()), (expected.len(), expected.is_empty()));
            let columns: Vec<Vec<u32>> = (0..width).map(|at| keys.column(at)).collect();
            for (row, number) in expected {
                prop_assert_eq!(columns.iter().map(|column| column[number]).collect::<Vec<_>>(), row);
            }
        }
    }

    #[test]
    fn small_numbers_take_a_small_table_and_large_ones_none() {
        let mut keys = RowKeys::new(2);
        keys.number(&[vec![700, 3], vec![70, 5]], &mut Vec::new());
        assert!(keys.places.is_some() && keys.table.is_empty());
        assert!((1 << 17) * 4 <= keys.size() && keys.size() < (1 << 18) * 4);
        keys.number(&[vec![700, 1 << 30], vec![70, 5]], &mut Vec::new());
        assert!(keys.places.is_none());
        assert_eq!((keys.len(), keys.table.len()), (3, 3));
    }
}
