//! Combinations of small numbers, each with a place of its own.
//!
//! Users and applications of a day are some hundreds each: a table with a place for each pair is small, and a row is found there without a hash
//! and without a comparison.

use crate::together::{TOGETHER, together};

/// Most bits of a place. A table then takes 1 MiB: the numbers of larger ones lie in no cache, and hashes of few rows do.
const PLACE_BITS: u32 = 18;
/// At a place without a row.
const NOBODY: u32 = 0;

/// The numbers of rows by what is in them.
#[derive(Debug, Default)]
pub(super) struct RowPlaces {
    /// Bits of a place that a column takes, by column.
    bits: Vec<u32>,
    /// A row's number and one, by place.
    places: Vec<u32>,
}

impl RowPlaces {
    /// None yet, of rows of this many numbers.
    pub(super) fn new(width: usize) -> Self {
        Self { bits: vec![0; width], places: vec![NOBODY] }
    }

    /// Makes room for rows that come column by column, beside those that are known, one after the other; false where there are too many places,
    /// and then nothing has changed.
    pub(super) fn make_room(&mut self, columns: &[Vec<u32>], known: &[u32]) -> bool {
        let greatest = columns.iter().map(|column| column.iter().copied().max().unwrap_or_default());
        let bits: Vec<u32> =
            greatest.zip(&self.bits).map(|(number, bits)| (u32::BITS - number.leading_zeros()).max(*bits)).collect();
        if bits.iter().sum::<u32>() > PLACE_BITS {
            return false;
        }
        if bits == self.bits {
            return true;
        }
        self.places = vec![NOBODY; 1 << bits.iter().sum::<u32>()];
        self.bits = bits;
        for (number, row) in (1..).zip(known.chunks_exact(self.bits.len())) {
            let place = row.iter().zip(&self.bits).fold(0, |place, (number, bits)| place << bits | *number as usize);
            self.places[place] = number;
        }
        true
    }

    /// Appends the numbers of rows for which there is room; a new one gets the next and is added to the known.
    pub(super) fn number(&mut self, columns: &[Vec<u32>], known: &mut Vec<u32>, numbers: &mut Vec<usize>) {
        let mut next = (known.len() / self.bits.len().max(1)) as u32;
        for rows in together(columns.first().map_or(0, Vec::len)) {
            let mut places = [0; TOGETHER];
            for (column, bits) in columns.iter().zip(&self.bits) {
                for (place, number) in places.iter_mut().zip(&column[rows.clone()]) {
                    *place = *place << bits | *number as usize;
                }
            }
            for (at, place) in rows.zip(places) {
                let known_at = &mut self.places[place];
                if *known_at == NOBODY {
                    next += 1;
                    *known_at = next;
                    known.extend(columns.iter().map(|column| column[at]));
                }
                numbers.push(*known_at as usize - 1);
            }
        }
    }

    /// Bytes held.
    pub(super) fn size(&self) -> usize {
        (self.places.capacity() + self.bits.capacity()) * size_of::<u32>()
    }
}
