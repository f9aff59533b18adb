//! Client credentials, managed identities, discovery, shared keys and signatures.

use access::{SharedKeyRequest, sign_shared_key};
use http::Method;
use serde_json::{Value, json};

use super::visitor::{Visitor, request, send};

async fn client(visitor: &Visitor) -> (String, String) {
    let client = visitor
        .make("/api/v1/clients", json!({"id": "fluent-bit", "name": "Fluent Bit", "roles": [{"role": "Ingest"}]}))
        .await;
    (client["id"].as_str().unwrap().to_owned(), client["secret"].as_str().unwrap().to_owned())
}

fn form(id: &str, secret: &str, more: &str) -> String {
    format!("grant_type=client_credentials&client_id={id}&client_secret={secret}&client_info=1&{more}")
}

#[tokio::test]
async fn a_client_gets_an_access_token_that_lasts_an_hour() {
    let visitor = Visitor::new("").await;
    let (id, secret) = client(&visitor).await;
    for (path, more, resource) in [
        ("/adfs/oauth2/token", "resource=https%3A%2F%2Fx", "https://x"),
        ("/00000000-0000-0000-0000-000000000001/oauth2/v2.0/token", "scope=https%3A%2F%2Fy%2F.default", "https://y"),
    ] {
        let answer = visitor.form(path, &form(&id, &secret, more)).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        let answer = answer.json();
        let expires = (visitor.service.app.now().timestamp() + 3600).to_string();
        assert_eq!(
            (&answer["token_type"], &answer["expires_in"], &answer["expires_on"]),
            (&json!("Bearer"), &json!(3600), &json!(expires))
        );
        assert_eq!((&answer["ext_expires_in"], &answer["resource"]), (&json!(3600), &json!(resource)));
        let token = format!("Bearer {}", answer["access_token"].as_str().unwrap());
        let caller = visitor.whoami(&token).await.unwrap();
        assert_eq!(
            (&caller["id"], &caller["roles"], &caller["kind"]),
            (&json!("fluent-bit"), &json!(["Ingest"]), &json!("Application"))
        );
        visitor.service.pass(3599);
        assert!(visitor.whoami(&token).await.is_ok());
        visitor.service.pass(1);
        assert_eq!(visitor.whoami(&token).await, Err(401));
    }
}

#[tokio::test]
async fn a_wrong_client_is_told_the_same_whatever_is_wrong() {
    let visitor = Visitor::new("").await;
    let (id, secret) = client(&visitor).await;
    let other = access::SecretToken::generate(access::SecretKind::ClientSecret);
    let wrong = [(id.as_str(), other.reveal()), ("nobody", secret.as_str()), (id.as_str(), ""), ("'--", "x")];
    let mut bodies = Vec::new();
    for (id, secret) in wrong {
        let answer = visitor.form("/adfs/oauth2/token", &form(id, secret, "")).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]), (401, &json!("invalid_client")));
        bodies.push(answer.body);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    let answer = visitor.form("/adfs/oauth2/token", "grant_type=password&username=x").await;
    assert_eq!((answer.status.as_u16(), &answer.json()["error"]), (400, &json!("unsupported_grant_type")));
    assert_eq!(visitor.form("/adfs/oauth2/token", &"x".repeat(20_000)).await.status, 413);
}

