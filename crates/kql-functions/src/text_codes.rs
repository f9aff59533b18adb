//! Numbers for the texts of a column over many batches: rows decoded from a Parquet dictionary share their text, not only its bytes.

use arrow::array::{Array, StringViewArray};
use arrow::buffer::Buffer;

/// Batches with fewer rows get no numbers.
const MIN_ROWS: usize = 512;

/// Most texts that are numbered. What is computed of them is copied where more come, so that they must not become many.
const MOST_TEXTS: usize = 1 << 15;

/// Bytes of texts kept alive, so that their addresses stay theirs. A Parquet dictionary of ours has at most 3 MiB.
const KEPT_BYTES: usize = 4 << 20;

/// Batches in a row that may hold mostly new texts before numbers are given up for a while: the first one of a dictionary does.
const PATIENCE: u32 = 2;

/// Most batches that are left alone before numbers are tried again.
const MOST_SKIPPED: u32 = 64;

/// Longest text that lies in the view itself (Arrow's format).
const INLINE_BYTES: u32 = 12;

/// Stands for null among the keys; no text has it, as none is that long.
const NULL_KEY: u128 = u128::MAX;

/// The numbers of the texts that came so far, told apart by where they lie (short ones by their bytes). Equal texts in different places
/// have two numbers.
///
/// Nothing is looked up in texts that seldom repeat: it then costs a look at a few batches.
#[derive(Debug, Default)]
pub struct TextCodes {
    /// Open addressing, at most half full; 0 is free, else one more than the number of a text.
    table: Vec<u32>,
    /// By number.
    keys: Vec<u128>,
    /// The buffers that the keys point into.
    kept: Vec<Buffer>,
    /// Batches still to be left alone.
    skipping: u32,
    /// How many the next disappointment skips.
    next_skip: u32,
    /// Batches in a row of which most texts were new.
    poor: u32,
}

/// A batch in numbers.
#[derive(Debug, PartialEq, Eq)]
pub struct CodedTexts {
    /// The number of each row's text.
    pub codes: Vec<u32>,
    /// Rows that hold texts without a number before, in the order of their numbers, which follow those that there were.
    pub fresh: Vec<u32>,
    /// All numbers from before are void: `fresh` begins at 0.
    pub is_anew: bool,
}

impl TextCodes {
    /// The numbers of a batch's texts; nothing where they seldom repeat or are few.
    pub fn of(&mut self, texts: &StringViewArray) -> Option<CodedTexts> {
        if texts.len() < MIN_ROWS {
            return None;
        }
        if self.skipping > 0 {
            self.skipping -= 1;
            return None;
        }
        let mut is_anew = self.keys.is_empty();
        if self.keys.len() + texts.len() > MOST_TEXTS && !self.keys.is_empty() {
            self.forget();
            is_anew = true;
        }
        is_anew |= !self.keep(texts)?;
        self.make_room(texts.len());
        let bases: Vec<u64> = texts.data_buffers().iter().map(|buffer| buffer.as_ptr() as u64).collect();
        let nulls = texts.nulls().filter(|nulls| nulls.null_count() > 0);
        let mut coded = CodedTexts { codes: Vec::with_capacity(texts.len()), fresh: Vec::new(), is_anew };
        for (row, view) in texts.views().iter().enumerate() {
            let is_null = nulls.is_some_and(|nulls| nulls.is_null(row));
            let key = if is_null { NULL_KEY } else { absolute(*view, &bases) };
            let before = self.keys.len();
            coded.codes.push(self.code(key));
            if self.keys.len() > before {
                coded.fresh.push(u32::try_from(row).ok()?);
            }
        }
        self.judge(coded.fresh.len(), texts.len());
        Some(coded)
    }

