//! What is known of records by their id, from a sample of the ids: all copies of a record are in the sample or none.

use std::collections::HashMap;

/// Most ids that are kept. When there are more, every other one is dropped, whatever the order in which they came.
const MOST: usize = 1 << 16;

/// A record that is in the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sampled {
    pub(super) copies: u32,
    /// Whether a service and no person did it.
    pub(super) by_service: bool,
    /// Position in the report's list of workloads.
    pub(super) workload: u8,
}

/// The sample.
#[derive(Debug, Default)]
pub(super) struct IdSample {
    kept: HashMap<u64, Sampled>,
    /// Ids whose last so many bits are zeros are in the sample.
    level: u32,
}

impl IdSample {
    /// Counts a copy of record `id`, an identifier's random bits.
    pub(super) fn add(&mut self, id: u64, by_service: bool, workload: u8) {
        if id.trailing_zeros() < self.level {
            return;
        }
        self.kept.entry(id).or_insert(Sampled { copies: 0, by_service, workload }).copies += 1;
        while self.kept.len() > MOST {
            self.level += 1;
            let level = self.level;
            self.kept.retain(|id, _| id.trailing_zeros() >= level);
        }
    }

    /// The records of the sample.
    pub(super) fn records(&self) -> impl Iterator<Item = Sampled> {
        self.kept.values().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn a_sample_keeps_all_copies_whatever_the_order() {
        let mut random = Random::stream(1, "ids", 0);
        let mut ids: Vec<u64> = (0..150_000).map(|_| random.bits()).collect();
        ids.extend_from_within(..75_000);
        let sample = |ids: &[u64]| {
            let mut sample = IdSample::default();
            ids.iter().for_each(|id| sample.add(*id, false, 0));
            let mut kept: Vec<(u64, u32)> = sample.kept.iter().map(|(id, sampled)| (*id, sampled.copies)).collect();
            kept.sort_unstable();
            kept
        };
        let first = sample(&ids);
        assert!(first.len() > MOST / 4 && first.len() <= MOST);
        let copies: u64 = first.iter().map(|(_, copies)| u64::from(*copies)).sum();
        let permille = copies * 1_000 / first.len() as u64;
        assert!((1_480..=1_520).contains(&permille), "{permille}");
        random.shuffle(&mut ids);
        assert!(sample(&ids) == first);
    }
}
