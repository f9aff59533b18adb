//! Sign-ins at OpenID providers that have begun.

use chrono::{DateTime, Utc};
use sqlx::Row;

use crate::{Database, DatabaseError, micros};

/// What must be remembered between the way to an OpenID provider and the way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcState {
    /// The provider's name in the configuration.
    pub provider: String,
    /// What the ID token must repeat.
    pub nonce: String,
    /// What proves that the code comes back to who asked for it.
    pub pkce_verifier: String,
    /// The path to go to afterwards.
    pub return_to: String,
}

impl Database {
    /// Remembers a sign-in that has begun; of all that are open only the newest `keep` stay.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn begin_oidc(
        &self,
        state_hash: &str,
        state: &OidcState,
        expires: DateTime<Utc>,
        keep: i64,
        now: DateTime<Utc>,
    ) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        let statement = "INSERT INTO oidc_states (state_hash, provider, nonce, pkce_verifier, return_to, created, expires) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let query =
            sqlx::query(statement).bind(state_hash.to_owned()).bind(state.provider.clone()).bind(state.nonce.clone());
        let query = query
            .bind(state.pkce_verifier.clone())
            .bind(state.return_to.clone())
            .bind(micros(now))
            .bind(micros(expires));
        query.execute(&mut *transaction).await?;
        let surplus = "DELETE FROM oidc_states WHERE state_hash NOT IN (SELECT state_hash FROM oidc_states ORDER BY created DESC, state_hash LIMIT $1)";
        sqlx::query(surplus).bind(keep).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes a sign-in that has begun: the same state is given once.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn take_oidc(&self, state_hash: &str, now: DateTime<Utc>) -> Result<Option<OidcState>, DatabaseError> {
        let statement = "DELETE FROM oidc_states WHERE state_hash = $1 AND expires > $2 RETURNING provider, nonce, pkce_verifier, return_to";
        let row =
            sqlx::query(statement).bind(state_hash.to_owned()).bind(micros(now)).fetch_optional(self.pool()).await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(OidcState {
            provider: row.try_get("provider")?,
            nonce: row.try_get("nonce")?,
            pkce_verifier: row.try_get("pkce_verifier")?,
            return_to: row.try_get("return_to")?,
        }))
    }
}
