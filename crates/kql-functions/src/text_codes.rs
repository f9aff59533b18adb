//! Numbers for the texts of a column over many batches: rows decoded from a Parquet dictionary share their text, not only its bytes.

use arrow::array::{Array, StringViewArray};
use arrow::buffer::Buffer;

use crate::text_places::{KEPT_BYTES, MIN_ROWS, NOWHERE, Patience, TextPlaces, hash};

/// Most texts that are numbered where nothing else is said. What is computed of them is copied where more come, so that they must not become many.
const MOST_TEXTS: usize = 1 << 15;

/// The numbers of the texts that came so far, told apart by where they lie (short ones by their bytes). Equal texts in different places
/// have two numbers.
///
/// Nothing is looked up in texts that seldom repeat: it then costs a look at a few batches.
#[derive(Debug)]
pub struct TextCodes {
    /// Most texts that are numbered, if a batch has no more.
    most: usize,
    /// Open addressing, at most half full; 0 is free, else one more than the number of a text.
    table: Vec<u32>,
    /// By number.
    keys: Vec<u128>,
    /// The buffers that the keys point into.
    kept: Vec<Buffer>,
    patience: Patience,
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

impl Default for TextCodes {
    fn default() -> Self {
        Self::with_most(MOST_TEXTS)
    }
}

impl TextCodes {
    /// Numbers for at most so many texts, or those of one batch. Rows that are read once, file after file, have no use for the texts of files
    /// that are done, and few numbers stay near the processor.
    pub fn with_most(most: usize) -> Self {
        Self { most, table: Vec::new(), keys: Vec::new(), kept: Vec::new(), patience: Patience::default() }
    }

    /// Size in memory, with the buffers that are kept alive.
    pub fn bytes(&self) -> usize {
        let kept: usize = self.kept.iter().map(Buffer::capacity).sum();
        self.table.capacity() * size_of::<u32>() + self.keys.capacity() * size_of::<u128>() + kept
    }

    /// The numbers of a batch's texts; nothing where they seldom repeat or are few.
    pub fn of(&mut self, texts: &StringViewArray) -> Option<CodedTexts> {
        if texts.len() < MIN_ROWS {
            return None;
        }
        if self.patience.skips() {
            return None;
        }
        let mut is_anew = self.keys.is_empty();
        if self.keys.len() + texts.len() > self.most && !self.keys.is_empty() {
            self.forget();
            is_anew = true;
        }
        is_anew |= !self.keep(texts)?;
        self.make_room(texts.len());
        let places = TextPlaces::new(texts);
        let nulls = texts.nulls().filter(|nulls| nulls.null_count() > 0);
        let mut coded = CodedTexts { codes: Vec::with_capacity(texts.len()), fresh: Vec::new(), is_anew };
        for (row, view) in texts.views().iter().enumerate() {
            let is_null = nulls.is_some_and(|nulls| nulls.is_null(row));
            let key = if is_null { NOWHERE } else { places.of(*view) };
            let before = self.keys.len();
            coded.codes.push(self.code(key));
            if self.keys.len() > before {
                coded.fresh.push(u32::try_from(row).ok()?);
            }
        }
        self.patience.judge(coded.fresh.len(), texts.len());
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
                    // At most `most` and a batch.
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
            self.patience.judge(texts.len(), texts.len());
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
