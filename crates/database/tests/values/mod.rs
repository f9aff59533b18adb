//! Settings and secrets.

use database::DatabaseError;

use crate::engines::{at, on_each_engine};

#[test]
fn a_setting_changes_only_from_the_version_that_was_read() {
    on_each_engine(|database| async move {
        assert_eq!(database.setting("cursor").await.expect("asked"), None);
        assert_eq!(database.change_setting("cursor", 0, "a", at(0)).await.expect("set"), 1);
        assert_eq!(database.change_setting("cursor", 1, "b", at(1)).await.expect("set"), 2);
        for (expected, found) in [(0, 2), (1, 2), (7, 2)] {
            let refused =
                database.change_setting("cursor", expected, "c", at(2)).await.expect_err("changed in between");
            assert!(matches!(refused, DatabaseError::Changed { found: version, .. } if version == found), "{refused}");
        }
        let refused = database.change_setting("other", 3, "c", at(2)).await.expect_err("not there");
        assert!(matches!(refused, DatabaseError::Changed { found: 0, .. }), "{refused}");
        assert_eq!(database.set_setting("cursor", "d", at(3)).await.expect("set"), 3);
        let setting = database.setting("cursor").await.expect("asked").expect("there");
        assert_eq!((setting.value.as_str(), setting.version, setting.changed), ("d", 3, at(3)));
        assert!(database.delete_setting("cursor").await.expect("asked"));
    });
}

#[test]
fn of_several_changes_from_one_version_one_wins() {
    on_each_engine(|database| async move {
        database.set_setting("cursor", "start", at(0)).await.expect("set");
        let tasks: Vec<_> = (0..10)
            .map(|number| {
                let database = database.clone();
                tokio::spawn(
                    async move { database.change_setting("cursor", 1, &number.to_string(), at(1)).await.is_ok() },
                )
            })
            .collect();
        let mut won = 0;
        for task in tasks {
            won += i32::from(task.await.expect("ended"));
        }
        assert_eq!(won, 1);
    });
}

#[test]
fn a_secret_is_made_once() {
    on_each_engine(|database| async move {
        assert_eq!(database.secret_or("key", "first", at(0)).await.expect("asked"), "first");
        assert_eq!(database.secret_or("key", "second", at(1)).await.expect("asked"), "first");
        database.replace_secret("key", "third", at(2)).await.expect("replaced");
        assert_eq!(database.secret_or("key", "fourth", at(3)).await.expect("asked"), "third");
    });
}

#[test]
fn a_workspace_has_two_keys_in_whatever_case_it_is_named() {
    on_each_engine(|database| async move {
        assert!(database.shared_keys("W").await.expect("asked").is_empty());
        database.set_shared_keys("ABCD", "one", "two", at(0)).await.expect("set");
        database.set_shared_keys("abcd", "one", "three", at(1)).await.expect("set");
        assert_eq!(database.shared_keys("AbCd").await.expect("asked"), ["one", "three"]);
        assert!(database.delete_shared_keys("aBcD").await.expect("asked"));
        assert!(!database.delete_shared_keys("abcd").await.expect("asked"));
    });
}
