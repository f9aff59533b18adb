//! What is known of the texts of dictionaries, by key.

use arrow::array::{Array, AsArray, DictionaryArray, StringViewArray};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::UInt32Type;

/// Dictionaries that are remembered: threads that share a table take turns, each with its file's.
const REMEMBERED: usize = 4;

/// Texts for each row up to which a dictionary is worth its values from the first batch on: a text is looked up in the time in which so many values are
/// set to be unknown. Larger ones have them from the second batch on, as where rows have no dictionary each batch has one of its own.
const TEXTS_A_ROW: usize = 8;

/// Values of texts that come as keys, of the last few dictionaries.
#[derive(Debug)]
pub(super) struct Dictionaries<V> {
    unknown: V,
    known: Vec<Dictionary<V>>,
    oldest: usize,
}

#[derive(Debug)]
struct Dictionary<V> {
    /// Kept, so that no other dictionary can come to lie where it does.
    views: ScalarBuffer<u128>,
    /// By key; empty where it is not worth it, until it comes again.
    values: Vec<V>,
}

impl<V: Copy> Dictionaries<V> {
    /// None yet; what is not known has this value.
    pub(super) fn new(unknown: V) -> Self {
        Self { unknown, known: Vec::new(), oldest: 0 }
    }

    /// The texts of keys and what is known of each; nothing where it is not worth it.
    pub(super) fn of<'a, 'k>(
        &'a mut self,
        keyed: &'k DictionaryArray<UInt32Type>,
    ) -> Option<(&'k StringViewArray, &'a mut [V])> {
        let texts = keyed.values().as_string_view_opt()?;
        if keyed.null_count() > 0 || texts.null_count() > 0 {
            return None;
        }
        let at = match self.known.iter().position(|known| known.views.ptr_eq(texts.views())) {
            Some(at) => at,
            None => {
                let at = self.remember(texts.views().clone());
                if texts.len() / TEXTS_A_ROW > keyed.len() {
                    return None;
                }
                at
            }
        };
        let values = &mut self.known[at].values;
        if values.is_empty() {
            values.resize(texts.len(), self.unknown);
        }
        Some((texts, values))
    }

    /// Where it stands then.
    fn remember(&mut self, views: ScalarBuffer<u128>) -> usize {
        let dictionary = Dictionary { views, values: Vec::new() };
        if self.known.len() < REMEMBERED {
            self.known.push(dictionary);
            return self.known.len() - 1;
        }
        let at = self.oldest;
        self.known[at] = dictionary;
        self.oldest = (at + 1) % REMEMBERED;
        at
    }

    /// Bytes held.
    pub(super) fn size(&self) -> usize {
        let size = |known: &Dictionary<V>| known.views.inner().capacity() + known.values.capacity() * size_of::<V>();
        self.known.iter().map(size).sum()
    }
}
