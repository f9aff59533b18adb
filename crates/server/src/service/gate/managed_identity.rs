//! The endpoints from which processes of this machine get access tokens, as on virtual machines and app services of Azure.
//!
//! <https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token>

use access::{Permission, SecretKind, SecretToken};
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;

use super::super::app::App;
use super::super::connection::Connection;
use super::super::payload::Payload;
use super::super::refusal::Refusal;
use super::super::route::Route;
use super::super::surface::Surface;
use super::requests::{address, is_tls};
use super::token_endpoint::{Form, TokenHolder};
use super::{AuditEvent, Gate};

/// Most bytes of a form.
const FORM_BYTES: usize = 16 << 10;

/// Headers of proxies: with one of them the request is not of a process of this machine, whoever sent it on.
const FORWARDED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "via"];

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    let summary = "An access token for a process of this machine";
    vec![
        Route::get("/msi/token", Permission::Public, by_identity_header)
            .surface(Surface::OAuth)
            .summary("An access token for an API token in `X-IDENTITY-HEADER`"),
        Route::post("/msi/token", Permission::Public, by_form)
            .surface(Surface::OAuth)
            .body_bytes(FORM_BYTES)
            .summary(summary),
        Route::get("/metadata/identity/oauth2/token", Permission::Public, by_metadata)
            .surface(Surface::OAuth)
            .summary(summary),
    ]
}

/// App Service's form: `IDENTITY_HEADER` of the client holds an API token.
async fn by_identity_header(State(app): State<App>, parts: Parts) -> Result<Response, Refusal> {
    let refused = || {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "the header `X-IDENTITY-HEADER` holds no API token that is known here",
        )
    };
    let query = Form::read(parts.uri.query().unwrap_or_default().as_bytes());
    let resource = resource(&query)?;
    let text = parts.headers.get("x-identity-header").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (gate, now) = (app.gate(), app.now());
    let failed = |refusal: Refusal| {
        gate.audit(AuditEvent::failed("Issue access token", "managed identity", now).from(&address(&parts)));
        if refusal.status == StatusCode::UNAUTHORIZED { refused() } else { refusal }
    };
    let token = SecretToken::parse(SecretKind::ApiToken, text).map_err(|_| failed(refused()))?;
    let caller = gate.by_api_token(&token, now).await.map_err(failed)?;
    let base = app.base_url(&parts.headers, is_tls(&parts));
    Ok(gate.issue(&TokenHolder { kind: "token", id: &caller.id }, &base, "adfs", &resource, now))
}

/// The form of virtual machines.
async fn by_metadata(State(app): State<App>, parts: Parts) -> Result<Response, Refusal> {
    let query = Form::read(parts.uri.query().unwrap_or_default().as_bytes());
    of_this_machine(&app, &parts, &query).await
}

/// The form of Cloud Shell.
async fn by_form(State(app): State<App>, parts: Parts, Payload(body): Payload) -> Result<Response, Refusal> {
    of_this_machine(&app, &parts, &Form::read(&body)).await
}

async fn of_this_machine(app: &App, parts: &Parts, form: &Form) -> Result<Response, Refusal> {
    // Browsers and servers that are tricked into a request cannot set this header.
    if parts.headers.get("metadata").is_none_or(|value| !value.as_bytes().eq_ignore_ascii_case(b"true")) {
        return Err(Refusal::bad_request("invalid_request", "the header `Metadata: true` is missing"));
    }
    let resource = resource(form)?;
    let (gate, now) = (app.gate(), app.now());
    let client = gate.machine_client(parts).await?;
    let base = app.base_url(&parts.headers, is_tls(parts));
    Ok(gate.issue(&TokenHolder { kind: "managed", id: &client }, &base, "adfs", &resource, now))
}

impl Gate {
    async fn machine_client(&self, parts: &Parts) -> Result<String, Refusal> {
        let refused = |message: &str| Refusal::bad_request("invalid_request", format!("Identity not found: {message}"));
        let is_local = parts
            .extensions
            .get::<Connection>()
            .is_some_and(|connection| connection.peer.ip().to_canonical().is_loopback());
        if !is_local || FORWARDED.iter().any(|name| parts.headers.contains_key(*name)) {
            return Err(refused("only processes of this machine have its identity"));
        }
        let configured = self.config().managed_identity.as_ref();
        let id = configured.ok_or_else(|| refused("`access.managed_identity` names no client"))?;
        let client = self.database().client(id).await?.filter(|client| !client.disabled);
        Ok(client.ok_or_else(|| refused("there is no such client, or it is disabled"))?.id)
    }
}

fn resource(form: &Form) -> Result<String, Refusal> {
    let lacking = || Refusal::bad_request("invalid_request", "`resource` is missing");
    form.get("resource").filter(|resource| !resource.is_empty()).map(str::to_owned).ok_or_else(lacking)
}
