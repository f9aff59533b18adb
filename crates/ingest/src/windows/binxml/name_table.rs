//! The names of elements and attributes, which a chunk holds once each.

use std::ops::Range;

use super::bytes::Bytes;

/// Where the chunk's header holds the places of its first names.
const FIRST_NAMES: Range<usize> = 128..384;
/// Bytes of a chunk for each word of the set of names seen.
const WORD_BITS: usize = u64::BITS as usize;

/// The names seen while the tables are walked; kept so that it is not made for every chunk.
#[derive(Debug, Default)]
pub struct NamesSeen {
    words: Vec<u64>,
}

impl NamesSeen {
    fn clear(&mut self, bytes: usize) {
        self.words.clear();
        self.words.resize(bytes.div_ceil(WORD_BITS), 0);
    }

    /// Adds a place; whether it is new. Places past the chunk are never new.
    fn insert(&mut self, place: usize) -> bool {
        let Some(word) = self.words.get_mut(place / WORD_BITS) else { return false };
        let bit = 1 << (place % WORD_BITS);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}

/// Whether every name that the chunk's tables lead to can be read: a chunk with a broken table is damaged as a whole.
pub fn names_are_sound(chunk: &[u8], seen: &mut NamesSeen) -> bool {
    seen.clear(chunk.len());
    let Some(mut firsts) = Bytes::of(chunk, FIRST_NAMES.start, FIRST_NAMES.end) else { return false };
    while let Some(first) = firsts.place() {
        let mut place = first;
        // The same name again, and a place past the chunk, are for the crate to judge.
        while place > 0 {
            if !seen.insert(place) {
                return false;
            }
            match entry(chunk, place) {
                Some((next, units)) if units.as_chunks().0.iter().all(|unit| !is_surrogate(*unit)) => place = next,
                _ => return false,
            }
        }
    }
    true
}

fn is_surrogate(unit: [u8; 2]) -> bool {
    unit[1] & 0xf8 == 0xd8
}

/// The place of the next name, and the UTF-16 units of this one.
fn entry(chunk: &[u8], place: usize) -> Option<(usize, &[u8])> {
    let mut bytes = Bytes::of(chunk, place, chunk.len())?;
    let next = bytes.place()?;
    let _hash = bytes.u16()?;
    let units = bytes.u16()?;
    let text = bytes.take(usize::from(units) * 2)?;
    let _terminator = bytes.u16()?;
    Some((next, text))
}

/// Appends the name at this place; `None` when it cannot be read or has characters that names of elements and attributes do not have.
pub fn push_name(chunk: &[u8], place: usize, out: &mut String) -> Option<()> {
    let (_, units) = entry(chunk, place)?;
    if units.is_empty() {
        return None;
    }
    for unit in units.as_chunks().0 {
        let [byte @ (b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b':'), 0] = *unit else {
            return None;
        };
        out.push(char::from(byte));
    }
    Some(())
}

/// Reads the place of a name. The name itself stands behind where it is used first, and is skipped there.
pub fn name_place(bytes: &mut Bytes) -> Option<usize> {
    let place = bytes.place()?;
    if place == bytes.at() {
        let _link = bytes.take(6)?;
        let units = bytes.u16()?;
        let _text = bytes.take(usize::from(units) * 2 + 2)?;
    }
    Some(place)
}
