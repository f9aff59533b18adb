//! Texts numbered in the order in which they first come.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringViewArray, make_view};
use arrow::buffer::{Buffer, NullBuffer};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::seed::Seed;
use crate::string_ops::ViewCache;

/// Longest text that lies in the view itself (Arrow's format).
const INLINE_BYTES: u32 = 12;
/// Rows after which texts are sought by their place: for fewer, to set that up costs more than it saves.
const ROWS_BEFORE_PLACES: usize = 16_384;
/// Bytes of texts after which a new buffer begins; offsets within one have 32 bits.
const BUFFER_BYTES: usize = 2 << 20;

/// Different texts, each with a number; null has one, too.
///
/// Where rows share their texts (a Parquet dictionary), a text is looked up once and found again by its place.
#[derive(Debug, Default)]
pub struct TextKeys {
    table: HashTable<Known>,
    seed: Seed,
    /// Of all texts, by number.
    views: Vec<u128>,
    full: Vec<Buffer>,
    filling: Vec<u8>,
    null: Option<u32>,
    seen: ViewCache<u32>,
    /// Rows that have come, until they are enough.
    rows: usize,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    hash: u64,
    number: u32,
}

impl TextKeys {
    /// How many there are, null included.
    pub fn len(&self) -> usize {
        self.views.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.views.is_empty()
    }

    /// Appends the numbers of all rows; new texts get new ones.
    pub fn number(&mut self, texts: &StringViewArray, numbers: &mut Vec<u32>) {
        numbers.reserve(texts.len());
        if texts.null_count() > 0 {
            for row in 0..texts.len() {
                let number = if texts.is_null(row) { self.number_of_null() } else { self.number_of(texts, row) };
                numbers.push(number);
            }
            return;
        }
        if self.rows < ROWS_BEFORE_PLACES {
            self.rows += texts.len();
            numbers.extend((0..texts.len()).map(|row| self.number_of(texts, row)));
            return;
        }
        let Some(places) = self.seen.begin(texts) else {
            numbers.extend((0..texts.len()).map(|row| self.number_of(texts, row)));
            return;
        };
        let mut misses = 0;
        for (row, view) in texts.views().iter().enumerate() {
            let place = places.of(*view);
            numbers.push(match self.seen.get(place) {
                Some(number) => number,
                None => {
                    misses += 1;
                    let number = self.number_of(texts, row);
                    self.seen.put(place, number);
                    number
                }
            });
        }
        self.seen.judge(misses, texts.len());
    }

    fn number_of_null(&mut self) -> u32 {
        match self.null {
            Some(number) => number,
            None => {
                let number = self.next();
                self.views.push(0);
                self.null = Some(number);
                number
            }
        }
    }

    fn next(&self) -> u32 {
        u32::try_from(self.views.len()).unwrap_or(u32::MAX)
    }

    #[inline]
    fn number_of(&mut self, texts: &StringViewArray, row: usize) -> u32 {
        let view = texts.views()[row];
        let number = self.next();
        if view as u32 <= INLINE_BYTES {
            let hash = self.seed.hash(view);
            let TextKeys { table, views, .. } = self;
            let same = |known: &Known| known.hash == hash && views[known.number as usize] == view;
            return match table.entry(hash, same, |known| known.hash) {
                Entry::Occupied(found) => found.get().number,
                Entry::Vacant(free) => {
                    free.insert(Known { hash, number });
                    views.push(view);
                    number
                }
            };
        }
        let text = texts.value(row).as_bytes();
        let hash = self.seed.hash_text(text);
        let TextKeys { table, views, full, filling, .. } = self;
        let same = |known: &Known| known.hash == hash && is_text(views[known.number as usize], text, full, filling);
        match table.entry(hash, same, |known| known.hash) {
            Entry::Occupied(found) => found.get().number,
            Entry::Vacant(free) => {
                free.insert(Known { hash, number });
                if filling.len() + text.len() > BUFFER_BYTES && !filling.is_empty() {
                    full.push(Buffer::from_vec(std::mem::take(filling)));
                }
                let (buffer, offset) = (full.len() as u32, filling.len() as u32);
                filling.extend_from_slice(text);
                views.push(make_view(text, buffer, offset));
                number
            }
        }
    }

