//! Queues of what became of queued ingestion, each sender's own. A message that was received and not deleted in time is shown again.

use chrono::{DateTime, Utc};
use sqlx::Row;

use crate::{Database, DatabaseError, Transaction, from_micros, micros};

/// A queue of outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutcomeQueue {
    /// What was stored.
    Succeeded,
    /// What will never be.
    Failed,
}

impl OutcomeQueue {
    /// Its name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// An outcome that goes into a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestionOutcome {
    /// Its id.
    pub id: String,
    /// Where it goes.
    pub queue: OutcomeQueue,
    /// Who may read it, as `kind:id`.
    pub holder: String,
    /// Its text: JSON.
    pub document: String,
    /// When it was made.
    pub inserted: DateTime<Utc>,
}

impl IngestionOutcome {
    /// Puts it into its queue.
    pub(crate) async fn insert(&self, transaction: &mut Transaction) -> Result<(), DatabaseError> {
        let statement = "INSERT INTO ingestion_outcomes (id, queue, holder, document, inserted, visible, receipt, receives) \
                         VALUES ($1, $2, $3, $4, $5, $5, '', 0) ON CONFLICT (id) DO NOTHING";
        let query = sqlx::query(statement).bind(self.id.clone()).bind(self.queue.name()).bind(self.holder.clone());
        query.bind(self.document.clone()).bind(micros(self.inserted)).execute(&mut **transaction).await?;
        Ok(())
    }
}

/// An outcome as its sender sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedOutcome {
    /// Its id.
    pub id: String,
    /// Its text: JSON.
    pub document: String,
    /// When it was made.
    pub inserted: DateTime<Utc>,
    /// How often it was received, this time included.
    pub receives: i64,
}

impl Database {
    /// The oldest outcomes of a sender that are visible, at most so many. They stay as they are.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn peek_ingestion_outcomes(
        &self,
        queue: OutcomeQueue,
        holder: &str,
        most: u32,
        now: DateTime<Utc>,
    ) -> Result<Vec<ReceivedOutcome>, DatabaseError> {
        let statement = "SELECT id, document, inserted, receives FROM ingestion_outcomes \
                         WHERE queue = $1 AND holder = $2 AND visible <= $3 ORDER BY inserted, id LIMIT $4";
        let query = sqlx::query(statement).bind(queue.name()).bind(holder.to_owned()).bind(micros(now));
        let rows = query.bind(i64::from(most)).fetch_all(self.pool()).await?;
        let read = |row: &sqlx::any::AnyRow| {
            Ok(ReceivedOutcome {
                id: row.try_get("id")?,
                document: row.try_get("document")?,
                inserted: from_micros(row.try_get("inserted")?),
                receives: row.try_get("receives")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// The same, and hides them until `visible`, under a receipt with which they can be deleted. Of two who ask at once each outcome goes to one.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn receive_ingestion_outcomes(
        &self,
        queue: OutcomeQueue,
        holder: &str,
        most: u32,
        (now, visible): (DateTime<Utc>, DateTime<Utc>),
        receipt: &str,
    ) -> Result<Vec<ReceivedOutcome>, DatabaseError> {
        let mut received = Vec::new();
        for outcome in self.peek_ingestion_outcomes(queue, holder, most, now).await? {
            let statement = "UPDATE ingestion_outcomes SET visible = $1, receipt = $2, receives = receives + 1 \
                             WHERE id = $3 AND receives = $4";
            let query = sqlx::query(statement).bind(micros(visible)).bind(receipt.to_owned());
            let changed = query.bind(outcome.id.clone()).bind(outcome.receives).execute(self.pool()).await?;
            if changed.rows_affected() == 1 {
                received.push(ReceivedOutcome { receives: outcome.receives + 1, ..outcome });
            }
        }
        Ok(received)
    }

    /// Deletes an outcome that was received under this receipt. False where there is none, or somebody received it later.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn delete_ingestion_outcome(
        &self,
        queue: OutcomeQueue,
        holder: &str,
        id: &str,
        receipt: &str,
    ) -> Result<bool, DatabaseError> {
        let statement = "DELETE FROM ingestion_outcomes WHERE queue = $1 AND holder = $2 AND id = $3 AND receipt = $4 AND receives > 0";
        let query = sqlx::query(statement).bind(queue.name()).bind(holder.to_owned()).bind(id.to_owned());
        Ok(query.bind(receipt.to_owned()).execute(self.pool()).await?.rows_affected() > 0)
    }

    /// How many outcomes of a sender a queue has.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn ingestion_outcome_count(&self, queue: OutcomeQueue, holder: &str) -> Result<i64, DatabaseError> {
        let statement =
            "SELECT CAST(COUNT(*) AS BIGINT) AS outcomes FROM ingestion_outcomes WHERE queue = $1 AND holder = $2";
        let query = sqlx::query(statement).bind(queue.name()).bind(holder.to_owned());
        Ok(query.fetch_one(self.pool()).await?.try_get("outcomes")?)
    }

    /// Removes outcomes that were made before a time, and of the others all but so many of the newest.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn trim_ingestion_outcomes(&self, before: DateTime<Utc>, most: u32) -> Result<(), DatabaseError> {
        let statement = "DELETE FROM ingestion_outcomes WHERE inserted < $1";
        sqlx::query(statement).bind(micros(before)).execute(self.pool()).await?;
        let statement = "DELETE FROM ingestion_outcomes WHERE id NOT IN \
                         (SELECT id FROM ingestion_outcomes ORDER BY inserted DESC, id DESC LIMIT $1)";
        sqlx::query(statement).bind(i64::from(most)).execute(self.pool()).await?;
        Ok(())
    }
}
