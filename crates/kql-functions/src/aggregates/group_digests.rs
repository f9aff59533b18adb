//! The values of groups for percentiles: as they come in flat buffers, and as digests where that gets too much.

use super::value_log::{ByGroup, ValueLog};
use crate::sketch::{Digest, MOST_PLAIN_VALUES};

/// Values in the log before it is looked through for groups with so many that they become digests.
const LOG_VALUES: usize = 1 << 20;
/// Begins a partial state of values that count once each.
const PLAIN: u8 = 0;
/// Begins a partial state of values with weights.
const WEIGHTED: u8 = 1;

/// A [`Digest`] for each group. As long as all values of a group count once and are few, they only lie in a log.
#[derive(Debug)]
pub(super) struct GroupDigests {
    groups: usize,
    log: ValueLog,
    log_limit: usize,
    /// Those of groups with weights or many values; empty while there are none.
    digests: Vec<Option<Box<Digest>>>,
    digest_bytes: usize,
}

impl Default for GroupDigests {
    fn default() -> Self {
        let (log, digests) = (ValueLog::default(), Vec::new());
        GroupDigests { groups: 0, log, log_limit: LOG_VALUES, digests, digest_bytes: 0 }
    }
}

impl GroupDigests {
    /// Makes room for all groups.
    pub(super) fn grow(&mut self, groups: usize) {
        self.groups = self.groups.max(groups);
        if !self.digests.is_empty() {
            self.digests.resize_with(self.groups, || None);
        }
    }

    /// Takes in a value that counts once.
    #[inline]
    pub(super) fn add(&mut self, group: usize, value: i64) {
        self.log.push(group, value);
    }

    /// Takes in a value that counts `weight` times; weights below 1 count for nothing.
    pub(super) fn add_weighted(&mut self, group: usize, value: i64, weight: i64) {
        if weight > 0 {
            self.with_digest(group, |digest| digest.add(value, weight));
        }
    }

    fn with_digest(&mut self, group: usize, change: impl FnOnce(&mut Digest)) {
        self.digests.resize_with(self.groups.max(group + 1), || None);
        let digest = self.digests[group].get_or_insert_default();
        let before = digest.size();
        change(digest);
        let after = digest.size();
        self.digest_bytes = (self.digest_bytes + after).saturating_sub(before);
    }

    /// To be called after each batch: puts the values of groups that have many into their digests.
    pub(super) fn settle(&mut self) {
        if self.log.len() >= self.log_limit {
            self.empty_log(self.groups);
            self.log_limit = LOG_VALUES.max(2 * self.log.len());
        }
    }

    /// Of the first `n` groups no value that belongs to a digest is left in the log.
    fn empty_log(&mut self, n: usize) {
        let counts = self.log.counts(n);
        let has_digest = |group: usize| self.digests.get(group).is_some_and(Option::is_some);
        let is_taken: Vec<bool> =
            counts.iter().enumerate().map(|(group, count)| *count >= MOST_PLAIN_VALUES || has_digest(group)).collect();
        if !is_taken.contains(&true) {
            return;
        }
        let mut log = std::mem::take(&mut self.log);
        log.remove(|group| is_taken.get(group) == Some(&true), |group, value| self.add_weighted(group, value, 1));
        self.log = log;
    }

    /// Takes in what [`GroupDigests::partial`] gave.
    pub(super) fn merge(&mut self, group: usize, partial: &[u8]) {
        match partial.split_first() {
            Some((&PLAIN, values)) => {
                let values = values.chunks_exact(8).filter_map(|value| <[u8; 8]>::try_from(value).ok());
                values.for_each(|value| self.add(group, i64::from_le_bytes(value)));
            }
            Some((&WEIGHTED, pairs)) => self.with_digest(group, |digest| digest.merge(&Digest::from_bytes(pairs))),
            _ => {}
        }
    }

