//! The link with which the first administrator makes itself.

use chrono::{DateTime, Utc};
use sqlx::Row;

use crate::role_grants::insert_grant;
use crate::users::insert_user;
use crate::{Database, DatabaseError, Holder, HolderKind, NewUser, User, from_micros, micros};

/// A set-up link, without its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetupLink {
    /// When it was made.
    pub created: DateTime<Utc>,
    /// Until when it is taken.
    pub expires: DateTime<Utc>,
    /// When it was used.
    pub used: Option<DateTime<Utc>>,
}

impl Database {
    /// Makes a set-up link; older ones are taken no more.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn create_setup_link(
        &self,
        secret_hash: &str,
        expires: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM setup_links").execute(&mut *transaction).await?;
        let query = sqlx::query("INSERT INTO setup_links (secret_hash, created, expires) VALUES ($1, $2, $3)")
            .bind(secret_hash.to_owned());
        query.bind(micros(now)).bind(micros(expires)).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The set-up link whose secret has that hash.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn setup_link(&self, secret_hash: &str) -> Result<Option<SetupLink>, DatabaseError> {
        let query = sqlx::query("SELECT created, expires, used FROM setup_links WHERE secret_hash = $1")
            .bind(secret_hash.to_owned());
        let Some(row) = query.fetch_optional(self.pool()).await? else { return Ok(None) };
        Ok(Some(SetupLink {
            created: from_micros(row.try_get("created")?),
            expires: from_micros(row.try_get("expires")?),
            used: row.try_get::<Option<i64>, _>("used")?.map(from_micros),
        }))
    }

    /// Uses up a set-up link and makes the user with that role, both or neither. Nothing where the link is unknown, over or used.
    ///
    /// # Errors
    /// `DatabaseError::Taken` where the name is another's; the link then stays.
    pub async fn use_setup_link(
        &self,
        secret_hash: &str,
        user: NewUser,
        role: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<User>, DatabaseError> {
        let mut transaction = self.begin().await?;
        let statement = "UPDATE setup_links SET used = $2 WHERE secret_hash = $1 AND used IS NULL AND expires > $2";
        let query = sqlx::query(statement).bind(secret_hash.to_owned()).bind(micros(now));
        if query.execute(&mut *transaction).await?.rows_affected() != 1 {
            return Ok(None);
        }
        let user = insert_user(&mut transaction, user, now).await?;
        insert_grant(&mut transaction, &Holder::new(HolderKind::User, user.id.clone()), role, None, "set-up link", now)
            .await?;
        transaction.commit().await?;
        Ok(Some(user))
    }
}
