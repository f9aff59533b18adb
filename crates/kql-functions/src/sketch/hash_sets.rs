//! Sets of hashes, one a group, in one buffer.

use crate::together::TOGETHER;

/// Slots of the smallest table.
const LEAST_SLOTS: usize = 4;
/// Marks a set that its owner keeps elsewhere.
const ELSEWHERE: u8 = u8::MAX;

/// Sets of 64-bit hashes, which are their own hashes: their bits are taken as they come.
///
/// A set of one lies in its entry. Larger ones have a table of a power of two slots in the common buffer, at most three
/// quarters full; tables that became too small are used again by others.
#[derive(Debug, Default)]
pub(crate) struct HashSets {
    sets: Vec<Set>,
    /// All tables; 0 is a free slot.
    slots: Vec<u64>,
    /// Where tables of 2^index slots are free.
    free: Vec<Vec<u64>>,
}

/// One set.
#[derive(Debug, Default, Clone, Copy)]
struct Set {
    /// The only hash, or where the table begins, or what the owner put here.
    word: u64,
    count: u32,
    /// The table has 2^this slots; 0 without one.
    bits: u8,
    /// The hash 0 belongs to the set; it has no slot.
    has_zero: bool,
}

impl HashSets {
    /// Makes room for all groups.
    pub(crate) fn grow(&mut self, groups: usize) {
        if self.sets.len() < groups {
            self.sets.resize(groups, Set::default());
        }
    }

    /// How many groups there are.
    pub(crate) fn groups(&self) -> usize {
        self.sets.len()
    }

    /// How many hashes a group has.
    #[inline]
    pub(crate) fn count(&self, group: usize) -> usize {
        self.sets[group].count as usize
    }

