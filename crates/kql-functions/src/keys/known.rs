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

/// Keys up to which a full table becomes four times as large instead of twice: each time all keys are put in anew, while threads that
/// share the table wait.
const SOON_LARGER: usize = 1 << 20;

/// Makes room for another key.
pub(super) fn make_room(table: &mut HashTable<Known>) {
    let keys = table.len();
    if keys == table.capacity() && (1..=SOON_LARGER).contains(&keys) {
        table.reserve(keys * 3, |known| known.hash);
    }
}
