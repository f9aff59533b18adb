//! What the view of a text tells of it: its length, and all of a short one.

use arrow::array::make_view;
use arrow::array::{Array, StringViewArray};
use arrow::buffer::BooleanBuffer;

/// Longest text that lies in the view itself (Arrow's format).
const INLINE_BYTES: usize = 12;

/// Most texts that are compared one after the other; a set of more is faster asked otherwise.
const MOST_VIEWS: usize = 8;

/// Lengths from this on count as one.
const MOST_LENGTHS: u32 = 63;

/// A test of texts that must be the same as one of some, byte for byte or at least in their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ViewTest {
    /// The views of all texts that pass.
    Views(Vec<u128>),
    /// A set of bits, one for each length in bytes of texts that may pass, the last for all longer ones.
    Lengths(u64),
}

impl ViewTest {
    /// The test of what is one of these texts. Unless it `is_exact`, texts of the same length may pass, too: where case does not count.
    pub(crate) fn one_of<'a>(texts: impl Iterator<Item = &'a [u8]> + Clone, is_exact: bool) -> Self {
        let are_few_and_short =
            texts.clone().count() <= MOST_VIEWS && texts.clone().all(|text| text.len() <= INLINE_BYTES);
        if is_exact && are_few_and_short {
            return ViewTest::Views(texts.map(|text| make_view(text, 0, 0)).collect());
        }
        ViewTest::Lengths(texts.fold(0, |set, text| set | bit_of(u32::try_from(text.len()).unwrap_or(u32::MAX))))
    }

    /// Whether a text with this view can pass.
    #[inline]
    pub(crate) fn may_pass(&self, view: u128) -> bool {
        match self {
            ViewTest::Views(views) => views.contains(&view),
            ViewTest::Lengths(set) => set & bit_of(view as u32) != 0,
        }
    }

    /// Which texts pass, where `test` tells of those that may. `None` for an array with nulls, whose views say nothing.
    pub(crate) fn test(&self, texts: &StringViewArray, test: impl Fn(&str) -> bool) -> Option<BooleanBuffer> {
        if texts.null_count() > 0 {
            return None;
        }
        let (views, rows) = (texts.views(), texts.len());
        Some(match self {
            ViewTest::Views(found) => match found.as_slice() {
                [only] => BooleanBuffer::collect_bool(rows, |row| views[row] == *only),
                [one, other] => BooleanBuffer::collect_bool(rows, |row| (views[row] == *one) | (views[row] == *other)),
                found => BooleanBuffer::collect_bool(rows, |row| found.contains(&views[row])),
            },
            ViewTest::Lengths(_) => {
                BooleanBuffer::collect_bool(rows, |row| self.may_pass(views[row]) && test(texts.value(row)))
            }
        })
    }
}

fn bit_of(length: u32) -> u64 {
    1 << length.min(MOST_LENGTHS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn views_tell_what_the_texts_do(
            wanted in prop::collection::vec("[abé]{0,8}|[ab]{11,14}|a{60,70}", 0..12),
            texts in prop::collection::vec("[abé]{0,8}|[ab]{11,14}|a{60,70}", 0..40),
        ) {
            let test = ViewTest::one_of(wanted.iter().map(String::as_bytes), true);
            let rows: Vec<&String> = wanted.iter().chain(&texts).collect();
            let array: StringViewArray = rows.iter().map(Some).collect();
            let found = test.test(&array, |text| wanted.iter().any(|wanted| wanted == text)).expect("no nulls");
            for (row, text) in rows.iter().enumerate() {
                prop_assert_eq!(found.value(row), wanted.contains(text), "{}", text);
                prop_assert!(!wanted.contains(text) || test.may_pass(array.views()[row]));
            }
        }
    }
}
