//! Which ways and tables have fallen silent.

use std::collections::BTreeMap;

use super::activity::Activity;

/// A way and a table that had rows in so many intervals, one after the other,
const BUSY_INTERVALS: u32 = 6;
/// are silent after so many without any.
const QUIET_INTERVALS: u32 = 2;
/// Ways and tables that are remembered; more are not watched.
const REMEMBERED: usize = 10_000;

/// Remembers what used to come.
#[derive(Debug, Default)]
pub(crate) struct Silence {
    seen: BTreeMap<(String, String), Seen>,
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

impl Silence {
    /// Takes in one interval's rows and says which ways and tables fell silent or came back.
    pub(crate) fn interval(&mut self, before: &Activity, now: &Activity) -> Vec<((String, String), Change)> {
        let mut changes = Vec::new();
        for (key, volume) in &now.tables {
            let rows = volume.since(before.tables.get(key).copied().unwrap_or_default()).rows;
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
    use crate::service::housekeeping::activity::Volume;

    /// What each interval with so many rows says.
    fn said(intervals: &[u64]) -> Vec<(usize, Change)> {
        let key = ("otlp".to_owned(), "Syslog".to_owned());
        let mut silence = Silence::default();
        let (mut before, mut total, mut said) = (Activity::default(), 0, Vec::new());
        for (at, rows) in intervals.iter().enumerate() {
            total += rows;
            let mut now = Activity::default();
            now.tables.insert(key.clone(), Volume { rows: total, ..Volume::default() });
            said.extend(silence.interval(&before, &now).into_iter().map(|(_, change)| (at, change)));
            before = now;
        }
        said
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
