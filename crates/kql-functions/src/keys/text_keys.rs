//! Texts numbered in the order in which they first come.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringViewArray, make_view};
use arrow::buffer::{Buffer, NullBuffer};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::dictionaries::Dictionaries;
use super::known::{Known, candidates, make_room, place};
use super::seed::Seed;
use crate::string_ops::ViewCache;
use crate::together::{TOGETHER, together};

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
    pub(super) dictionaries: Dictionaries<u32>,
    /// Rows that have come, until they are enough.
    rows: usize,
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
                let number = if texts.is_null(row) {
                    self.number_of_null()
                } else {
                    self.number_of(texts, row, self.hash(texts, row))
                };
                numbers.push(number);
            }
            return;
        }
        if self.rows < ROWS_BEFORE_PLACES {
            self.rows += texts.len();
            return self.look_up_all(texts, numbers);
        }
        let Some(places) = self.seen.begin(texts) else { return self.look_up_all(texts, numbers) };
        let (mut misses, mut missing) = (0, Vec::with_capacity(TOGETHER));
        for rows in together(texts.len()) {
            missing.clear();
            let from = numbers.len();
            for row in rows.clone() {
                let known = self.seen.get(places.of(texts.views()[row]));
                numbers.push(known.unwrap_or_default());
                if known.is_none() {
                    missing.push(row);
                }
            }
            let found = self.look_up(texts, &missing);
            for (row, number) in missing.iter().zip(found) {
                numbers[from + row - rows.start] = number;
                self.seen.put(places.of(texts.views()[*row]), number);
            }
            misses += missing.len();
        }
        self.seen.judge(misses, texts.len());
    }

    /// Appends the numbers of texts none of which is null.
    fn look_up_all(&mut self, texts: &StringViewArray, numbers: &mut Vec<u32>) {
        for rows in together(texts.len()) {
            let count = rows.len();
            let mut all = [0; TOGETHER];
            all.iter_mut().zip(rows).for_each(|(place, row)| *place = row);
            numbers.extend_from_slice(&self.look_up(texts, &all[..count])[..count]);
        }
    }

    /// The numbers of the texts of at most [`TOGETHER`] rows; new texts get new ones.
    pub(super) fn look_up(&mut self, texts: &StringViewArray, rows: &[usize]) -> [u32; TOGETHER] {
        let mut hashes = [0; TOGETHER];
        for (hash, row) in hashes.iter_mut().zip(rows) {
            *hash = self.hash(texts, *row);
        }
        let mut numbers = self.candidates(&hashes[..rows.len()]);
        for ((number, hash), row) in numbers.iter_mut().zip(hashes).zip(rows) {
            if !self.is_text(*number, texts, *row) {
                *number = self.number_of(texts, *row, hash);
            }
        }
        numbers
    }

    /// Which of the texts of at most [`TOGETHER`] rows, none of which is null, are known.
    pub(super) fn know(&self, texts: &StringViewArray, rows: &[usize]) -> [bool; TOGETHER] {
        let (mut hashes, mut known) = ([0; TOGETHER], [false; TOGETHER]);
        for (hash, row) in hashes.iter_mut().zip(rows) {
            *hash = self.hash(texts, *row);
        }
        let candidates = self.candidates(&hashes[..rows.len()]);
        for (((known, candidate), hash), row) in known.iter_mut().zip(candidates).zip(hashes).zip(rows) {
            let may_be = (candidate as usize) < self.views.len();
            *known = may_be && (self.is_text(candidate, texts, *row) || self.has(texts, *row, hash));
        }
        known
    }

    /// Whether the text of a row, which is not null, is known.
    pub(super) fn knows(&self, texts: &StringViewArray, row: usize) -> bool {
        self.has(texts, row, self.hash(texts, row))
    }

    /// Whether the text of a row, which is not null, is one with that hash.
    fn has(&self, texts: &StringViewArray, row: usize, hash: u64) -> bool {
        let same = |known: &Known| known.may_be(hash) && self.is_text(known.number, texts, row);
        self.table.find(place(hash), same).is_some()
    }

    /// Texts that may be those looked for, read so far that they are near.
    fn candidates(&self, hashes: &[u64]) -> [u32; TOGETHER] {
        let candidates = candidates(&self.table, hashes);
        let views = candidates.map(|candidate| self.views.get(candidate as usize).copied().unwrap_or_default());
        let first = |view: &u128| self.bytes(*view).first().copied().unwrap_or_default();
        std::hint::black_box(views.iter().fold(0, |read, view| read ^ first(view)));
        candidates
    }

    #[inline]
    fn hash(&self, texts: &StringViewArray, row: usize) -> u64 {
        let view = texts.views()[row];
        if view as u32 <= INLINE_BYTES {
            self.seed.hash(view)
        } else {
            self.seed.hash_text(texts.value(row).as_bytes())
        }
    }

    /// Whether the text with a number is that of a row.
    #[inline]
    fn is_text(&self, number: u32, texts: &StringViewArray, row: usize) -> bool {
        let (Some(known), view) = (self.views.get(number as usize), texts.views()[row]) else { return false };
        if view as u32 <= INLINE_BYTES {
            return *known == view;
        }
        // Length and first letters.
        *known as u64 == view as u64 && are_same(self.bytes(*known), texts.value(row).as_bytes())
    }

    /// A long text that is kept; nothing of a short one, which is its view.
    #[inline]
    fn bytes(&self, view: u128) -> &[u8] {
        bytes(view, &self.full, &self.filling)
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

    /// The number of a text with that hash, which is not null.
    fn number_of(&mut self, texts: &StringViewArray, row: usize, hash: u64) -> u32 {
        make_room(&mut self.table);
        let view = texts.views()[row];
        let number = self.next();
        if view as u32 <= INLINE_BYTES {
            let TextKeys { table, views, .. } = self;
            let same = |known: &Known| known.may_be(hash) && views[known.number as usize] == view;
            return match table.entry(place(hash), same, Known::place) {
                Entry::Occupied(found) => found.get().number,
                Entry::Vacant(free) => {
                    free.insert(Known::new(hash, number));
                    views.push(view);
                    number
                }
            };
        }
        let text = texts.value(row).as_bytes();
        let TextKeys { table, views, full, filling, .. } = self;
        let same = |known: &Known| known.may_be(hash) && bytes(views[known.number as usize], full, filling) == text;
        match table.entry(place(hash), same, Known::place) {
            Entry::Occupied(found) => found.get().number,
            Entry::Vacant(free) => {
                free.insert(Known::new(hash, number));
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
        table
            + self.views.capacity() * size_of::<u128>()
            + full
            + self.filling.capacity()
            + self.seen.size()
            + self.dictionaries.size()
    }
}

/// Whether long texts of one length are the same; most take less time than a call.
#[inline]
fn are_same(one: &[u8], other: &[u8]) -> bool {
    let (ones, others) = (one.as_chunks::<8>().0, other.as_chunks::<8>().0);
    let (Some(last), Some(other_last)) = (one.last_chunk::<8>(), other.last_chunk::<8>()) else { return one == other };
    let differing = |(one, other): (&[u8; 8], &[u8; 8])| u64::from_ne_bytes(*one) ^ u64::from_ne_bytes(*other);
    let different = ones.iter().zip(others).map(differing).fold(differing((last, other_last)), |all, one| all | one);
    different == 0 && one.len() == other.len()
}

/// The long text of a view; nothing of a short one's.
#[inline]
fn bytes<'a>(view: u128, full: &'a [Buffer], filling: &'a [u8]) -> &'a [u8] {
    let (length, buffer, offset) = (view as u32, (view >> 64) as u32 as usize, (view >> 96) as u32 as usize);
    if length <= INLINE_BYTES {
        return &[];
    }
    let buffer = full.get(buffer).map_or(filling, Buffer::as_slice);
    buffer.get(offset..offset + length as usize).unwrap_or_default()
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
