//! Values remembered by where a text lies: rows of a Parquet dictionary share their text, not only its bytes.

use arrow::array::{Array, StringViewArray};
use arrow::buffer::Buffer;

use crate::text_places::{KEPT_BYTES, MIN_ROWS, NOWHERE, Patience, TextPlaces, hash};

/// Places of the cache, a power of two. Twice the distinct values that a column worth a dictionary has in a row group,
/// and with their values mostly within a core's second-level cache.
const PLACES: usize = 1 << 15;

/// Remembers a value of a text, by where the text lies, over many arrays.
///
/// Nothing is looked up in texts that seldom repeat: it then costs a look at a few batches.
#[derive(Debug, Default)]
pub(crate) struct ViewCache<V> {
    /// Empty until first used.
    keys: Vec<u128>,
    values: Vec<V>,
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
        Some(TextPlaces::new(texts))
    }

    /// What is known of the text at a place.
    #[inline]
    pub(crate) fn get(&self, place: u128) -> Option<V> {
        let at = slot_of(place);
        if self.keys[at] == place { Some(self.values[at]) } else { None }
    }

    /// Remembers a value, in place of what was there.
    #[inline]
    pub(crate) fn put(&mut self, place: u128, value: V) {
        let at = slot_of(place);
        self.keys[at] = place;
        self.values[at] = value;
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
            self.keys = vec![NOWHERE; PLACES];
            self.values = vec![V::default(); PLACES];
        }
        true
    }

    fn forget(&mut self) {
        self.kept.clear();
        self.keys.fill(NOWHERE);
    }

    /// Bytes held.
    pub(crate) fn size(&self) -> usize {
        let kept: usize = self.kept.iter().map(Buffer::capacity).sum();
        self.keys.capacity() * size_of::<u128>() + self.values.capacity() * size_of::<V>() + kept
    }
}

fn slot_of(place: u128) -> usize {
    hash(place) & (PLACES - 1)
}
