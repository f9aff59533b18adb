//! The link with which the first administrator makes itself.

use access::{Permission, Role, SecretKind, SecretToken, check_new_password};
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use database::{Database, NewUser};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::app::App;
use super::super::payload::Payload;
use super::super::refusal::Refusal;
use super::super::route::Route;
use super::super::shapes::Shape;
use super::AuditEvent;
use super::requests::{BODY_BYTES, address, is_tls, read_json, read_name};
use super::sessions::ShownSession;
use crate::Error;

/// How long a set-up link is taken. It stands in a terminal or a log; the next start prints another.
const LIFETIME: TimeDelta = TimeDelta::hours(1);

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/setup", Permission::Public, page).summary("The page behind the set-up link").gives_as(
            StatusCode::OK,
            "text/html",
            Shape::Text,
        ),
        Route::post("/api/v1/setup", Permission::Public, set_up)
            .body_bytes(BODY_BYTES)
            .summary("Makes the first administrator, with the set-up link's secret")
            .takes::<SetUp>()
            .gives::<ShownSession>(StatusCode::OK),
    ]
}

/// The path of a new set-up link where there is no user yet; its secret is printed and kept nowhere.
pub(crate) async fn first_start(database: &Database, now: DateTime<Utc>) -> Result<Option<String>, Error> {
    let failed = |error: database::DatabaseError| Error::new(error.to_string());
    if database.count_users().await.map_err(failed)? > 0 {
        return Ok(None);
    }
    let secret = SecretToken::generate(SecretKind::SetupLink);
    database.create_setup_link(&secret.hash(), now + LIFETIME, now).await.map_err(failed)?;
    // Behind `#`, so that it reaches no log on its way.
    Ok(Some(format!("/setup#{}", secret.reveal())))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetUp {
    secret: String,
    name: String,
    password: String,
    #[serde(default)]
    display_name: Option<String>,
}

async fn set_up(State(app): State<App>, parts: Parts, Payload(body): Payload) -> Result<Response, Refusal> {
    let over = || {
        Refusal::forbidden(
            "the set-up link is unknown, over or used\nthe service prints a new one when it starts without users",
        )
    };
    let request: SetUp = read_json(&body)?;
    let secret = SecretToken::parse(SecretKind::SetupLink, request.secret.trim()).map_err(|_| over())?;
    let (gate, now) = (app.gate(), app.now());
    let link = gate.database().setup_link(&secret.hash()).await?;
    if !link.is_some_and(|link| link.used.is_none() && link.expires > now) {
        return Err(over());
    }
    let name = read_name("user", &request.name)?;
    check_new_password(&request.password, &name)
        .map_err(|error| Refusal::bad_request("WeakPassword", error.to_string()))?;
    let password_hash = Some(gate.hash(&request.password).await?);
    let display_name = request.display_name.unwrap_or_else(|| name.clone());
    let user = NewUser { name, display_name, password_hash, provider: None };
    let made = gate.database().use_setup_link(&secret.hash(), user, Role::Administrator.name(), now).await?;
    let user = made.ok_or_else(over)?;
    let address = address(&parts);
    gate.audit(AuditEvent::done("Set up", &user.name, now).from(&address).about("User", &user.name));
    gate.begin_session(&user, &address, is_tls(&parts), now).await
}

async fn page() -> Response {
    let mut response = Html(PAGE).into_response();
    let headers = response.headers_mut();
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'";
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

const PAGE: &str = include_str!("setup.html");
