//! Messages of queued ingestion: acknowledged once they are here, removed once their rows are stored.

use chrono::{DateTime, Utc};
use sqlx::Row;

use crate::{Database, DatabaseError, IngestionOutcome, IngestionStatus, from_micros, micros};

/// A message that is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedMessage {
    /// Its id.
    pub id: String,
    /// Who sent it, as `kind:id`; empty where it came before senders were kept.
    pub holder: String,
    /// Its text: JSON.
    pub document: String,
    /// When it came.
    pub inserted: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: i64,
}

impl Database {
    /// Keeps a message of this sender. One of the same id is left as it is.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn put_queued_message(
        &self,
        id: &str,
        holder: &str,
        document: &str,
        now: DateTime<Utc>,
    ) -> Result<(), DatabaseError> {
        let statement = "INSERT INTO queued_messages (id, holder, document, inserted, attempts) VALUES ($1, $2, $3, $4, 0) \
                         ON CONFLICT (id) DO NOTHING";
        let query = sqlx::query(statement).bind(id.to_owned()).bind(holder.to_owned()).bind(document.to_owned());
        query.bind(micros(now)).execute(self.pool()).await?;
        Ok(())
    }

    /// The oldest messages, at most so many.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn queued_messages(&self, most: u32) -> Result<Vec<QueuedMessage>, DatabaseError> {
        let statement = "SELECT id, holder, document, inserted, attempts FROM queued_messages ORDER BY attempts, inserted, id LIMIT $1";
        let rows = sqlx::query(statement).bind(i64::from(most)).fetch_all(self.pool()).await?;
        let message = |row: &sqlx::any::AnyRow| {
            Ok(QueuedMessage {
                id: row.try_get("id")?,
                holder: row.try_get("holder")?,
                document: row.try_get("document")?,
                inserted: from_micros(row.try_get("inserted")?),
                attempts: row.try_get("attempts")?,
            })
        };
        rows.iter().map(message).collect()
    }

    /// How many messages there are.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn queued_message_count(&self) -> Result<i64, DatabaseError> {
        let query = sqlx::query("SELECT CAST(COUNT(*) AS BIGINT) AS messages FROM queued_messages");
        Ok(query.fetch_one(self.pool()).await?.try_get("messages")?)
    }

    /// Counts a try that failed.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn retry_queued_message(&self, id: &str) -> Result<(), DatabaseError> {
        let query = sqlx::query("UPDATE queued_messages SET attempts = attempts + 1 WHERE id = $1").bind(id.to_owned());
        query.execute(self.pool()).await?;
        Ok(())
    }

    /// Removes a message that is done, and keeps what became of it for its sender, where that is wanted: both or neither.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn finish_queued_message(
        &self,
        id: &str,
        outcome: Option<&IngestionOutcome>,
        status: Option<&IngestionStatus>,
    ) -> Result<(), DatabaseError> {
        let mut transaction = self.begin().await?;
        let statement = "DELETE FROM queued_messages WHERE id = $1";
        sqlx::query(statement).bind(id.to_owned()).execute(&mut *transaction).await?;
        if let Some(outcome) = outcome {
            outcome.insert(&mut transaction).await?;
        }
        if let Some(status) = status {
            status.replace(&mut transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}
