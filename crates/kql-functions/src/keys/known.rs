//! What a table of keys holds of each.

use hashbrown::HashTable;

use crate::together::TOGETHER;

/// No key has this number: memory ends long before.
const NOBODY: u32 = u32::MAX;

/// A key by half of its hash and its number: the smaller a table is, the less memory is touched when it grows, and the more of it is near.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    hash: u32,
    pub(super) number: u32,
}

impl Known {
    pub(super) fn new(hash: u64, number: u32) -> Self {
        Self { hash: hash as u32, number }
    }

    /// Whether the key has a hash with the same half.
    pub(super) fn may_be(&self, hash: u64) -> bool {
        self.hash == hash as u32
    }

    /// The hash by which a table puts it.
    pub(super) fn place(&self) -> u64 {
        place(u64::from(self.hash))
    }
}

/// The hash by which a table puts a key with that hash. A table takes the highest bits and the lowest: both come from the half that is kept.
pub(super) fn place(hash: u64) -> u64 {
    let half = u64::from(hash as u32);
    half << 32 | half
}

/// For each of at most [`TOGETHER`] hashes the number of a key that has it, which mostly is the key that is looked for; else a number that no key
/// has.
pub(super) fn candidates(table: &HashTable<Known>, hashes: &[u64]) -> [u32; TOGETHER] {
    let mut candidates = [NOBODY; TOGETHER];
    for (candidate, hash) in candidates.iter_mut().zip(hashes) {
        let known = table.find(place(*hash), |known| known.may_be(*hash));
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
        table.reserve(keys * 3, Known::place);
    }
}
