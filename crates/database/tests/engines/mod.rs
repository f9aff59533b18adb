//! A test's way to run on both engines.

use std::future::Future;
use std::path::Path;
use std::sync::OnceLock;

use chrono::{DateTime, TimeDelta, Utc};
use database::{Database, DatabaseLocation};

use crate::postgres_server::PostgresServer;

static POSTGRES: OnceLock<Option<PostgresServer>> = OnceLock::new();

/// Runs a test on an empty state in SQLite, then on one in PostgreSQL where that is installed.
pub fn on_each_engine<T: Future<Output = ()>>(test: impl Fn(Database) -> T) {
    let folder = tempfile::tempdir().expect("a folder");
    block_on(async {
        let database = Database::open(&DatabaseLocation::Folder(folder.path().to_owned())).await.expect("SQLite opens");
        test(database.clone()).await;
        database.close().await;
    });
    let Some(server) = POSTGRES.get_or_init(PostgresServer::start) else { return };
    block_on(async {
        let location = DatabaseLocation::new(Some(&server.new_database()), Path::new("/")).expect("a location");
        let database = Database::open(&location).await.expect("PostgreSQL opens");
        test(database.clone()).await;
        database.close().await;
    });
}

/// An empty place of each engine, SQLite's within a folder.
pub fn new_locations(folder: &Path) -> Vec<DatabaseLocation> {
    let mut locations = vec![DatabaseLocation::Folder(tempfile::tempdir_in(folder).expect("a folder").keep())];
    if let Some(server) = POSTGRES.get_or_init(PostgresServer::start) {
        locations.push(DatabaseLocation::new(Some(&server.new_database()), Path::new("/")).expect("a location"));
    }
    locations
}

/// Runs to the end.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

/// A moment, so many seconds after the tests' beginning.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 123_456_000).expect("a time") + TimeDelta::seconds(seconds)
}
