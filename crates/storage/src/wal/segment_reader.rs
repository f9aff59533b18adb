//! Reads the records of a segment, and tells a torn end from damage.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::frame::{Frame, HEADER_BYTES, MAGIC};
use super::segment::{SEGMENT_HEADER_BYTES, SegmentHeader, index_of};
use crate::StorageError;

/// Bytes read at once.
const READ_BYTES: usize = 256 * 1024;

/// A segment on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SegmentFile {
    pub(crate) path: PathBuf,
    pub(crate) index: u64,
    pub(crate) bytes: u64,
    /// Nothing where it was not written whole.
    pub(crate) header: Option<SegmentHeader>,
}

/// The segments of a log, oldest first; none where there is no log.
pub(crate) fn list(folder: &Path) -> Result<Vec<SegmentFile>, StorageError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(StorageError::io("list", folder))?,
    };
    let mut segments = Vec::new();
    for entry in entries {
        let path = entry.map_err(StorageError::io("list", folder))?.path();
        if let Some(index) = index_of(&path) {
            segments.push(open_segment(path, index)?);
        }
    }
    segments.sort_by_key(|segment| segment.index);
    Ok(segments)
}

fn open_segment(path: PathBuf, index: u64) -> Result<SegmentFile, StorageError> {
    let read = || -> io::Result<(u64, Vec<u8>)> {
        let mut file = File::open(&path)?;
        let mut header = Vec::with_capacity(SEGMENT_HEADER_BYTES);
        (&mut file).take(SEGMENT_HEADER_BYTES as u64).read_to_end(&mut header)?;
        Ok((file.metadata()?.len(), header))
    };
    let (bytes, header) = read().map_err(StorageError::io("read", &path))?;
    let header = SegmentHeader::from_bytes(&header).filter(|header| header.index == index);
    Ok(SegmentFile { path, index, bytes, header })
}

/// Reads a segment's records in order.
#[derive(Debug)]
pub(crate) struct SegmentReader {
    path: PathBuf,
    file: BufReader<File>,
    length: u64,
    /// `None`: the header is not there, so that no record is.
    nonce: Option<u64>,
    /// Where the next record begins.
    offset: u64,
    /// Its place in the log.
    next: u64,
    /// The place at which a later segment begins.
    end: Option<u64>,
    /// Nothing more can be read.
    is_over: bool,
}

/// A record's place in the log and in the file, and its payload.
#[derive(Debug)]
pub(crate) struct RawRecord {
    pub(crate) sequence: u64,
    pub(crate) offset: u64,
    pub(crate) payload: Vec<u8>,
}

impl SegmentReader {
    /// `end`: the place at which a later segment begins, where there is one.
    pub(crate) fn open(segment: &SegmentFile, end: Option<u64>) -> Result<Self, StorageError> {
        let failed = |source| StorageError::io("read", &segment.path)(source);
        let mut file = File::open(&segment.path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let start = segment.header.map_or(0, |_| SEGMENT_HEADER_BYTES as u64);
        file.seek(SeekFrom::Start(start)).map_err(failed)?;
        Ok(Self {
            path: segment.path.clone(),
            file: BufReader::with_capacity(READ_BYTES, file),
            length,
            nonce: segment.header.map(|header| header.nonce),
            offset: start,
            next: segment.header.map_or(0, |header| header.first_sequence),
            end,
            is_over: false,
        })
    }

    /// The next record; nothing after the last.
    pub(crate) fn next(&mut self) -> Result<Option<RawRecord>, StorageError> {
        if self.is_over || self.end == Some(self.next) {
            return Ok(None);
        }
        let read = match self.nonce {
            Some(nonce) => self.read(nonce).map_err(StorageError::io("read", &self.path))?,
            None => Err("its header cannot be read"),
        };
        match read {
            Ok(payload) => {
                let record = RawRecord { sequence: self.next, offset: self.offset, payload };
                self.offset += (HEADER_BYTES + record.payload.len()) as u64;
                self.next += 1;
                Ok(Some(record))
            }
            Err(problem) if self.end.is_some() || self.is_damaged()? => Err(StorageError::DamagedLog {
                path: self.path.clone(),
                offset: self.offset,
                problem: format!("{problem}, and acknowledged rows follow or should be here"),
            }),
            Err(_) => Ok(None),
        }
    }

    /// The payload of the record here, or why there is none.
    fn read(&mut self, nonce: u64) -> io::Result<Result<Vec<u8>, &'static str>> {
        let mut header = [0; HEADER_BYTES];
        if self.length.saturating_sub(self.offset) < HEADER_BYTES as u64 {
            return Ok(Err("the file ends"));
        }
        self.file.read_exact(&mut header)?;
        let Some(frame) = Frame::from_bytes(&header).filter(|frame| frame.nonce == nonce) else {
            return Ok(Err("there is no record"));
        };
        if frame.sequence != self.next {
            return Ok(Err("there is a record of another place"));
        }
        if frame.length > self.length - self.offset - HEADER_BYTES as u64 {
            return Ok(Err("the record is cut off"));
        }
        let mut payload = vec![0; usize::try_from(frame.length).unwrap_or(usize::MAX)];
        self.file.read_exact(&mut payload)?;
        let is_whole = crc32c::crc32c(&payload) == frame.payload_crc;
        Ok(if is_whole { Ok(payload) } else { Err("the record's checksum is wrong") })
    }

