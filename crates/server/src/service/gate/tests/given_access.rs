//! Users, groups and roles.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::Method;
use serde_json::{Value, json};

use super::visitor::{PASSWORD, Visitor};

#[tokio::test]
async fn a_groups_role_is_its_members_at_once() {
    let visitor = Visitor::new("").await;
    let user = visitor.make("/api/v1/users", json!({"name": "bob", "password": PASSWORD})).await;
    let group = visitor.make("/api/v1/groups", json!({"name": "SOC"})).await;
    visitor
        .make("/api/v1/grants", json!({"holderKind": "group", "holderId": group["id"], "role": "Contributor"}))
        .await;
    let bob = format!("Basic {}", BASE64.encode(format!("bob:{PASSWORD}")));
    assert_eq!(visitor.whoami(&bob).await.unwrap()["roles"], json!([]));
    let member = format!("/api/v1/groups/{}/members/{}", group["id"].as_str().unwrap(), user["id"].as_str().unwrap());
    assert_eq!(visitor.call(Method::PUT, &member, &Value::Null).await.status, 204);
    assert_eq!(visitor.whoami(&bob).await.unwrap()["roles"], json!(["Contributor"]));
    assert_eq!(visitor.with(&bob, Method::GET, "/api/v1/users").await.status, 403);
    let shown = visitor
        .call(Method::GET, &format!("/api/v1/users/{}", user["id"].as_str().unwrap()), &Value::Null)
        .await
        .json();
    assert_eq!((&shown["groups"], &shown["roles"]), (&json!(["SOC"]), &json!(["Contributor"])));
    assert_eq!(visitor.call(Method::DELETE, &member, &Value::Null).await.status, 204);
    assert_eq!(visitor.whoami(&bob).await.unwrap()["roles"], json!([]));
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let visitor = Visitor::new("").await;
    let users = visitor.call(Method::GET, "/api/v1/users", &Value::Null).await.json();
    let path = format!("/api/v1/users/{}", users["value"][0]["id"].as_str().unwrap());
    let grants = visitor.call(Method::GET, "/api/v1/grants", &Value::Null).await.json();
    let grant = format!("/api/v1/grants/{}", grants["value"][0]["id"].as_str().unwrap());
    assert_eq!(visitor.call(Method::DELETE, &path, &Value::Null).await.status, 409);
    assert_eq!(visitor.call(Method::PATCH, &path, &json!({"disabled": true})).await.status, 409);
    assert_eq!(visitor.call(Method::DELETE, &grant, &Value::Null).await.status, 409);
    let other = visitor.make("/api/v1/users", json!({"name": "second", "password": PASSWORD})).await;
    visitor
        .make("/api/v1/grants", json!({"holderKind": "user", "holderId": other["id"], "role": "Administrator"}))
        .await;
    assert_eq!(visitor.call(Method::DELETE, &path, &Value::Null).await.status, 204);
    assert_eq!(
        visitor.call(Method::GET, "/api/v1/session", &Value::Null).await.status,
        401,
        "its session went with it"
    );
}

#[tokio::test]
async fn what_cannot_be_given_is_refused_by_name() {
    let visitor = Visitor::new("").await;
    let user = visitor.make("/api/v1/users", json!({"name": "bob"})).await;
    let id = user["id"].clone();
    for (body, status) in [
        (json!({"holderKind": "user", "holderId": id, "role": "Administrator", "tables": ["A"]}), 400),
        (json!({"holderKind": "user", "holderId": id, "role": "Ingest", "tables": ["A"]}), 400),
        (json!({"holderKind": "user", "holderId": id, "role": "Owner"}), 400),
        (json!({"holderKind": "robot", "holderId": id, "role": "Reader"}), 400),
        (json!({"holderKind": "user", "holderId": "x", "role": "Reader"}), 404),
        (json!({"holderKind": "user", "holderId": id, "role": "Reader", "table": ["A"]}), 400),
        (json!({"holderKind": "user", "holderId": id, "role": "reader", "tables": ["A"]}), 201),
    ] {
        let answer = visitor.call(Method::POST, "/api/v1/grants", &body).await;
        assert_eq!(answer.status, status, "{body}: {:?}", answer.body);
    }
    for name in ["", "  ", "a\u{7}b", &"x".repeat(257)] {
        assert_eq!(visitor.call(Method::POST, "/api/v1/users", &json!({"name": name})).await.status, 400, "{name:?}");
    }
    assert_eq!(visitor.call(Method::POST, "/api/v1/users", &json!({"name": "BOB"})).await.status, 409);
    let hostile = "'; DROP TABLE users; -- <script>";
    assert_eq!(visitor.make("/api/v1/users", json!({"name": hostile})).await["name"], json!(hostile));
}