    /// The number of a key, a new one where it has none. There is room for it.
    fn code(&mut self, key: u128) -> u32 {
        let mask = self.table.len() - 1;
        let mut slot = hash(key) & mask;
        loop {
            match self.table[slot] {
                0 => {
                    self.keys.push(key);
                    // At most `MOST_TEXTS` and a batch.
                    let code = self.keys.len() as u32;
                    self.table[slot] = code;
                    return code - 1;
                }
                found if self.keys[found as usize - 1] == key => return found - 1,
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    fn make_room(&mut self, texts: usize) {
        let places = ((self.keys.len() + texts) * 2).next_power_of_two();
        if self.table.len() >= places {
            return;
        }
        self.table = vec![0; places];
        for (code, key) in (1_u32..).zip(&self.keys) {
            let mut slot = hash(*key) & (places - 1);
            while self.table[slot] != 0 {
                slot = (slot + 1) & (places - 1);
            }
            self.table[slot] = code;
        }
    }

    fn judge(&mut self, fresh: usize, rows: usize) {
        if fresh * 4 < rows * 3 {
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

    /// Keeps the array's buffers alive. Nothing where they are too large for that; false where all numbers had to go for them.
    fn keep(&mut self, texts: &StringViewArray) -> Option<bool> {
        let fresh: Vec<Buffer> = texts
            .data_buffers()
            .iter()
            .filter(|buffer| !self.kept.iter().any(|kept| kept.ptr_eq(buffer)))
            .cloned()
            .collect();
        let size = |buffers: &[Buffer]| buffers.iter().map(Buffer::capacity).sum::<usize>();
        let has_room = size(&self.kept) + size(&fresh) <= KEPT_BYTES;
        if has_room {
            self.kept.extend(fresh);
            return Some(true);
        }
        self.forget();
        if size(texts.data_buffers()) > KEPT_BYTES {
            // Such a column hardly has a dictionary.
            self.judge(texts.len(), texts.len());
            return None;
        }
        self.kept.extend(texts.data_buffers().iter().cloned());
        Some(false)
    }

    fn forget(&mut self) {
        self.kept.clear();
        self.keys.clear();
        self.table.fill(0);
    }
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

fn hash(key: u128) -> usize {
    // Fibonacci hashing of both halves; the high bits are the well mixed ones.
    let mixed = ((key >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (key as u64).rotate_left(29);
    (mixed.wrapping_mul(0xd6e8_feb8_6659_fd93) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, AsArray, UInt32Array};
    use arrow::compute::take;
    use std::sync::Arc;

    fn rows(dictionary: &ArrayRef, from: u32, count: u32) -> StringViewArray {
        let length = dictionary.len() as u32;
        let indices: UInt32Array = (from..from + count).map(|row| row * 7 % length).collect();
        take(dictionary, &indices, None).unwrap().as_string_view().clone()
    }

    #[test]
    fn texts_keep_their_numbers_over_batches() {
        let words =
            [Some("short"), Some("a text that is longer than a view"), None, Some(""), Some("another long text there")];
        let dictionary: ArrayRef = Arc::new(StringViewArray::from_iter(words));
        let mut codes = TextCodes::default();
        let mut known: Vec<Option<String>> = Vec::new();
        for batch in 0..20 {
            let texts = rows(&dictionary, batch * 3, 1000);
            let coded = codes.of(&texts).unwrap();
            assert_eq!(coded.is_anew, batch == 0);
            let value = |row: u32| texts.is_valid(row as usize).then(|| texts.value(row as usize).to_owned());
            known.extend(coded.fresh.iter().map(|row| value(*row)));
            for (row, code) in (0..).zip(&coded.codes) {
                assert_eq!(known[*code as usize], value(row));
            }
        }
        assert_eq!(known.len(), 5);
    }

    #[test]
    fn numbers_begin_anew_where_texts_or_bytes_become_too_many() {
        let mut codes = TextCodes::default();
        let mut begun = 0;
        for batch in 0..40 {
            let words = (0..1200).map(|word| Some(format!("a text of the batch {batch} with the number {word}")));
            let dictionary: ArrayRef = Arc::new(StringViewArray::from_iter(words));
            let coded = codes.of(&rows(&dictionary, 0, 4000)).unwrap();
            begun += usize::from(coded.is_anew);
            assert_eq!(coded.fresh.len(), 1200);
            let least = coded.codes.iter().min().copied().unwrap();
            assert_eq!(least == 0, coded.is_anew);
        }
        assert!((2..10).contains(&begun), "{begun}");
    }

    #[test]
    fn texts_that_seldom_repeat_are_left_alone() {
        let mut codes = TextCodes::default();
        let numbered = (0..100).filter(|batch| {
            let words = (0..1000).map(|word| Some(format!("a text of the batch {batch} with the number {word}")));
            codes.of(&StringViewArray::from_iter(words)).is_some()
        });
        assert!(numbered.count() < 12);
        assert_eq!(codes.of(&StringViewArray::from(vec!["a"; 100])), None);
    }
}
