//! Which texts of a column are among given ones.

use std::sync::Arc;

use arrow::array::{Array, StringViewArray};
use arrow::buffer::BooleanBuffer;

use super::dictionaries::Dictionaries;
use super::text_keys::TextKeys;
use crate::string_ops::ViewCache;
use crate::together::{TOGETHER, together};

/// Rows after which texts are sought by their place: for fewer, to set that up costs more than it saves.
const ROWS_BEFORE_PLACES: usize = 4096;

/// Different texts, looked for by [`TextMembers`]. Null is one of them where it was given.
#[derive(Debug, Default)]
pub struct TextSet {
    texts: TextKeys,
    has_null: bool,
}

impl TextSet {
    /// Adds the texts of all rows.
    pub fn add(&mut self, texts: &StringViewArray) {
        self.has_null |= texts.null_count() > 0;
        self.texts.number(texts, &mut Vec::new());
    }

    /// Which of the texts of at most [`TOGETHER`] rows, none of which is null, are among them.
    pub(super) fn know(&self, texts: &StringViewArray, rows: &[usize]) -> [bool; TOGETHER] {
        self.texts.know(texts, rows)
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        self.texts.size()
    }
}

/// Looks for the texts of a column, batch by batch. Where rows share their texts (a Parquet dictionary), a text is looked for once and found again
/// by its place.
#[derive(Debug)]
pub struct TextMembers {
    set: Arc<TextSet>,
    seen: ViewCache<bool>,
    pub(super) dictionaries: Dictionaries<Option<bool>>,
    /// Rows that have come, until they are enough.
    rows: usize,
}

impl TextMembers {
    /// Members of a set.
    pub fn of(set: Arc<TextSet>) -> Self {
        Self { set, seen: ViewCache::default(), dictionaries: Dictionaries::default(), rows: 0 }
    }

    /// For each row, whether its text is in the set.
    pub fn find(&mut self, texts: &StringViewArray) -> BooleanBuffer {
        let set = Arc::clone(&self.set);
        if texts.null_count() > 0 {
            let is_member = |row| if texts.is_null(row) { set.has_null } else { set.texts.knows(texts, row) };
            return BooleanBuffer::collect_bool(texts.len(), is_member);
        }
        let places = if self.rows < ROWS_BEFORE_PLACES { None } else { self.seen.begin(texts) };
        let Some(places) = places else {
            self.rows = self.rows.saturating_add(texts.len());
            return look_up_all(&set.texts, texts);
        };
        let (mut misses, views) = (0, texts.views());
        let members = BooleanBuffer::collect_bool(texts.len(), |row| {
            let place = places.of(views[row]);
            self.seen.get(place).unwrap_or_else(|| {
                misses += 1;
                let is_member = set.texts.knows(texts, row);
                self.seen.put(place, is_member);
                is_member
            })
        });
        self.seen.judge(misses, texts.len());
        members
    }

    /// Bytes held beside the set.
    pub fn size(&self) -> usize {
        self.seen.size() + self.dictionaries.size()
    }

    /// What is looked for.
    pub(super) fn set(&self) -> Arc<TextSet> {
        Arc::clone(&self.set)
    }
}

/// Which texts, none of which is null, are known.
fn look_up_all(known: &TextKeys, texts: &StringViewArray) -> BooleanBuffer {
    let mut members = Vec::with_capacity(texts.len());
    for rows in together(texts.len()) {
        let (mut all, count) = ([0; TOGETHER], rows.len());
        all.iter_mut().zip(rows).for_each(|(place, row)| *place = row);
        members.extend_from_slice(&known.know(texts, &all[..count])[..count]);
    }
    BooleanBuffer::from(members)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use arrow::array::{StringArray, UInt32Array};
    use arrow::compute::take;
    use proptest::prelude::*;

    use super::*;

    fn texts(of: &[Option<&str>]) -> StringViewArray {
        of.iter().copied().collect()
    }

    fn found(given: &StringViewArray, batches: &[StringViewArray]) -> Vec<Vec<bool>> {
        let mut set = TextSet::default();
        set.add(given);
        let mut members = TextMembers::of(Arc::new(set));
        batches.iter().map(|batch| members.find(batch).iter().collect()).collect()
    }

    proptest! {
        #[test]
        fn members_are_those_of_a_set(
            given in proptest::collection::vec(proptest::option::weighted(0.95, "[ab]{0,2}|[ab]{12,14}"), 0..40),
            asked in proptest::collection::vec(proptest::option::weighted(0.95, "[ab]{0,2}|[ab]{12,14}"), 0..200),
        ) {
            let set: HashSet<Option<&str>> = given.iter().map(Option::as_deref).collect();
            let asked: Vec<Option<&str>> = asked.iter().map(Option::as_deref).collect();
            let given: Vec<Option<&str>> = given.iter().map(Option::as_deref).collect();
            let expected: Vec<bool> = asked.iter().map(|text| set.contains(text)).collect();
            let batch = texts(&asked);
            prop_assert_eq!(found(&texts(&given), &[batch.clone(), batch]), vec![expected.clone(), expected]);
        }
    }

    #[test]
    fn texts_of_a_dictionary_are_found_by_their_places_too() {
        let dictionary: Vec<String> = (0..500).map(|at| format!("user{at}@example.com")).collect();
        let dictionary = StringViewArray::from(&StringArray::from(dictionary));
        let rows = UInt32Array::from_iter_values((0..ROWS_BEFORE_PLACES as u32).map(|row| row * 7 % 500));
        let batch = take(&dictionary, &rows, None).expect("rows exist");
        let batch = batch.as_any().downcast_ref::<StringViewArray>().expect("of texts").clone();
        let given = texts(&[Some("user3@example.com"), Some("user499@example.com"), Some("user500@example.com")]);
        let expected: Vec<bool> = rows.values().iter().map(|at| [3, 499].contains(at)).collect();
        for found in found(&given, &vec![batch; 4]) {
            assert_eq!(found, expected);
        }
    }
}
