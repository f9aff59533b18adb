//! Remembers the keys of events, to find copies.

use std::collections::HashSet;

use crate::limits::DUPLICATE_KEYS;

/// A set of keys that forgets the oldest when it grows too large.
#[derive(Debug, Default)]
pub(crate) struct SeenKeys {
    recent: HashSet<u128>,
    older: HashSet<u128>,
}

impl SeenKeys {
    /// Adds a key. False when it is known already.
    pub fn insert(&mut self, key: u128) -> bool {
        if self.older.contains(&key) || !self.recent.insert(key) {
            return false;
        }
        if self.recent.len() >= DUPLICATE_KEYS {
            self.older = std::mem::take(&mut self.recent);
        }
        true
    }
}
