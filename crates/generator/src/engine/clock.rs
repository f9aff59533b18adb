//! Time in slices: what happens in one is made, ordered and written together.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

/// Things that wait for their slice of time.
#[derive(Debug)]
pub(super) struct Waiting<T> {
    start: DateTime<Utc>,
    length: TimeDelta,
    slices: BTreeMap<i64, Vec<T>>,
}

impl<T> Waiting<T> {
    /// Slices of `length`, counted from `start`.
    pub(super) fn new(start: DateTime<Utc>, length: TimeDelta) -> Self {
        Self { start, length, slices: BTreeMap::new() }
    }

    /// `item` waits for `time`; what should have happened before slice `now` happens in it.
    pub(super) fn push(&mut self, time: DateTime<Utc>, now: i64, item: T) {
        self.slices.entry(self.slice_of(time).max(now)).or_default().push(item);
    }

    /// Takes what waits for slice `slice` and everything before.
    pub(super) fn take(&mut self, slice: i64) -> Vec<T> {
        let mut taken = Vec::new();
        while let Some(entry) = self.slices.first_entry().filter(|entry| *entry.key() <= slice) {
            let items = entry.remove();
            if taken.is_empty() { taken = items } else { taken.extend(items) }
        }
        taken
    }

    /// Takes what waits for the first slice for which anything waits.
    pub(super) fn take_first(&mut self) -> Option<Vec<T>> {
        self.slices.pop_first().map(|(_, items)| items)
    }

    /// The slice in which `time` lies.
    pub(super) fn slice_of(&self, time: DateTime<Utc>) -> i64 {
        (time - self.start).num_seconds().div_euclid(self.length.num_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_wait_for_their_slice_and_never_longer() {
        let start: DateTime<Utc> = "2026-01-05T00:00:00Z".parse().expect("a time");
        let mut waiting = Waiting::new(start, TimeDelta::minutes(10));
        for (minutes, item) in [(25, 'c'), (5, 'a'), (-30, 'b'), (10, 'd')] {
            waiting.push(start + TimeDelta::minutes(minutes), 0, item);
        }
        assert_eq!(waiting.take(0), ['a', 'b']);
        assert_eq!(waiting.take(1), ['d']);
        assert_eq!(waiting.take_first(), Some(vec!['c']));
        assert_eq!(waiting.take_first(), None);
    }
}
