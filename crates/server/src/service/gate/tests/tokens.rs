//! API tokens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::TimeDelta;
use http::Method;
use serde_json::{Value, json};

use super::visitor::{PASSWORD, Visitor};

#[tokio::test]
async fn a_token_is_taken_in_every_scheme_until_it_expires() {
    let visitor = Visitor::new("").await;
    let expires = visitor.service.app.now() + TimeDelta::seconds(100);
    let token = visitor
        .make("/api/v1/tokens", json!({"name": "beat", "roles": [{"role": "Ingest"}], "expires": expires}))
        .await;
    let secret = token["secret"].as_str().unwrap();
    let basic = BASE64.encode(format!("elastic:{secret}"));
    let key = BASE64.encode(format!("id:{secret}"));
    for authorization in
        [format!("Bearer {secret}"), format!("Basic {basic}"), format!("ApiKey {secret}"), format!("ApiKey {key}")]
    {
        let caller = visitor.whoami(&authorization).await.unwrap();
        assert_eq!(
            (&caller["name"], &caller["roles"], &caller["tables"]),
            (&json!("beat"), &json!(["Ingest"]), &json!([]))
        );
    }
    let listed = visitor.call(Method::GET, "/api/v1/tokens", &Value::Null).await.json();
    assert!(listed["value"][0]["lastUsed"].is_string());
    assert!(!listed.to_string().contains(&secret[8..]), "a secret is shown once");
    visitor.service.pass(99);
    assert!(visitor.whoami(&format!("Bearer {secret}")).await.is_ok());
    visitor.service.pass(1);
    assert_eq!(visitor.whoami(&format!("Bearer {secret}")).await, Err(401));
}

#[tokio::test]
async fn a_rotated_token_is_taken_with_its_old_secret_for_the_overlap() {
    let visitor = Visitor::new("").await;
    let token = visitor.make("/api/v1/tokens", json!({"name": "beat", "roles": [{"role": "Ingest"}]})).await;
    let old = format!("Bearer {}", token["secret"].as_str().unwrap());
    let id = token["id"].as_str().unwrap();
    let rotated = visitor.make(&format!("/api/v1/tokens/{id}/rotate"), json!({"overlapSeconds": 60})).await;
    let new = format!("Bearer {}", rotated["secret"].as_str().unwrap());
    assert!(visitor.whoami(&old).await.is_ok() && visitor.whoami(&new).await.is_ok());
    visitor.service.pass(60);
    assert_eq!(visitor.whoami(&old).await, Err(401));
    assert!(visitor.whoami(&new).await.is_ok());
    assert_eq!(visitor.call(Method::DELETE, &format!("/api/v1/tokens/{id}"), &Value::Null).await.status, 204);
    assert_eq!(visitor.whoami(&new).await, Err(401), "at once, though it was proven seconds ago");
}

#[tokio::test]
async fn a_users_token_may_no_more_than_the_user_now() {
    let visitor = Visitor::new("").await;
    let user = visitor.make("/api/v1/users", json!({"name": "alice", "password": PASSWORD})).await;
    let grant = json!({"holderKind": "user", "holderId": user["id"], "role": "Responder", "tables": ["SigninLogs", "AuditLogs"]});
    let grant = visitor.make("/api/v1/grants", grant).await;
    let alice = format!("Basic {}", BASE64.encode(format!("alice:{PASSWORD}")));
    let caller = visitor.whoami(&alice).await.unwrap();
    assert_eq!((&caller["roles"], &caller["tables"]), (&json!(["Responder"]), &json!(["AuditLogs", "SigninLogs"])));

    let post = |body: Value| {
        let (service, alice) = (&visitor.service, &alice);
        async move {
            super::visitor::send(service, Method::POST, "/api/v1/tokens", &[("authorization", alice)], &body).await
        }
    };
    for (role, tables, status) in [
        ("Administrator", None, 403),
        ("Contributor", Some(vec!["SigninLogs"]), 403),
        ("Ingest", None, 403),
        ("Reader", None, 403),
        ("Reader", Some(vec!["SecurityEvent"]), 403),
        ("King", None, 400),
        ("Reader", Some(vec!["SigninLogs"]), 201),
    ] {
        let roles = json!([{"role": role, "tables": tables}]);
        assert_eq!(post(json!({"name": "mine", "roles": roles})).await.status, status, "{role} {tables:?}");
    }
    let own = post(json!({"name": "mine", "roles": [{"role": "Reader", "tables": ["SigninLogs"]}]})).await.json();
    let token = format!("Bearer {}", own["secret"].as_str().unwrap());
    assert_eq!(visitor.whoami(&token).await.unwrap()["tables"], json!(["SigninLogs"]));
    let listed = visitor.with(&token, Method::GET, "/api/v1/tokens").await.json();
    assert_eq!(listed["value"], json!([]), "others' tokens are nobody's business");

    assert_eq!(
        visitor
            .call(Method::DELETE, &format!("/api/v1/grants/{}", grant["id"].as_str().unwrap()), &Value::Null)
            .await
            .status,
        204
    );
    assert_eq!(visitor.whoami(&token).await.unwrap()["roles"], json!([]));
    let path = format!("/api/v1/users/{}", user["id"].as_str().unwrap());
    assert_eq!(visitor.call(Method::PATCH, &path, &json!({"disabled": true})).await.status, 200);
    assert_eq!(visitor.whoami(&token).await, Err(401));
    assert_eq!(visitor.whoami(&alice).await, Err(401));
}

#[tokio::test]
async fn what_is_no_credential_is_refused() {
    let visitor = Visitor::new("").await;
    let unknown = access::SecretToken::generate(access::SecretKind::ApiToken);
    for authorization in [
        format!("Bearer {}", unknown.reveal()),
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.".to_owned(),
        "Bearer ' OR 1=1 --".to_owned(),
        format!("Bearer {}", "x".repeat(100_000)),
        "Negotiate abc".to_owned(),
        "Basic AAAA".to_owned(),
    ] {
        assert_eq!(visitor.whoami(&authorization).await, Err(401), "{}", &authorization[..20.min(authorization.len())]);
    }
    assert_eq!(
        visitor.with("Bearer x", Method::GET, "/healthz").await.status,
        200,
        "what anybody may needs no credentials"
    );
}
