//! Keys of the HTTP Data Collector API, two a workspace, so that one can be replaced while senders use the other.

use chrono::{DateTime, Utc};
use sqlx::Row;

use crate::{Database, DatabaseError, micros};

impl Database {
    /// The keys of a workspace, none where it has none.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn shared_keys(&self, workspace: &str) -> Result<Vec<String>, DatabaseError> {
        let query = sqlx::query("SELECT primary_key, secondary_key FROM shared_keys WHERE workspace = $1")
            .bind(workspace.to_lowercase());
        let Some(row) = query.fetch_optional(self.pool()).await? else { return Ok(Vec::new()) };
        Ok(vec![row.try_get("primary_key")?, row.try_get("secondary_key")?])
    }

    /// Gives a workspace keys, in place of those it has. Its name counts in any case.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn set_shared_keys(
        &self,
        workspace: &str,
        primary: &str,
        secondary: &str,
        now: DateTime<Utc>,
    ) -> Result<(), DatabaseError> {
        let statement = "INSERT INTO shared_keys (workspace, primary_key, secondary_key, created, changed) VALUES ($1, $2, $3, $4, $4) \
                         ON CONFLICT (workspace) DO UPDATE SET primary_key = $2, secondary_key = $3, changed = $4";
        let query =
            sqlx::query(statement).bind(workspace.to_lowercase()).bind(primary.to_owned()).bind(secondary.to_owned());
        query.bind(micros(now)).execute(self.pool()).await?;
        Ok(())
    }

    /// Takes a workspace's keys away. False where it has none.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn delete_shared_keys(&self, workspace: &str) -> Result<bool, DatabaseError> {
        let query = sqlx::query("DELETE FROM shared_keys WHERE workspace = $1").bind(workspace.to_lowercase());
        Ok(query.execute(self.pool()).await?.rows_affected() == 1)
    }
}
