//! Tokens, clients and sessions.

use database::{Holder, HolderKind, NewApiToken, NewClient, NewUser, Session};

use crate::engines::{at, on_each_engine};

#[test]
fn a_rotated_token_has_two_secrets_for_a_while() {
    on_each_engine(|database| async move {
        let new = NewApiToken {
            name: "winlogbeat".to_owned(),
            secret_hash: "first".to_owned(),
            expires: Some(at(1000)),
            grants: vec![("Ingest".to_owned(), None), ("Reader".to_owned(), Some(vec!["SigninLogs".to_owned()]))],
            created_by: "root".to_owned(),
            ..NewApiToken::default()
        };
        let token = database.create_api_token(new, at(0)).await.expect("made");
        assert_eq!(database.api_token_by_hash("first", at(1)).await.expect("asked"), Some(token.clone()));
        assert_eq!(database.grants_of(&Holder::new(HolderKind::Token, &*token.id)).await.expect("asked").len(), 2);
        assert!(database.rotate_api_token(&token.id, "second", at(60), Some(at(2000)), at(10)).await.expect("asked"));
        for (hash, now, found) in
            [("first", 59, true), ("first", 60, false), ("second", 60, true), ("third", 11, false)]
        {
            let by_hash = database.api_token_by_hash(hash, at(now)).await.expect("asked");
            assert_eq!(by_hash.is_some(), found, "{hash} at {now}");
        }
        database.note_api_token_use(&token.id, at(20), at(0)).await.expect("noted");
        database.note_api_token_use(&token.id, at(25), at(0)).await.expect("noted");
        let seen = database.api_token(&token.id).await.expect("asked").expect("there");
        assert_eq!((seen.last_used, seen.rotated, seen.expires), (Some(at(20)), Some(at(10)), Some(at(2000))));
        assert!(database.revoke_api_token(&token.id, at(30)).await.expect("asked"));
        assert!(!database.revoke_api_token(&token.id, at(31)).await.expect("asked"));
        assert!(!database.rotate_api_token(&token.id, "fourth", at(60), None, at(32)).await.expect("asked"));
        let revoked = database.api_token_by_hash("second", at(33)).await.expect("asked").expect("known, but revoked");
        assert_eq!(revoked.revoked, Some(at(30)));
        assert_eq!(database.api_token_by_hash("first", at(33)).await.expect("asked"), None);
    });
}

#[test]
fn a_users_tokens_go_with_it() {
    on_each_engine(|database| async move {
        let user = database
            .create_user(NewUser { name: "alice".to_owned(), ..NewUser::default() }, at(0))
            .await
            .expect("made");
        let token = |owner: Option<String>, hash: &str| NewApiToken {
            owner,
            secret_hash: hash.to_owned(),
            grants: vec![("Reader".to_owned(), None)],
            ..NewApiToken::default()
        };
        database.create_api_token(token(Some(user.id.clone()), "hers"), at(0)).await.expect("made");
        let own = database.create_api_token(token(None, "nobody's"), at(1)).await.expect("made");
        database.create_api_token(token(Some("nobody".to_owned()), "x"), at(1)).await.expect_err("no such owner");
        assert_eq!(database.api_tokens(Some(&user.id)).await.expect("asked").len(), 1);
        assert_eq!(database.grants().await.expect("asked").len(), 2);
        assert!(database.delete_user(&user.id).await.expect("asked"));
        assert_eq!(database.api_tokens(None).await.expect("asked"), [own]);
        assert_eq!(database.grants().await.expect("asked").len(), 1);
    });
}

#[test]
fn a_client_keeps_its_old_secret_for_a_while_and_its_tokens_can_be_refused() {
    on_each_engine(|database| async move {
        let new = NewClient { id: "fluent-bit".to_owned(), secret_hash: "first".to_owned(), ..NewClient::default() };
        let client = database.create_client(new.clone(), at(0)).await.expect("made");
        database.create_client(new, at(0)).await.expect_err("taken");
        assert_eq!(database.client("fluent-bit").await.expect("asked"), Some(client));
        assert!(database.rotate_client("fluent-bit", "second", at(60), Some(at(100))).await.expect("asked"));
        assert!(database.revoke_client_tokens("fluent-bit", at(50)).await.expect("asked"));
        assert!(database.set_client_disabled("fluent-bit", true).await.expect("asked"));
        let client = database.client("fluent-bit").await.expect("asked").expect("there");
        assert_eq!(client.previous, Some(("first".to_owned(), at(60))));
        assert_eq!((client.secret_hash.as_str(), client.tokens_valid_from, client.disabled), ("second", at(50), true));
        assert!(database.delete_client("fluent-bit").await.expect("asked"));
        assert!(database.clients().await.expect("asked").is_empty());
    });
}

#[test]
fn only_a_users_newest_sessions_stay() {
    on_each_engine(|database| async move {
        let user = database
            .create_user(NewUser { name: "alice".to_owned(), ..NewUser::default() }, at(0))
            .await
            .expect("made");
        let session = |second: i64| Session {
            id_hash: format!("session {second}"),
            user: user.id.clone(),
            created: at(second),
            last_seen: at(second),
            expires: at(second + 100),
            address: "2001:db8::1".to_owned(),
        };
        for second in 0..4 {
            database.begin_session(&session(second), 3).await.expect("begun");
        }
        assert_eq!(database.session("session 0").await.expect("asked"), None);
        assert_eq!(database.session("session 1").await.expect("asked"), Some(session(1)));
        database.note_session_use("session 1", at(50), at(40)).await.expect("noted");
        database.forget_expired(at(60), at(10), at(0)).await.expect("forgotten");
        assert_eq!(database.session("session 1").await.expect("asked").map(|session| session.last_seen), Some(at(50)));
        assert_eq!(database.session("session 3").await.expect("asked"), None);
        database.set_password(&user.id, "another").await.expect("set");
        assert_eq!(database.session("session 1").await.expect("asked"), None);
    });
}
