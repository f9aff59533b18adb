//! Custom tables that were made by a command.

use chrono::{DateTime, Utc};
use sqlx::Row;

use crate::{Database, DatabaseError, from_micros, micros};

/// A custom table as it was declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredTable {
    /// Its name.
    pub name: String,
    /// Its columns, JSON text.
    pub columns: String,
    /// When it was declared, or its columns changed.
    pub updated: DateTime<Utc>,
}

impl Database {
    /// All declared tables, by name.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn declared_tables(&self) -> Result<Vec<DeclaredTable>, DatabaseError> {
        let rows = sqlx::query("SELECT name, columns, updated FROM declared_tables ORDER BY name")
            .fetch_all(self.pool())
            .await?;
        let read = |row: &sqlx::any::AnyRow| {
            Ok(DeclaredTable {
                name: row.try_get("name")?,
                columns: row.try_get("columns")?,
                updated: from_micros(row.try_get("updated")?),
            })
        };
        rows.iter().map(read).collect()
    }

    /// Declares a table, in place of an earlier declaration of its name.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn declare_table(&self, name: &str, columns: &str, now: DateTime<Utc>) -> Result<(), DatabaseError> {
        let statement = "INSERT INTO declared_tables (name, columns, updated) VALUES ($1, $2, $3) \
                         ON CONFLICT (name) DO UPDATE SET columns = excluded.columns, updated = excluded.updated";
        let query = sqlx::query(statement).bind(name.to_owned()).bind(columns.to_owned()).bind(micros(now));
        query.execute(self.pool()).await?;
        Ok(())
    }

    /// Takes a declaration back, and the ingestion mappings of the table with it. False where there is none.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn forget_declared_table(&self, name: &str) -> Result<bool, DatabaseError> {
        let mut transaction = self.begin().await?;
        let statement = "DELETE FROM declared_tables WHERE name = $1";
        let existed =
            sqlx::query(statement).bind(name.to_owned()).execute(&mut *transaction).await?.rows_affected() > 0;
        let statement = "DELETE FROM ingestion_mappings WHERE table_name = $1";
        sqlx::query(statement).bind(name.to_owned()).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(existed)
    }
}
