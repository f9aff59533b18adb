//! Set-up, sign-in, lock-out, sessions.

use http::Method;
use http::header::COOKIE;
use serde_json::{Value, json};

use super::visitor::{PASSWORD, Visitor, send, session_of};
use crate::service::gate::{drain_audit, first_start};
use crate::service::testing::TestService;

#[tokio::test]
async fn a_setup_link_makes_one_administrator_within_an_hour() {
    let service = TestService::with_gate("").await;
    let link = first_start(service.app.database(), service.app.now()).await.unwrap().unwrap();
    let secret = link.strip_prefix("/setup#").unwrap().to_owned();
    let set_up = |secret: &str, password: &str| json!({"secret": secret, "name": "root", "password": password});
    let post = |body: Value| {
        let service = &service;
        async move { send(service, Method::POST, "/api/v1/setup", &[], &body).await.status.as_u16() }
    };
    assert_eq!(post(set_up("vdl_made_up", PASSWORD)).await, 403);
    assert_eq!(post(set_up(&secret, "short")).await, 400);
    service.pass(3600);
    assert_eq!(post(set_up(&secret, PASSWORD)).await, 403, "over");
    let link = first_start(service.app.database(), service.app.now()).await.unwrap().unwrap();
    let secret = link.strip_prefix("/setup#").unwrap().to_owned();
    assert_eq!(post(set_up(&secret, PASSWORD)).await, 200);
    assert_eq!(post(set_up(&secret, PASSWORD)).await, 403, "used");
    assert_eq!(first_start(service.app.database(), service.app.now()).await.unwrap(), None, "there is a user");
}

#[tokio::test]
async fn a_session_ends_by_silence_by_age_and_by_signing_out() {
    let visitor = Visitor::new("").await;
    let alive = || async { visitor.call(Method::GET, "/api/v1/session", &Value::Null).await.status == 200 };
    for _ in 0..13 {
        assert!(alive().await);
        visitor.service.pass(3300);
    }
    assert!(alive().await, "busy for eleven hours and 55 minutes");
    visitor.service.pass(300);
    assert!(!alive().await, "twelve hours");
    let sign_in = json!({"name": "ROOT@example.org", "password": PASSWORD});
    let answer = send(&visitor.service, Method::POST, "/api/v1/session", &[], &sign_in).await;
    let (cookie, csrf) = session_of(&answer);
    let visitor = Visitor { cookie, csrf, ..visitor };
    let alive = || async { visitor.call(Method::GET, "/api/v1/session", &Value::Null).await.status == 200 };
    assert!(alive().await);
    assert_eq!(visitor.call(Method::DELETE, "/api/v1/session", &Value::Null).await.status, 204);
    assert!(!alive().await);
}

#[tokio::test]
async fn another_sites_page_changes_nothing_with_a_session() {
    let visitor = Visitor::new("").await;
    let body = json!({"name": "group"});
    for (csrf, status) in [("", 403), ("0", 403), (visitor.csrf.as_str(), 201)] {
        let headers = [(COOKIE.as_str(), visitor.cookie.as_str()), ("x-csrf-token", csrf)];
        assert_eq!(
            send(&visitor.service, Method::POST, "/api/v1/groups", &headers, &body).await.status,
            status,
            "{csrf}"
        );
    }
    let again = visitor.call(Method::GET, "/api/v1/session", &Value::Null).await.json();
    assert_eq!(again["csrfToken"], json!(visitor.csrf));
}

#[tokio::test]
async fn five_wrong_passwords_lock_a_name_out_whether_it_is_known_or_not() {
    let visitor = Visitor::new("").await;
    let sign_in = |name: &'static str, password: &'static str| {
        let service = &visitor.service;
        async move {
            send(service, Method::POST, "/api/v1/session", &[], &json!({"name": name, "password": password})).await
        }
    };
    for name in ["root@example.org", "nobody@example.org"] {
        let mut answers = Vec::new();
        for _ in 0..5 {
            let answer = sign_in(name, "wrong, wrong, wrong").await;
            assert_eq!(answer.status, 401, "{name}");
            answers.push(answer.body);
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        let locked = sign_in(name, PASSWORD).await;
        assert_eq!(locked.status, 429, "{name}: even with the right password");
        assert_eq!(locked.headers["retry-after"], "31");
    }
    visitor.service.pass(31);
    assert_eq!(sign_in("root@example.org", PASSWORD).await.status, 200);
    assert_eq!(sign_in("root@example.org", "wrong, wrong, wrong").await.status, 401, "the count began anew");
}

#[tokio::test]
async fn sign_ins_and_changes_are_rows_of_the_audit_table() {
    let visitor = Visitor::new("").await;
    let wrong = json!({"name": "root@example.org", "password": "wrong"});
    send(&visitor.service, Method::POST, "/api/v1/session", &[], &wrong).await;
    visitor.make("/api/v1/groups", json!({"name": "SOC"})).await;
    drain_audit(&visitor.service.app).await;
    let snapshot = visitor.service.app.snapshot();
    assert_eq!(snapshot.statistics("SentinelAudit").unwrap().rows, 4, "set-up, its session, a failure, a group");
}

#[tokio::test]
async fn ones_own_password_is_changed_with_the_old_one_and_ends_sessions() {
    let visitor = Visitor::new("").await;
    let change = |old: &str, new: &str| json!({"password": old, "newPassword": new});
    let path = "/api/v1/session/password";
    assert_eq!(visitor.call(Method::PUT, path, &change("wrong", "another long sentence")).await.status, 401);
    assert_eq!(visitor.call(Method::PUT, path, &change(PASSWORD, "short")).await.status, 400);
    assert_eq!(visitor.call(Method::PUT, path, &change(PASSWORD, "another long sentence")).await.status, 204);
    assert_eq!(visitor.call(Method::GET, "/api/v1/session", &Value::Null).await.status, 401);
    let sign_in = json!({"name": "root@example.org", "password": "another long sentence"});
    assert_eq!(send(&visitor.service, Method::POST, "/api/v1/session", &[], &sign_in).await.status, 200);
}
