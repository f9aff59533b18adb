//! Ingestion mappings of Kusto's surface.

use chrono::{DateTime, Utc};
use sqlx::Row;

use crate::{Database, DatabaseError, from_micros, micros};

/// Which field of what comes goes to which column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestionMapping {
    /// The table.
    pub table: String,
    /// `Json` or `Csv`.
    pub kind: String,
    /// Its name, one a table and kind.
    pub name: String,
    /// Its columns, JSON text.
    pub mapping: String,
    /// When it was made or changed.
    pub updated: DateTime<Utc>,
}

impl Database {
    /// The ingestion mappings of a table, by kind and name.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn ingestion_mappings(&self, table: &str) -> Result<Vec<IngestionMapping>, DatabaseError> {
        let statement = "SELECT table_name, kind, name, mapping, updated FROM ingestion_mappings WHERE table_name = $1 ORDER BY kind, name";
        let rows = sqlx::query(statement).bind(table.to_owned()).fetch_all(self.pool()).await?;
        let read = |row: &sqlx::any::AnyRow| {
            Ok(IngestionMapping {
                table: row.try_get("table_name")?,
                kind: row.try_get("kind")?,
                name: row.try_get("name")?,
                mapping: row.try_get("mapping")?,
                updated: from_micros(row.try_get("updated")?),
            })
        };
        rows.iter().map(read).collect()
    }

    /// Keeps an ingestion mapping. With `replaces` in place of one of the same name, else that is an error.
    ///
    /// # Errors
    /// `DatabaseError::Taken` where there is one of that name and it is not to be replaced.
    pub async fn put_ingestion_mapping(&self, mapping: &IngestionMapping, replaces: bool) -> Result<(), DatabaseError> {
        let insert =
            "INSERT INTO ingestion_mappings (table_name, kind, name, mapping, updated) VALUES ($1, $2, $3, $4, $5)";
        let replace = " ON CONFLICT (table_name, kind, name) DO UPDATE SET mapping = excluded.mapping, updated = excluded.updated";
        let statement = if replaces { format!("{insert}{replace}") } else { insert.to_owned() };
        let query = sqlx::query(&statement).bind(mapping.table.clone()).bind(mapping.kind.clone());
        let query = query.bind(mapping.name.clone()).bind(mapping.mapping.clone()).bind(micros(mapping.updated));
        let taken = |error| DatabaseError::taken(error, "ingestion mapping", &mapping.name);
        query.execute(self.pool()).await.map_err(taken)?;
        Ok(())
    }

    /// Removes an ingestion mapping. False where there is none.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` and others of statements.
    pub async fn remove_ingestion_mapping(&self, table: &str, kind: &str, name: &str) -> Result<bool, DatabaseError> {
        let statement = "DELETE FROM ingestion_mappings WHERE table_name = $1 AND kind = $2 AND name = $3";
        let query = sqlx::query(statement).bind(table.to_owned()).bind(kind.to_owned()).bind(name.to_owned());
        Ok(query.execute(self.pool()).await?.rows_affected() > 0)
    }
}
