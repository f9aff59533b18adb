//! Combinations of numbers, numbered in the order in which they first come.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::seed::Seed;

/// Different rows of as many numbers each, each with a number of its own.
#[derive(Debug)]
pub struct RowKeys {
    width: usize,
    seed: Seed,
    table: HashTable<Known>,
    /// The rows one after the other.
    rows: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    hash: u64,
    number: u32,
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

    /// The number of a row; a new one gets the next.
    #[inline]
    pub fn number_of(&mut self, row: &[u32]) -> u32 {
        let seed = self.seed;
        let hash = row.iter().fold(0, |hash: u64, number| seed.hash(u128::from(*number) << 64 | u128::from(hash)));
        let next = u32::try_from(self.len()).unwrap_or(u32::MAX);
        let RowKeys { width, table, rows, .. } = self;
        let same = |known: &Known| {
            let from = known.number as usize * *width;
            known.hash == hash && rows.get(from..from + *width) == Some(row)
        };
        match table.entry(hash, same, |known| known.hash) {
            Entry::Occupied(found) => found.get().number,
            Entry::Vacant(free) => {
                free.insert(Known { hash, number: next });
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
        let rows: Vec<[u32; 2]> = (0..1000).map(|row| [row % 7, row % 11]).collect();
        let numbers: Vec<u32> = rows.iter().map(|row| keys.number_of(row)).collect();
        assert_eq!((keys.len(), keys.is_empty()), (77, false));
        for (row, number) in rows.iter().zip(numbers) {
            assert_eq!([0, 1].map(|at| keys.column(at)[number as usize]), *row);
        }
    }
}
