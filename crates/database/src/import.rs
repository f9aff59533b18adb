//! The state from an export, into a database that has none.

use std::io::{BufRead, Read as _};

use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::Row;
use sqlx::migrate::MigrateError;

use crate::export::{EXPORT_FORMAT, End, Head, TableHead};
use crate::state_tables::{STATE_TABLES, StateColumn, columns};
use crate::{Database, DatabaseError, DatabaseLocation, Transaction, migrations};

/// Longest line: a document of the state comes with a request, whose body is far smaller.
const LINE_BYTES: u64 = 256 << 20;

impl Database {
    /// Opens the database, makes its tables and fills them with an export: all of it or nothing. The tables are made as they were when
    /// it was exported, and brought up to date with its rows in them.
    ///
    /// # Errors
    /// `DatabaseError::Import` for a database that has rows already, or what is no export of this version or an older one; those of
    /// [`Database::open`].
    pub async fn open_with_import<R: BufRead + Send>(
        location: &DatabaseLocation,
        export: &mut R,
    ) -> Result<Self, DatabaseError> {
        let head: Head = read(export)?;
        if head.format > EXPORT_FORMAT {
            let reason = format!("it has format {}, this version reads up to {EXPORT_FORMAT}", head.format);
            return Err(refused(reason));
        }
        let pool = Self::connect(location).await?;
        let migrator = migrations::migrator_of(&head.migrations)
            .ok_or_else(|| refused("it has tables of a newer version".to_owned()))?;
        migrator.run(&pool).await.map_err(|error| match error {
            MigrateError::VersionMissing(_) => {
                refused("the database has tables of a newer version already: use one without tables".to_owned())
            }
            other => DatabaseError::Migrate(other),
        })?;
        let database = Self::migrated_later(pool, location);
        let mut transaction = database.begin().await?;
        database.fill(&mut transaction, export).await?;
        transaction.commit().await?;
        migrations::migrator().run(database.pool()).await.map_err(DatabaseError::Migrate)?;
        Ok(database)
    }

    async fn fill<R: BufRead + Send>(
        &self,
        transaction: &mut Transaction,
        export: &mut R,
    ) -> Result<(), DatabaseError> {
        for table in STATE_TABLES {
            let is_there = !columns(transaction, self.engine(), table).await?.is_empty();
            if is_there && has_rows(transaction, table).await? {
                return Err(refused(format!("the database is not empty: there are rows in `{table}`")));
            }
        }
        let mut filled: Option<(String, Vec<StateColumn>)> = None;
        let mut rows = 0;
        loop {
            let content: Value = read(export)?;
            match (&content, &filled) {
                (Value::Array(values), Some((insert, columns))) => {
                    insert_row(transaction, insert, columns, values).await?;
                    rows += 1;
                }
                (Value::Object(object), _) if object.contains_key("table") => {
                    let head: TableHead = serde_json::from_value(content).map_err(|_| damaged())?;
                    filled = Some(self.insert_into(transaction, &head).await?);
                }
                _ => {
                    let end: End = serde_json::from_value(content).map_err(|_| damaged())?;
                    return if end.rows == rows { Ok(()) } else { Err(damaged()) };
                }
            }
        }
    }

    /// The statement that inserts rows with these columns. All names are those of the database: nothing of the export is put into a statement.
    async fn insert_into(
        &self,
        transaction: &mut Transaction,
        head: &TableHead,
    ) -> Result<(String, Vec<StateColumn>), DatabaseError> {
        let unknown = |what: &str| refused(format!("this version has no {what}"));
        let table = STATE_TABLES.into_iter().find(|table| *table == head.table);
        let table = table.ok_or_else(|| unknown(&format!("table `{}`", head.table)))?;
        let known = columns(transaction, self.engine(), table).await?;
        let mut found = Vec::with_capacity(head.columns.len());
        for name in &head.columns {
            let column = known.iter().find(|column| column.name == *name);
            found.push(column.ok_or_else(|| unknown(&format!("column `{table}.{name}`")))?.clone());
        }
        let names = found.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
        let places = (1..=found.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
        Ok((format!("INSERT INTO {table} ({names}) VALUES ({places})"), found))
    }
}

async fn has_rows(transaction: &mut Transaction, table: &str) -> Result<bool, DatabaseError> {
    let row =
        sqlx::query(&format!("SELECT COUNT(*) AS rows_of_table FROM {table}")).fetch_one(&mut **transaction).await?;
    Ok(row.try_get::<i64, _>("rows_of_table")? > 0)
}

async fn insert_row(
    transaction: &mut Transaction,
    insert: &str,
    columns: &[StateColumn],
    values: &[Value],
) -> Result<(), DatabaseError> {
    if values.len() != columns.len() {
        return Err(damaged());
    }
    let mut query = sqlx::query(insert);
    for (column, value) in columns.iter().zip(values) {
        query = match (column.is_number, value) {
            (true, Value::Null) => query.bind(None::<i64>),
            (true, value) => query.bind(value.as_i64().ok_or_else(damaged)?),
            (false, Value::Null) => query.bind(None::<String>),
            (false, value) => query.bind(value.as_str().ok_or_else(damaged)?.to_owned()),
        };
    }
    query.execute(&mut **transaction).await?;
    Ok(())
}

/// The next line.
fn read<T: DeserializeOwned, R: BufRead>(export: &mut R) -> Result<T, DatabaseError> {
    let mut bytes = Vec::new();
    export.by_ref().take(LINE_BYTES).read_until(b'\n', &mut bytes).map_err(DatabaseError::Io)?;
    if bytes.last() != Some(&b'\n') {
        return Err(damaged());
    }
    serde_json::from_slice(&bytes).map_err(|_| damaged())
}

fn refused(reason: String) -> DatabaseError {
    DatabaseError::Import { reason }
}

fn damaged() -> DatabaseError {
    refused("it is not the export that was written".to_owned())
}
