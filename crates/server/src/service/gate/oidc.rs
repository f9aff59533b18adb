//! Signing in at an OpenID provider.

use std::sync::Arc;

use access::{
    OidcError, OidcHttp, OidcHttpError, OidcIdentity, OidcProvider, OidcReturned, OidcSettings, Permission, SecretKind,
    SecretToken,
};
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use chrono::{DateTime, TimeDelta, Utc};
use database::{NewUser, OidcState, User};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::super::app::App;
use super::super::refusal::Refusal;
use super::super::route::Route;
use super::super::shapes::Shape;
use super::requests::{address, is_tls};
use super::token_endpoint::Form;
use super::{AuditEvent, Gate};
use crate::service::config::OidcConfig;

/// How long somebody may take at the provider.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// Sign-ins that are open at a time, of everybody together: whoever begins many only ends older ones.
const OPEN: i64 = 10_000;

/// Most bytes of a provider's answer: descriptions and key sets have some kilobytes.
const ANSWER_BYTES: usize = 1 << 20;

/// The cookie that ties a sign-in to the browser that began it.
const STATE_COOKIE: &str = "vedette_oidc";

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/oidc/{provider}/login", Permission::Public, login)
            .summary("Sends the browser to an OpenID provider; comes back to `return_to`")
            .asks("return_to", false, "A path on this service")
            .gives_nothing(StatusCode::SEE_OTHER),
        Route::get("/api/v1/oidc/{provider}/callback", Permission::Public, callback)
            .summary("Where the OpenID provider sends the browser back to")
            .asks("state", true, "As the provider got it")
            .asks("code", false, "Absent where the provider refused")
            .gives_as(StatusCode::OK, "text/html", Shape::Text),
    ]
}

async fn login(State(app): State<App>, Path(name): Path<String>, parts: Parts) -> Result<Response, Refusal> {
    let query = Form::read(parts.uri.query().unwrap_or_default().as_bytes());
    let return_to = local_path(query.get("return_to").unwrap_or("/"))?;
    let (gate, now) = (app.gate(), app.now());
    let provider = gate.provider(&name).await?;
    let begun = provider.begin(&redirect_url(&app, &parts, &name)).map_err(|error| failed(&error))?;
    let state = OidcState { provider: name, nonce: begun.nonce, pkce_verifier: begun.pkce_verifier, return_to };
    gate.database().begin_oidc(&begun.state.hash(), &state, now + LIFETIME, OPEN, now).await?;
    let mut response = Redirect::to(&begun.url).into_response();
    set_state_cookie(response.headers_mut(), begun.state.reveal(), LIFETIME.num_seconds(), is_tls(&parts));
    Ok(response)
}

async fn callback(State(app): State<App>, Path(name): Path<String>, parts: Parts) -> Result<Response, Refusal> {
    let query = Form::read(parts.uri.query().unwrap_or_default().as_bytes());
    let (gate, now, address) = (app.gate(), app.now(), address(&parts));
    let unknown =
        || Refusal::bad_request("BadRequest", "this sign-in is not known here, or took too long\nbegin again");
    let secret =
        SecretToken::parse(SecretKind::OidcState, query.get("state").unwrap_or_default()).map_err(|_| unknown())?;
    // Another browser's sign-in must not become this one's.
    if state_cookie(&parts.headers) != Some(secret.reveal()) {
        return Err(unknown());
    }
    let state = gate
        .database()
        .take_oidc(&secret.hash(), now)
        .await?
        .filter(|state| state.provider == name)
        .ok_or_else(unknown)?;
    let note_failure = |reason: &str| {
        let event = AuditEvent::failed("Sign in", &format!("somebody at {name}"), now).from(&address);
        gate.audit(event.with("Provider", name.as_str().into()).with("Reason", reason.into()));
    };
    let Some(code) = query.get("code") else {
        let reason: String = query
            .get("error")
            .unwrap_or("no code")
            .chars()
            .filter(|character| !character.is_control())
            .take(200)
            .collect();
        note_failure(&reason);
        return Err(Refusal::unauthenticated(format!("the OpenID provider `{name}` did not sign you in: {reason}")));
    };
    let provider = gate.provider(&name).await?;
    let redirect = redirect_url(&app, &parts, &name);
    let returned = OidcReturned {
        redirect: &redirect,
        code: code.to_owned(),
        nonce: state.nonce,
        pkce_verifier: state.pkce_verifier,
    };
    let finished = provider.finish(returned, now, gate.http()).await;
    let finished = finished.map_err(|error| {
        note_failure(&error.to_string());
        failed(&error)
    })?;
    if let Some(renewed) = finished.with_new_keys {
        gate.providers().lock().await.insert(name.clone(), Arc::new(renewed));
    }
    let user =
        gate.user_of(&name, &finished.identity, now).await.inspect_err(|refusal| note_failure(&refusal.message))?;
    let session = gate.begin_session(&user, &address, is_tls(&parts), now).await?;
    Ok(onward(&state.return_to, session.headers(), is_tls(&parts)))
}

impl Gate {
    /// A provider, asked for its description at the first sign-in.
    async fn provider(&self, name: &str) -> Result<Arc<OidcProvider>, Refusal> {
        let unknown = || Refusal::not_found("NotFound", "no such OpenID provider is configured");
        let config = self.config().oidc.get(name).ok_or_else(unknown)?;
        // Held while the provider is asked: of many sign-ins at the first moment one asks.
        let mut providers = self.providers().lock().await;
        if let Some(provider) = providers.get(name) {
            return Ok(Arc::clone(provider));
        }
        let settings = settings(name, config)?;
        let provider = OidcProvider::discover(settings, self.http()).await.map_err(|error| failed(&error))?;
        let provider = Arc::new(provider);
        providers.insert(name.to_owned(), Arc::clone(&provider));
        Ok(provider)
    }

