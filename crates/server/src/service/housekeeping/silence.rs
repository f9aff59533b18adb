//! Who and what has fallen silent: senders, ways and tables.

use std::collections::BTreeMap;

/// What had rows in so many intervals, one after the other,
const BUSY_INTERVALS: u32 = 6;
/// is silent after so many without any.
const QUIET_INTERVALS: u32 = 2;
/// How many are remembered; more are not watched.
const REMEMBERED: usize = 10_000;

/// Remembers what used to come.
#[derive(Debug)]
pub(crate) struct Silence<K> {
    seen: BTreeMap<K, Seen>,
}

impl<K> Default for Silence<K> {
    fn default() -> Self {
        Self { seen: BTreeMap::new() }
    }
}

#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    busy: u32,
    quiet: u32,
}

/// What changed in one interval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// Rows used to come, and there were none for a while.
    FellSilent,
    /// They come again.
    CameBack,
}

impl<K: Ord + Clone> Silence<K> {
    /// Takes in one interval's rows of everything that is known and says what fell silent or came back. What is not known any more is forgotten.
    pub(crate) fn interval(&mut self, rows: &BTreeMap<K, u64>) -> Vec<(K, Change)> {
        self.seen.retain(|key, _| rows.contains_key(key));
        let mut changes = Vec::new();
        for (key, &rows) in rows {
            if !self.seen.contains_key(key) && self.seen.len() >= REMEMBERED {
                continue;
            }
            let seen = self.seen.entry(key.clone()).or_default();
            let was_silent = seen.quiet >= QUIET_INTERVALS && seen.busy >= BUSY_INTERVALS;
            if rows > 0 {
                // What sends now and then starts anew.
                seen.busy = if seen.quiet > 0 { 1 } else { seen.busy.saturating_add(1) };
                seen.quiet = 0;
                if was_silent {
                    changes.push((key.clone(), Change::CameBack));
                }
            } else {
                seen.quiet = seen.quiet.saturating_add(1);
                if seen.busy >= BUSY_INTERVALS && seen.quiet == QUIET_INTERVALS {
                    changes.push((key.clone(), Change::FellSilent));
                }
            }
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each interval with so many rows says.
    fn said(intervals: &[u64]) -> Vec<(usize, Change)> {
        let mut silence = Silence::default();
        let mut said = Vec::new();
        for (at, &rows) in intervals.iter().enumerate() {
            said.extend(silence.interval(&BTreeMap::from([("a", rows)])).into_iter().map(|(_, change)| (at, change)));
        }
        said
    }

    #[test]
    fn what_is_forgotten_begins_anew() {
        let mut silence = Silence::default();
        for _ in 0..BUSY_INTERVALS {
            assert_eq!(silence.interval(&BTreeMap::from([("a", 1)])), []);
        }
        assert_eq!(silence.interval(&BTreeMap::new()), []);
        for _ in 0..3 {
            assert_eq!(silence.interval(&BTreeMap::from([("a", 0)])), []);
        }
    }

    #[test]
    fn what_used_to_come_is_missed_once_and_noticed_when_it_is_back() {
        let said = said(&[1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 5]);
        assert_eq!(said, [(7, Change::FellSilent), (10, Change::CameBack)]);
    }

    #[test]
    fn what_comes_now_and_then_is_not_missed() {
        assert_eq!(said(&[1, 0, 0, 1, 0, 0, 0, 1, 0, 0]), []);
        assert_eq!(said(&[1, 1, 1, 1, 1, 1, 0, 1, 0, 1]), [], "one quiet interval is no silence");
    }
}
