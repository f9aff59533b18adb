//! Clients with credentials, and the shared keys of the HTTP Data Collector API.

use access::{Permission, SecretKind, SecretToken, new_shared_key};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use database::{Client, HolderKind, NewClient};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::app::App;
use super::super::guard::Caller;
use super::super::payload::Payload;
use super::super::refusal::Refusal;
use super::super::route::Route;
use super::grants::{RequestedRole, read_roles};
use super::requests::{BODY_BYTES, not_found, read_expiry, read_json, read_name};
use super::tokens::Rotation;
use super::{AuditEvent, Gate};

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/clients", Permission::Administer, list)
            .summary("All clients")
            .gives_listed::<ShownClient>(),
        Route::post("/api/v1/clients", Permission::Administer, create)
            .body_bytes(BODY_BYTES)
            .summary("Makes a client; its secret is in this answer alone")
            .takes::<New>()
            .gives::<ShownClient>(StatusCode::CREATED),
        Route::patch("/api/v1/clients/{id}", Permission::Administer, change)
            .body_bytes(BODY_BYTES)
            .summary("Locks a client out or lets it in; refuses the access tokens that it has")
            .takes::<Change>()
            .gives::<ShownClient>(StatusCode::OK),
        Route::delete("/api/v1/clients/{id}", Permission::Administer, remove)
            .summary("Removes a client with its roles")
            .gives_nothing(StatusCode::NO_CONTENT),
        Route::post("/api/v1/clients/{id}/rotate", Permission::Administer, rotate)
            .body_bytes(BODY_BYTES)
            .summary("Replaces a client's secret; the old one is taken for a while")
            .takes::<Rotation>()
            .or_nothing()
            .gives::<ShownClient>(StatusCode::OK),
        Route::post("/api/v1/shared-keys/{workspace}", Permission::Administer, make_keys)
            .summary("Gives a workspace keys of the HTTP Data Collector API; the secondary becomes the primary of one that has some")
            .gives::<SharedKeys>(StatusCode::CREATED),
        Route::delete("/api/v1/shared-keys/{workspace}", Permission::Administer, remove_keys)
            .summary("Takes a workspace's shared keys away")
            .gives_nothing(StatusCode::NO_CONTENT),
    ]
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = NewClient)]
struct New {
    /// The `client_id`; a new GUID where it is left out.
    id: Option<String>,
    name: String,
    #[serde(default)]
    roles: Vec<RequestedRole>,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<DateTime<Utc>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = ClientChange)]
struct Change {
    disabled: Option<bool>,
    #[serde(default)]
    revoke_tokens: bool,
}

/// A client as it is shown.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Client)]
struct ShownClient {
    /// The `client_id`.
    id: String,
    name: String,
    roles: Vec<&'static str>,
    #[schema(value_type = String, format = DateTime)]
    created: DateTime<Utc>,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<DateTime<Utc>>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used: Option<DateTime<Utc>>,
    disabled: bool,
    /// The `client_secret`, where it was just made.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// Until when the secret before this one is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    previous_until: Option<DateTime<Utc>>,
}

/// The keys of a workspace for the HTTP Data Collector API.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SharedKeys {
    workspace: String,
    primary_shared_key: String,
    secondary_shared_key: String,
}

async fn list(State(app): State<App>) -> Result<Json<Value>, Refusal> {
    let mut clients = Vec::new();
    for client in app.gate().database().clients().await? {
        clients.push(describe(app.gate(), &client).await?);
    }
    Ok(Json(json!({"value": clients})))
}

async fn create(State(app): State<App>, Caller(caller): Caller, Payload(body): Payload) -> Result<Response, Refusal> {
    let new: New = read_json(&body)?;
    let (gate, now) = (app.gate(), app.now());
    let id = read_client_id(new.id)?;
    let (_, grants) = read_roles(&new.roles)?;
    let secret = SecretToken::generate(SecretKind::ClientSecret);
    let expires = read_expiry(new.expires, now)?;
    let new = NewClient {
        id,
        name: read_name("client", &new.name)?,
        secret_hash: secret.hash(),
        expires,
        grants,
        created_by: caller.name.clone(),
    };
    let client = gate.database().create_client(new, now).await?;
    gate.audit(AuditEvent::by("Create client", &caller, now).about("Client", &client.id));
    let mut shown = describe(gate, &client).await?;
    shown.secret = Some(secret.reveal().to_owned());
    Ok((StatusCode::CREATED, Json(shown)).into_response())
}

