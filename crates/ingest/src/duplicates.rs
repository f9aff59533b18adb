//! Remembers the keys of events, to find copies.

use std::collections::HashSet;

use crate::limits::DUPLICATE_KEYS;

/// A set of keys that forgets the oldest when it grows too large.
#[derive(Debug)]
pub(crate) struct SeenKeys {
    recent: HashSet<u128>,
    older: HashSet<u128>,
    /// Keys after which the oldest are forgotten, after as many again.
    most: usize,
}

impl Default for SeenKeys {
    fn default() -> Self {
        Self::of_at_most(DUPLICATE_KEYS)
    }
}

impl SeenKeys {
    /// A set that remembers at least so many keys, and at most twice as many.
    pub fn of_at_most(most: usize) -> Self {
        Self { recent: HashSet::new(), older: HashSet::new(), most }
    }

    /// Whether the key is known.
    pub fn contains(&self, key: u128) -> bool {
        self.older.contains(&key) || self.recent.contains(&key)
    }

    /// Adds a key. False when it is known already.
    pub fn insert(&mut self, key: u128) -> bool {
        if self.older.contains(&key) || !self.recent.insert(key) {
            return false;
        }
        if self.recent.len() >= self.most {
            self.older = std::mem::take(&mut self.recent);
        }
        true
    }
}
