//! Credentials that were proven seconds ago.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use access::Principal;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

/// How long a proof holds: what was revoked elsewhere (by a command, by another server) is refused so much later. What is changed through this
/// server counts at once.
const HOLDS: TimeDelta = TimeDelta::seconds(5);

/// Most proofs that are remembered; more are proven anew each time.
const MOST: usize = 4096;

/// By digest: whom it proved, and until when that counts.
type Proofs = HashMap<[u8; 32], (Principal, DateTime<Utc>)>;

/// Proofs by a digest of what was proven: the credentials themselves are not kept.
#[derive(Default)]
pub(super) struct Verified {
    proofs: Mutex<Proofs>,
}

impl Verified {
    /// The caller that these parts of a credential proved seconds ago.
    pub(super) fn find(&self, parts: &[&str], now: DateTime<Utc>) -> Option<Principal> {
        let proofs = self.proofs();
        let (principal, until) = proofs.get(&digest(parts))?;
        (*until > now && *until - now <= HOLDS).then(|| principal.clone())
    }

    /// Remembers a proof.
    pub(super) fn remember(&self, parts: &[&str], principal: &Principal, now: DateTime<Utc>) {
        let mut proofs = self.proofs();
        if proofs.len() >= MOST {
            proofs.retain(|_, (_, until)| *until > now);
        }
        if proofs.len() < MOST {
            proofs.insert(digest(parts), (principal.clone(), now + HOLDS));
        }
    }

    /// Forgets all: what somebody may has changed.
    pub(super) fn forget_all(&self) {
        self.proofs().clear();
    }

    fn proofs(&self) -> MutexGuard<'_, Proofs> {
        self.proofs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_holds_for_seconds_and_proofs_are_bounded() {
        let (verified, now) = (Verified::default(), DateTime::<Utc>::UNIX_EPOCH);
        let after = |seconds| now + TimeDelta::seconds(seconds);
        verified.remember(&["bearer", "a"], &Principal::service(), now);
        assert!(verified.find(&["bearer", "a"], after(4)).is_some());
        assert!(verified.find(&["bearer", "a"], after(5)).is_none());
        assert!(verified.find(&["bearer", "a"], after(-1)).is_none(), "the clock went back");
        assert!(verified.find(&["bearera", ""], after(1)).is_none());
        for number in 0..2 * MOST {
            verified.remember(&[&number.to_string()], &Principal::service(), after(10));
        }
        assert_eq!(verified.proofs().len(), MOST);
        assert!(verified.find(&["bearer", "a"], after(4)).is_none());
        verified.forget_all();
        assert!(verified.proofs().is_empty());
    }
}
