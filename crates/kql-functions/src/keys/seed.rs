//! What hashes begin with: drawn anew for each table, so that no data can be made to collide in it.

use std::hash::{BuildHasher, RandomState};

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Two random numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seed([u64; 2]);

impl Default for Seed {
    fn default() -> Self {
        let state = RandomState::new();
        Seed([0, 1].map(|number: u8| state.hash_one(number)))
    }
}

impl Seed {
    /// Of 16 bytes: the halves of their product.
    #[inline]
    pub(super) fn hash(self, bytes: u128) -> u64 {
        let product = u128::from(bytes as u64 ^ self.0[0]) * u128::from((bytes >> 64) as u64 ^ self.0[1]);
        product as u64 ^ (product >> 64) as u64
    }

    /// Of a text.
    #[inline]
    pub(super) fn hash_text(self, text: &[u8]) -> u64 {
        xxh3_64_with_seed(text, self.0[0])
    }
}