async fn change(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Payload(body): Payload,
) -> Result<Json<ShownClient>, Refusal> {
    let change: Change = read_json(&body)?;
    let (gate, now) = (app.gate(), app.now());
    if gate.database().client(&id).await?.is_none() {
        return Err(not_found("client", &id));
    }
    let mut event = AuditEvent::by("Change client", &caller, now).about("Client", &id);
    if let Some(disabled) = change.disabled {
        gate.database().set_client_disabled(&id, disabled).await?;
        event = event.with("Disabled", json!(disabled));
    }
    if change.revoke_tokens {
        // Tokens bear whole seconds: those of this second are refused too.
        gate.database().revoke_client_tokens(&id, now + TimeDelta::seconds(1)).await?;
        event = event.with("TokensRevoked", json!(true));
    }
    gate.verified().forget_all();
    gate.audit(event);
    let client = gate.database().client(&id).await?.ok_or_else(|| not_found("client", &id))?;
    Ok(Json(describe(gate, &client).await?))
}

async fn remove(State(app): State<App>, Caller(caller): Caller, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    if !app.gate().database().delete_client(&id).await? {
        return Err(not_found("client", &id));
    }
    app.gate().verified().forget_all();
    app.gate().audit(AuditEvent::by("Delete client", &caller, app.now()).about("Client", &id));
    Ok(StatusCode::NO_CONTENT)
}

async fn rotate(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Payload(body): Payload,
) -> Result<Json<ShownClient>, Refusal> {
    let rotation = Rotation::read(&body)?;
    let (gate, now) = (app.gate(), app.now());
    let client = gate.database().client(&id).await?.ok_or_else(|| not_found("client", &id))?;
    let (until, expires) = rotation.times(client.expires, now)?;
    let secret = SecretToken::generate(SecretKind::ClientSecret);
    gate.database().rotate_client(&id, &secret.hash(), until, expires).await?;
    gate.verified().forget_all();
    gate.audit(AuditEvent::by("Rotate client secret", &caller, now).about("Client", &id));
    let client = gate.database().client(&id).await?.ok_or_else(|| not_found("client", &id))?;
    let mut shown = describe(gate, &client).await?;
    shown.secret = Some(secret.reveal().to_owned());
    shown.previous_until = Some(until);
    Ok(Json(shown))
}

async fn make_keys(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(workspace): Path<String>,
) -> Result<Response, Refusal> {
    let workspace = read_client_id(Some(workspace))?;
    let keys = app.gate().database().shared_keys(&workspace).await?;
    // Senders that were moved to the secondary key go on; the primary that others may know goes away.
    let primary = keys.get(1).cloned().unwrap_or_else(new_shared_key);
    let secondary = new_shared_key();
    app.gate().database().set_shared_keys(&workspace, &primary, &secondary, app.now()).await?;
    app.gate().audit(AuditEvent::by("Make shared keys", &caller, app.now()).about("Workspace", &workspace));
    let shown = SharedKeys { workspace, primary_shared_key: primary, secondary_shared_key: secondary };
    Ok((StatusCode::CREATED, Json(shown)).into_response())
}

async fn remove_keys(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(workspace): Path<String>,
) -> Result<StatusCode, Refusal> {
    if !app.gate().database().delete_shared_keys(&workspace).await? {
        return Err(not_found("workspace with shared keys", &workspace));
    }
    app.gate().audit(AuditEvent::by("Delete shared keys", &caller, app.now()).about("Workspace", &workspace));
    Ok(StatusCode::NO_CONTENT)
}

/// An id that clients can put into a form, a header and a path.
pub(super) fn read_client_id(id: Option<String>) -> Result<String, Refusal> {
    let Some(id) = id else { return Ok(Uuid::new_v4().to_string()) };
    let proper =
        (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if proper {
        Ok(id)
    } else {
        Err(Refusal::bad_request("BadRequest", "an id is 1 to 128 letters, digits, `-`, `_` and `.`"))
    }
}

async fn describe(gate: &Gate, client: &Client) -> Result<ShownClient, Refusal> {
    let access = gate.access_of(HolderKind::Client, &client.id).await?;
    Ok(ShownClient {
        id: client.id.clone(),
        name: client.name.clone(),
        roles: access.roles.iter().map(|role| role.name()).collect(),
        created: client.created,
        expires: client.expires,
        last_used: client.last_used,
        disabled: client.disabled,
        secret: None,
        previous_until: None,
    })
}
