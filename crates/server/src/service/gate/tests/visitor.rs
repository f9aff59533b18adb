//! A service with an administrator, and those who call it.

use std::net::SocketAddr;

use axum::body::Body;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, COOKIE};
use http::{Method, Request};
use serde_json::{Value, json};

use crate::service::connection::Connection;
use crate::service::gate::first_start;
use crate::service::testing::{Answer, TestService};

pub(super) const PASSWORD: &str = "a long enough sentence";

/// A service, and an administrator's session with it.
pub(super) struct Visitor {
    pub(super) service: TestService,
    pub(super) cookie: String,
    pub(super) csrf: String,
}

impl Visitor {
    /// A service whose set-up link was used.
    pub(super) async fn new(config: &str) -> Self {
        let service = TestService::with_gate(config).await;
        let link = first_start(service.app.database(), service.app.now()).await.unwrap().unwrap();
        let secret = link.strip_prefix("/setup#").unwrap();
        let body = json!({"secret": secret, "name": "root@example.org", "password": PASSWORD});
        let answer = send(&service, Method::POST, "/api/v1/setup", &[], &body).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        let (cookie, csrf) = session_of(&answer);
        Self { service, cookie, csrf }
    }

    /// A request of the administrator's session.
    pub(super) async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        send(&self.service, method, path, &[(COOKIE.as_str(), &self.cookie), ("x-csrf-token", &self.csrf)], body).await
    }

    /// Makes something by a POST; gives the answer's JSON.
    pub(super) async fn make(&self, path: &str, body: Value) -> Value {
        let answer = self.call(Method::POST, path, &body).await;
        assert!(answer.status.is_success(), "{path} {body}: {:?}", answer.body);
        answer.json()
    }

    /// A request with this `Authorization`.
    pub(super) async fn with(&self, authorization: &str, method: Method, path: &str) -> Answer {
        send(&self.service, method, path, &[(AUTHORIZATION.as_str(), authorization)], &Value::Null).await
    }

    /// Who the caller with this `Authorization` is; the status where it is nobody.
    pub(super) async fn whoami(&self, authorization: &str) -> Result<Value, u16> {
        let answer = self.with(authorization, Method::GET, "/api/v1/session").await;
        if answer.status == 200 { Ok(answer.json()) } else { Err(answer.status.as_u16()) }
    }

    /// A form from this machine.
    pub(super) async fn form(&self, path: &str, form: &str) -> Answer {
        self.service.send(request(Method::POST, path, &[], form.to_owned())).await
    }
}

/// Sends JSON, or nothing for null.
pub(super) async fn send(
    service: &TestService,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    service.send(request(method, path, headers, body)).await
}

/// The cookie and the token of a sign-in's answer.
pub(super) fn session_of(answer: &Answer) -> (String, String) {
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let csrf = answer.json()["csrfToken"].as_str().unwrap().to_owned();
    (cookie.split(';').next().unwrap().to_owned(), csrf)
}

pub(super) fn request(method: Method, path: &str, headers: &[(&str, &str)], body: String) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header(CONTENT_LENGTH, body.len());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let peer: SocketAddr = "127.0.0.1:50000".parse().unwrap();
    request.extension(Connection { peer, is_tls: false }).body(Body::from(body)).unwrap()
}
