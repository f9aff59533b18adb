//! How long a session lasts.

use chrono::{DateTime, TimeDelta, Utc};

/// How long sessions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPolicy {
    /// From sign-in to the end, however busy.
    pub lifetime: TimeDelta,
    /// Without a request.
    pub idle: TimeDelta,
}

/// A working day, and an hour's meeting: NIST SP 800-63B asks for at most 12 hours and 30 minutes at its second level; an hour, since a page that is open asks again and again.
impl Default for SessionPolicy {
    fn default() -> Self {
        Self { lifetime: TimeDelta::hours(12), idle: TimeDelta::hours(1) }
    }
}

/// How often "last seen" is written down: a session may end so much later than it would if every request were.
pub const SEEN_EVERY: TimeDelta = TimeDelta::minutes(1);

impl SessionPolicy {
    /// Whether a session is still good.
    pub fn is_alive(
        &self,
        created: DateTime<Utc>,
        last_seen: DateTime<Utc>,
        expires: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> bool {
        // A policy that was made stricter counts for sessions that are there already.
        now < expires && now < created + self.lifetime && now < last_seen + self.idle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_by_age_and_by_silence() {
        let at = |minutes| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::minutes(minutes);
        let policy = SessionPolicy::default();
        for (last_seen, now, alive) in
            [(0, 0, true), (0, 59, true), (0, 60, false), (700, 719, true), (719, 720, false)]
        {
            assert_eq!(policy.is_alive(at(0), at(last_seen), at(720), at(now)), alive, "seen {last_seen}, now {now}");
        }
        assert!(!policy.is_alive(at(0), at(10), at(5), at(11)));
        let stricter = SessionPolicy { lifetime: TimeDelta::minutes(5), ..policy };
        assert!(!stricter.is_alive(at(0), at(5), at(720), at(5)));
    }
}