#[tokio::test]
async fn a_clients_tokens_can_be_refused_and_its_secret_replaced() {
    let visitor = Visitor::new("").await;
    let (id, secret) = client(&visitor).await;
    let token = |answer: &Value| format!("Bearer {}", answer["access_token"].as_str().unwrap());
    let first = token(&visitor.form("/adfs/oauth2/token", &form(&id, &secret, "")).await.json());
    assert!(visitor.whoami(&first).await.is_ok());
    visitor.call(Method::PATCH, "/api/v1/clients/fluent-bit", &json!({"revokeTokens": true})).await;
    assert_eq!(visitor.whoami(&first).await, Err(401));
    visitor.service.pass(1);
    let second = token(&visitor.form("/adfs/oauth2/token", &form(&id, &secret, "")).await.json());
    assert!(visitor.whoami(&second).await.is_ok());
    let rotated = visitor.make("/api/v1/clients/fluent-bit/rotate", json!({"overlapSeconds": 10})).await;
    visitor.service.pass(10);
    assert_eq!(visitor.form("/adfs/oauth2/token", &form(&id, &secret, "")).await.status, 401);
    assert_eq!(
        visitor.form("/adfs/oauth2/token", &form(&id, rotated["secret"].as_str().unwrap(), "")).await.status,
        200
    );
    visitor.call(Method::PATCH, "/api/v1/clients/fluent-bit", &json!({"disabled": true})).await;
    assert_eq!(visitor.whoami(&second).await, Err(401));
}

#[tokio::test]
async fn a_process_of_this_machine_gets_the_identity_that_is_configured() {
    let visitor = Visitor::new("[access]\nmanaged_identity = \"fluent-bit\"").await;
    let path = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fx";
    let get = |headers: &'static [(&'static str, &'static str)]| {
        let service = &visitor.service;
        async move { send(service, Method::GET, path, headers, &Value::Null).await }
    };
    assert_eq!(get(&[("metadata", "true")]).await.status, 400, "there is no such client yet");
    client(&visitor).await;
    assert_eq!(get(&[]).await.status, 400);
    assert_eq!(get(&[("metadata", "true"), ("x-forwarded-for", "192.0.2.1")]).await.status, 400);
    let answer = get(&[("metadata", "true")]).await.json();
    let caller = visitor.whoami(&format!("Bearer {}", answer["access_token"].as_str().unwrap())).await.unwrap();
    assert_eq!((&caller["id"], &caller["kind"]), (&json!("fluent-bit"), &json!("ManagedIdentity")));
    let cloud_shell =
        request(Method::POST, "/msi/token", &[("metadata", "true")], "resource=https%3A%2F%2Fx".to_owned());
    assert_eq!(visitor.service.send(cloud_shell).await.status, 200);
}

#[tokio::test]
async fn an_identity_header_holds_an_api_token() {
    let visitor = Visitor::new("").await;
    let token = visitor.make("/api/v1/tokens", json!({"name": "vm", "roles": [{"role": "Reader"}]})).await;
    let secret = token["secret"].as_str().unwrap();
    let path = "/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fx";
    for (header, status) in [(secret, 200), ("wrong", 401), ("", 401)] {
        let answer = send(
            &visitor.service,
            Method::GET,
            path,
            &[("x-identity-header", header), ("metadata", "true")],
            &Value::Null,
        )
        .await;
        assert_eq!(answer.status, status);
        if status == 200 {
            let caller =
                visitor.whoami(&format!("Bearer {}", answer.json()["access_token"].as_str().unwrap())).await.unwrap();
            assert_eq!((&caller["name"], &caller["roles"]), (&json!("vm"), &json!(["Reader"])));
        }
    }
    let machine = send(
        &visitor.service,
        Method::GET,
        "/metadata/identity/oauth2/token?resource=x",
        &[("metadata", "true")],
        &Value::Null,
    )
    .await;
    assert_eq!(machine.status, 400, "no identity is configured");
}