    /// The user that an identity is here, with the groups that the provider names.
    async fn user_of(&self, provider: &str, identity: &OidcIdentity, now: DateTime<Utc>) -> Result<User, Refusal> {
        let found = self.database().user_by_subject(provider, &identity.subject).await?;
        let may_create = self.config().oidc.get(provider).is_some_and(|config| config.create_users);
        let user = match found {
            Some(user) if user.disabled => return Err(Refusal::forbidden("the user is disabled")),
            Some(user) => user,
            None if may_create => {
                let name = identity.name.clone().unwrap_or_else(|| identity.subject.clone());
                let display_name = identity.display_name.clone().unwrap_or_else(|| name.clone());
                let provider = Some((provider.to_owned(), identity.subject.clone()));
                // A name that another user has is not taken for the same person: who chooses names at the provider could then become anybody here.
                self.database().create_user(NewUser { name, display_name, password_hash: None, provider }, now).await?
            }
            None => {
                let message = format!(
                    "nobody here is `{}` of the OpenID provider `{provider}`\nan administrator makes the user first",
                    identity.subject
                );
                return Err(Refusal::forbidden(message));
            }
        };
        if let Some(groups) = &identity.groups {
            self.database().set_provider_groups(&user.id, provider, groups).await?;
            self.verified().forget_all();
        }
        Ok(user)
    }
}

fn settings(name: &str, config: &OidcConfig) -> Result<OidcSettings, Refusal> {
    let secret = config
        .client_secret
        .as_ref()
        .map(|secret| secret.read(&format!("access.oidc.{name}.client_secret")))
        .transpose();
    let client_secret = secret.map_err(|error| {
        tracing::error!(%error, "an OpenID provider's secret cannot be read");
        Refusal::internal("the OpenID provider's secret cannot be read; the log says why")
    })?;
    Ok(OidcSettings {
        issuer: config.issuer.clone(),
        client_id: config.client_id.clone(),
        client_secret,
        scopes: config.scopes.clone(),
        group_claim: config.group_claim.clone(),
    })
}

fn redirect_url(app: &App, parts: &Parts, provider: &str) -> String {
    format!("{}/api/v1/oidc/{provider}/callback", app.base_url(&parts.headers, is_tls(parts)))
}

/// The service's client, as providers are asked by it.
pub(super) fn provider_client(client: reqwest::Client) -> OidcHttp {
    OidcHttp::new(move |request| {
        let client = client.clone();
        Box::pin(async move {
            let failed = |error: reqwest::Error| OidcHttpError(error.to_string());
            let mut answer = client.execute(request.try_into().map_err(failed)?).await.map_err(failed)?;
            let mut response = http::Response::builder().status(answer.status());
            if let Some(headers) = response.headers_mut() {
                *headers = answer.headers().clone();
            }
            let mut body = Vec::new();
            while let Some(chunk) = answer.chunk().await.map_err(failed)? {
                if body.len() + chunk.len() > ANSWER_BYTES {
                    return Err(OidcHttpError(format!("the answer has more than {ANSWER_BYTES} bytes")));
                }
                body.extend_from_slice(&chunk);
            }
            response.body(body).map_err(|error| OidcHttpError(error.to_string()))
        })
    })
}

fn failed(error: &OidcError) -> Refusal {
    tracing::warn!(%error, "a sign-in at an OpenID provider failed");
    match error {
        OidcError::Discovery { .. } => Refusal::unavailable(10, error.to_string()),
        _ => Refusal::unauthenticated(error.to_string()),
    }
}

/// A path on this service; anything else would send people on to wherever a link says.
fn local_path(path: &str) -> Result<String, Refusal> {
    let local = path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 1024
        && !path.chars().any(|character| character.is_control() || character == '\\');
    if local {
        Ok(path.to_owned())
    } else {
        Err(Refusal::bad_request("BadRequest", "`return_to` is a path on this service, such as `/`"))
    }
}

/// A page that goes on by itself: after a redirect from the provider's site the strict cookie of the session would not be sent yet.
fn onward(path: &str, session: &HeaderMap, is_tls: bool) -> Response {
    let path = path
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&#39;");
    let page = format!(
        "<!doctype html><title>Signed in</title><meta http-equiv=\"refresh\" content=\"0;url={path}\"><a href=\"{path}\">Signed in</a>"
    );
    let mut response = (StatusCode::OK, Html(page)).into_response();
    let headers = response.headers_mut();
    set_state_cookie(headers, "", 0, is_tls);
    for cookie in session.get_all(SET_COOKIE) {
        headers.append(SET_COOKIE, cookie.clone());
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    response
}

/// `Lax`, since the browser comes back from another site.
fn set_state_cookie(headers: &mut HeaderMap, value: &str, seconds: i64, is_tls: bool) {
    let secure = if is_tls { "; Secure" } else { "" };
    let cookie =
        format!("{STATE_COOKIE}={value}; Path=/api/v1/oidc; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.append(SET_COOKIE, cookie);
    }
}

fn state_cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies =
        headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    cookies
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == STATE_COOKIE)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for path in ["//evil.example", "https://evil.example", "/\\evil.example", "\\/evil", "", "/a\nb"] {
            assert!(local_path(path).is_err(), "{path}");
        }
        assert_eq!(local_path("/incidents?id=1&x=2"), Ok("/incidents?id=1&x=2".to_owned()));
    }
}
