//! What the view of a text tells of it: its length, and all of a short one.

use arrow::array::make_view;
use arrow::array::{Array, StringViewArray};
use arrow::buffer::BooleanBuffer;

/// Longest text that lies in the view itself (Arrow's format).
const INLINE_BYTES: usize = 12;

/// Most texts that are compared one after the other; a set of more is faster asked otherwise.
const MOST_VIEWS: usize = 8;

/// The bit that tells a lower letter of ASCII from its upper one.
const CASE: u8 = 0x20;

/// Lengths from this on count as one.
const MOST_LENGTHS: u32 = 63;

/// A test of texts that must be the same as one of some, byte for byte or at least in their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ViewTest {
    /// Of all texts that pass.
    Views(Vec<ShortText>),
    /// A set of bits, one for each length in bytes of texts that may pass, the last for all longer ones.
    Lengths(u64),
}

/// A text that lies in its view, in one case or in any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShortText {
    view: u128,
    /// What a letter of the other case lacks, at the place of each letter whose case does not count: the texts are of ASCII.
    any_case: u128,
}

impl ShortText {
    fn new(text: &[u8], is_case_sensitive: bool) -> Self {
        let lower = |byte: &u8| if byte.is_ascii_alphabetic() && !is_case_sensitive { CASE } else { 0 };
        let any_case: Vec<u8> = text.iter().map(lower).collect();
        // Without the length.
        let any_case = make_view(&any_case, 0, 0) & !u128::from(u32::MAX);
        Self { view: make_view(text, 0, 0) | any_case, any_case }
    }

    #[inline]
    fn is_of(self, view: u128) -> bool {
        view | self.any_case == self.view
    }
}

impl ViewTest {
    /// The test of what is one of these texts, which are of ASCII where case does not count. Texts of the length of a long one may pass, too,
    /// where case does not count.
    pub(crate) fn one_of<'a>(texts: impl Iterator<Item = &'a [u8]> + Clone, is_case_sensitive: bool) -> Self {
        let are_few_and_short =
            texts.clone().count() <= MOST_VIEWS && texts.clone().all(|text| text.len() <= INLINE_BYTES);
        if are_few_and_short {
            return ViewTest::Views(texts.map(|text| ShortText::new(text, is_case_sensitive)).collect());
        }
        ViewTest::Lengths(texts.fold(0, |set, text| set | bit_of(u32::try_from(text.len()).unwrap_or(u32::MAX))))
    }

    /// Whether a text with this view can pass.
    #[inline]
    pub(crate) fn may_pass(&self, view: u128) -> bool {
        match self {
            ViewTest::Views(found) => found.iter().any(|text| text.is_of(view)),
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
                [only] => BooleanBuffer::collect_bool(rows, |row| only.is_of(views[row])),
                [one, other] => {
                    BooleanBuffer::collect_bool(rows, |row| one.is_of(views[row]) | other.is_of(views[row]))
                }
                _ => BooleanBuffer::collect_bool(rows, |row| self.may_pass(views[row])),
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

    proptest! {
        #[test]
        fn case_may_not_count(wanted in "[a-cA-C @0`{é]{0,7}", texts in prop::collection::vec("[a-cA-C @0`{é]{0,7}", 0..40)) {
            prop_assume!(wanted.is_ascii());
            let test = ViewTest::one_of(std::iter::once(wanted.as_bytes()), false);
            prop_assert!(matches!(test, ViewTest::Views(_)));
            let rows = [wanted.to_uppercase(), wanted.to_lowercase(), wanted.replace('@', "`")];
            let array: StringViewArray = rows.iter().chain(&texts).map(Some).collect();
            let found = test.test(&array, |_| unreachable!("views tell")).expect("no nulls");
            for (row, text) in rows.iter().chain(&texts).enumerate() {
                prop_assert_eq!(found.value(row), text.eq_ignore_ascii_case(&wanted), "{} {}", text, wanted);
            }
        }
    }
}
