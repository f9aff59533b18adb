//! A set of hashes that may hold more than was put into it.

/// Bits a term: one in 100 terms that are not there is taken to be.
const BITS_PER_TERM: usize = 12;

/// Bytes of a block: all bits of a term lie in one, so that a look costs one cache line.
const BLOCK_BYTES: usize = 32;

/// Each of the eight words of a block takes a bit of its own: odd multipliers, as in Parquet's "split block Bloom filter".
const SALTS: [u32; 8] =
    [0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947, 0x5c6b_fb31];

/// A blocked Bloom filter over 64-bit hashes, as the bytes that lie on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TermFilter {
    bytes: Vec<u8>,
}

impl TermFilter {
    /// The filter of these hashes; of none, it holds nothing.
    pub(crate) fn of(hashes: impl ExactSizeIterator<Item = u64>) -> Self {
        let blocks = (hashes.len() * BITS_PER_TERM).div_ceil(8 * BLOCK_BYTES);
        let mut words = vec![[0u32; 8]; blocks];
        for hash in hashes {
            let block = &mut words[block_of(hash, blocks)];
            for (word, bit) in block.iter_mut().zip(bits(hash)) {
                *word |= bit;
            }
        }
        Self { bytes: words.iter().flatten().flat_map(|word| word.to_le_bytes()).collect() }
    }

    /// The filter whose bytes these are.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        bytes.len().is_multiple_of(BLOCK_BYTES).then_some(Self { bytes })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the hash may have been put in; false is certain.
    pub(crate) fn may_have(&self, hash: u64) -> bool {
        let blocks = self.bytes.len() / BLOCK_BYTES;
        if blocks == 0 {
            return false;
        }
        let start = block_of(hash, blocks) * BLOCK_BYTES;
        let words = self.bytes[start..start + BLOCK_BYTES].chunks_exact(4);
        words.zip(bits(hash)).all(|(word, bit)| {
            let word = word.try_into().map_or(u32::MAX, u32::from_le_bytes);
            word & bit != 0
        })
    }
}

/// By the upper half of the hash.
fn block_of(hash: u64, blocks: usize) -> usize {
    (((hash >> 32) * blocks as u64) >> 32) as usize
}

/// One bit in each word, by the lower half of the hash.
fn bits(hash: u64) -> impl Iterator<Item = u32> {
    SALTS.into_iter().map(move |salt| 1 << ((hash as u32).wrapping_mul(salt) >> 27))
}

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh3::xxh3_64;

    use super::*;

    fn hashes(from: u64, to: u64) -> Vec<u64> {
        (from..to).map(|number| xxh3_64(&number.to_le_bytes())).collect()
    }

    #[test]
    fn what_was_put_in_is_found_and_little_else() {
        for count in [1, 10, 1000, 30_000] {
            let filter = TermFilter::of(hashes(0, count).into_iter());
            let read = TermFilter::from_bytes(filter.bytes().to_vec()).expect("whole blocks");
            assert!(hashes(0, count).into_iter().all(|hash| read.may_have(hash)));
            let wrong = hashes(1 << 40, (1 << 40) + 10_000).into_iter().filter(|&hash| read.may_have(hash)).count();
            assert!(wrong < 400, "{wrong} of 10,000 with {count} terms");
        }
    }

    #[test]
    fn an_empty_filter_has_nothing() {
        let filter = TermFilter::of(std::iter::empty::<u64>().collect::<Vec<_>>().into_iter());
        assert!(filter.bytes().is_empty() && !filter.may_have(7));
        assert_eq!(TermFilter::from_bytes(vec![0; 31]), None);
    }
}
