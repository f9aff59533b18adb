//! A service without sockets, for tests.

use std::sync::{Arc, Mutex};

use access::{Principal, PrincipalKind, Role, TableScope};
use async_trait::async_trait;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use database::{Database, DatabaseLocation};
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use storage::Workspace;
use tempfile::TempDir;
use tower::ServiceExt;

use super::app::{App, AppParts};
use super::authenticator::Authenticator;
use super::clock::Clock;
use super::config::Config;
use super::gate::{Gate, GateAuthenticator};
use super::refusal::Refusal;
use super::route::Route;
use super::router::{HttpService, all_routes, http_service};

/// A service on a workspace of its own, at a fixed time.
pub(crate) struct TestService {
    pub(crate) app: App,
    service: HttpService,
    clock: Arc<TestClock>,
    _folder: TempDir,
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.body))
    }
}

/// The time of test services.
pub(crate) fn test_time() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 2, 12, 0, 0).unwrap()
}

/// A clock that stands until it is moved.
pub(crate) struct TestClock(Mutex<DateTime<Utc>>);

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

/// Takes `Bearer ROLE` for a caller of that role, and `Bearer ROLE:TABLE,TABLE` for one to whom only these tables exist.
struct NamedRoles;

#[async_trait]
impl Authenticator for NamedRoles {
    async fn authenticate(&self, _: &App, parts: &Parts) -> Result<Option<Principal>, Refusal> {
        let Some(header) = parts.headers.get(AUTHORIZATION) else { return Ok(None) };
        let text = header.to_str().unwrap_or_default().trim_start_matches("Bearer ");
        let (role, tables) = text.split_once(':').map_or((text, None), |(role, tables)| (role, Some(tables)));
        let role: Role = role.parse().map_err(|_| Refusal::unauthenticated("no such role"))?;
        let tables =
            tables.map_or(TableScope::All, |tables| TableScope::Only(tables.split(',').map(str::to_owned).collect()));
        let kind = PrincipalKind::User;
        Ok(Some(Principal { kind, id: role.to_string(), name: role.to_string(), roles: vec![role], tables }))
    }
}

impl TestService {
    /// With the usual configuration and all routes.
    pub(crate) async fn start() -> Self {
        Self::with("", all_routes()).await
    }

    /// With this configuration and these routes.
    pub(crate) async fn with(config: &str, routes: Vec<Route>) -> Self {
        Self::with_authenticator(config, routes, Arc::new(NamedRoles)).await
    }

    /// With this configuration, all routes, and callers that prove themselves as in a real service.
    pub(crate) async fn with_gate(config: &str) -> Self {
        Self::with_authenticator(config, all_routes(), Arc::new(GateAuthenticator)).await
    }

    async fn with_authenticator(config: &str, routes: Vec<Route>, authenticator: Arc<dyn Authenticator>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::create(folder.path().join("workspace")).await.unwrap();
        let config = Config::parse(config).unwrap();
        let clock = Arc::new(TestClock(Mutex::new(test_time())));
        let database = Database::open(&DatabaseLocation::Folder(folder.path().to_owned())).await.unwrap();
        let gate = Gate::new(database.clone(), config.access.clone(), test_time()).await.unwrap();
        let live = workspace.go_live(config.storage.live_options()).await.unwrap();
        let parts = AppParts { config, live, database, clock: clock.clone(), authenticator, gate };
        let app = App::new(parts).unwrap();
        let service = http_service(&app, routes);
        Self { app, service, clock, _folder: folder }
    }

    /// Lets so many seconds pass.
    pub(crate) fn pass(&self, seconds: i64) {
        *self.clock.0.lock().unwrap() += TimeDelta::seconds(seconds);
    }

    /// Sends a request.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response: Response = self.service.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Sends a request of a caller with this role (see `NamedRoles`; empty for nobody).
    pub(crate) async fn call(&self, role: &str, method: Method, path: &str, body: impl Into<Body>) -> Answer {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let request = if role.is_empty() { request } else { request.header(AUTHORIZATION, format!("Bearer {role}")) };
        self.send(request.body(body.into()).unwrap()).await
    }
}