    /// Calls `each` with the partial states of the first `n` groups, which are then dropped and the rest renumbered from 0.
    pub(super) fn partial(&mut self, n: usize, mut each: impl FnMut(&[u8])) {
        let mut bytes = Vec::new();
        self.take(n, |mut values| {
            bytes.clear();
            match &mut values {
                Values::Plain(values) => {
                    bytes.push(PLAIN);
                    values.iter().for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()));
                }
                Values::Digest(digest) => {
                    bytes.push(WEIGHTED);
                    bytes.extend_from_slice(&digest.bytes());
                }
            }
            each(&bytes);
        });
    }

    /// Calls `each` with the values of the first `n` groups, which are then dropped and the rest renumbered from 0.
    pub(super) fn take(&mut self, n: usize, mut each: impl FnMut(Values<'_>)) {
        self.grow(n);
        self.empty_log(n);
        let mut plain: ByGroup = self.log.by_group(n);
        for group in 0..n {
            match self.digests.get_mut(group).and_then(Option::as_mut) {
                Some(digest) => each(Values::Digest(digest)),
                None => each(Values::Plain(plain.values(group))),
            }
        }
        self.log.drop_first(n);
        if n >= self.groups {
            *self = GroupDigests::default();
            return;
        }
        self.groups -= n;
        let dropped = self.digests.drain(..n.min(self.digests.len())).flatten();
        self.digest_bytes = self.digest_bytes.saturating_sub(dropped.map(|digest| digest.size()).sum());
    }

    /// Bytes held.
    pub(super) fn size(&self) -> usize {
        let entries = self.digests.capacity() * size_of::<Option<Box<Digest>>>();
        self.log.size() + entries + self.digest_bytes
    }
}

/// What is known of the values of a group.
pub(super) enum Values<'a> {
    /// All of them, each once.
    Plain(&'a mut [i64]),
    Digest(&'a mut Digest),
}

impl Values<'_> {
    /// See [`Digest::percentile`].
    pub(super) fn percentile(&mut self, percentage: f64) -> Option<i64> {
        match self {
            Values::Digest(digest) => digest.percentile(percentage),
            Values::Plain(values) => {
                let last = values.len().checked_sub(1)?;
                let rank = Digest::rank_of(percentage, values.len() as f64) as usize;
                Some(*values.select_nth_unstable(rank.saturating_sub(1).min(last)).1)
            }
        }
    }

    /// The values as a digest.
    pub(super) fn digest(&mut self) -> Digest {
        match self {
            Values::Digest(digest) => digest.clone(),
            Values::Plain(values) => {
                let mut digest = Digest::default();
                values.iter().for_each(|value| digest.add(*value, 1));
                digest
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Percentiles of the groups, taken in two portions.
    fn taken(digests: &mut GroupDigests, groups: usize, percentage: f64) -> Vec<Option<i64>> {
        let mut found = Vec::new();
        for n in [1, groups - 1] {
            digests.take(n, |mut values| found.push(values.percentile(percentage)));
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn percentiles_are_those_of_a_digest_a_group(
            rows in prop::collection::vec((0_usize..4, -20_i64..20, 1_i64..4), 0..200),
            is_weighted in any::<bool>(),
            percentage in 0.0..100.0_f64,
        ) {
            let mut expected = vec![Digest::default(); 4];
            let mut parts = [GroupDigests::default(), GroupDigests::default()];
            for (row, (group, value, weight)) in rows.iter().enumerate() {
                let part = &mut parts[row % 2];
                part.grow(4);
                if is_weighted && row % 3 == 0 {
                    part.add_weighted(*group, *value, *weight);
                    expected[*group].add(*value, *weight);
                } else {
                    part.add(*group, *value);
                    expected[*group].add(*value, 1);
                }
            }
            let mut merged = GroupDigests::default();
            for mut part in parts {
                let mut group = 0;
                merged.grow(4);
                part.partial(4, |bytes| {
                    merged.merge(group, bytes);
                    group += 1;
                });
            }
            let expected: Vec<_> = expected.iter_mut().map(|digest| digest.percentile(percentage)).collect();
            prop_assert_eq!(taken(&mut merged, 4, percentage), expected);
        }
    }

    #[test]
    fn many_values_of_a_group_give_what_its_digest_gives() {
        let mut digests = GroupDigests::default();
        digests.grow(2);
        let mut expected = Digest::default();
        for step in 0..1_500_000_i64 {
            let value = step * 77_773 % 500_009;
            digests.add(0, value);
            expected.add(value, 1);
            if step % 8_192 == 0 {
                digests.add(1, step);
                digests.settle();
            }
        }
        assert!(digests.log.len() < LOG_VALUES && digests.size() < 32 << 20, "{}", digests.size());
        let found = taken(&mut digests, 2, 95.0);
        assert_eq!(found[0], expected.percentile(95.0));
        assert!(found[1].is_some());
    }
}
