//! The endpoints from which clients of Azure get access tokens for their id and secret.
//!
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>

use access::{ACCESS_TOKEN_LIFETIME, Permission, SecretKind, SecretToken, access_token_claims, sign_access_token};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use http::header::CACHE_CONTROL;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use serde_json::json;

use super::super::app::App;
use super::super::payload::Payload;
use super::super::refusal::Refusal;
use super::super::route::Route;
use super::super::surface::Surface;
use super::credential::{Credential, read_credential};
use super::requests::{address, is_tls};
use super::{AuditEvent, Gate};

/// Most bytes of a form: ids, secrets and scopes.
const FORM_BYTES: usize = 16 << 10;

/// The routes. The tenant is whatever the client calls it: there is one here. `adfs` is the one for which its libraries ask nobody else.
pub(super) fn routes() -> Vec<Route> {
    let token = |path| {
        Route::post(path, Permission::Public, token)
            .surface(Surface::OAuth)
            .body_bytes(FORM_BYTES)
            .summary("An access token for a client's id and secret")
    };
    vec![token("/{tenant}/oauth2/v2.0/token"), token("/{tenant}/oauth2/token")]
}

/// The fields of a form, by name.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a body.
    pub(super) fn read(body: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(body).into_owned().collect())
    }

    /// The field of that name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

/// Whom a token is for.
pub(super) struct TokenHolder<'a> {
    /// `client`, `token` or `managed`.
    pub(super) kind: &'a str,
    /// Its id.
    pub(super) id: &'a str,
}

async fn token(
    State(app): State<App>,
    Path(tenant): Path<String>,
    parts: Parts,
    Payload(body): Payload,
) -> Result<Response, Refusal> {
    let form = Form::read(&body);
    match form.get("grant_type") {
        Some("client_credentials") => {}
        Some(other) => {
            let message = format!(
                "the grant type `{}` is not served; `client_credentials` is",
                other.chars().take(64).collect::<String>()
            );
            return Err(Refusal::bad_request("unsupported_grant_type", message));
        }
        None => return Err(Refusal::bad_request("invalid_request", "the form lacks `grant_type`")),
    }
    let from_header = match read_credential(&parts.headers) {
        Ok(Some(Credential::Client { id, secret })) => Some((id, secret.reveal().to_owned())),
        _ => None,
    };
    let from_form = || Some((form.get("client_id")?.to_owned(), form.get("client_secret")?.to_owned()));
    let lacking = || Refusal::bad_request("invalid_request", "the form lacks `client_id` or `client_secret`");
    let (id, secret) = from_header.or_else(from_form).ok_or_else(lacking)?;
    let (gate, now) = (app.gate(), app.now());
    let base = app.base_url(&parts.headers, is_tls(&parts));
    let audience = audience(&form, &base);
    let proven = gate.prove_client(&id, &secret, now).await;
    let (kind, subject) = proven.inspect_err(|refusal| {
        if refusal.status == StatusCode::UNAUTHORIZED {
            let name: String = id.chars().take(128).collect();
            gate.audit(
                AuditEvent::failed("Issue access token", &name, now).from(&address(&parts)).about("Client", &name),
            );
        }
    })?;
    Ok(gate.issue(&TokenHolder { kind, id: &subject }, &base, &tenant, &audience, now))
}

impl Gate {
    /// Proves a client's id and secret, or an API token that stands as the secret of whatever id.
    async fn prove_client(
        &self,
        id: &str,
        secret: &str,
        now: DateTime<Utc>,
    ) -> Result<(&'static str, String), Refusal> {
        // As Entra says it, so that libraries tell users what to look at.
        let refused = || {
            Refusal::new(
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "AADSTS7000215: the client id or its secret is not known here, or no longer",
            )
        };
        let as_client = |refusal: Refusal| if refusal.status == StatusCode::UNAUTHORIZED { refused() } else { refusal };
        if let Ok(token) = SecretToken::parse(SecretKind::ApiToken, secret) {
            let caller = self.by_api_token(&token, now).await.map_err(as_client)?;
            return Ok(("token", caller.id));
        }
        let secret = SecretToken::parse(SecretKind::ClientSecret, secret).map_err(|_| refused())?;
        let client = self.client_by_secret(id, &secret, now).await.map_err(as_client)?;
        Ok(("client", client.id))
    }

    /// The answer with a new access token.
    pub(super) fn issue(
        &self,
        holder: &TokenHolder<'_>,
        base: &str,
        tenant: &str,
        audience: &str,
        now: DateTime<Utc>,
    ) -> Response {
        let claims = access_token_claims(holder.kind, holder.id, &format!("{base}/{tenant}"), tenant, audience, now);
        let seconds = ACCESS_TOKEN_LIFETIME.num_seconds();
        let answer = json!({
            "token_type": "Bearer",
            "access_token": sign_access_token(&claims, self.access_token_key()),
            "expires_in": seconds,
            "ext_expires_in": seconds,
            // A string, as the endpoints of managed identities write it; libraries take either.
            "expires_on": claims.exp.to_string(),
            "not_before": claims.nbf.to_string(),
            "resource": audience,
        });
        let mut response = Json(answer).into_response();
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// Which service a token is for: `resource` (v1), or `scope` without `/.default` (v2).
fn audience(form: &Form, base: &str) -> String {
    let scope = || {
        form.get("scope")
            .and_then(|scope| scope.split_whitespace().next())
            .map(|scope| scope.trim_end_matches("/.default"))
    };
    form.get("resource").or_else(scope).filter(|audience| !audience.is_empty()).unwrap_or(base).to_owned()
}
