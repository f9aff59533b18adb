//! All of the state as lines of JSON, the same from SQLite and from PostgreSQL.
//!
//! ```text
//! {"format":1,"migrations":[1,2,…]}                  which tables there are
//! {"table":"users","columns":["id","name",…]}        then its rows:
//! ["1f…","alice",…,null,1790000000000000]
//! {"rows":17}                                        of all tables; without this line the export is not whole
//! ```

use std::io::Write;

use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::state_tables::{STATE_TABLES, StateColumn, columns};
use crate::{Database, DatabaseError, Engine, Transaction, migrations};

/// The form that this version writes, and the newest that it reads.
pub(crate) const EXPORT_FORMAT: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) format: u32,
    /// The migrations that made the tables.
    pub(crate) migrations: Vec<i64>,
}

/// The line before a table's rows.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TableHead {
    pub(crate) table: String,
    pub(crate) columns: Vec<String>,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct End {
    pub(crate) rows: u64,
}

impl Database {
    /// Writes all of the state, as of one moment, and says how many rows it has. A row at a time is in memory.
    ///
    /// # Errors
    /// `DatabaseError::Io` where it cannot be written; `Unavailable` and others of statements.
    pub async fn export<W: Write + Send>(&self, out: &mut W) -> Result<u64, DatabaseError> {
        // Of PostgreSQL's isolation levels the weakest in which all statements see one moment; SQLite's transactions always do.
        // <https://www.postgresql.org/docs/current/transaction-iso.html>
        let begin = match self.engine() {
            Engine::Sqlite => "BEGIN",
            Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        let mut transaction = self.pool().begin_with(begin).await?;
        line(out, &Head { format: EXPORT_FORMAT, migrations: migrations::numbers() })?;
        let mut rows = 0;
        for table in STATE_TABLES {
            let columns = columns(&mut transaction, self.engine(), table).await?;
            rows += table_rows(&mut transaction, table, &columns, out).await?;
        }
        line(out, &End { rows })?;
        out.flush().map_err(DatabaseError::Io)?;
        transaction.rollback().await?;
        Ok(rows)
    }
}

async fn table_rows<W: Write + Send>(
    transaction: &mut Transaction,
    table: &str,
    columns: &[StateColumn],
    out: &mut W,
) -> Result<u64, DatabaseError> {
    let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
    let statement = format!("SELECT {} FROM {table}", names.join(", "));
    line(out, &TableHead { table: table.to_owned(), columns: names })?;
    let mut found = sqlx::query(&statement).fetch(&mut **transaction);
    let mut rows = 0;
    while let Some(row) = found.try_next().await? {
        let values = columns.iter().enumerate().map(|(at, column)| value(&row, at, column));
        line(out, &values.collect::<Result<Vec<_>, _>>()?)?;
        rows += 1;
    }
    Ok(rows)
}

fn value(row: &AnyRow, at: usize, column: &StateColumn) -> Result<Value, DatabaseError> {
    Ok(if column.is_number {
        json!(row.try_get::<Option<i64>, _>(at)?)
    } else {
        json!(row.try_get::<Option<String>, _>(at)?)
    })
}

fn line<W: Write>(out: &mut W, content: &impl Serialize) -> Result<(), DatabaseError> {
    let mut bytes = serde_json::to_vec(content).map_err(|error| DatabaseError::Io(error.into()))?;
    bytes.push(b'\n');
    out.write_all(&bytes).map_err(DatabaseError::Io)
}
