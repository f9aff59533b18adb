//! Values remembered by where a text lies: rows of a Parquet dictionary share their text, not only its bytes.

use arrow::array::{Array, StringViewArray};
use arrow::buffer::Buffer;

use crate::text_places::{KEPT_BYTES, MIN_ROWS, NOWHERE, Patience, TextPlaces, hash};

/// Most places of a cache, a power of two. Twice the distinct values that a column worth a dictionary has in a row group,
/// and with their values mostly within a core's second-level cache.
const PLACES: usize = 1 << 15;

/// Places at first, a power of two: many columns have a few values, and memory that is new takes as long to get as some thousand searches.
const FIRST_PLACES: usize = 1 << 12;

/// Remembers a value of a text, by where the text lies, over many arrays.
///
/// Nothing is looked up in texts that seldom repeat: it then costs a look at a few batches.
#[derive(Debug, Default)]
pub(crate) struct ViewCache<V> {
    /// Empty until first used.
    keys: Vec<u128>,
    values: Vec<V>,
    /// How often something was put in since there are that many places.
    put: usize,
    /// The buffers that the keys point into.
    kept: Vec<Buffer>,
    patience: Patience,
}

impl<V: Copy + Default> ViewCache<V> {
    /// Makes ready for an array, whose buffers are kept alive; nothing where it is better, or necessary, to do without.
    pub(crate) fn begin(&mut self, texts: &StringViewArray) -> Option<TextPlaces> {
        if texts.len() < MIN_ROWS || texts.null_count() > 0 {
            return None;
        }
        if self.patience.skips() {
            return None;
        }
        if !self.keep(texts) {
            return None;
        }
        if self.put > self.keys.len() / 2 && self.keys.len() < PLACES {
            self.grow();
        }
        Some(TextPlaces::new(texts))
    }

    /// What is known of the text at a place.
    #[inline]
    pub(crate) fn get(&self, place: u128) -> Option<V> {
        let at = self.slot_of(place);
        if self.keys[at] == place { Some(self.values[at]) } else { None }
    }

    /// Remembers a value, in place of what was there.
    #[inline]
    pub(crate) fn put(&mut self, place: u128, value: V) {
        let at = self.slot_of(place);
        self.keys[at] = place;
        self.values[at] = value;
        self.put += 1;
    }

    /// Learns how many of the rows of an array were not known. A look that finds nothing costs about a quarter of a short search.
    pub(crate) fn judge(&mut self, misses: usize, rows: usize) {
        self.patience.judge(misses, rows);
    }

    /// Keeps the array's buffers alive; false where they are too large for that.
    fn keep(&mut self, texts: &StringViewArray) -> bool {
        let fresh: Vec<&Buffer> =
            texts.data_buffers().iter().filter(|buffer| !self.kept.iter().any(|kept| kept.ptr_eq(buffer))).collect();
        let size = |buffers: &[Buffer]| buffers.iter().map(Buffer::capacity).sum::<usize>();
        let added: usize = fresh.iter().map(|buffer| buffer.capacity()).sum();
        if size(&self.kept) + added > KEPT_BYTES {
            self.forget();
            if size(texts.data_buffers()) > KEPT_BYTES {
                return false;
            }
            self.kept.extend(texts.data_buffers().iter().cloned());
        } else {
            self.kept.extend(fresh.into_iter().cloned());
        }
        if self.keys.is_empty() {
            self.keys = vec![NOWHERE; FIRST_PLACES];
            self.values = vec![V::default(); FIRST_PLACES];
        }
        true
    }

    /// Makes twice as many places as were asked for, and keeps what is there.
    fn grow(&mut self) {
        let places = (2 * self.put).next_power_of_two().min(PLACES);
        let keys = std::mem::replace(&mut self.keys, vec![NOWHERE; places]);
        let values = std::mem::replace(&mut self.values, vec![V::default(); places]);
        for (key, value) in keys.into_iter().zip(values).filter(|(key, _)| *key != NOWHERE) {
            self.put(key, value);
        }
        self.put = 0;
    }

    fn forget(&mut self) {
        self.kept.clear();
        self.keys.fill(NOWHERE);
    }

    #[inline]
    fn slot_of(&self, place: u128) -> usize {
        hash(place) & (self.keys.len() - 1)
    }

    /// Bytes held.
    pub(crate) fn size(&self) -> usize {
        let kept: usize = self.kept.iter().map(Buffer::capacity).sum();
        self.keys.capacity() * size_of::<u128>() + self.values.capacity() * size_of::<V>() + kept
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, StringArray, UInt32Array};
    use arrow::compute::take;

    use super::*;

    /// Rows of a dictionary of that many texts.
    fn rows(texts: u32) -> StringViewArray {
        let dictionary: Vec<String> = (0..texts).map(|text| format!("user{text}@example.com")).collect();
        let rows: UInt32Array = (0..8192).map(|row: u32| row.wrapping_mul(2_654_435_761) % texts).collect();
        let views = StringViewArray::from(&StringArray::from(dictionary));
        take(&views, &rows, None).expect("rows exist").as_string_view().clone()
    }

    /// Puts each text's length in, batch by batch; how many of the last one's rows were not known.
    fn unknown(cache: &mut ViewCache<u32>, texts: &StringViewArray, batches: usize) -> usize {
        let mut unknown = 0;
        for _ in 0..batches {
            let places = cache.begin(texts).expect("has a look");
            unknown = 0;
            for view in texts.views().iter() {
                let place = places.of(*view);
                match cache.get(place) {
                    Some(length) => assert_eq!(length, *view as u32),
                    None => {
                        unknown += 1;
                        cache.put(place, *view as u32);
                    }
                }
            }
        }
        unknown
    }

    #[test]
    fn a_cache_has_as_many_places_as_it_needs() {
        let mut few = ViewCache::default();
        assert_eq!(unknown(&mut few, &rows(10), 4), 0);
        assert_eq!(few.keys.len(), FIRST_PLACES);
        let mut many = ViewCache::default();
        assert!(unknown(&mut many, &rows(5000), 4) < 8192 / 4);
        assert!(many.keys.len() > FIRST_PLACES && many.keys.len() <= PLACES, "{}", many.keys.len());
    }

    #[test]
    fn what_is_known_stays_known_in_more_places() {
        let mut cache = ViewCache::default();
        let texts = rows(3000);
        unknown(&mut cache, &texts, 1);
        let known = |cache: &ViewCache<u32>| cache.keys.iter().filter(|key| **key != NOWHERE).count();
        let before = known(&cache);
        cache.begin(&texts).expect("has a look");
        assert!(cache.keys.len() > FIRST_PLACES);
        assert_eq!(known(&cache), before);
    }
}
