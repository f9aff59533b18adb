//! The generator's only source of chance: named streams of ChaCha8, so that one part's draws never shift another's.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::guid::Guid;

/// One stream of random numbers. All draws go through 64-bit integers, so results don't depend on the platform.
pub(crate) struct Random(ChaCha8Rng);

/// Quantiles, in thousandths of the median, of a log-normal distribution with σ = 1.12, cut off above: of people drawn from
/// it, the busiest twentieth does about three tenths of everything.
const HEAVY_TAIL: [u64; 40] = [
    81, 136, 179, 219, 257, 294, 332, 370, 409, 449, 491, 534, 578, 625, 674, 726, 781, 838, 900, 966, 1036, 1111,
    1193, 1281, 1377, 1483, 1599, 1729, 1874, 2038, 2226, 2444, 2701, 3011, 3396, 3892, 4568, 5575, 7346, 12_309,
];

impl Random {
    /// The stream `name`/`index` of `seed`.
    pub(crate) fn stream(seed: u64, name: &str, index: u64) -> Self {
        Self::substream(seed, name, index, 0)
    }

    /// The stream `name`/`index`/`part` of `seed`.
    pub(crate) fn substream(seed: u64, name: &str, index: u64, part: u64) -> Self {
        let mut key = [0u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&fnv1a(name).to_le_bytes());
        key[16..24].copy_from_slice(&index.to_le_bytes());
        key[24..].copy_from_slice(&part.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number in `0..limit`, 0 when `limit` is 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        let product = u128::from(self.0.next_u64()) * u128::from(limit);
        (product >> 64) as u64
    }

    /// A number in `low..=high`.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(high.abs_diff(low) + 1) as i64
    }

    /// True in `permille` of 1,000 cases.
    pub(crate) fn chance(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }

    /// `thousandths` of a thing as a whole number of things: 2,300 is 2 in seven cases of ten and else 3.
    pub(crate) fn round(&mut self, thousandths: u64) -> u64 {
        thousandths / 1000 + u64::from(self.chance(thousandths % 1000))
    }

    /// A heavy-tailed factor in thousandths; half of all draws lie below 1,000.
    pub(crate) fn heavy(&mut self) -> u64 {
        let at = self.below(HEAVY_TAIL.len() as u64 * 1000 - 1000);
        let (index, part) = ((at / 1000) as usize, at % 1000);
        (HEAVY_TAIL[index] * (1000 - part) + HEAVY_TAIL[index + 1] * part) / 1000
    }

    /// An index below `count` by Zipf's law: index `i` is drawn in proportion to `1 / (i + 1)`.
    pub(crate) fn zipf(&mut self, count: usize) -> usize {
        const SCALE: u64 = 1_000_000;
        let total: u64 = (1..=count as u64).map(|rank| SCALE / rank).sum();
        let mut left = self.below(total);
        for index in 0..count {
            let weight = SCALE / (index as u64 + 1);
            if left < weight {
                return index;
            }
            left -= weight;
        }
        0
    }

    /// An index of `weights`, drawn in proportion to them.
    pub(crate) fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        0
    }

    /// One of `items`, which must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// `items` in random order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }

    /// A version 4 GUID.
    pub(crate) fn guid(&mut self) -> Guid {
        Guid::random(self.bits(), self.bits())
    }

    /// `length` characters of upper-case letters and digits.
    pub(crate) fn code(&mut self, length: usize) -> String {
        const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ123456789";
        (0..length).map(|_| char::from(*self.pick(ALPHABET))).collect()
    }
}

/// 64-bit FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv/>): turns a stream's name into part of its key.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_repeats_and_differs_from_the_others() {
        let draw = |seed, name, index| Random::stream(seed, name, index).guid();
        assert_eq!(draw(1, "people", 0), draw(1, "people", 0));
        assert_ne!(draw(1, "people", 0), draw(2, "people", 0));
        assert_ne!(draw(1, "people", 0), draw(1, "apps", 0));
        assert_ne!(draw(1, "people", 0), draw(1, "people", 1));
    }

    #[test]
    fn draws_stay_in_their_range() {
        let mut random = Random::stream(7, "range", 0);
        for _ in 0..1000 {
            assert!(random.below(3) < 3);
            assert!((-2..=2).contains(&random.between(-2, 2)));
            assert!(random.zipf(5) < 5);
            assert!(random.weighted(&[1, 0, 3]) != 1);
            assert!((81..=12_309).contains(&random.heavy()));
        }
        assert_eq!(random.below(0), 0);
        assert!(!random.chance(0));
        assert!(random.chance(1000));
    }

    #[test]
    fn the_busiest_twentieth_does_about_three_tenths() {
        let mut random = Random::stream(7, "heavy", 0);
        let mut draws: Vec<u64> = (0..20_000).map(|_| random.heavy()).collect();
        draws.sort_unstable();
        let (all, busiest) = (draws.iter().sum::<u64>(), draws[19_000..].iter().sum::<u64>());
        assert!((22..=32).contains(&(100 * busiest / all)), "{}", 100 * busiest / all);
        assert!((930..=1070).contains(&draws[10_000]), "{}", draws[10_000]);
    }
}
