//! Users, groups and what is given to them.

use database::{DatabaseError, Holder, HolderKind, NewUser};

use crate::engines::{at, on_each_engine};

fn user(name: &str) -> NewUser {
    NewUser { name: name.to_owned(), display_name: format!("{name} O'Hara; DROP TABLE users --"), ..NewUser::default() }
}

#[test]
fn a_user_is_found_by_name_in_any_case_and_by_id() {
    on_each_engine(|database| async move {
        let made = database.create_user(user("Álice@Example.com"), at(0)).await.expect("made");
        assert_eq!(database.user(&made.id).await.expect("asked"), Some(made.clone()));
        assert_eq!(database.user_by_name("álice@example.COM").await.expect("asked"), Some(made.clone()));
        assert_eq!(database.user_by_name("' OR 1=1 --").await.expect("asked"), None);
        let again = database.create_user(user("ÁLICE@example.com"), at(1)).await.expect_err("taken");
        assert!(matches!(again, DatabaseError::Taken { kind: "user", .. }), "{again}");
        assert_eq!(database.users().await.expect("asked"), [made]);
    });
}

#[test]
fn a_user_of_a_provider_is_found_by_its_subject_there_alone() {
    on_each_engine(|database| async move {
        let new = |name: &str, provider: &str| NewUser {
            provider: Some((provider.to_owned(), "42".to_owned())),
            ..user(name)
        };
        let (first, second) = (new("first", "one"), new("second", "two"));
        let first = database.create_user(first, at(0)).await.expect("made");
        let second = database.create_user(second, at(0)).await.expect("made");
        assert_eq!(database.user_by_subject("one", "42").await.expect("asked"), Some(first));
        assert_eq!(database.user_by_subject("two", "42").await.expect("asked"), Some(second));
        assert_eq!(database.user_by_subject("three", "42").await.expect("asked"), None);
        database.create_user(new("third", "one"), at(0)).await.expect_err("one account for one subject");
        assert_eq!(database.count_users().await.expect("asked"), 2);
    });
}

#[test]
fn what_a_user_has_is_its_own_and_its_groups() {
    on_each_engine(|database| async move {
        let alice = database.create_user(user("alice"), at(0)).await.expect("made");
        let hunters = database.create_group("Hunters", at(0)).await.expect("made");
        let others = database.create_group("Others", at(0)).await.expect("made");
        let tables = ["SigninLogs".to_owned(), "it's \"quoted\"".to_owned()];
        let holder = |kind, id: &str| Holder::new(kind, id);
        let of_user = holder(HolderKind::User, &alice.id);
        let own = database.grant_role(&of_user, "Reader", Some(&tables), "root", at(1)).await.expect("given");
        let by_group = database
            .grant_role(&holder(HolderKind::Group, &hunters.id), "Responder", None, "root", at(2))
            .await
            .expect("given");
        database
            .grant_role(&holder(HolderKind::Group, &others.id), "Administrator", None, "root", at(3))
            .await
            .expect("given");
        // A token of the same id must not be taken for the user.
        database
            .grant_role(&holder(HolderKind::Token, &alice.id), "Contributor", None, "root", at(4))
            .await
            .expect("given");
        database.add_member(&hunters.id, &alice.id).await.expect("added");
        database.add_member(&hunters.id, &alice.id).await.expect("twice is once");
        assert_eq!(database.grants_of(&of_user).await.expect("asked"), [own.clone(), by_group.clone()]);
        assert_eq!(database.groups_of(&alice.id).await.expect("asked"), ["Hunters"]);
        assert!(database.remove_member(&hunters.id, &alice.id).await.expect("asked"));
        assert_eq!(database.grants_of(&of_user).await.expect("asked"), std::slice::from_ref(&own));
        assert!(database.revoke_grant(&own.id).await.expect("asked"));
        assert!(!database.revoke_grant(&own.id).await.expect("asked"));
        assert_eq!(database.grant(&by_group.id).await.expect("asked"), Some(by_group));
    });
}

#[test]
fn a_provider_says_which_groups_a_user_is_in_and_leaves_those_given_here() {
    on_each_engine(|database| async move {
        let alice = database.create_user(user("alice"), at(0)).await.expect("made");
        let local = database.create_group("local", at(0)).await.expect("made");
        for name in ["SOC", "Leads"] {
            database.create_group(name, at(0)).await.expect("made");
        }
        database.add_member(&local.id, &alice.id).await.expect("added");
        let says = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        database
            .set_provider_groups(&alice.id, "keycloak", &says(&["soc", "leads", "unknown", "soc"]))
            .await
            .expect("set");
        assert_eq!(database.groups_of(&alice.id).await.expect("asked"), ["Leads", "local", "SOC"]);
        database.set_provider_groups(&alice.id, "keycloak", &says(&["soc"])).await.expect("set");
        assert_eq!(database.groups_of(&alice.id).await.expect("asked"), ["local", "SOC"]);
    });
}

#[test]
fn what_is_removed_takes_its_grants_along() {
    on_each_engine(|database| async move {
        let alice = database.create_user(user("alice"), at(0)).await.expect("made");
        let group = database.create_group("group", at(0)).await.expect("made");
        database.add_member(&group.id, &alice.id).await.expect("added");
        for holder in [Holder::new(HolderKind::User, &*alice.id), Holder::new(HolderKind::Group, &*group.id)] {
            database.grant_role(&holder, "Reader", None, "root", at(0)).await.expect("given");
        }
        assert!(database.delete_group(&group.id).await.expect("asked"));
        assert!(database.groups_of(&alice.id).await.expect("asked").is_empty());
        assert_eq!(database.grants().await.expect("asked").len(), 1);
        assert!(database.delete_user(&alice.id).await.expect("asked"));
        assert!(!database.delete_user(&alice.id).await.expect("asked"));
        assert!(database.grants().await.expect("asked").is_empty());
    });
}

#[test]
fn the_last_administrator_is_known() {
    on_each_engine(|database| async move {
        let alice = database.create_user(user("alice"), at(0)).await.expect("made");
        let bob = database.create_user(user("bob"), at(0)).await.expect("made");
        let group = database.create_group("group", at(0)).await.expect("made");
        let holder = Holder::new(HolderKind::User, &*alice.id);
        let of_alice = database.grant_role(&holder, "Administrator", None, "root", at(0)).await.expect("given");
        let count = |grant: String, user: String| {
            let database = database.clone();
            async move { database.count_users_with_role("Administrator", &grant, &user).await.expect("counted") }
        };
        assert_eq!(count(String::new(), String::new()).await, 1);
        assert_eq!(count(of_alice.id.clone(), String::new()).await, 0);
        assert_eq!(count(String::new(), alice.id.clone()).await, 0);
        let holder = Holder::new(HolderKind::Group, &*group.id);
        database.grant_role(&holder, "Administrator", None, "root", at(0)).await.expect("given");
        database.add_member(&group.id, &bob.id).await.expect("added");
        assert_eq!(count(of_alice.id, String::new()).await, 1);
        database.set_user_disabled(&bob.id, true).await.expect("asked");
        assert_eq!(count(String::new(), alice.id).await, 0);
    });
}
