//! What a test said of texts that come again: rows of a Parquet dictionary share their text, not only its bytes.

use arrow::array::{Array, BooleanArray, StringViewArray};
use arrow::buffer::{BooleanBuffer, Buffer};

/// Places of the memo, a power of two. Twice the distinct values that a column worth a dictionary has in a row group,
/// and with 17 bytes each within a core's second-level cache.
const PLACES: usize = 1 << 15;

/// Bytes of texts kept alive, so that their addresses stay theirs. A Parquet dictionary of ours has at most 3 MiB.
const KEPT_BYTES: usize = 4 << 20;

/// Batches with fewer rows are tested row by row.
const MIN_ROWS: usize = 512;

/// Batches in a row that may find little before the memo is left alone for a while: the first one of a dictionary finds little.
const PATIENCE: u32 = 2;

/// Most batches that are tested row by row before the memo is tried again.
const MOST_SKIPPED: u32 = 64;

/// Longest text that lies in the view itself (Arrow's format).
const INLINE_BYTES: u32 = 12;

/// Remembers what one test said of a text, by where the text lies, over many arrays.
///
/// Nothing is looked up in texts that seldom repeat: it then costs a look at a few rows of a few batches.
#[derive(Debug, Default)]
pub(crate) struct ViewMemo {
    /// Empty until first used.
    keys: Vec<u128>,
    answers: Vec<Answer>,
    /// The buffers that the keys point into.
    kept: Vec<Buffer>,
    /// Batches still to be tested row by row.
    skipping: u32,
    /// How many the next disappointment skips.
    next_skip: u32,
    /// Batches in a row of which most texts were new.
    poor: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Answer {
    #[default]
    Unknown,
    No,
    Yes,
}

impl ViewMemo {
    /// The test's answer for each row; of `""` for null.
    pub(crate) fn test(&mut self, texts: &StringViewArray, test: impl Fn(&str) -> bool) -> BooleanBuffer {
        if texts.len() < MIN_ROWS || texts.null_count() > 0 {
            return test_each(texts, test);
        }
        if self.skipping > 0 {
            self.skipping -= 1;
            return test_each(texts, test);
        }
        if !self.keep(texts) {
            return test_each(texts, test);
        }
        let bases: Vec<u64> = texts.data_buffers().iter().map(|buffer| buffer.as_ptr() as u64).collect();
        let mut misses = 0;
        let answers = BooleanBuffer::collect_bool(texts.len(), |row| {
            let key = absolute(texts.views()[row], &bases);
            let place = place_of(key);
            match self.answers[place] {
                answer if answer != Answer::Unknown && self.keys[place] == key => answer == Answer::Yes,
                _ => {
                    misses += 1;
                    let holds = test(texts.value(row));
                    self.keys[place] = key;
                    self.answers[place] = if holds { Answer::Yes } else { Answer::No };
                    holds
                }
            }
        });
        self.judge(misses, texts.len());
        answers
    }

    /// A look that finds nothing costs about a quarter of a short search.
    fn judge(&mut self, misses: usize, rows: usize) {
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
            self.keys = vec![0; PLACES];
            self.answers = vec![Answer::Unknown; PLACES];
        }
        true
    }

    fn forget(&mut self) {
        self.kept.clear();
        self.answers.fill(Answer::Unknown);
    }
}

/// The same, text by text.
pub(crate) fn test_each(texts: &StringViewArray, test: impl Fn(&str) -> bool) -> BooleanBuffer {
    if texts.null_count() > 0 {
        return BooleanBuffer::collect_bool(texts.len(), |row| {
            test(if texts.is_valid(row) { texts.value(row) } else { "" })
        });
    }
    BooleanBuffer::collect_bool(texts.len(), |row| test(texts.value(row)))
}

/// A view that names its text among all arrays whose buffers are alive: with the text's address in place of buffer and offset.
fn absolute(view: u128, bases: &[u64]) -> u128 {
    let length = view as u32;
    if length <= INLINE_BYTES {
        return view;
    }
    let (buffer, offset) = ((view >> 64) as u32, (view >> 96) as u32);
    let address = bases[buffer as usize] + u64::from(offset);
    u128::from(address) << 64 | view & u128::from(u64::MAX)
}

fn place_of(key: u128) -> usize {
    // Fibonacci hashing of both halves; the high bits are the well mixed ones.
    let mixed = ((key >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (key as u64).rotate_left(29);
    (mixed.wrapping_mul(0xd6e8_feb8_6659_fd93) >> 32) as usize & (PLACES - 1)
}

/// The answers as an array without nulls.
pub(crate) fn answers(buffer: BooleanBuffer, is_negated: bool) -> BooleanArray {
    BooleanArray::new(if is_negated { !&buffer } else { buffer }, None)
}
