//! Rows of texts that come again, so that a function is computed once for each text and not once for each row.

use arrow::array::{Array, ArrayRef, StringViewArray, UInt32Array};
use arrow::compute::take;
use arrow::error::ArrowError;

/// Batches with fewer rows are computed as they are.
const MIN_ROWS: usize = 1024;

/// Rows by which it is decided whether texts repeat: with nine of ten different there, they hardly do in a batch.
const SAMPLE_ROWS: usize = 1024;

/// Stands for null among views; no text has it, as none is that long.
const NULL_VIEW: u128 = u128::MAX;

/// The rows of a column that hold each of its texts first, and for each row which of them has its text.
///
/// Texts are told apart by where they lie (Arrow's view), as rows decoded from a Parquet dictionary share it; short ones by their bytes. Equal
/// texts in different places count as two.
#[derive(Debug)]
pub struct DistinctTexts {
    firsts: UInt32Array,
    places: UInt32Array,
}

impl DistinctTexts {
    /// Looks at the views only. `None` where texts seldom repeat, or where there are too few rows to matter.
    pub fn of(texts: &StringViewArray) -> Option<Self> {
        let rows = texts.len();
        if rows < MIN_ROWS {
            return None;
        }
        let views = texts.views();
        let nulls = texts.nulls().filter(|nulls| nulls.null_count() > 0);
        let view_of = |row: usize| match nulls {
            Some(nulls) if nulls.is_null(row) => NULL_VIEW,
            _ => views[row],
        };
        // Open addressing, at most half full; 0 is free, else one more than the place among the firsts.
        let mask = (rows * 2).next_power_of_two() - 1;
        let mut table = vec![0u32; mask + 1];
        let mut firsts: Vec<u32> = Vec::new();
        let mut places: Vec<u32> = Vec::with_capacity(rows);
        for row in 0..rows {
            if row == SAMPLE_ROWS && firsts.len() * 10 > SAMPLE_ROWS * 9 {
                return None;
            }
            let view = view_of(row);
            let mut slot = hash(view) & mask;
            loop {
                match table[slot] {
                    0 => {
                        firsts.push(u32::try_from(row).ok()?);
                        table[slot] = u32::try_from(firsts.len()).ok()?;
                        places.push(table[slot] - 1);
                        break;
                    }
                    found if view_of(firsts[found as usize - 1] as usize) == view => {
                        places.push(found - 1);
                        break;
                    }
                    _ => slot = (slot + 1) & mask,
                }
            }
        }
        Some(DistinctTexts { firsts: firsts.into(), places: places.into() })
    }

    /// Each text once.
    ///
    /// # Errors
    ///
    /// Those of Arrow, for an array of another length.
    pub fn gather(&self, texts: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        take(texts, &self.firsts, None)
    }

    /// What was computed for each text, for all rows.
    ///
    /// # Errors
    ///
    /// Those of Arrow, for an array of another length than the number of texts.
    pub fn spread(&self, results: &ArrayRef) -> Result<ArrayRef, ArrowError> {
        take(results, &self.places, None)
    }

    /// The number of texts.
    pub fn count(&self) -> usize {
        self.firsts.len()
    }
}

fn hash(view: u128) -> usize {
    let mixed = ((view >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (view as u64).rotate_left(29);
    (mixed.wrapping_mul(0xd6e8_feb8_6659_fd93) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn each_text_is_computed_once_and_reaches_its_rows() {
        let words = ["", "short", "a text that is longer than a view", "another text longer than a view"];
        let dictionary: StringViewArray = words.iter().map(|word| Some(*word)).chain([None]).collect();
        let indices: UInt32Array = (0..5000u32).map(|row| row * 7 % 5).collect();
        let rows = take(&dictionary, &indices, None).unwrap();
        let texts = rows.as_any().downcast_ref::<StringViewArray>().unwrap();
        let distinct = DistinctTexts::of(texts).expect("they repeat");
        assert_eq!(distinct.count(), 5);
        let once = distinct.gather(&rows).unwrap();
        assert_eq!(distinct.spread(&once).unwrap().as_ref(), rows.as_ref());
        let sliced: ArrayRef = Arc::new(texts.slice(3, 2000));
        let part = DistinctTexts::of(&texts.slice(3, 2000)).expect("they repeat");
        assert_eq!(part.spread(&part.gather(&sliced).unwrap()).unwrap().as_ref(), sliced.as_ref());
    }

    #[test]
    fn texts_that_seldom_repeat_or_are_few_are_left_alone() {
        let texts: StringViewArray = (0..4000).map(|row| Some(format!("a text with the number {row}"))).collect();
        assert!(DistinctTexts::of(&texts).is_none());
        assert!(DistinctTexts::of(&texts.slice(0, 10)).is_none());
    }
}
