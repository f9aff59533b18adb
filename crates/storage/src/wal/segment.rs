//! A file of records that is written.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::frame::{Frame, HEADER_BYTES};
use crate::disk::{self, DiskFile};

/// What a segment begins with; another form needs another one.
const MAGIC: [u8; 8] = *b"VDTWAL01";

/// Bytes of a segment's header: `MAGIC`, index, nonce, sequence of the first record, CRC32C of these, little endian.
pub(crate) const SEGMENT_HEADER_BYTES: usize = 36;

/// The header of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    /// Counts segments; also in the file's name.
    pub(crate) index: u64,
    /// In each record of the segment.
    pub(crate) nonce: u64,
    /// The place in the log of its first record. Records of that place or a later one in earlier segments never were.
    pub(crate) first_sequence: u64,
}

impl SegmentHeader {
    fn to_bytes(self) -> [u8; SEGMENT_HEADER_BYTES] {
        let mut bytes = [0; SEGMENT_HEADER_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        for (place, number) in [self.index, self.nonce, self.first_sequence].into_iter().enumerate() {
            bytes[8 + place * 8..16 + place * 8].copy_from_slice(&number.to_le_bytes());
        }
        let crc = crc32c::crc32c(&bytes[..32]);
        bytes[32..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..SEGMENT_HEADER_BYTES)?;
        let number = |at: usize| Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?));
        let crc = u32::from_le_bytes(bytes.get(32..)?.try_into().ok()?);
        if !bytes.starts_with(&MAGIC) || crc != crc32c::crc32c(&bytes[..32]) {
            return None;
        }
        Some(Self { index: number(8)?, nonce: number(16)?, first_sequence: number(24)? })
    }
}

/// The file of a segment.
pub(crate) fn path_of(folder: &Path, index: u64) -> PathBuf {
    // Zero-padded, so that names sort as numbers do.
    folder.join(format!("{index:020}.log"))
}

/// The index in a segment's name.
pub(crate) fn index_of(path: &Path) -> Option<u64> {
    let stem = path.file_stem()?.to_str()?;
    let is_ours = path.extension().is_some_and(|extension| extension == "log") && stem.len() == 20;
    is_ours.then(|| stem.parse().ok())?
}

/// A segment to which nothing is added any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClosedSegment {
    pub(crate) path: PathBuf,
    /// The place in the log of its last record; one before its first where it has none.
    pub(crate) last_sequence: u64,
    /// On disk.
    pub(crate) bytes: u64,
}

/// The segment to which records are added.
#[derive(Debug)]
pub(crate) struct SegmentWriter {
    path: PathBuf,
    header: SegmentHeader,
    file: Box<dyn DiskFile>,
    /// Through the last record that was synced.
    good_length: u64,
    length: u64,
    last_sequence: u64,
    /// Whether its name is not yet synced.
    is_new: bool,
}

impl SegmentWriter {
    /// Begins a segment. It counts once its first records are synced.
    pub(crate) fn create(folder: &Path, index: u64, first_sequence: u64) -> io::Result<Self> {
        let path = path_of(folder, index);
        let nonce = Uuid::new_v4().as_u64_pair().1;
        let header = SegmentHeader { index, nonce, first_sequence };
        let mut file = disk::of(&path).create(&path)?;
        if let Err(error) = file.write_all(&header.to_bytes()) {
            // Best effort: a segment without a header has no records.
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        let length = SEGMENT_HEADER_BYTES as u64;
        let last_sequence = first_sequence.saturating_sub(1);
        Ok(Self { path, header, file, good_length: length, length, last_sequence, is_new: true })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes on disk.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Adds a record.
    pub(crate) fn add(&mut self, payload: &[u8], payload_crc: u32, sequence: u64, durable: u64) -> io::Result<()> {
        let length = payload.len() as u64;
        let frame = Frame { payload_crc, length, nonce: self.header.nonce, sequence, durable };
        self.length += HEADER_BYTES as u64 + length;
        self.file.write_all(&frame.to_bytes())?;
        self.file.write_all(payload)
    }

    /// Makes the records so far durable, of which that one is the last.
    pub(crate) fn sync(&mut self, last_sequence: u64) -> io::Result<()> {
        self.file.sync()?;
        if self.is_new {
            let folder = self.path.parent().unwrap_or(&self.path);
            disk::of(folder).sync_folder(folder)?;
            self.is_new = false;
        }
        self.good_length = self.length;
        self.last_sequence = last_sequence;
        Ok(())
    }

    /// Takes off the records that were not synced.
    pub(crate) fn cut(&mut self) -> io::Result<()> {
        self.file.cut(self.good_length)?;
        self.length = self.good_length;
        Ok(())
    }

    /// Ends it.
    pub(crate) fn close(self) -> ClosedSegment {
        ClosedSegment { path: self.path, last_sequence: self.last_sequence, bytes: self.length }
    }
}
