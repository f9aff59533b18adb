//! Custom tables that were made by a command: they exist before they have rows, and have their columns from the start.

use std::sync::{Arc, Mutex, PoisonError};

use api::{Failure, FailureKind};
use chrono::{DateTime, Utc};
use database::{Database, DatabaseError};
use schema::{CustomColumn, Table, custom_table};

/// The declared tables, kept in memory as the database has them.
#[derive(Debug, Default)]
pub(crate) struct DeclaredTables {
    known: Mutex<Option<Arc<Vec<&'static Table>>>>,
}

impl DeclaredTables {
    /// All of them, by name.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub(crate) async fn all(&self, database: &Database) -> Result<Arc<Vec<&'static Table>>, Failure> {
        if let Some(known) = self.lock().as_ref() {
            return Ok(Arc::clone(known));
        }
        let mut tables = Vec::new();
        for declared in database.declared_tables().await.map_err(failure)? {
            match serde_json::from_str::<Vec<CustomColumn>>(&declared.columns) {
                Ok(columns) => tables.push(custom_table(&declared.name, &columns)),
                Err(error) => tracing::error!(table = declared.name, %error, "a declared table cannot be read"),
            }
        }
        let tables = Arc::new(tables);
        *self.lock() = Some(Arc::clone(&tables));
        Ok(tables)
    }

    /// Declares a table with these columns, in place of an earlier declaration.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub(crate) async fn declare(
        &self,
        database: &Database,
        name: &str,
        columns: &[CustomColumn],
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let text =
            serde_json::to_string(columns).map_err(|error| Failure::new(FailureKind::Internal, error.to_string()))?;
        database.declare_table(name, &text, now).await.map_err(failure)?;
        *self.lock() = None;
        Ok(())
    }

    /// Takes a declaration back; whether there was one.
    ///
    /// # Errors
    /// Where the database cannot be written.
    pub(crate) async fn forget(&self, database: &Database, name: &str) -> Result<bool, Failure> {
        let existed = database.forget_declared_table(name).await.map_err(failure)?;
        *self.lock() = None;
        Ok(existed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Arc<Vec<&'static Table>>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a failing database is on the wire.
pub(crate) fn failure(error: DatabaseError) -> Failure {
    tracing::error!(%error, "the database failed");
    match error {
        DatabaseError::Unavailable(_) => {
            let retry_after = std::time::Duration::from_secs(1);
            Failure::new(FailureKind::Throttled { retry_after }, "the database cannot be reached; try again")
        }
        other => Failure::new(FailureKind::Internal, other.to_string()),
    }
}
