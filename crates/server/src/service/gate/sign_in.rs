//! Name and password, with lock-out.

use access::{FAILURES_REMEMBERED, LockOutSubject, PasswordProof, hash_password, prove_password, waits};
use chrono::{DateTime, TimeDelta, Utc};
use database::User;

use super::super::refusal::Refusal;
use super::state::SIGN_INS_WAITING;
use super::{AuditEvent, Gate};

/// Longer names are refused unread: no user has one.
const LONGEST_NAME: usize = 1024;

impl Gate {
    /// The user of that name, proven by its password.
    ///
    /// Unknown names cost the same time as known ones and are locked out the same.
    ///
    /// # Errors
    /// 401 where the proof fails, 429 where the name or the address has failed too often or too many sign in at a time.
    pub(super) async fn sign_in(
        &self,
        name: &str,
        password: &str,
        address: &str,
        now: DateTime<Utc>,
    ) -> Result<User, Refusal> {
        let wrong = || Refusal::unauthenticated("the name or the password is wrong");
        if name.len() > LONGEST_NAME {
            return Err(wrong());
        }
        let subjects = [
            (LockOutSubject::Name, format!("user:{}", name.to_lowercase())),
            (LockOutSubject::Address, format!("address:{address}")),
        ];
        for (_, subject) in &subjects {
            self.refuse_locked_out(subject, now).await?;
        }
        let user = self.database().user_by_name(name).await?;
        let hash = user.as_ref().and_then(|user| user.password_hash.clone());
        let proof = self.prove(password, hash.clone()).await?;
        let proven = proof != PasswordProof::Refused;
        // Whoever is disabled learns no more than whoever mistyped.
        match user.filter(|user| proven && !user.disabled) {
            Some(user) => {
                self.database().forget_sign_in_failures(&subjects[0].1).await?;
                if let (PasswordProof::ProvenByWeakerHash, Some(old)) = (proof, hash) {
                    let new = self.hash(password).await?;
                    self.database().rehash_password(&user.id, &old, &new).await?;
                }
                Ok(user)
            }
            None => {
                for (kind, subject) in &subjects {
                    self.note_failure(*kind, subject, now).await?;
                }
                self.audit(AuditEvent::failed("Sign in", name, now).from(address).about("User", name));
                Err(wrong())
            }
        }
    }

    async fn refuse_locked_out(&self, subject: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        let attempts = self.database().sign_in_attempts(subject).await?;
        match waits(attempts.and_then(|attempts| attempts.locked_until), now) {
            None => Ok(()),
            Some(wait) => {
                let seconds = u64::try_from(wait.num_seconds()).unwrap_or(0) + 1;
                Err(Refusal::busy(seconds, format!("too many failed sign-ins; try again in {seconds} seconds")))
            }
        }
    }

    async fn note_failure(&self, kind: LockOutSubject, subject: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        let failures = self.database().note_sign_in_failure(subject, now, now - FAILURES_REMEMBERED).await?;
        if let Some(wait) = kind.wait_after(failures) {
            self.database().lock_out(subject, now + wait).await?;
        }
        Ok(())
    }

    /// Proves a password when it is its turn.
    async fn prove(&self, password: &str, hash: Option<String>) -> Result<PasswordProof, Refusal> {
        let password = password.to_owned();
        self.in_turn(move || prove_password(&password, hash.as_deref())).await
    }

    /// The hash of a password, made when it is its turn.
    pub(super) async fn hash(&self, password: &str) -> Result<String, Refusal> {
        let password = password.to_owned();
        self.in_turn(move || hash_password(&password)).await
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
        let ended = |_| Refusal::unavailable(5, "the service is stopping");
        let busy = || Refusal::busy(2, format!("{SIGN_INS_WAITING} others are signing in just now; try again"));
        let _place = self.waiting().try_acquire().map_err(|_| busy())?;
        let _turn = self.passwords().acquire().await.map_err(ended)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Refusal::internal("the password could not be proven"))
    }

    /// Forgets what is over; called by the job loop.
    pub(crate) async fn forget_expired(&self, now: DateTime<Utc>) -> Result<(), Refusal> {
        let idle_since = now - self.session_policy().idle - TimeDelta::minutes(1);
        Ok(self.database().forget_expired(now, idle_since, now - FAILURES_REMEMBERED).await?)
    }
}