    /// All texts, by number.
    pub fn texts(&self) -> ArrayRef {
        let mut buffers = self.full.clone();
        if !self.filling.is_empty() {
            buffers.push(Buffer::from_slice_ref(&self.filling));
        }
        let is_text = |null: u32| (0..self.len()).map(|number| number != null as usize).collect::<NullBuffer>();
        let nulls = self.null.map(is_text);
        match StringViewArray::try_new(self.views.clone().into(), buffers, nulls) {
            Ok(texts) => Arc::new(texts),
            Err(_) => Arc::new(StringViewArray::new_null(self.len())),
        }
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        let full: usize = self.full.iter().map(Buffer::capacity).sum();
        let table = self.table.capacity() * (size_of::<Known>() + 1);
        table + self.views.capacity() * size_of::<u128>() + full + self.filling.capacity() + self.seen.size()
    }
}

/// Whether a long text is that of a view.
fn is_text(view: u128, text: &[u8], full: &[Buffer], filling: &[u8]) -> bool {
    let (length, buffer, offset) = (view as u32 as usize, (view >> 64) as u32 as usize, (view >> 96) as u32 as usize);
    let buffer = full.get(buffer).map_or(filling, Buffer::as_slice);
    length == text.len() && buffer.get(offset..offset + length) == Some(text)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use arrow::array::UInt32Array;
    use arrow::compute::take;
    use proptest::prelude::*;

    use super::*;

    /// Rows that share the texts of a dictionary, as those of Parquet do.
    fn rows_of(dictionary: &[Option<String>], rows: &[usize]) -> StringViewArray {
        let dictionary: StringViewArray = dictionary.iter().map(Option::as_deref).collect();
        let rows: UInt32Array = rows.iter().map(|row| (row % dictionary.len()) as u32).collect();
        take(&dictionary, &rows, None).unwrap().as_any().downcast_ref::<StringViewArray>().unwrap().clone()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn equal_texts_have_one_number_and_numbers_their_text(
            dictionaries in prop::collection::vec(
                prop::collection::vec(prop::option::weighted(0.95, "[ab]{0,3}|[abé]{12,14}"), 1..40), 1..5),
            rows in prop::collection::vec(any::<usize>(), 6000),
            part in 1_usize..6000,
        ) {
            let mut keys = TextKeys::default();
            let mut expected: HashMap<Option<String>, u32> = HashMap::new();
            for dictionary in dictionaries.iter().chain(&dictionaries) {
                let whole = rows_of(dictionary, &rows);
                for texts in [whole.slice(0, part), whole.slice(part, rows.len() - part)] {
                    let mut numbers = vec![7];
                    keys.number(&texts, &mut numbers);
                    prop_assert_eq!(numbers.len(), texts.len() + 1);
                    for (text, number) in texts.iter().zip(&numbers[1..]) {
                        let next = expected.len() as u32;
                        prop_assert_eq!(*expected.entry(text.map(str::to_owned)).or_insert(next), *number);
                    }
                }
            }
            prop_assert_eq!(keys.len(), expected.len());
            let texts = keys.texts();
            let texts = texts.as_any().downcast_ref::<StringViewArray>().unwrap();
            for (text, number) in expected {
                let found = texts.is_valid(number as usize).then(|| texts.value(number as usize).to_owned());
                prop_assert_eq!(found, text);
            }
        }
    }

    #[test]
    fn more_texts_than_a_buffer_holds_keep_their_numbers() {
        let texts: Vec<String> = (0..40_000).map(|number| format!("{number:0>100}")).collect();
        let array: StringViewArray = texts.iter().map(Some).collect();
        let mut keys = TextKeys::default();
        let mut numbers = Vec::new();
        keys.number(&array, &mut numbers);
        keys.number(&array.slice(30_000, 10_000), &mut numbers);
        assert!(!keys.full.is_empty());
        assert!(numbers.iter().copied().eq((0..40_000).chain(30_000..40_000)));
        assert_eq!(keys.texts().as_ref(), &array);
        assert!(keys.size() > 40_000 * 100);
    }
}
