//! Where texts lie, which names them over many arrays: rows of a Parquet dictionary share their text, not only its bytes.

use arrow::array::StringViewArray;

/// Arrays with fewer rows are not worth a look.
pub(crate) const MIN_ROWS: usize = 512;

/// Bytes of texts kept alive, so that their addresses stay theirs. A Parquet dictionary of ours has at most 3 MiB.
pub(crate) const KEPT_BYTES: usize = 4 << 20;

/// A place where no text is, as none is that long.
pub(crate) const NOWHERE: u128 = u128::MAX;

/// Longest text that lies in the view itself (Arrow's format).
const INLINE_BYTES: u32 = 12;

/// Arrays in a row that may hold mostly new texts before they are left alone for a while: the first one of a dictionary does.
const PATIENCE: u32 = 2;

/// Most arrays that are left alone before texts are looked up again.
const MOST_SKIPPED: u32 = 64;

/// Where the texts of an array lie.
#[derive(Debug)]
pub(crate) struct TextPlaces(Vec<u64>);

impl TextPlaces {
    /// Those of an array. They are of use as long as its buffers live.
    pub(crate) fn new(texts: &StringViewArray) -> Self {
        Self(texts.data_buffers().iter().map(|buffer| buffer.as_ptr() as u64).collect())
    }

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

/// A hash of a place whose low bits are as good as the others.
#[inline]
pub(crate) fn hash(place: u128) -> usize {
    // Fibonacci hashing of both halves; the high bits are the well mixed ones.
    let mixed = ((place >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (place as u64).rotate_left(29);
    (mixed.wrapping_mul(0xd6e8_feb8_6659_fd93) >> 32) as usize
}

/// Leaves columns alone whose texts seldom repeat, longer after each disappointment.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    /// Arrays still to be left alone.
    skipping: u32,
    /// How many the next disappointment skips.
    next_skip: u32,
    /// Arrays in a row of which most texts were new.
    poor: u32,
}

impl Patience {
    /// Whether the next array is left alone.
    pub(crate) fn skips(&mut self) -> bool {
        let skips = self.skipping > 0;
        self.skipping = self.skipping.saturating_sub(1);
        skips
    }

    /// Learns how many of the rows of an array held texts that were not known. A look that finds nothing costs about a quarter of a
    /// short search.
    pub(crate) fn judge(&mut self, new: usize, rows: usize) {
        if new * 4 < rows * 3 {
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
}
