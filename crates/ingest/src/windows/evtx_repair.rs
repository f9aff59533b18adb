//! Finds the records of an EVTX chunk by their headers, and patches over broken ones so that the parser goes on behind them.

use std::ops::Range;

/// Bytes of a chunk.
pub const CHUNK_BYTES: usize = 65536;
/// Where the records of a chunk begin.
pub const FIRST_RECORD: usize = 512;
/// What every record starts with.
const RECORD_MAGIC: [u8; 4] = [0x2a, 0x2a, 0, 0];
/// Header of a record: magic, size, id, time.
pub const RECORD_HEAD: usize = 24;
/// The copy of a record's size at its end.
pub const RECORD_TAIL: usize = 4;
const LEAST_RECORD: usize = RECORD_HEAD + RECORD_TAIL;
/// Records begin at multiples of this.
const ALIGNMENT: usize = 8;
/// Record id that a patch gets: no log counts that far.
pub const PATCH_ID: u64 = u64::MAX - 1;
/// Where the chunk's header holds the offset of its free space.
const FREE_SPACE_AT: usize = 48;
/// Where the chunk's header holds its own checksum, which covers it without bytes 120 to 128.
const CHECKSUM_AT: usize = 124;

/// Where the records of a chunk are.
#[derive(Debug, Default)]
pub struct RecordMap {
    /// The records, by their ids.
    pub records: Vec<(u64, Range<usize>)>,
    /// Stretches that hold no readable record.
    pub damaged: Vec<Damage>,
    /// Where the records end.
    pub end: usize,
}

/// A stretch of a chunk without a readable record.
#[derive(Debug, PartialEq, Eq)]
pub struct Damage {
    /// Offset in the chunk.
    pub start: usize,
    /// What stands there.
    pub bytes: Vec<u8>,
}

impl RecordMap {
    /// The place of the record of this id.
    pub fn range_of(&self, id: u64) -> Option<Range<usize>> {
        self.records.iter().find(|(record, _)| *record == id).map(|(_, range)| range.clone())
    }

    /// The index of the record whose content begins here.
    pub fn index_at(&self, content: u64) -> Option<usize> {
        let start = usize::try_from(content).ok()?.checked_sub(RECORD_HEAD)?;
        self.records.binary_search_by_key(&start, |(_, range)| range.start).ok()
    }

    /// Whether this is the id of a patch, not of a record.
    pub fn is_patch(&self, id: u64) -> bool {
        id == PATCH_ID
    }
}

/// Walks the records. A stretch without a valid header is reported, and in the chunk replaced by an empty record that reaches to the
/// next valid header, or by the end of the records.
pub fn repair_chunk(chunk: &mut [u8]) -> RecordMap {
    let mut map = RecordMap { end: records_end(chunk), ..RecordMap::default() };
    let mut at = FIRST_RECORD;
    while at < map.end {
        if let Some(size) = record_size(chunk, at) {
            map.records.push((number(chunk, at + 8), at..at + size));
            at += size;
            continue;
        }
        if chunk[at..map.end].iter().all(|byte| *byte == 0) {
            break;
        }
        let next = (at + LEAST_RECORD..map.end)
            .filter(|next| next % ALIGNMENT == 0)
            .find(|next| record_size(chunk, *next).is_some());
        let stop = next.unwrap_or(map.end);
        map.damaged.push(Damage { start: at, bytes: chunk[at..stop].to_vec() });
        match next {
            Some(next) => patch(chunk, at, next - at),
            None => break,
        }
        at = stop;
    }
    map.end = at.min(map.end);
    map
}

/// Where the chunk's header says that its records end; the chunk's end, when the header is broken.
fn records_end(chunk: &[u8]) -> usize {
    let parts = [chunk.get(..120), chunk.get(128..FIRST_RECORD)];
    let covered = parts.map(Option::unwrap_or_default).concat();
    let free_space = size_at(chunk, FREE_SPACE_AT).unwrap_or(0);
    let is_sound = size_at(chunk, CHECKSUM_AT) == Some(evtx::checksum_ieee(&covered) as usize);
    if is_sound && (FIRST_RECORD..=chunk.len()).contains(&free_space) { free_space } else { chunk.len() }
}

/// The size of the record here, when its header is valid: its size is repeated at its end.
fn record_size(chunk: &[u8], at: usize) -> Option<usize> {
    if chunk.get(at..at + 4)? != RECORD_MAGIC {
        return None;
    }
    let size = size_at(chunk, at + 4)?;
    let is_valid = size >= LEAST_RECORD && size_at(chunk, at.checked_add(size)?.checked_sub(4)?) == Some(size);
    is_valid.then_some(size)
}

fn size_at(chunk: &[u8], at: usize) -> Option<usize> {
    let bytes: [u8; 4] = chunk.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}

fn number(chunk: &[u8], at: usize) -> u64 {
    let bytes = chunk.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, u64::from_le_bytes)
}

/// Writes an empty record over a stretch.
fn patch(chunk: &mut [u8], at: usize, size: usize) {
    chunk[at..at + size].fill(0);
    chunk[at..at + 4].copy_from_slice(&RECORD_MAGIC);
    chunk[at + 4..at + 8].copy_from_slice(&(size as u32).to_le_bytes());
    chunk[at + 8..at + 16].copy_from_slice(&PATCH_ID.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chunk of records of 40 bytes with these ids.
    fn chunk(ids: &[u64]) -> Vec<u8> {
        let mut chunk = vec![0; CHUNK_BYTES];
        for (index, id) in ids.iter().enumerate() {
            let at = FIRST_RECORD + index * 40;
            chunk[at..at + 4].copy_from_slice(&RECORD_MAGIC);
            chunk[at + 4..at + 8].copy_from_slice(&40_u32.to_le_bytes());
            chunk[at + 8..at + 16].copy_from_slice(&id.to_le_bytes());
            chunk[at + 36..at + 40].copy_from_slice(&40_u32.to_le_bytes());
        }
        chunk
    }

    #[test]
    fn a_sound_chunk_is_left_alone() {
        let mut bytes = chunk(&[7, 8, 9]);
        let map = repair_chunk(&mut bytes);
        assert_eq!(bytes, chunk(&[7, 8, 9]));
        assert_eq!((map.damaged.len(), map.end, map.range_of(8)), (0, 632, Some(552..592)));
    }

    #[test]
    fn a_broken_header_is_reported_and_patched_over() {
        let mut bytes = chunk(&[7, 8, 9]);
        bytes[552] = 0xff;
        let map = repair_chunk(&mut bytes);
        assert_eq!(
            map.damaged.iter().map(|damage| (damage.start, damage.bytes.len())).collect::<Vec<_>>(),
            [(552, 40)]
        );
        assert_eq!((map.range_of(7), map.range_of(8), map.range_of(9)), (Some(512..552), None, Some(592..632)));
        assert!(map.is_patch(number(&bytes, 560)));
    }

    #[test]
    fn a_cut_off_record_ends_the_records() {
        let mut bytes = chunk(&[7, 8]);
        bytes[580..].fill(0);
        let map = repair_chunk(&mut bytes);
        assert_eq!((map.damaged.len(), map.end), (1, 552));
    }
}
