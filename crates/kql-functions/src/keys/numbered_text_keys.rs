//! Texts most of which are known by a number, numbered in the order in which they first come.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, StringViewArray, UInt32Array};
use arrow::compute::take;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::TextKeys;
use super::seed::Seed;

/// Different texts, each with a number of its own. A text is given by the number that it is written of, or else, where that is null, as it
/// is: as the storage keeps addresses. No text is given both ways.
#[derive(Debug, Default)]
pub struct NumberedTextKeys {
    /// What is written of, and the key.
    numbers: HashTable<(u32, u32)>,
    seed: Seed,
    rests: TextKeys,
    /// The keys of the rests.
    rest_keys: Vec<u32>,
    /// For each key the number that is written, or that of the rest.
    keys: Vec<Origin>,
}

#[derive(Debug, Clone, Copy)]
enum Origin {
    Number(u32),
    Rest(u32),
}

impl NumberedTextKeys {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Appends the keys of all rows; new texts get new ones.
    pub fn number(&mut self, numbers: &UInt32Array, rests: &StringViewArray, keys: &mut Vec<u32>) {
        keys.reserve(numbers.len());
        if numbers.null_count() == 0 {
            keys.extend(numbers.values().iter().map(|number| self.of_number(*number)));
            return;
        }
        let mut of_rests = Vec::with_capacity(rests.len());
        self.rests.number(rests, &mut of_rests);
        for (row, rest) in of_rests.into_iter().enumerate() {
            keys.push(if numbers.is_valid(row) { self.of_number(numbers.value(row)) } else { self.of_rest(rest) });
        }
    }

    #[inline]
    fn of_number(&mut self, number: u32) -> u32 {
        let NumberedTextKeys { numbers, seed, keys, .. } = self;
        let hash = |number: u32| seed.hash(u128::from(number));
        match numbers.entry(hash(number), |known| known.0 == number, |known| hash(known.0)) {
            Entry::Occupied(known) => known.get().1,
            Entry::Vacant(free) => {
                let key = next(keys);
                free.insert((number, key));
                keys.push(Origin::Number(number));
                key
            }
        }
    }

    /// A rest that no row without a number had has no key yet.
    fn of_rest(&mut self, rest: u32) -> u32 {
        const NONE: u32 = u32::MAX;
        let NumberedTextKeys { rest_keys, keys, .. } = self;
        let at = rest as usize;
        if rest_keys.len() <= at {
            rest_keys.resize(at + 1, NONE);
        }
        if rest_keys[at] == NONE {
            rest_keys[at] = next(keys);
            keys.push(Origin::Rest(rest));
        }
        rest_keys[at]
    }

    /// The numbers and rests of all texts, by key.
    pub fn parts(&self) -> (UInt32Array, ArrayRef) {
        let numbers = self.keys.iter().map(|origin| match origin {
            Origin::Number(number) => Some(*number),
            Origin::Rest(_) => None,
        });
        let rests = self.keys.iter().map(|origin| match origin {
            Origin::Number(_) => None,
            Origin::Rest(rest) => Some(*rest),
        });
        let rests: UInt32Array = rests.collect();
        let rests = if rests.null_count() == rests.len() {
            Arc::new(StringViewArray::new_null(rests.len())) as ArrayRef
        } else {
            // Each is the number of a text.
            take(&self.rests.texts(), &rests, None).unwrap_or_else(|_| Arc::new(StringViewArray::new_null(rests.len())))
        };
        (numbers.collect(), rests)
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        self.numbers.capacity() * (size_of::<(u32, u32)>() + 1)
            + self.rests.size()
            + self.rest_keys.capacity() * size_of::<u32>()
            + self.keys.capacity() * size_of::<Origin>()
    }
}

fn next(keys: &[Origin]) -> u32 {
    // Memory ends long before.
    u32::try_from(keys.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use arrow::array::AsArray;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn equal_texts_have_one_key_and_keys_their_parts(
            batches in prop::collection::vec(
                prop::collection::vec((prop::option::weighted(0.8, 0_u32..9), "[ab]{0,2}|[ab]{13}"), 0..60), 0..6),
        ) {
            let mut texts = NumberedTextKeys::default();
            let mut expected: HashMap<(Option<u32>, Option<String>), u32> = HashMap::new();
            for batch in batches {
                let numbers: UInt32Array = batch.iter().map(|(number, _)| *number).collect();
                let part = |(number, rest): &(Option<u32>, String)| (*number, number.is_none().then(|| rest.clone()));
                let rests: StringViewArray = batch.iter().map(|row| part(row).1).collect();
                let mut keys = vec![7];
                texts.number(&numbers, &rests, &mut keys);
                prop_assert_eq!(keys.len(), batch.len() + 1);
                for (row, key) in batch.iter().zip(&keys[1..]) {
                    let next = expected.len() as u32;
                    prop_assert_eq!(*expected.entry(part(row)).or_insert(next), *key);
                }
            }
            prop_assert_eq!(texts.len(), expected.len());
            let (numbers, rests) = texts.parts();
            let rests = rests.as_string_view();
            for ((number, rest), key) in expected {
                let at = key as usize;
                prop_assert_eq!(numbers.is_valid(at).then(|| numbers.value(at)), number);
                prop_assert_eq!(rests.is_valid(at).then(|| rests.value(at).to_owned()), rest);
            }
        }
    }
}
