//! Texts that come as keys into a dictionary: each of its texts is looked up once.

use arrow::array::{Array, AsArray, DictionaryArray, StringViewArray};
use arrow::buffer::BooleanBuffer;
use arrow::compute::take;
use arrow::datatypes::UInt32Type;
use arrow::error::ArrowError;

use super::dictionaries::Dictionaries;
use super::{TextKeys, TextMembers};
use crate::together::{TOGETHER, together};

/// Of a text that was not looked up yet: memory ends long before.
const UNNUMBERED: u32 = u32::MAX;

impl Default for Dictionaries<u32> {
    fn default() -> Self {
        Self::new(UNNUMBERED)
    }
}

impl Default for Dictionaries<Option<bool>> {
    fn default() -> Self {
        Self::new(None)
    }
}

impl TextKeys {
    /// Appends the numbers of all rows, whose texts (views) come as keys; new texts get new ones.
    pub fn number_keyed(
        &mut self,
        keyed: &DictionaryArray<UInt32Type>,
        numbers: &mut Vec<u32>,
    ) -> Result<(), ArrowError> {
        let mut dictionaries = std::mem::take(&mut self.dictionaries);
        match dictionaries.of(keyed) {
            Some((texts, known)) => self.number_known(keyed.keys().values(), texts, known, numbers),
            None => self.number(texts_of(keyed)?.as_string_view(), numbers),
        }
        self.dictionaries = dictionaries;
        Ok(())
    }

    fn number_known(&mut self, keys: &[u32], texts: &StringViewArray, known: &mut [u32], numbers: &mut Vec<u32>) {
        numbers.reserve(keys.len());
        let mut missing = Vec::with_capacity(TOGETHER);
        for rows in together(keys.len()) {
            let from = numbers.len();
            numbers.extend(keys[rows.clone()].iter().map(|key| known[*key as usize]));
            missing.clear();
            missing.extend(rows.clone().filter(|row| numbers[from + row - rows.start] == UNNUMBERED));
            if missing.is_empty() {
                continue;
            }
            let places: Vec<usize> = missing.iter().map(|row| keys[*row] as usize).collect();
            for ((row, place), number) in missing.iter().zip(&places).zip(self.look_up(texts, &places)) {
                known[*place] = number;
                numbers[from + row - rows.start] = number;
            }
        }
    }
}

impl TextMembers {
    /// For each row, whose text (a view) comes as a key, whether it is in the set.
    pub fn find_keyed(&mut self, keyed: &DictionaryArray<UInt32Type>) -> Result<BooleanBuffer, ArrowError> {
        let set = self.set();
        let Some((texts, known)) = self.dictionaries.of(keyed) else {
            return Ok(self.find(texts_of(keyed)?.as_string_view()));
        };
        let keys = keyed.keys().values();
        let mut missing = Vec::with_capacity(TOGETHER);
        for rows in together(keys.len()) {
            missing.clear();
            missing.extend(keys[rows].iter().map(|key| *key as usize).filter(|key| known[*key].is_none()));
            if !missing.is_empty() {
                let members = set.know(texts, &missing);
                missing.iter().zip(members).for_each(|(key, is_member)| known[*key] = Some(is_member));
            }
        }
        Ok(BooleanBuffer::collect_bool(keys.len(), |row| known[keys[row] as usize] == Some(true)))
    }
}

/// The texts of keys, row by row.
fn texts_of(keyed: &DictionaryArray<UInt32Type>) -> Result<arrow::array::ArrayRef, ArrowError> {
    if keyed.values().as_string_view_opt().is_none() {
        let ty = keyed.values().data_type();
        return Err(ArrowError::SchemaError(format!("keys are into values of the type {ty} where texts are needed")));
    }
    take(keyed.values(), keyed.keys(), None)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::UInt32Array;
    use proptest::prelude::*;

    use super::super::TextSet;
    use super::*;

    fn views(texts: &[Option<String>]) -> StringViewArray {
        texts.iter().map(Option::as_deref).collect()
    }

    fn keyed(dictionary: &StringViewArray, rows: &[usize]) -> DictionaryArray<UInt32Type> {
        let keys: UInt32Array = rows.iter().map(|row| (row % dictionary.len()) as u32).collect();
        DictionaryArray::new(keys, Arc::new(dictionary.clone()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn texts_by_key_are_those_texts(
            dictionaries in prop::collection::vec(
                prop::collection::vec(prop::option::weighted(0.99, "[ab]{0,3}|[ab]{12,14}"), 1..40), 1..7),
            rows in prop::collection::vec(any::<usize>(), 0..300),
            order in prop::collection::vec(any::<usize>(), 1..20),
            given in prop::collection::vec(prop::option::weighted(0.9, "[ab]{0,3}|[ab]{12,14}"), 0..20),
        ) {
            let dictionaries: Vec<StringViewArray> = dictionaries.iter().map(|texts| views(texts)).collect();
            let mut set = TextSet::default();
            set.add(&views(&given));
            let set = Arc::new(set);
            let (mut plain, mut by_key) = (TextKeys::default(), TextKeys::default());
            let (mut members, mut members_by_key) = (TextMembers::of(Arc::clone(&set)), TextMembers::of(set));
            for at in order {
                let batch = keyed(&dictionaries[at % dictionaries.len()], &rows);
                let texts = texts_of(&batch).unwrap();
                let (mut expected, mut found) = (vec![7], vec![7]);
                plain.number(texts.as_string_view(), &mut expected);
                by_key.number_keyed(&batch, &mut found).unwrap();
                prop_assert_eq!(found, expected);
                prop_assert_eq!(members_by_key.find_keyed(&batch).unwrap(), members.find(texts.as_string_view()));
            }
            prop_assert_eq!(&by_key.texts(), &plain.texts());
        }
    }

    #[test]
    fn texts_that_no_row_has_get_no_number() {
        let dictionary = views(&["a", "b", "c"].map(|text| Some(text.to_owned())));
        let mut keys = TextKeys::default();
        for _ in 0..3 {
            let mut numbers = Vec::new();
            keys.number_keyed(&keyed(&dictionary, &[2, 1, 2]), &mut numbers).unwrap();
            assert_eq!((numbers, keys.len()), (vec![0, 1, 0], 2));
        }
        assert!(keys.size() >= 3 * 4);
    }

    #[test]
    fn keys_into_other_values_are_refused() {
        let numbers =
            DictionaryArray::<UInt32Type>::new(UInt32Array::from(vec![0]), Arc::new(UInt32Array::from(vec![5])));
        let error = TextKeys::default().number_keyed(&numbers, &mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("of the type UInt32"), "{error}");
    }
}
