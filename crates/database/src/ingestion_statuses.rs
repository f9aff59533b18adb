//! The table of statuses of queued ingestion: a row a message, made by its sender, changed when the message is done.

use chrono::{DateTime, Utc};
use sqlx::Row;

use crate::{Database, DatabaseError, Transaction, from_micros, micros};

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestionStatus {
    /// Whose row it is, as `kind:id`.
    pub holder: String,
    /// The first half of its key.
    pub partition_key: String,
    /// The second half.
    pub row_key: String,
    /// A JSON object.
    pub document: String,
    /// When it was made or changed.
    pub updated: DateTime<Utc>,
}

impl IngestionStatus {
    /// Puts it in place of the row of its key, or beside the others.
    pub(crate) async fn replace(&self, transaction: &mut Transaction) -> Result<(), DatabaseError> {
        let statement = "INSERT INTO ingestion_statuses (holder, partition_key, row_key, document, updated) VALUES ($1, $2, $3, $4, $5) \
                         ON CONFLICT (holder, partition_key, row_key) DO UPDATE SET document = excluded.document, updated = excluded.updated";
        self.bind(statement).execute(&mut **transaction).await?;
        Ok(())
    }

    fn bind<'q>(&self, statement: &'q str) -> sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments<'q>> {
        let query = sqlx::query(statement).bind(self.holder.clone()).bind(self.partition_key.clone());
        query.bind(self.row_key.clone()).bind(self.document.clone()).bind(micros(self.updated))
    }
}

impl Database {
    /// Keeps a row. False where there is one of its key, which stays.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn insert_ingestion_status(&self, status: &IngestionStatus) -> Result<bool, DatabaseError> {
        let statement = "INSERT INTO ingestion_statuses (holder, partition_key, row_key, document, updated) VALUES ($1, $2, $3, $4, $5) \
                         ON CONFLICT (holder, partition_key, row_key) DO NOTHING";
        Ok(status.bind(statement).execute(self.pool()).await?.rows_affected() > 0)
    }

    /// The row of a key.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn ingestion_status(
        &self,
        holder: &str,
        partition_key: &str,
        row_key: &str,
    ) -> Result<Option<IngestionStatus>, DatabaseError> {
        let statement = "SELECT document, updated FROM ingestion_statuses WHERE holder = $1 AND partition_key = $2 AND row_key = $3";
        let query = sqlx::query(statement).bind(holder.to_owned()).bind(partition_key.to_owned());
        let Some(row) = query.bind(row_key.to_owned()).fetch_optional(self.pool()).await? else { return Ok(None) };
        Ok(Some(IngestionStatus {
            holder: holder.to_owned(),
            partition_key: partition_key.to_owned(),
            row_key: row_key.to_owned(),
            document: row.try_get("document")?,
            updated: from_micros(row.try_get("updated")?),
        }))
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn ingestion_status_count(&self) -> Result<i64, DatabaseError> {
        let query = sqlx::query("SELECT CAST(COUNT(*) AS BIGINT) AS statuses FROM ingestion_statuses");
        Ok(query.fetch_one(self.pool()).await?.try_get("statuses")?)
    }

    /// Removes rows that did not change since a time.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn trim_ingestion_statuses(&self, before: DateTime<Utc>) -> Result<(), DatabaseError> {
        let statement = "DELETE FROM ingestion_statuses WHERE updated < $1";
        sqlx::query(statement).bind(micros(before)).execute(self.pool()).await?;
        Ok(())
    }
}