    /// Passes over what cannot be read: up to the next whole record of a place in that range, or to the end where there is none. Gives how many
    /// bytes that were.
    pub(crate) fn resume(&mut self, places: Range<u64>) -> Result<u64, StorageError> {
        let rest = self.rest().map_err(StorageError::io("read", &self.path))?;
        // Without a header the first record says what would be in it. It lies where that ends: what a sender put into its rows does not.
        let of_first = || Frame::from_bytes(rest.get(SEGMENT_HEADER_BYTES..)?).map(|frame| frame.nonce);
        let Some(nonce) = self.nonce.or_else(of_first) else {
            self.is_over = true;
            return Ok(rest.len() as u64);
        };
        let starts = rest.windows(MAGIC.len()).enumerate().filter(|(_, bytes)| *bytes == MAGIC);
        let mut whole = starts.filter_map(|(at, _)| {
            let frame = Frame::from_bytes(&rest[at..]).filter(|frame| frame.nonce == nonce)?;
            let payload = rest[at..].get(HEADER_BYTES..)?.get(..usize::try_from(frame.length).ok()?)?;
            (places.contains(&frame.sequence) && crc32c::crc32c(payload) == frame.payload_crc).then_some((at, frame))
        });
        let Some((at, frame)) = whole.next() else {
            self.is_over = true;
            return Ok(rest.len() as u64);
        };
        (self.nonce, self.next, self.offset) = (Some(nonce), frame.sequence, self.offset + at as u64);
        self.file.seek(SeekFrom::Start(self.offset)).map_err(StorageError::io("read", &self.path))?;
        Ok(at as u64)
    }

    /// All bytes from here on.
    fn rest(&self) -> io::Result<Vec<u8>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.offset))?;
        let mut rest = Vec::new();
        file.read_to_end(&mut rest)?;
        Ok(rest)
    }

    /// Whether a later record says that the one here had been synced. Of a segment without a header it is any record that says so of
    /// one before it in the file.
    fn is_damaged(&self) -> Result<bool, StorageError> {
        let rest = self.rest().map_err(StorageError::io("read", &self.path))?;
        let mut first = self.nonce.map(|_| self.next);
        let starts = rest.windows(MAGIC.len()).enumerate().filter(|(_, bytes)| *bytes == MAGIC);
        let mut frames = starts.filter_map(|(at, _)| Frame::from_bytes(&rest[at..]));
        Ok(frames.any(|frame| {
            if self.nonce.is_some_and(|nonce| nonce != frame.nonce) {
                return false;
            }
            frame.durable >= *first.get_or_insert(frame.sequence)
        }))
    }
}
