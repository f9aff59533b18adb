//! Combinations of numbers, numbered in the order in which they first come.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::known::{Known, candidates, make_room, place};
use super::seed::Seed;
use crate::together::{TOGETHER, together};

/// Different rows of as many numbers each, each with a number of its own.
#[derive(Debug)]
pub struct RowKeys {
    width: usize,
    seed: Seed,
    table: HashTable<Known>,
    /// The rows one after the other.
    rows: Vec<u32>,
}

impl RowKeys {
    /// None yet, of rows of this many numbers.
    pub fn new(width: usize) -> Self {
        RowKeys { width, seed: Seed::default(), table: HashTable::new(), rows: Vec::new() }
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
        let mut row = Vec::with_capacity(self.width);
        for together in together(count) {
            let mut hashes = [0; TOGETHER];
            for column in columns {
                for (hash, number) in hashes.iter_mut().zip(&column[together.clone()]) {
                    *hash = self.seed.hash(u128::from(*number) << 64 | u128::from(*hash));
                }
            }
            let candidates = self.candidates(&hashes[..together.len()]);
            for ((at, hash), candidate) in together.zip(hashes).zip(candidates) {
                row.clear();
                row.extend(columns.iter().map(|column| column[at]));
                let is_known = self.row(candidate) == Some(row.as_slice());
                numbers.push(if is_known { candidate } else { self.number_of(&row, hash) } as usize);
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

    fn row(&self, number: u32) -> Option<&[u32]> {
        let from = number as usize * self.width;
        self.rows.get(from..from + self.width)
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
        self.table.capacity() * (size_of::<Known>() + 1) + self.rows.capacity() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_rows_have_one_number() {
        let mut keys = RowKeys::new(2);
        let columns = [7, 11].map(|different| (0..1000).map(|row| row % different).collect::<Vec<u32>>());
        let mut numbers = Vec::new();
        keys.number(&columns, &mut numbers);
        assert_eq!((keys.len(), keys.is_empty()), (77, false));
        for (row, number) in numbers.into_iter().enumerate() {
            assert_eq!([0, 1].map(|at| keys.column(at)[number]), [0, 1].map(|at| columns[at][row]));
        }
    }
}
