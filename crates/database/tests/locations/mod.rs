//! Where the state lies, and that it is still there.

use std::path::Path;

use database::{Database, DatabaseError, DatabaseLocation, NewUser};

use crate::engines::{at, block_on, on_each_engine};

#[test]
fn a_state_is_found_again_in_a_folder_of_any_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let location = DatabaseLocation::Folder(folder.path().join("a b%20?c#d/é"));
    block_on(async {
        for round in 0..2 {
            let database = Database::open(&location).await.expect("opened");
            assert_eq!(database.count_users().await.expect("asked"), round);
            let user = NewUser { name: format!("user {round}"), ..NewUser::default() };
            database.create_user(user, at(0)).await.expect("made");
            database.close().await;
        }
    });
    assert!(folder.path().join("a b%20?c#d/é/database.sqlite").exists());
}

#[test]
fn a_place_that_cannot_be_opened_is_named() {
    block_on(async {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let refused =
            Database::open(&DatabaseLocation::Folder(file.path().to_owned())).await.expect_err("a file, no folder");
        assert!(refused.to_string().contains(&file.path().display().to_string()), "{refused}");
        let nobody = DatabaseLocation::new(Some("postgres://vedette@localhost/state?host=/nowhere"), Path::new("/"))
            .expect("a location");
        let refused = Database::open(&nobody).await.expect_err("no server");
        assert!(
            matches!(refused, DatabaseError::Open { .. }) && refused.to_string().contains("postgres://localhost/state"),
            "{refused}"
        );
    });
}

#[test]
fn a_state_that_answers_is_ready() {
    on_each_engine(|database| async move {
        database.check().await.expect("ready");
    });
}
