//! What is given to whom.

use std::collections::BTreeSet;

use access::{EffectiveAccess, Grant, Permission, Role};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use database::{Holder, HolderKind, RoleGrant};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::guard::Caller;
use super::super::payload::Payload;
use super::super::refusal::Refusal;
use super::super::route::Route;
use super::requests::{BODY_BYTES, not_found, read_json};
use super::users::keep_an_administrator;
use super::{AuditEvent, Gate};

/// Tables that one grant can name.
const MOST_TABLES: usize = 1000;

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/grants", Permission::Administer, list)
            .summary("All roles that were given")
            .gives_listed::<ShownGrant>(),
        Route::post("/api/v1/grants", Permission::Administer, create)
            .body_bytes(BODY_BYTES)
            .summary("Gives a role to a user, group, token or client, limited to tables where they are named")
            .takes::<New>()
            .gives::<ShownGrant>(StatusCode::CREATED),
        Route::delete("/api/v1/grants/{id}", Permission::Administer, remove)
            .summary("Takes a role back")
            .gives_nothing(StatusCode::NO_CONTENT),
    ]
}

/// A role with the tables that it is limited to, in a request.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestedRole {
    /// Reader, Responder, Contributor, Administrator or Ingest.
    pub(super) role: String,
    pub(super) tables: Option<Vec<String>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = NewRoleGrant)]
struct New {
    /// `user`, `group`, `token` or `client`.
    holder_kind: String,
    holder_id: String,
    role: String,
    /// The only tables that exist under this role; all of them where it is left out.
    tables: Option<Vec<String>>,
}

/// A role that was given, as it is shown.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RoleGrant)]
struct ShownGrant {
    id: String,
    holder_kind: &'static str,
    holder_id: String,
    role: String,
    tables: Option<Vec<String>>,
    #[schema(value_type = String, format = DateTime)]
    created: DateTime<Utc>,
    created_by: String,
}

/// A role and the tables that it is limited to, as the state keeps them.
pub(super) type NewGrant = (String, Option<Vec<String>>);

/// Roles that are asked for, checked: what they add up to, and their form in the state.
pub(super) fn read_roles(requested: &[RequestedRole]) -> Result<(EffectiveAccess, Vec<NewGrant>), Refusal> {
    let mut grants = Vec::new();
    for RequestedRole { role, tables } in requested {
        let role: Role =
            role.parse().map_err(|error: access::UnknownRole| Refusal::bad_request("BadRequest", error.to_string()))?;
        let tables: Option<BTreeSet<String>> = tables.as_ref().map(|tables| tables.iter().cloned().collect());
        match &tables {
            Some(tables)
                if tables.len() > MOST_TABLES || tables.iter().any(|name| name.is_empty() || name.len() > 256) =>
            {
                return Err(Refusal::bad_request(
                    "BadRequest",
                    format!("a grant names up to {MOST_TABLES} tables by their names"),
                ));
            }
            // Whoever gives access could give itself the other tables.
            Some(_) if role == Role::Administrator => {
                return Err(Refusal::bad_request("BadRequest", "the role `Administrator` cannot be limited to tables"));
            }
            Some(_) if role == Role::Ingest => {
                return Err(Refusal::bad_request(
                    "BadRequest",
                    "the role `Ingest` reads no tables, so it cannot be limited to some",
                ));
            }
            _ => grants.push(Grant { role, tables }),
        }
    }
    let stored = grants.iter().map(|grant| {
        (grant.role.name().to_owned(), grant.tables.as_ref().map(|tables| tables.iter().cloned().collect()))
    });
    let stored = stored.collect();
    Ok((EffectiveAccess::of(&grants), stored))
}

async fn list(State(app): State<App>) -> Result<Json<Value>, Refusal> {
    let grants = app.gate().database().grants().await?;
    Ok(Json(json!({"value": grants.iter().map(describe).collect::<Vec<_>>()})))
}

async fn create(State(app): State<App>, Caller(caller): Caller, Payload(body): Payload) -> Result<Response, Refusal> {
    let New { holder_kind, holder_id, role, tables } = read_json(&body)?;
    let kind = HolderKind::named(&holder_kind);
    let kind = kind.ok_or_else(|| {
        Refusal::bad_request("BadRequest", format!("`{holder_kind}` is none of user, group, token, client"))
    })?;
    if !exists(app.gate(), kind, &holder_id).await? {
        return Err(not_found(kind.name(), &holder_id));
    }
    let (_, stored) = read_roles(&[RequestedRole { role, tables }])?;
    let holder = Holder::new(kind, holder_id);
    let mut made = Vec::new();
    for (role, tables) in stored {
        made.push(app.gate().database().grant_role(&holder, &role, tables.as_deref(), &caller.name, app.now()).await?);
    }
    app.gate().verified().forget_all();
    for grant in &made {
        app.gate().audit(
            AuditEvent::by("Grant role", &caller, app.now())
                .about("RoleGrant", &grant.id)
                .with("Grant", json!(describe(grant))),
        );
    }
    Ok((StatusCode::CREATED, Json(made.first().map(describe))).into_response())
}

async fn remove(State(app): State<App>, Caller(caller): Caller, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    let grant = app.gate().database().grant(&id).await?.ok_or_else(|| not_found("grant", &id))?;
    if grant.role == Role::Administrator.name() {
        keep_an_administrator(app.gate(), &id, "").await?;
    }
    app.gate().database().revoke_grant(&id).await?;
    app.gate().verified().forget_all();
    app.gate().audit(
        AuditEvent::by("Revoke role", &caller, app.now())
            .about("RoleGrant", &id)
            .with("Grant", json!(describe(&grant))),
    );
    Ok(StatusCode::NO_CONTENT)
}

async fn exists(gate: &Gate, kind: HolderKind, id: &str) -> Result<bool, Refusal> {
    let database = gate.database();
    Ok(match kind {
        HolderKind::User => database.user(id).await?.is_some(),
        HolderKind::Group => database.group(id).await?.is_some(),
        HolderKind::Token => database.api_token(id).await?.is_some(),
        HolderKind::Client => database.client(id).await?.is_some(),
    })
}

fn describe(grant: &RoleGrant) -> ShownGrant {
    ShownGrant {
        id: grant.id.clone(),
        holder_kind: grant.holder.kind.name(),
        holder_id: grant.holder.id.clone(),
        role: grant.role.clone(),
        tables: grant.tables.clone(),
        created: grant.created,
        created_by: grant.created_by.clone(),
    }
}
