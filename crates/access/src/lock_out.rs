//! How failed sign-ins slow down who tries.

use chrono::{DateTime, TimeDelta, Utc};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LockOutSubject {
    /// A name: somebody guesses one user's password.
    Name,
    /// An address: somebody tries one password on many names.
    Address,
}

/// Failures that a name has free. NIST SP 800-63B allows 100 in a row at most; people mistype a few times.
const FREE_FOR_NAME: i64 = 5;

/// Failures that an address has free: a whole office may share one.
const FREE_FOR_ADDRESS: i64 = 50;

/// The first wait; each further failure doubles it.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(30);

/// The longest wait. An attacker must not be able to keep somebody out for long by failing in its name: at this pace, a year tries 35,000 passwords.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(15);

/// After so long without a failure they are forgotten.
pub const FAILURES_REMEMBERED: TimeDelta = TimeDelta::hours(24);

impl LockOutSubject {
    /// How long a subject waits after that many failures in a row, where it waits.
    pub fn wait_after(self, failures: i64) -> Option<TimeDelta> {
        let free = match self {
            LockOutSubject::Name => FREE_FOR_NAME,
            LockOutSubject::Address => FREE_FOR_ADDRESS,
        };
        let beyond = failures - free;
        if beyond < 0 {
            return None;
        }
        // 30 s · 2⁵ is beyond the longest wait.
        let doubled = FIRST_WAIT * (1 << beyond.min(5));
        Some(doubled.min(LONGEST_WAIT))
    }
}

/// How long a subject must still wait, where it must.
pub fn waits(locked_until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<TimeDelta> {
    locked_until.map(|until| until - now).filter(|wait| *wait > TimeDelta::zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let seconds = |failures| LockOutSubject::Name.wait_after(failures).map(|wait| wait.num_seconds());
        let waits: Vec<_> = (0..13).map(seconds).collect();
        let expected = [
            None,
            None,
            None,
            None,
            None,
            Some(30),
            Some(60),
            Some(120),
            Some(240),
            Some(480),
            Some(900),
            Some(900),
            Some(900),
        ];
        assert_eq!(waits, expected);
        assert_eq!(seconds(i64::MAX), Some(900));
        assert_eq!(LockOutSubject::Address.wait_after(49), None);
        assert_eq!(LockOutSubject::Address.wait_after(50), Some(FIRST_WAIT));
    }

    #[test]
    fn a_wait_ends() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        assert_eq!(waits(None, now), None);
        assert_eq!(waits(Some(now), now), None);
        assert_eq!(waits(Some(now + TimeDelta::seconds(2)), now), Some(TimeDelta::seconds(2)));
    }
}
