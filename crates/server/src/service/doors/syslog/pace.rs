//! How many messages of a sender are taken in a second.

use std::time::{Duration, Instant};

/// A second's allowance.
const SECOND: Duration = Duration::from_secs(1);

/// Counts the messages of one sender.
#[derive(Debug)]
pub(super) struct Pace {
    most: u64,
    taken: u64,
    since: Instant,
}

impl Pace {
    /// Allows so many messages a second.
    pub(super) fn new(most: u64, now: Instant) -> Self {
        Self { most, taken: 0, since: now }
    }

    /// Counts a message. How long to wait where it is one too many.
    pub(super) fn take(&mut self, now: Instant) -> Option<Duration> {
        let passed = now.saturating_duration_since(self.since);
        if passed >= SECOND {
            (self.taken, self.since) = (0, now);
        }
        self.taken += 1;
        (self.taken > self.most).then(|| SECOND.saturating_sub(now.saturating_duration_since(self.since)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_over_the_pace_wait_for_the_next_second() {
        let start = Instant::now();
        let mut pace = Pace::new(2, start);
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        assert_eq!([pace.take(at(0)), pace.take(at(100))], [None, None]);
        assert_eq!(pace.take(at(250)), Some(Duration::from_millis(750)));
        assert_eq!(pace.take(at(1000)), None);
    }
}
