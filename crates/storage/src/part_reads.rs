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

/// What the partitions of a scan hold of files that they read in parts. It knows each place as long as the scan lives, and its bytes as long as
/// somebody has them.
#[derive(Debug, Default)]
pub(crate) struct PartReads(Mutex<HashMap<Place, Arc<Read>>>);

/// A file and the bytes of it.
type Place = (PathBuf, Range<u64>);

/// What was read there, while somebody has it; locked while it is read.
type Read = Mutex<Weak<Vec<u8>>>;

/// Bytes that live as long as one of those who have them.
struct Held(Arc<Vec<u8>>);

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl PartReads {
    /// Those bytes of a file, read where nobody has them. What another one is reading is waited for after the rest, so that each reads a part.
    pub(crate) fn get(
        &self,
        file: &Path,
        ranges: &[Range<u64>],
        mut read: impl FnMut(&Range<u64>) -> io::Result<Vec<u8>>,
    ) -> io::Result<Vec<Bytes>> {
        let places = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let place = |range: &Range<u64>| Arc::clone(known.entry((file.to_owned(), range.clone())).or_default());
            ranges.iter().map(place).collect::<Vec<_>>()
        };
        let mut held = vec![None; ranges.len()];
        for ((place, range), held) in places.iter().zip(ranges).zip(&mut held) {
            if let Ok(mut place) = place.try_lock() {
                *held = Some(bytes_of(&mut place, || read(range))?);
            }
        }
        for ((place, range), held) in places.iter().zip(ranges).zip(&mut held) {
            if held.is_none() {
                let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
                *held = Some(bytes_of(&mut place, || read(range))?);
            }
        }
        Ok(held.into_iter().flatten().collect())
    }
}

fn bytes_of(place: &mut Weak<Vec<u8>>, read: impl FnOnce() -> io::Result<Vec<u8>>) -> io::Result<Bytes> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn get(reads: &PartReads, file: &str, range: Range<u64>, bytes: &[u8]) -> Bytes {
        reads.get(Path::new(file), &[range], |_| Ok(bytes.to_vec())).expect("reads").remove(0)
    }

    #[test]
    fn bytes_are_read_once_as_long_as_somebody_has_them() {
        let reads = PartReads::default();
        let (one, other) = (get(&reads, "a", 4..6, &[1, 0]), get(&reads, "a", 4..6, &[2, 0]));
        assert_eq!((&*one, &*other), (&[1, 0][..], &[1, 0][..]));
        drop((one, other));
        assert_eq!(&*get(&reads, "a", 4..6, &[3, 0]), [3, 0], "nobody had them");
    }

    #[test]
    fn other_bytes_are_others() {
        let reads = PartReads::default();
        let held = get(&reads, "a", 4..6, &[1, 2]);
        assert_eq!(&*get(&reads, "b", 4..6, &[9]), [9]);
        assert_eq!(&*get(&reads, "a", 4..7, &[9]), [9]);
        assert_eq!(&*held, [1, 2]);
    }

    #[test]
    fn what_another_one_reads_is_waited_for_after_the_rest() {
        let reads = PartReads::default();
        let ranges = [0..1, 1..2, 2..3];
        let place = Arc::clone(reads.0.lock().expect("free").entry((PathBuf::from("a"), 0..1)).or_default());
        let (mut read, reading) = (Vec::new(), std::cell::Cell::new(Some(place.lock().expect("free"))));
        let bytes = reads.get(Path::new("a"), &ranges, |range| {
            read.push(range.start);
            if read.len() == 2 {
                // The other one is done.
                drop(reading.take());
            }
            Ok(vec![range.start as u8])
        });
        let bytes: Vec<u8> = bytes.expect("reads").iter().flat_map(|bytes| bytes.to_vec()).collect();
        assert_eq!((read, bytes), (vec![1, 2, 0], vec![0, 1, 2]));
    }

    #[test]
    fn what_fails_is_tried_again() {
        let reads = PartReads::default();
        let first = 0..1;
        let failed = reads.get(Path::new("a"), std::slice::from_ref(&first), |_| Err(io::Error::other("no disk")));
        assert!(failed.is_err());
        assert_eq!(&*get(&reads, "a", first, &[7]), [7]);
    }
}
