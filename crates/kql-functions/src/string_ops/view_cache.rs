//! Values remembered by where a text lies: rows of a Parquet dictionary share their text, not only its bytes.

use arrow::array::{Array, StringViewArray};
use arrow::buffer::Buffer;

/// Places of the cache, a power of two. Twice the distinct values that a column worth a dictionary has in a row group,
/// and with their values mostly within a core's second-level cache.
const PLACES: usize = 1 << 15;

/// Bytes of texts kept alive, so that their addresses stay theirs. A Parquet dictionary of ours has at most 3 MiB.
const KEPT_BYTES: usize = 4 << 20;

/// Batches with fewer rows go without.
const MIN_ROWS: usize = 512;

/// Batches in a row that may find little before the cache is left alone for a while: the first one of a dictionary finds little.
const PATIENCE: u32 = 2;

/// Most batches that go without before the cache is tried again.
const MOST_SKIPPED: u32 = 64;

/// Longest text that lies in the view itself (Arrow's format).
const INLINE_BYTES: u32 = 12;

/// A place that holds nothing; no text has it, as none is that long.
const FREE: u128 = u128::MAX;

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
    /// Batches that still go without.
    skipping: u32,
    /// How many the next disappointment skips.
    next_skip: u32,
    /// Batches in a row of which most texts were new.
    poor: u32,
}

/// Where the texts of an array lie.
#[derive(Debug)]
pub(crate) struct TextPlaces(Vec<u64>);

impl<V: Copy + Default> ViewCache<V> {
    /// Makes ready for an array, whose buffers are kept alive; nothing where it is better, or necessary, to do without.
    pub(crate) fn begin(&mut self, texts: &StringViewArray) -> Option<TextPlaces> {
        if texts.len() < MIN_ROWS || texts.null_count() > 0 {
            return None;
        }
        if self.skipping > 0 {
            self.skipping -= 1;
            return None;
        }
        if !self.keep(texts) {
            return None;
        }
        Some(TextPlaces(texts.data_buffers().iter().map(|buffer| buffer.as_ptr() as u64).collect()))
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
        if misses * 4 < rows * 3 {
            (self.poor, self.next_skip) = (0, 0);
            return;
        }
        self.poor += 1;
        if self.poor >= PATIENCE {
            self.poor = PATIENCE - 1;
            self.next_skip = (self.next_skip * 2).clamp(1, MOST_SKIPPED);
            self.skipping = self.next_skip;
        }
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
            self.keys = vec![FREE; PLACES];
            self.values = vec![V::default(); PLACES];
        }
        true
    }

    fn forget(&mut self) {
        self.kept.clear();
        self.keys.fill(FREE);
    }

    /// Bytes held.
    pub(crate) fn size(&self) -> usize {
        let kept: usize = self.kept.iter().map(Buffer::capacity).sum();
        self.keys.capacity() * size_of::<u128>() + self.values.capacity() * size_of::<V>() + kept
    }
}

impl TextPlaces {
    /// The view with the text's address in place of buffer and offset, which names it among all arrays whose buffers are alive.
    #[inline]
    pub(crate) fn of(&self, view: u128) -> u128 {
        if view as u32 <= INLINE_BYTES {
            return view;
        }
        let (buffer, offset) = ((view >> 64) as u32, (view >> 96) as u32);
        let address = self.0[buffer as usize] + u64::from(offset);
        u128::from(address) << 64 | view & u128::from(u64::MAX)
    }
}

fn slot_of(place: u128) -> usize {
    // Fibonacci hashing of both halves; the high bits are the well mixed ones.
    let mixed = ((place >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (place as u64).rotate_left(29);
    (mixed.wrapping_mul(0xd6e8_feb8_6659_fd93) >> 32) as usize & (PLACES - 1)
}
