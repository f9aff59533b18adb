//! What signing in leaves behind.

use database::{NewUser, OidcState};

use crate::engines::{at, block_on, on_each_engine};

#[test]
fn failures_at_the_same_moment_are_all_counted() {
    on_each_engine(|database| async move {
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let database = database.clone();
                tokio::spawn(async move {
                    database.note_sign_in_failure("user:alice", at(0), at(-100)).await.expect("noted")
                })
            })
            .collect();
        let mut counts = Vec::new();
        for task in tasks {
            counts.push(task.await.expect("ended"));
        }
        counts.sort_unstable();
        assert_eq!(counts, (1..=20).collect::<Vec<_>>());
        database.lock_out("user:alice", at(60)).await.expect("locked");
        database.lock_out("user:alice", at(30)).await.expect("a shorter one changes nothing");
        let attempts = database.sign_in_attempts("user:alice").await.expect("asked").expect("there");
        assert_eq!((attempts.failures, attempts.locked_until), (20, Some(at(60))));
        assert_eq!(database.note_sign_in_failure("user:alice", at(500), at(400)).await.expect("noted"), 1);
        database.forget_sign_in_failures("user:alice").await.expect("forgotten");
        assert_eq!(database.sign_in_attempts("user:alice").await.expect("asked"), None);
    });
}

#[test]
fn a_setup_link_makes_one_administrator() {
    on_each_engine(|database| async move {
        let user = |name: &str| NewUser { name: name.to_owned(), ..NewUser::default() };
        database.create_setup_link("older", at(100), at(0)).await.expect("made");
        database.create_setup_link("link", at(100), at(1)).await.expect("made");
        assert_eq!(
            database.use_setup_link("older", user("mallory"), "Administrator", at(2)).await.expect("asked"),
            None
        );
        assert_eq!(
            database.use_setup_link("link", user("mallory"), "Administrator", at(100)).await.expect("asked"),
            None
        );
        let tasks: Vec<_> = (0..8)
            .map(|number| {
                let (database, user) = (database.clone(), user(&format!("user {number}")));
                tokio::spawn(async move {
                    database.use_setup_link("link", user, "Administrator", at(50)).await.expect("asked").is_some()
                })
            })
            .collect();
        let mut made = 0;
        for task in tasks {
            made += i32::from(task.await.expect("ended"));
        }
        assert_eq!(made, 1);
        assert_eq!(database.count_users().await.expect("asked"), 1);
        assert_eq!(database.grants().await.expect("asked").len(), 1);
        assert_eq!(database.setup_link("link").await.expect("asked").and_then(|link| link.used), Some(at(50)));
    });
}

#[test]
fn a_taken_name_leaves_the_setup_link_usable() {
    on_each_engine(|database| async move {
        let user = |name: &str| NewUser { name: name.to_owned(), ..NewUser::default() };
        database.create_user(user("alice"), at(0)).await.expect("made");
        database.create_setup_link("link", at(100), at(0)).await.expect("made");
        database.use_setup_link("link", user("Alice"), "Administrator", at(1)).await.expect_err("taken");
        assert!(database.use_setup_link("link", user("bob"), "Administrator", at(2)).await.expect("asked").is_some());
    });
}

#[test]
fn a_sign_in_at_a_provider_comes_back_once() {
    on_each_engine(|database| async move {
        let state = |name: &str| OidcState {
            provider: "keycloak".to_owned(),
            nonce: format!("nonce of {name}"),
            pkce_verifier: "verifier".to_owned(),
            return_to: "/".to_owned(),
        };
        for (second, name) in ["first", "second", "third"].into_iter().enumerate() {
            let now = at(i64::try_from(second).expect("small"));
            database.begin_oidc(name, &state(name), at(100), 2, now).await.expect("begun");
        }
        assert_eq!(database.take_oidc("first", at(5)).await.expect("asked"), None, "only the newest stay");
        assert_eq!(database.take_oidc("second", at(5)).await.expect("asked"), Some(state("second")));
        assert_eq!(database.take_oidc("second", at(5)).await.expect("asked"), None);
        assert_eq!(database.take_oidc("third", at(100)).await.expect("asked"), None, "over");
    });
}

#[test]
fn the_file_of_the_state_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    block_on(async {
        let database = database::Database::open(&database::DatabaseLocation::Folder(folder.path().to_owned()))
            .await
            .expect("opened");
        database.create_group("x", at(0)).await.expect("made");
        for entry in std::fs::read_dir(folder.path()).expect("listed") {
            let entry = entry.expect("an entry");
            assert_eq!(entry.metadata().expect("asked").permissions().mode() & 0o077, 0, "{:?}", entry.path());
        }
        database.close().await;
    });
}