#[tokio::test]
async fn discovery_documents_point_here() {
    let visitor = Visitor::new("[http]\npublic_url = \"https://vedette.example.org\"").await;
    let get = |path: &'static str| {
        let service = &visitor.service;
        async move { send(service, Method::GET, path, &[], &Value::Null).await.json() }
    };
    let base = "https://vedette.example.org";
    assert_eq!(
        get("/adfs/.well-known/openid-configuration").await["token_endpoint"],
        json!(format!("{base}/adfs/oauth2/token"))
    );
    let document = get("/contoso.com/v2.0/.well-known/openid-configuration").await;
    assert_eq!(document["token_endpoint"], json!(format!("{base}/contoso.com/oauth2/v2.0/token")));
    for key in ["authorization_endpoint", "device_authorization_endpoint", "issuer", "jwks_uri"] {
        assert!(document[key].as_str().unwrap().starts_with(base), "{key}");
    }
    let cloud = get("/metadata/endpoints?api-version=latest").await;
    assert_eq!(cloud["authentication"]["loginEndpoint"], json!(format!("{base}/")));
    assert_eq!(
        (&cloud["resourceManager"], &cloud["logAnalyticsResourceId"]),
        (&json!(format!("{base}/")), &json!(base))
    );
    let kusto = get("/v1/rest/auth/metadata").await;
    for key in [
        "LoginEndpoint",
        "LoginMfaRequired",
        "KustoClientAppId",
        "KustoClientRedirectUri",
        "KustoServiceResourceId",
        "FirstPartyAuthorityUrl",
    ] {
        assert!(!kusto["AzureAD"][key].is_null(), "{key}");
    }
}

#[tokio::test]
async fn a_shared_key_signs_a_request() {
    let visitor = Visitor::new("").await;
    let keys = visitor.make("/api/v1/shared-keys/localhost", Value::Null).await;
    let date = visitor.service.app.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let signed = SharedKeyRequest {
        method: "GET",
        content_length: 0,
        content_type: "application/json",
        date: &date,
        path: "/api/v1/session",
    };
    for (key, length, status) in
        [("primarySharedKey", 0, 200), ("secondarySharedKey", 0, 200), ("primarySharedKey", 1, 403)]
    {
        let request = SharedKeyRequest { content_length: length, ..signed };
        let signature = sign_shared_key(&request, keys[key].as_str().unwrap()).unwrap();
        let authorization = format!("SharedKey localhost:{signature}");
        let headers = [
            ("authorization", authorization.as_str()),
            ("x-ms-date", date.as_str()),
            ("content-type", "application/json"),
        ];
        let answer = send(&visitor.service, Method::GET, "/api/v1/session", &headers, &Value::Null).await;
        assert_eq!(answer.status, status, "{key} {length}");
        if status == 200 {
            assert_eq!(answer.json()["roles"], json!(["Ingest"]));
        }
    }
}

#[tokio::test]
async fn a_container_is_written_by_signature_as_long_as_its_holder_may_send() {
    let visitor = Visitor::new("").await;
    let gate = visitor.service.app.gate();
    let now = visitor.service.app.now();
    let (id, secret) = client(&visitor).await;
    let answer = visitor.form("/adfs/oauth2/token", &form(&id, &secret, "")).await.json();
    let token = format!("Bearer {}", answer["access_token"].as_str().unwrap());
    let parts = |path: &str, authorization: Option<&str>| {
        let headers: Vec<_> = authorization.map(|value| ("authorization", value)).into_iter().collect();
        request(Method::PUT, path, &headers, String::new()).into_parts().0
    };
    let caller = gate.authenticate(&parts("/x", Some(&token)), now).await.unwrap().unwrap();
    let query = gate.sign_container("temp", &caller, now);
    let by_signature =
        gate.authenticate(&parts(&format!("/temp/db__table__1.gz?{query}"), None), now).await.unwrap().unwrap();
    assert_eq!(
        (by_signature.id.as_str(), by_signature.roles.as_slice()),
        ("fluent-bit", [access::Role::Ingest].as_slice())
    );
    gate.authenticate(&parts(&format!("/other/x?{query}"), None), now).await.unwrap_err();
    visitor.call(Method::DELETE, "/api/v1/clients/fluent-bit", &Value::Null).await;
    gate.authenticate(&parts(&format!("/temp/x?{query}"), None), now).await.unwrap_err();
}
