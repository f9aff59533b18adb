//! API tokens: one's own, and for administrators all.

use access::{Permission, Principal, PrincipalKind, SecretKind, SecretToken};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use database::{ApiToken, NewApiToken};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::guard::Caller;
use super::super::payload::Payload;
use super::super::refusal::Refusal;
use super::super::route::Route;
use super::grants::{RequestedRole, read_roles};
use super::requests::{BODY_BYTES, not_found, read_expiry, read_json, read_name};
use super::users::within_own;
use super::{AuditEvent, Gate};

/// Tokens of one user.
const TOKENS_OF_A_USER: usize = 100;

/// How long the old secret of a token is taken after a rotation, unless the request says otherwise, and at most.
const USUAL_OVERLAP: TimeDelta = TimeDelta::hours(24);
const LONGEST_OVERLAP: TimeDelta = TimeDelta::days(30);

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/tokens", Permission::SignedIn, list)
            .summary("One's own API tokens; all of them for administrators")
            .gives_listed::<ShownToken>(),
        Route::post("/api/v1/tokens", Permission::SignedIn, create)
            .body_bytes(BODY_BYTES)
            .summary("Makes an API token with no more than one's own roles; its secret is in this answer alone")
            .takes::<New>()
            .gives::<ShownToken>(StatusCode::CREATED),
        Route::delete("/api/v1/tokens/{id}", Permission::SignedIn, revoke)
            .summary("Revokes an API token")
            .gives_nothing(StatusCode::NO_CONTENT),
        Route::post("/api/v1/tokens/{id}/rotate", Permission::SignedIn, rotate)
            .body_bytes(BODY_BYTES)
            .summary("Replaces a token's secret; the old one is taken for a while")
            .takes::<Rotation>()
            .or_nothing()
            .gives::<ShownToken>(StatusCode::OK),
    ]
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = NewToken)]
struct New {
    name: String,
    #[serde(default)]
    roles: Vec<RequestedRole>,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<DateTime<Utc>>,
    /// A token of the service rather than of who makes it: it stays when that user goes. For administrators.
    #[serde(default)]
    of_service: bool,
}

/// What a rotation may say.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Rotation {
    /// How long the old secret is taken.
    overlap_seconds: Option<u32>,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<DateTime<Utc>>,
}

/// An API token as it is shown.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Token)]
struct ShownToken {
    id: String,
    name: String,
    /// The id of the user whose token it is; none for one of the service.
    owner: Option<String>,
    roles: Vec<&'static str>,
    /// The only tables that exist for it; all of them where it is null.
    tables: Option<Vec<String>>,
    #[schema(value_type = String, format = DateTime)]
    created: DateTime<Utc>,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<DateTime<Utc>>,
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used: Option<DateTime<Utc>>,
    #[schema(value_type = Option<String>, format = DateTime)]
    rotated: Option<DateTime<Utc>>,
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked: Option<DateTime<Utc>>,
    /// What the token is, where it was just made.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// Until when the secret before this one is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    previous_until: Option<DateTime<Utc>>,
}

impl Rotation {
    /// Reads a body, which may be empty.
    pub(super) fn read(body: &bytes::Bytes) -> Result<Self, Refusal> {
        if body.is_empty() { Ok(Self::default()) } else { read_json(body) }
    }

