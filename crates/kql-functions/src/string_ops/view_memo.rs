//! What a test said of texts that come again.

use arrow::array::{Array, BooleanArray, StringViewArray};
use arrow::buffer::BooleanBuffer;

use super::view_cache::ViewCache;

/// Remembers what one test said of a text, over many arrays: see [`ViewCache`].
#[derive(Debug, Default)]
pub(crate) struct ViewMemo {
    answers: ViewCache<bool>,
}

impl ViewMemo {
    /// The test's answer for each row; of `""` for null. Texts whose view says that they cannot pass are not looked up.
    pub(crate) fn test(
        &mut self,
        texts: &StringViewArray,
        may_pass: impl Fn(u128) -> bool,
        test: impl Fn(&str) -> bool,
    ) -> BooleanBuffer {
        let Some(places) = self.answers.begin(texts) else { return test_each(texts, test) };
        let mut misses = 0;
        let answers = BooleanBuffer::collect_bool(texts.len(), |row| {
            let view = texts.views()[row];
            if !may_pass(view) {
                return false;
            }
            let place = places.of(view);
            match self.answers.get(place) {
                Some(answer) => answer,
                None => {
                    misses += 1;
                    let holds = test(texts.value(row));
                    self.answers.put(place, holds);
                    holds
                }
            }
        });
        self.answers.judge(misses, texts.len());
        answers
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

/// The answers as an array without nulls.
pub(crate) fn answers(buffer: BooleanBuffer, is_negated: bool) -> BooleanArray {
    BooleanArray::new(if is_negated { !&buffer } else { buffer }, None)
}
