//! Bytes of files that several partitions read at the same time.
//!
//! A partition that reads a part of a file's rows reads the same bytes of its columns as another one with another part: a row group is read whole.
//! What one of them holds yet, the others get.

use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;

/// What the partitions of a scan hold of files that they read in parts.
#[derive(Debug, Default)]
pub(crate) struct PartReads(Mutex<HashMap<Place, Weak<Vec<u8>>>>);

/// A file and the bytes of it.
type Place = (PathBuf, Range<u64>);

/// Bytes that live as long as one of those who have them.
struct Held(Arc<Vec<u8>>);

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl PartReads {
    /// Those bytes of a file, read now where nobody has them. Who wants them meanwhile waits, as reading takes less than a copy of them would.
    pub(crate) fn get(
        &self,
        file: &Path,
        range: &Range<u64>,
        read: impl FnOnce() -> io::Result<Vec<u8>>,
    ) -> io::Result<Bytes> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = held.entry((file.to_owned(), range.clone())).or_default();
        let bytes = match place.upgrade() {
            Some(bytes) => bytes,
            None => {
                let bytes = Arc::new(read()?);
                *place = Arc::downgrade(&bytes);
                bytes
            }
        };
        Ok(Bytes::from_owner(Held(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_once_as_long_as_somebody_has_them() {
        let reads = PartReads::default();
        let read = |first: u8| reads.get(Path::new("a"), &(4..6), || Ok(vec![first, 0])).expect("reads");
        let (one, other) = (read(1), read(2));
        assert_eq!((&*one, &*other), (&[1, 0][..], &[1, 0][..]));
        drop((one, other));
        assert_eq!(&*read(3), [3, 0], "nobody had them");
    }

    #[test]
    fn other_bytes_are_others() {
        let reads = PartReads::default();
        let held = reads.get(Path::new("a"), &(4..6), || Ok(vec![1, 2])).expect("reads");
        for (file, range) in [("b", 4..6), ("a", 4..7)] {
            let bytes = reads.get(Path::new(file), &range, || Ok(vec![9])).expect("reads");
            assert_eq!(&*bytes, [9], "{file}");
        }
        assert_eq!(&*held, [1, 2]);
    }

    #[test]
    fn what_fails_is_tried_again() {
        let reads = PartReads::default();
        let failed = reads.get(Path::new("a"), &(0..1), || Err(io::Error::other("no disk")));
        assert!(failed.is_err());
        assert_eq!(&*reads.get(Path::new("a"), &(0..1), || Ok(vec![7])).expect("reads"), [7]);
    }
}
