//! What a table of keys holds of each.

use hashbrown::HashTable;

use crate::together::TOGETHER;

/// No key has this number: memory ends long before.
const NOBODY: u32 = u32::MAX;

/// A key by its hash and number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) hash: u64,
    pub(super) number: u32,
}

/// For each of at most [`TOGETHER`] hashes the number of a key that has it, which mostly is the key that is looked for; else a number that no key
/// has.
pub(super) fn candidates(table: &HashTable<Known>, hashes: &[u64]) -> [u32; TOGETHER] {
    let mut candidates = [NOBODY; TOGETHER];
    for (candidate, hash) in candidates.iter_mut().zip(hashes) {
        let known = table.find(*hash, |known| known.hash == *hash);
        *candidate = known.map_or(NOBODY, |known| known.number);
    }
    candidates
}
