//! The pool, opened and migrated.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::{Any, AnyPool, Executor};

use crate::{DatabaseError, DatabaseLocation, Engine, migrations};

/// A transaction: it is undone unless committed.
pub type Transaction = sqlx::Transaction<'static, Any>;

/// Connections. State is small and statements short; more would only hold memory, and SQLite writes one at a time anyway.
const CONNECTIONS: u32 = 8;

/// How long a request waits for a connection, a restart of the database included, before it is answered that the database cannot be reached.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// What each connection to SQLite is set to. `FULL` is what makes a commit survive power loss with a write-ahead log; a writer waits for another.
///
/// <https://www.sqlite.org/pragma.html#pragma_synchronous>
const SQLITE_SETTINGS: &str =
    "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

/// The state. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    pool: AnyPool,
    engine: Engine,
}

impl Database {
    /// Opens the state and brings its tables up to date.
    ///
    /// # Errors
    /// `DatabaseError::Open` where it cannot be reached, `Migrate` where its tables are of a newer version.
    pub async fn open(location: &DatabaseLocation) -> Result<Self, DatabaseError> {
        let pool = Self::connect(location).await?;
        migrations::migrator().run(&pool).await.map_err(DatabaseError::Migrate)?;
        Ok(Self { pool, engine: location.engine() })
    }

    /// The state behind a pool whose tables are of an older version.
    pub(crate) fn migrated_later(pool: AnyPool, location: &DatabaseLocation) -> Self {
        Self { pool, engine: location.engine() }
    }

    /// The pool; nothing is made in the database.
    pub(crate) async fn connect(location: &DatabaseLocation) -> Result<AnyPool, DatabaseError> {
        install_default_drivers();
        let engine = location.engine();
        let open = |source| DatabaseError::Open { url: location.to_string(), source };
        if let Some(file) = location.file() {
            make_private(&file).map_err(|error| open(sqlx::Error::Io(error)))?;
        }
        let options = AnyPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(true)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if engine == Engine::Sqlite {
                        connection.execute(SQLITE_SETTINGS).await?;
                    }
                    Ok(())
                })
            });
        options.connect(&location.url()).await.map_err(open)
    }

    /// Which kind of database it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The pool, for statements of one line.
    pub(crate) fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// Begins a transaction that will write. SQLite is told so at once: a transaction that reads first and writes later fails where another wrote in between.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` where there is no connection.
    pub async fn begin(&self) -> Result<Transaction, DatabaseError> {
        let statement = match self.engine {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN",
        };
        Ok(self.pool.begin_with(statement).await?)
    }

    /// Whether the database answers, for readiness.
    ///
    /// # Errors
    /// `DatabaseError::Unavailable` where it does not.
    pub async fn check(&self) -> Result<(), DatabaseError> {
        sqlx::query("SELECT 1").fetch_one(&self.pool).await?;
        Ok(())
    }

    /// Waits for what runs and closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// Makes the file for its owner alone, before anything is in it: it holds hashes of secrets, and keys. SQLite gives its side files the same mode.
fn make_private(file: &Path) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().create(true).append(true).mode(0o600).open(file)?;
    Ok(())
}
