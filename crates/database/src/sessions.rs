//! Sessions of browsers.

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::{Database, DatabaseError, from_micros, micros};

/// A session, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The hash of what the cookie holds.
    pub id_hash: String,
    /// Whose it is.
    pub user: String,
    /// When it was begun.
    pub created: DateTime<Utc>,
    /// When it was last seen, to a minute or so.
    pub last_seen: DateTime<Utc>,
    /// When it ends, however busy it is.
    pub expires: DateTime<Utc>,
    /// From where it was begun.
    pub address: String,
}

const COLUMNS: &str = "id_hash, user_id, created, last_seen, expires, address";

impl Database {
    /// Begins a session. Of one user's sessions only the newest `keep` stay.
    ///
    /// # Errors
    /// `DatabaseError::Statement` where the user does not exist.
    pub async fn begin_session(&self, session: &Session, keep: i64) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        let statement = "INSERT INTO sessions (id_hash, user_id, created, last_seen, expires, address) VALUES ($1, $2, $3, $4, $5, $6)";
        let query = sqlx::query(statement)
            .bind(session.id_hash.clone())
            .bind(session.user.clone())
            .bind(micros(session.created));
        let query = query.bind(micros(session.last_seen)).bind(micros(session.expires)).bind(session.address.clone());
        query.execute(&mut *transaction).await?;
        let surplus = "DELETE FROM sessions WHERE user_id = $1 AND id_hash NOT IN (\
                         SELECT id_hash FROM sessions WHERE user_id = $1 ORDER BY created DESC, id_hash LIMIT $2)";
        sqlx::query(surplus).bind(session.user.clone()).bind(keep).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The session whose secret has that hash. It may be over.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn session(&self, id_hash: &str) -> Result<Option<Session>, DatabaseError> {
        let statement = format!("SELECT {COLUMNS} FROM sessions WHERE id_hash = $1");
        sqlx::query(&statement)
            .bind(id_hash.to_owned())
            .fetch_optional(self.pool())
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }

    /// Notes that a session was used, unless that was noted after `noted_since` already.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn note_session_use(
        &self,
        id_hash: &str,
        now: DateTime<Utc>,
        noted_since: DateTime<Utc>,
    ) -> Result<(), DatabaseError> {
        let query = sqlx::query("UPDATE sessions SET last_seen = $2 WHERE id_hash = $1 AND last_seen < $3")
            .bind(id_hash.to_owned());
        query.bind(micros(now)).bind(micros(noted_since)).execute(self.pool()).await?;
        Ok(())
    }

    /// Ends a session. False where there was none.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn end_session(&self, id_hash: &str) -> Result<bool, DatabaseError> {
        let query = sqlx::query("DELETE FROM sessions WHERE id_hash = $1").bind(id_hash.to_owned());
        Ok(query.execute(self.pool()).await?.rows_affected() == 1)
    }

    /// Ends all sessions of a user; gives how many there were.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn end_sessions_of(&self, user: &str) -> Result<u64, DatabaseError> {
        let query = sqlx::query("DELETE FROM sessions WHERE user_id = $1").bind(user.to_owned());
        Ok(query.execute(self.pool()).await?.rows_affected())
    }

    /// Forgets what is over: sessions past their end or idle since `idle_since`, states of sign-ins that nobody finished, attempts before `attempts_since`.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn forget_expired(
        &self,
        now: DateTime<Utc>,
        idle_since: DateTime<Utc>,
        attempts_since: DateTime<Utc>,
    ) -> Result<(), DatabaseError> {
        let sessions = sqlx::query("DELETE FROM sessions WHERE expires <= $1 OR last_seen <= $2")
            .bind(micros(now))
            .bind(micros(idle_since));
        sessions.execute(self.pool()).await?;
        sqlx::query("DELETE FROM oidc_states WHERE expires <= $1").bind(micros(now)).execute(self.pool()).await?;
        sqlx::query("DELETE FROM setup_links WHERE expires <= $1").bind(micros(now)).execute(self.pool()).await?;
        let attempts = sqlx::query(
            "DELETE FROM sign_in_attempts WHERE last_failure <= $2 AND (locked_until IS NULL OR locked_until <= $1)",
        );
        attempts.bind(micros(now)).bind(micros(attempts_since)).execute(self.pool()).await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<Session, DatabaseError> {
    Ok(Session {
        id_hash: row.try_get("id_hash")?,
        user: row.try_get("user_id")?,
        created: from_micros(row.try_get("created")?),
        last_seen: from_micros(row.try_get("last_seen")?),
        expires: from_micros(row.try_get("expires")?),
        address: row.try_get("address")?,
    })
}