    /// Adds a hash to a group; whether it is new there.
    #[inline]
    pub(crate) fn insert(&mut self, group: usize, hash: u64) -> bool {
        let set = self.sets[group];
        if set.bits == 0 {
            return self.insert_without_table(group, hash);
        }
        if hash == 0 {
            let set = &mut self.sets[group];
            set.count += u32::from(!set.has_zero);
            return !std::mem::replace(&mut set.has_zero, true);
        }
        let start = set.word as usize;
        let table = &mut self.slots[start..start + (1 << set.bits)];
        let mask = table.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            match table[at] {
                0 => break,
                known if known == hash => return false,
                _ => at = (at + 1) & mask,
            }
        }
        table[at] = hash;
        let count = set.count + 1;
        self.sets[group].count = count;
        if count as usize > (mask + 1) / 4 * 3 {
            self.enlarge(group);
        }
        true
    }

    /// Reads what [`HashSets::insert`] reads first for each of these: see [`crate::together`].
    pub(crate) fn fetch(&self, hashes: &[(usize, u64)]) {
        let mut first_slots = [0; TOGETHER];
        for (slot, (group, hash)) in first_slots.iter_mut().zip(hashes) {
            let set = self.sets[*group];
            let mask = 1_u64.wrapping_shl(u32::from(set.bits)) - 1;
            let has_table = set.bits != 0 && set.bits != ELSEWHERE;
            *slot = if has_table { (set.word + (hash & mask)) as usize } else { 0 };
        }
        let read = first_slots.iter().fold(0, |read, slot| read ^ self.slots.get(*slot).copied().unwrap_or_default());
        std::hint::black_box(read);
    }

    fn insert_without_table(&mut self, group: usize, hash: u64) -> bool {
        let set = &mut self.sets[group];
        if set.count == 0 {
            (set.word, set.count) = (hash, 1);
            return true;
        }
        if set.word == hash {
            return false;
        }
        let only = set.word;
        let bits = LEAST_SLOTS.trailing_zeros() as u8;
        *set = Set { bits, ..Set::default() };
        self.sets[group].word = self.table(bits);
        self.insert(group, only);
        self.insert(group, hash)
    }

    /// A table of twice the slots.
    fn enlarge(&mut self, group: usize) {
        let Set { word: old, bits, .. } = self.sets[group];
        let new = self.table(bits + 1) as usize;
        let mask = (2 << bits) - 1;
        for at in old as usize..old as usize + (1 << bits) {
            let hash = std::mem::take(&mut self.slots[at]);
            if hash != 0 {
                let mut slot = hash as usize & mask;
                while self.slots[new + slot] != 0 {
                    slot = (slot + 1) & mask;
                }
                self.slots[new + slot] = hash;
            }
        }
        self.release(old, bits);
        let set = &mut self.sets[group];
        (set.word, set.bits) = (new as u64, bits + 1);
    }

    /// Where an empty table of 2^bits slots begins.
    fn table(&mut self, bits: u8) -> u64 {
        if let Some(start) = self.free.get_mut(usize::from(bits)).and_then(Vec::pop) {
            return start;
        }
        let start = self.slots.len();
        self.slots.resize(start + (1 << bits), 0);
        start as u64
    }

    /// Gives an empty table back.
    fn release(&mut self, start: u64, bits: u8) {
        if self.free.len() <= usize::from(bits) {
            self.free.resize(usize::from(bits) + 1, Vec::new());
        }
        self.free[usize::from(bits)].push(start);
    }

    /// The hashes of a group, in no order.
    pub(crate) fn hashes(&self, group: usize) -> impl Iterator<Item = u64> {
        let set = self.sets[group];
        let only = (set.bits == 0 && set.count == 1).then_some(set.word);
        let zero = set.has_zero.then_some(0);
        let start = set.word as usize;
        let has_table = set.bits != 0 && set.bits != ELSEWHERE;
        let table = if has_table { &self.slots[start..start + (1 << set.bits)] } else { &[] };
        only.into_iter().chain(zero).chain(table.iter().copied().filter(|hash| *hash != 0))
    }

    /// Empties a group, of which its owner keeps something elsewhere, at this place.
    pub(crate) fn put_elsewhere(&mut self, group: usize, place: u64) {
        self.empty(group);
        self.sets[group] = Set { word: place, bits: ELSEWHERE, ..Set::default() };
    }

    /// Where the owner keeps this group.
    #[inline]
    pub(crate) fn elsewhere(&self, group: usize) -> Option<u64> {
        let set = self.sets[group];
        (set.bits == ELSEWHERE).then_some(set.word)
    }

    fn empty(&mut self, group: usize) {
        let set = std::mem::take(&mut self.sets[group]);
        if set.bits != 0 && set.bits != ELSEWHERE {
            let start = set.word as usize;
            self.slots[start..start + (1 << set.bits)].fill(0);
            self.release(set.word, set.bits);
        }
    }

    /// Drops the first `n` groups; the rest is renumbered from 0.
    pub(crate) fn drop_first(&mut self, n: usize) {
        if n >= self.sets.len() {
            *self = HashSets::default();
            return;
        }
        (0..n).for_each(|group| self.empty(group));
        self.sets.drain(..n);
    }

    /// Bytes held.
    pub(crate) fn size(&self) -> usize {
        let free: usize = self.free.iter().map(|starts| starts.capacity() * size_of::<u64>()).sum();
        self.sets.capacity() * size_of::<Set>() + self.slots.capacity() * size_of::<u64>() + free
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Few different hashes, so that they meet; their low bits are the same, so that slots do, too.
        #[test]
        fn sets_are_those_of_the_standard_library(
            steps in prop::collection::vec((0_usize..3, 0_u64..40, prop::bool::weighted(0.02)), 0..400)
        ) {
            let mut sets = HashSets::default();
            let mut expected: Vec<HashSet<u64>> = vec![HashSet::new(); 3];
            sets.grow(3);
            for (group, value, is_end) in steps {
                let hash = value << 3;
                prop_assert_eq!(sets.insert(group, hash), expected[group].insert(hash));
                if is_end {
                    sets.drop_first(1);
                    sets.grow(3);
                    expected.remove(0);
                    expected.push(HashSet::new());
                }
                for (group, expected) in expected.iter().enumerate() {
                    let found: HashSet<u64> = sets.hashes(group).collect();
                    prop_assert_eq!(&found, expected);
                    prop_assert_eq!(sets.count(group), expected.len());
                }
            }
        }
    }

    #[test]
    fn tables_that_became_too_small_are_used_again() {
        let mut sets = HashSets::default();
        sets.grow(1_000);
        for group in 0..1_000 {
            (1_u64..=6).for_each(|hash| assert!(sets.insert(group, hash.wrapping_mul(0x9E37_79B9_7F4A_7C15))));
        }
        assert!(sets.slots.len() <= 1_000 * 8 + 1_000 * 4, "{}", sets.slots.len());
        sets.put_elsewhere(0, 7);
        assert_eq!((sets.elsewhere(0), sets.elsewhere(1), sets.hashes(0).count()), (Some(7), None, 0));
        sets.drop_first(1_000);
        assert_eq!(sets.size(), 0);
    }
}
