//! A database that goes away and comes back.

use std::path::Path;

use database::{Database, DatabaseError, DatabaseLocation};

use crate::engines::{at, block_on};
use crate::postgres_server::PostgresServer;

#[test]
fn a_restart_of_the_database_costs_only_what_is_asked_meanwhile() {
    let Some(server) = PostgresServer::start() else { return };
    let location = DatabaseLocation::new(Some(&server.new_database()), Path::new("/")).expect("a location");
    block_on(async {
        let database = Database::open(&location).await.expect("opened");
        database.set_setting("before", "kept", at(0)).await.expect("set");
        for _ in 0..2 {
            server.stop();
            let meanwhile = database.set_setting("meanwhile", "lost", at(1)).await.expect_err("it is away");
            assert!(matches!(meanwhile, DatabaseError::Unavailable(_)), "{meanwhile:?}");
            assert!(database.check().await.is_err());
            server.resume();
            assert_eq!(
                database.setting("before").await.expect("back").map(|setting| setting.value).as_deref(),
                Some("kept")
            );
            assert_eq!(database.setting("meanwhile").await.expect("back"), None);
        }
    });
}
