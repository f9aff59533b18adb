//! Values by name: settings that are changed while the service runs, and cursors of jobs.

use chrono::{DateTime, Utc};
use sqlx::Row;

use crate::{Database, DatabaseError, from_micros, micros};

/// A value with its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its text, often JSON.
    pub value: String,
    /// 1 for the first value, one more with each change.
    pub version: i64,
    /// When it was last changed.
    pub changed: DateTime<Utc>,
}

impl Database {
    /// The value of that name.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn setting(&self, name: &str) -> Result<Option<Setting>, DatabaseError> {
        let query = sqlx::query("SELECT value, version, changed FROM settings WHERE name = $1").bind(name.to_owned());
        let Some(row) = query.fetch_optional(self.pool()).await? else { return Ok(None) };
        Ok(Some(Setting {
            value: row.try_get("value")?,
            version: row.try_get("version")?,
            changed: from_micros(row.try_get("changed")?),
        }))
    }

    /// Sets a value, whatever it was; gives its version.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn set_setting(&self, name: &str, value: &str, now: DateTime<Utc>) -> Result<i64, DatabaseError> {
        let statement = "INSERT INTO settings (name, version, value, changed) VALUES ($1, 1, $2, $3) \
                         ON CONFLICT (name) DO UPDATE SET version = settings.version + 1, value = $2, changed = $3 RETURNING version";
        let query = sqlx::query(statement).bind(name.to_owned()).bind(value.to_owned()).bind(micros(now));
        Ok(query.fetch_one(self.pool()).await?.try_get("version")?)
    }

    /// Sets a value if its version is still `expected` (0: if there is none); gives its new version.
    ///
    /// # Errors
    /// `DatabaseError::Changed` where it has another version.
    pub async fn change_setting(
        &self,
        name: &str,
        expected: i64,
        value: &str,
        now: DateTime<Utc>,
    ) -> Result<i64, DatabaseError> {
        let statement = if expected == 0 {
            "INSERT INTO settings (name, version, value, changed) VALUES ($1, $2 + 1, $3, $4) ON CONFLICT (name) DO NOTHING"
        } else {
            "UPDATE settings SET version = $2 + 1, value = $3, changed = $4 WHERE name = $1 AND version = $2"
        };
        let query =
            sqlx::query(statement).bind(name.to_owned()).bind(expected).bind(value.to_owned()).bind(micros(now));
        if query.execute(self.pool()).await?.rows_affected() == 1 {
            return Ok(expected + 1);
        }
        let found = self.setting(name).await?.map_or(0, |setting| setting.version);
        Err(DatabaseError::Changed { name: name.to_owned(), expected, found })
    }

    /// Removes a value. False where there is none.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn delete_setting(&self, name: &str) -> Result<bool, DatabaseError> {
        let query = sqlx::query("DELETE FROM settings WHERE name = $1").bind(name.to_owned());
        Ok(query.execute(self.pool()).await?.rows_affected() == 1)
    }
}
