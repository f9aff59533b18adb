//! The name that a sender gives a batch of rows.

use std::fmt::{self, Display, Formatter};

use sha2::{Digest, Sha256};

/// Bytes of an id.
pub(crate) const BATCH_ID_BYTES: usize = 16;

/// Names a batch of rows, so that a batch that is sent again is not stored again. 16 bytes of a SHA-256, whatever a sender calls it, so that
/// remembering one has a known price.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BatchId([u8; BATCH_ID_BYTES]);

impl BatchId {
    /// The id of what a source calls so. `source` keeps the names of senders apart: the way in, and who sends.
    pub fn new(source: &str, id: impl AsRef<[u8]>) -> Self {
        let mut hash = Sha256::new();
        // The length first: `("a", "bc")` is not `("ab", "c")`.
        hash.update((source.len() as u64).to_le_bytes());
        hash.update(source.as_bytes());
        hash.update(id.as_ref());
        let mut bytes = [0; BATCH_ID_BYTES];
        for (to, from) in bytes.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        Self(bytes)
    }

    pub(crate) fn from_bytes(bytes: [u8; BATCH_ID_BYTES]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8; BATCH_ID_BYTES] {
        &self.0
    }

    /// From its printed form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        u128::from_str_radix(text, 16)
            .ok()
            .filter(|_| text.len() == 2 * BATCH_ID_BYTES)
            .map(|id| Self(id.to_be_bytes()))
    }
}

impl Display for BatchId {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for BatchId {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "BatchId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_by_source_and_name_and_print_as_they_are_read() {
        let id = BatchId::new("a", "bc");
        assert_ne!(id, BatchId::new("ab", "c"));
        assert_eq!(id, BatchId::new("a", b"bc"));
        assert_eq!(BatchId::parse(&id.to_string()), Some(id));
        assert_eq!(BatchId::parse("12"), None);
    }
}
