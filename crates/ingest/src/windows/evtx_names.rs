//! The name table of an EVTX chunk: chains of element and attribute names, which the parser follows without looking where it has been.
//!
//! A damaged chunk may link a chain back to itself; `evtx` before 0.15 then never ends. Chains are cut here before it sees them.

use std::collections::HashSet;

/// Where the chunk's header holds the offsets of the first names of its chains.
const CHAINS_AT: usize = 128;
/// Chains of a chunk.
const CHAINS: usize = 64;
/// Offset of the next name, hash, length in UTF-16 units: what every name begins with.
const NAME_HEADER: usize = 8;
/// Where in that the length is.
const LENGTH_AT: usize = 6;
/// Most names of a chunk that are followed; Windows' own chunks have a few hundred.
const NAMES: usize = 4096;

/// Ends every chain before a name that was met already, or that is none.
pub fn cut_name_chains(chunk: &mut [u8]) {
    let mut met = HashSet::new();
    for chain in 0..CHAINS {
        let mut link = CHAINS_AT + chain * 4;
        while let Some(name) = link_at(chunk, link).filter(|name| *name > 0) {
            if !is_name(chunk, name) || met.len() >= NAMES || !met.insert(name) {
                chunk[link..link + 4].fill(0);
                break;
            }
            link = name;
        }
    }
}

/// Whether a whole name stands here: the parser gives up the chunk at one that is none.
fn is_name(chunk: &[u8], at: usize) -> bool {
    let Some(&[low, high]) = chunk.get(at + LENGTH_AT..at + NAME_HEADER) else { return false };
    let start = at + NAME_HEADER;
    let end = start + usize::from(u16::from_le_bytes([low, high])) * 2;
    // A character NUL ends the name.
    let units = chunk.get(start..end + 2).into_iter().flat_map(|text| text[..end - start].chunks_exact(2));
    end + 2 <= chunk.len()
        && char::decode_utf16(units.map(|unit| u16::from_le_bytes([unit[0], unit[1]]))).all(|unit| unit.is_ok())
}

fn link_at(chunk: &[u8], at: usize) -> Option<usize> {
    let bytes: [u8; 4] = chunk.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(bytes)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chunk with these links: where, and to where.
    fn chunk(links: &[(usize, u32)]) -> Vec<u8> {
        let mut chunk = vec![0; 65536];
        for (at, to) in links {
            chunk[*at..*at + 4].copy_from_slice(&to.to_le_bytes());
        }
        chunk
    }

    #[test]
    fn sound_chains_are_left_alone() {
        let sound = chunk(&[(128, 600), (600, 700), (132, 800)]);
        let mut bytes = sound.clone();
        cut_name_chains(&mut bytes);
        assert_eq!(bytes, sound);
    }

    #[test]
    fn chains_that_link_back_or_out_of_the_chunk_end() {
        let mut bytes = chunk(&[(128, 600), (600, 700), (700, 600), (132, 800), (800, 800), (136, 65530)]);
        cut_name_chains(&mut bytes);
        assert_eq!(bytes, chunk(&[(128, 600), (600, 700), (132, 800)]));
    }
}
