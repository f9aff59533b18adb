//! Batch ids that were stored.
//!
//! Records of the log hold them; before a segment goes, all are written to one file: `VDTBATCH`, how many there are (8 bytes, little endian),
//! for each its 16 bytes, its place in the log and its time in ms (8 bytes each), and a CRC32C of it all.

use std::collections::{HashMap, VecDeque};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::StorageError;
use crate::durable::{self, Existing};
use crate::live::BatchId;

/// The file of the ids in the folder of the log.
pub(crate) const BATCHES_FILE: &str = "batches";
const MAGIC: [u8; 8] = *b"VDTBATCH";
const ENTRY_BYTES: usize = 32;

/// The batches stored last, as many and as long ago as the limits say.
#[derive(Debug)]
pub(crate) struct RememberedBatches {
    by_id: HashMap<BatchId, Stored>,
    /// Oldest first.
    order: VecDeque<BatchId>,
    limit: usize,
    /// In ms.
    age: i64,
}

#[derive(Debug, Clone, Copy)]
struct Stored {
    sequence: u64,
    /// In ms since 1970.
    at: i64,
}

impl RememberedBatches {
    pub(crate) fn new(limit: usize, age: Duration) -> Self {
        let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        Self { by_id: HashMap::new(), order: VecDeque::new(), limit, age }
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// The place in the log of a batch that is remembered at this time.
    pub(crate) fn get(&self, id: &BatchId, now: i64) -> Option<u64> {
        let stored = self.by_id.get(id)?;
        (now.saturating_sub(stored.at) <= self.age).then_some(stored.sequence)
    }

    /// Remembers a batch stored at this time, and forgets what is beyond the limits.
    pub(crate) fn add(&mut self, id: BatchId, sequence: u64, at: i64) {
        if self.by_id.insert(id, Stored { sequence, at }).is_none() {
            self.order.push_back(id);
        }
        while let Some(oldest) = self.order.front() {
            let is_old = self.by_id.get(oldest).is_none_or(|stored| at.saturating_sub(stored.at) > self.age);
            if !is_old && self.order.len() <= self.limit {
                break;
            }
            self.by_id.remove(oldest);
            self.order.pop_front();
        }
    }

    /// All that the file of a log has, however many and old they are.
    pub(crate) fn read_all(folder: &Path) -> Result<Self, StorageError> {
        let mut all = Self::new(usize::MAX, Duration::MAX);
        all.load(folder)?;
        Ok(all)
    }

    /// Adds those in the file of a log.
    pub(crate) fn load(&mut self, folder: &Path) -> Result<(), StorageError> {
        let path = folder.join(BATCHES_FILE);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other.map_err(StorageError::io("read", &path))?,
        };
        let Some(entries) = entries(&bytes) else {
            let problem = "it is not the list of batch ids that was written".to_owned();
            return Err(StorageError::DamagedLog { path, offset: 0, problem });
        };
        for entry in entries {
            let Some((id, rest)) = entry.split_first_chunk::<16>() else { continue };
            let Some((sequence, at)) = rest.split_first_chunk::<8>() else { continue };
            let Ok(at) = at.try_into().map(i64::from_le_bytes) else { continue };
            self.add(BatchId::from_bytes(*id), u64::from_le_bytes(*sequence), at);
        }
        Ok(())
    }

    /// What to write to the file of a log.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.to_bytes_through(u64::MAX)
    }

    /// The same of batches up to a place in the log.
    pub(crate) fn to_bytes_through(&self, last_sequence: u64) -> Vec<u8> {
        let stored = |id| self.by_id.get(id).copied().unwrap_or(Stored { sequence: 0, at: 0 });
        let entries = self.order.iter().map(|id| (id, stored(id)));
        let entries: Vec<_> = entries.filter(|(_, stored)| stored.sequence <= last_sequence).collect();
        let mut bytes = Vec::with_capacity(MAGIC.len() + 12 + entries.len() * ENTRY_BYTES);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&(entries.len() as u64).to_le_bytes());
        for (id, stored) in entries {
            bytes.extend_from_slice(id.bytes());
            bytes.extend_from_slice(&stored.sequence.to_le_bytes());
            bytes.extend_from_slice(&stored.at.to_le_bytes());
        }
        let crc = crc32c::crc32c(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Writes the file of a log.
    pub(crate) fn write(folder: &Path, bytes: &[u8]) -> Result<(), StorageError> {
        let path: PathBuf = folder.join(BATCHES_FILE);
        durable::write(&path, &[bytes], Existing::Replace).map_err(StorageError::io("write", &path))
    }
}

fn entries(bytes: &[u8]) -> Option<std::slice::Chunks<'_, u8>> {
    let (body, crc) = bytes.split_last_chunk::<4>()?;
    let (count, entries) = body.strip_prefix(&MAGIC)?.split_first_chunk::<8>()?;
    let count = usize::try_from(u64::from_le_bytes(*count)).ok()?;
    let is_whole =
        u32::from_le_bytes(*crc) == crc32c::crc32c(body) && entries.len() == count.checked_mul(ENTRY_BYTES)?;
    is_whole.then(|| entries.chunks(ENTRY_BYTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> BatchId {
        BatchId::new("test", number.to_string())
    }

    #[test]
    fn batches_are_remembered_for_their_time_and_up_to_their_number() {
        let mut batches = RememberedBatches::new(3, Duration::from_millis(100));
        for number in 1..=4 {
            batches.add(id(number), number, i64::try_from(number).expect("small"));
        }
        assert_eq!((batches.get(&id(1), 4), batches.get(&id(2), 4), batches.get(&id(4), 4)), (None, Some(2), Some(4)));
        assert_eq!((batches.get(&id(2), 102), batches.get(&id(2), 103)), (Some(2), None));
        batches.add(id(5), 5, 150);
        assert_eq!(batches.len(), 1);
    }

    #[test]
    fn the_file_comes_back_and_damage_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut batches = RememberedBatches::new(10, Duration::from_secs(1));
        batches.load(folder.path()).expect("there is none");
        (1..=3).for_each(|number| batches.add(id(number), number, 7));
        RememberedBatches::write(folder.path(), &batches.to_bytes()).expect("writes");
        let mut read = RememberedBatches::new(10, Duration::from_secs(1));
        read.load(folder.path()).expect("reads");
        assert_eq!((read.len(), read.get(&id(3), 7)), (3, Some(3)));
        let bytes = batches.to_bytes();
        for length in 0..bytes.len() {
            fs::write(folder.path().join(BATCHES_FILE), &bytes[..length]).expect("writes");
            let error = read.load(folder.path()).expect_err("is cut");
            assert!(error.to_string().contains(BATCHES_FILE), "{error}");
        }
    }
}