    /// Until when the old secret is taken, and the new one.
    pub(super) fn times(
        &self,
        expires: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<(DateTime<Utc>, Option<DateTime<Utc>>), Refusal> {
        let overlap = self.overlap_seconds.map_or(USUAL_OVERLAP, |seconds| TimeDelta::seconds(i64::from(seconds)));
        let until = now + overlap.min(LONGEST_OVERLAP);
        // A secret that was about to expire must not live on as an old one.
        let until = expires.map_or(until, |expires| until.min(expires));
        Ok((until, read_expiry(self.expires, now)?.or(expires.filter(|expires| *expires > now))))
    }
}

async fn list(State(app): State<App>, Caller(caller): Caller) -> Result<Json<Value>, Refusal> {
    let owner = if caller.may(Permission::Administer) { None } else { Some(caller.id.as_str()) };
    let mut tokens = Vec::new();
    for token in app.gate().database().api_tokens(owner).await? {
        tokens.push(describe(app.gate(), &token).await?);
    }
    Ok(Json(json!({"value": tokens})))
}

async fn create(State(app): State<App>, Caller(caller): Caller, Payload(body): Payload) -> Result<Response, Refusal> {
    let new: New = read_json(&body)?;
    let (gate, now) = (app.gate(), app.now());
    let name = read_name("token", &new.name)?;
    let (access, grants) = read_roles(&new.roles)?;
    within_own(&caller, &access)?;
    let owner = match caller.kind {
        PrincipalKind::User if !new.of_service => Some(caller.id.clone()),
        _ if caller.may(Permission::Administer) => None,
        // A token that makes tokens would outlive its own revocation.
        _ => {
            return Err(Refusal::forbidden(
                "only users make tokens for themselves, and administrators for the service",
            ));
        }
    };
    if let Some(owner) = &owner {
        let own = gate.database().api_tokens(Some(owner)).await?;
        let alive = own
            .iter()
            .filter(|token| token.revoked.is_none() && token.expires.is_none_or(|expires| expires > now))
            .count();
        if alive >= TOKENS_OF_A_USER {
            return Err(Refusal::bad_request(
                "TooManyTokens",
                format!("a user has up to {TOKENS_OF_A_USER} tokens\nrevoke some first"),
            ));
        }
    }
    let secret = SecretToken::generate(SecretKind::ApiToken);
    let expires = read_expiry(new.expires, now)?;
    let new = NewApiToken { name, owner, secret_hash: secret.hash(), expires, grants, created_by: caller.name.clone() };
    let token = gate.database().create_api_token(new, now).await?;
    gate.audit(
        AuditEvent::by("Create token", &caller, now).about("Token", &token.name).with("TokenId", json!(token.id)),
    );
    let mut shown = describe(gate, &token).await?;
    shown.secret = Some(secret.reveal().to_owned());
    Ok((StatusCode::CREATED, Json(shown)).into_response())
}

async fn revoke(State(app): State<App>, Caller(caller): Caller, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    let token = own_token(app.gate(), &caller, &id).await?;
    app.gate().database().revoke_api_token(&id, app.now()).await?;
    app.gate().verified().forget_all();
    app.gate().audit(
        AuditEvent::by("Revoke token", &caller, app.now()).about("Token", &token.name).with("TokenId", json!(id)),
    );
    Ok(StatusCode::NO_CONTENT)
}

async fn rotate(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Payload(body): Payload,
) -> Result<Json<ShownToken>, Refusal> {
    let rotation = Rotation::read(&body)?;
    let (gate, now) = (app.gate(), app.now());
    let token = own_token(gate, &caller, &id).await?;
    let (until, expires) = rotation.times(token.expires, now)?;
    let secret = SecretToken::generate(SecretKind::ApiToken);
    if !gate.database().rotate_api_token(&id, &secret.hash(), until, expires, now).await? {
        return Err(Refusal::new(StatusCode::CONFLICT, "Revoked", format!("the token `{id}` is revoked")));
    }
    gate.verified().forget_all();
    gate.audit(AuditEvent::by("Rotate token", &caller, now).about("Token", &token.name).with("TokenId", json!(id)));
    let token = gate.database().api_token(&id).await?.ok_or_else(|| not_found("token", &id))?;
    let mut shown = describe(gate, &token).await?;
    shown.secret = Some(secret.reveal().to_owned());
    shown.previous_until = Some(until);
    Ok(Json(shown))
}

/// A token that the caller may change: its own, itself, or any for an administrator. Another's is not there.
async fn own_token(gate: &Gate, caller: &Principal, id: &str) -> Result<ApiToken, Refusal> {
    let token = gate.database().api_token(id).await?;
    let own = |token: &ApiToken| {
        caller.may(Permission::Administer) || token.owner.as_deref() == Some(&caller.id) || token.id == caller.id
    };
    token.filter(own).ok_or_else(|| not_found("token", id))
}

async fn describe(gate: &Gate, token: &ApiToken) -> Result<ShownToken, Refusal> {
    let access = gate.access_of(database::HolderKind::Token, &token.id).await?;
    let tables = match &access.tables {
        access::TableScope::All => None,
        access::TableScope::Only(names) => Some(names.iter().cloned().collect()),
    };
    Ok(ShownToken {
        id: token.id.clone(),
        name: token.name.clone(),
        owner: token.owner.clone(),
        roles: access.roles.iter().map(|role| role.name()).collect(),
        tables,
        created: token.created,
        expires: token.expires,
        last_used: token.last_used,
        rotated: token.rotated,
        revoked: token.revoked,
        secret: None,
        previous_until: None,
    })
}
