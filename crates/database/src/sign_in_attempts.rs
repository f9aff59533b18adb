//! Failed sign-ins, and who is locked out for them.

use chrono::{DateTime, Utc};
use sqlx::Row;

use crate::{Database, DatabaseError, from_micros, micros};

/// The failed sign-ins of a name or an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInAttempts {
    /// How many in a row.
    pub failures: i64,
    /// The last one.
    pub last_failure: DateTime<Utc>,
    /// Until when no attempt is looked at.
    pub locked_until: Option<DateTime<Utc>>,
}

impl Database {
    /// The failed sign-ins of a subject, where there are any.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn sign_in_attempts(&self, subject: &str) -> Result<Option<SignInAttempts>, DatabaseError> {
        let statement = "SELECT failures, last_failure, locked_until FROM sign_in_attempts WHERE subject = $1";
        let row = sqlx::query(statement).bind(subject.to_owned()).fetch_optional(self.pool()).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(SignInAttempts {
            failures: row.try_get("failures")?,
            last_failure: from_micros(row.try_get("last_failure")?),
            locked_until: row.try_get::<Option<i64>, _>("locked_until")?.map(from_micros),
        }))
    }

    /// Counts one failed sign-in of a subject, in one statement, so that attempts at the same moment are all counted; gives the count.
    /// What failed last before `count_since` is forgotten.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn note_sign_in_failure(
        &self,
        subject: &str,
        now: DateTime<Utc>,
        count_since: DateTime<Utc>,
    ) -> Result<i64, DatabaseError> {
        let statement = "INSERT INTO sign_in_attempts (subject, failures, last_failure) VALUES ($1, 1, $2) \
                         ON CONFLICT (subject) DO UPDATE SET last_failure = $2, \
                         failures = CASE WHEN sign_in_attempts.last_failure < $3 THEN 1 ELSE sign_in_attempts.failures + 1 END RETURNING failures";
        let query = sqlx::query(statement).bind(subject.to_owned()).bind(micros(now)).bind(micros(count_since));
        Ok(query.fetch_one(self.pool()).await?.try_get("failures")?)
    }

    /// Locks a subject out until then, unless it is locked for longer.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn lock_out(&self, subject: &str, until: DateTime<Utc>) -> Result<(), DatabaseError> {
        let statement = "UPDATE sign_in_attempts SET locked_until = $2 WHERE subject = $1 AND (locked_until IS NULL OR locked_until < $2)";
        sqlx::query(statement).bind(subject.to_owned()).bind(micros(until)).execute(self.pool()).await?;
        Ok(())
    }

    /// Forgets the failed sign-ins of a subject: it has signed in, or somebody lets it in again.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn forget_sign_in_failures(&self, subject: &str) -> Result<(), DatabaseError> {
        sqlx::query("DELETE FROM sign_in_attempts WHERE subject = $1")
            .bind(subject.to_owned())
            .execute(self.pool())
            .await?;
        Ok(())
    }
}
