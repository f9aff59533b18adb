//! What ingestion is told to do: data collection rules and endpoints, ingestion mappings, tables that have no rows yet.

use chrono::{DateTime, Utc};
use sqlx::Row;

use crate::{Database, DatabaseError, from_micros, micros};

/// A document of ingestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestionDocument {
    /// Its name, one of its kind.
    pub name: String,
    /// Its text: JSON.
    pub document: String,
    /// When it was last changed.
    pub changed: DateTime<Utc>,
}

impl Database {
    /// All documents of a kind, sorted by name.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn ingestion_documents(&self, kind: &str) -> Result<Vec<IngestionDocument>, DatabaseError> {
        let query =
            sqlx::query("SELECT name, document, changed FROM ingestion_documents WHERE kind = $1 ORDER BY name");
        let rows = query.bind(kind.to_owned()).fetch_all(self.pool()).await?;
        let document = |row: &sqlx::any::AnyRow| {
            Ok(IngestionDocument {
                name: row.try_get("name")?,
                document: row.try_get("document")?,
                changed: from_micros(row.try_get("changed")?),
            })
        };
        rows.iter().map(document).collect()
    }

    /// The document of that kind and name.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn ingestion_document(&self, kind: &str, name: &str) -> Result<Option<IngestionDocument>, DatabaseError> {
        let statement = "SELECT name, document, changed FROM ingestion_documents WHERE kind = $1 AND name = $2";
        let query = sqlx::query(statement).bind(kind.to_owned()).bind(name.to_owned());
        let Some(row) = query.fetch_optional(self.pool()).await? else { return Ok(None) };
        Ok(Some(IngestionDocument {
            name: row.try_get("name")?,
            document: row.try_get("document")?,
            changed: from_micros(row.try_get("changed")?),
        }))
    }

    /// Sets a document, whatever it was. Whether it is new.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn set_ingestion_document(
        &self,
        kind: &str,
        name: &str,
        document: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, DatabaseError> {
        let mut transaction = self.begin().await?;
        let statement = "UPDATE ingestion_documents SET document = $3, changed = $4 WHERE kind = $1 AND name = $2";
        let bound = |statement: &'static str| {
            let query = sqlx::query(statement).bind(kind.to_owned()).bind(name.to_owned());
            query.bind(document.to_owned()).bind(micros(now))
        };
        let changed = bound(statement).execute(&mut *transaction).await?.rows_affected();
        if changed == 0 {
            // Another may have made it in between: then this one is the change.
            let statement = "INSERT INTO ingestion_documents (kind, name, document, changed) VALUES ($1, $2, $3, $4) \
                             ON CONFLICT (kind, name) DO UPDATE SET document = $3, changed = $4";
            bound(statement).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(changed == 0)
    }

    /// Removes a document. False where there is none.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn delete_ingestion_document(&self, kind: &str, name: &str) -> Result<bool, DatabaseError> {
        let query = sqlx::query("DELETE FROM ingestion_documents WHERE kind = $1 AND name = $2");
        Ok(query.bind(kind.to_owned()).bind(name.to_owned()).execute(self.pool()).await?.rows_affected() == 1)
    }
}
