//! Keys of the service itself.

use chrono::{DateTime, Utc};
use sqlx::Row;

use crate::{Database, DatabaseError, micros};

impl Database {
    /// The key of that name; where there is none, `new` becomes it. Of several that start at once all are given the same.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn secret_or(&self, name: &str, new: &str, now: DateTime<Utc>) -> Result<String, DatabaseError> {
        let insert =
            sqlx::query("INSERT INTO secrets (name, value, created) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING");
        insert.bind(name.to_owned()).bind(new.to_owned()).bind(micros(now)).execute(self.pool()).await?;
        let query = sqlx::query("SELECT value FROM secrets WHERE name = $1").bind(name.to_owned());
        Ok(query.fetch_one(self.pool()).await?.try_get("value")?)
    }

    /// Replaces the key of that name: all that was signed with the old one is refused.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn replace_secret(&self, name: &str, value: &str, now: DateTime<Utc>) -> Result<(), DatabaseError> {
        let statement = "INSERT INTO secrets (name, value, created) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET value = $2, created = $3";
        sqlx::query(statement)
            .bind(name.to_owned())
            .bind(value.to_owned())
            .bind(micros(now))
            .execute(self.pool())
            .await?;
        Ok(())
    }
}
