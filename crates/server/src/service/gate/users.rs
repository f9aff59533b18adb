//! Users.

use access::{EffectiveAccess, Permission, Principal, Role, check_new_password};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use database::{DatabaseError, HolderKind, NewUser, User};
use http::StatusCode;
use http::request::Parts;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::guard::Caller;
use super::super::payload::Payload;
use super::super::refusal::Refusal;
use super::super::route::Route;
use super::requests::{BODY_BYTES, address, not_found, read_json, read_name};
use super::{AuditEvent, Gate};

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/users", Permission::Administer, list)
            .summary("All users, with their groups and roles")
            .gives_listed::<ShownUser>(),
        Route::post("/api/v1/users", Permission::Administer, create)
            .body_bytes(BODY_BYTES)
            .summary("Makes a user")
            .takes::<New>()
            .gives::<ShownUser>(StatusCode::CREATED),
        Route::get("/api/v1/users/{id}", Permission::Administer, show)
            .summary("A user")
            .gives::<ShownUser>(StatusCode::OK),
        Route::patch("/api/v1/users/{id}", Permission::Administer, change)
            .body_bytes(BODY_BYTES)
            .summary("Changes a user: its shown name, its password, whether it may sign in; lets it in again after failed sign-ins")
            .takes::<Change>()
            .gives::<ShownUser>(StatusCode::OK),
        Route::delete("/api/v1/users/{id}", Permission::Administer, remove)
            .summary("Removes a user with its sessions, tokens and roles")
            .gives_nothing(StatusCode::NO_CONTENT),
        Route::put("/api/v1/session/password", Permission::SignedIn, change_own_password)
            .body_bytes(BODY_BYTES)
            .summary("Changes one's own password; all sessions end")
            .takes::<OwnPassword>()
            .gives_nothing(StatusCode::NO_CONTENT),
    ]
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = NewUser)]
struct New {
    name: String,
    display_name: Option<String>,
    password: Option<String>,
    /// The provider and the `sub` of who signs in there.
    provider: Option<String>,
    subject: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = UserChange)]
struct Change {
    display_name: Option<String>,
    password: Option<String>,
    disabled: Option<bool>,
    #[serde(default)]
    unlock: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct OwnPassword {
    password: String,
    new_password: String,
}

/// A user as it is shown.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
struct ShownUser {
    id: String,
    name: String,
    display_name: String,
    has_password: bool,
    /// The OpenID provider at which it signs in.
    provider: Option<String>,
    /// Its `sub` there.
    subject: Option<String>,
    disabled: bool,
    #[schema(value_type = String, format = DateTime)]
    created: DateTime<Utc>,
    /// Names of the groups that it is in.
    groups: Vec<String>,
    /// Its roles, those of its groups included.
    roles: Vec<&'static str>,
}

async fn list(State(app): State<App>) -> Result<Json<Value>, Refusal> {
    let mut users = Vec::new();
    for user in app.gate().database().users().await? {
        users.push(describe(app.gate(), &user).await?);
    }
    Ok(Json(json!({"value": users})))
}

async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<ShownUser>, Refusal> {
    let user = app.gate().database().user(&id).await?.ok_or_else(|| not_found("user", &id))?;
    Ok(Json(describe(app.gate(), &user).await?))
}

async fn create(State(app): State<App>, Caller(caller): Caller, Payload(body): Payload) -> Result<Response, Refusal> {
    let new: New = read_json(&body)?;
    let name = read_name("user", &new.name)?;
    let provider = match (new.provider, new.subject) {
        (Some(provider), Some(subject)) if app.gate().config().oidc.contains_key(&provider) => {
            Some((provider, subject))
        }
        (None, None) => None,
        (Some(provider), Some(_)) => {
            return Err(Refusal::bad_request("BadRequest", format!("no OpenID provider `{provider}` is configured")));
        }
        _ => return Err(Refusal::bad_request("BadRequest", "`provider` and `subject` come together")),
    };
    let password_hash = match new.password {
        Some(password) => Some(new_hash(app.gate(), &password, &name).await?),
        None => None,
    };
    let display_name = match new.display_name {
        Some(display_name) => read_name("user", &display_name)?,
        None => name.clone(),
    };
    let user =
        app.gate().database().create_user(NewUser { name, display_name, password_hash, provider }, app.now()).await?;
    app.gate().audit(AuditEvent::by("Create user", &caller, app.now()).about("User", &user.name));
    Ok((StatusCode::CREATED, Json(describe(app.gate(), &user).await?)).into_response())
}

async fn change(
    State(app): State<App>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    Payload(body): Payload,
) -> Result<Json<ShownUser>, Refusal> {
    let change: Change = read_json(&body)?;
    let gate = app.gate();
    let user = gate.database().user(&id).await?.ok_or_else(|| not_found("user", &id))?;
    let mut event = AuditEvent::by("Change user", &caller, app.now()).about("User", &user.name);
    if change.disabled == Some(true) {
        keep_an_administrator(gate, "", &id).await?;
    }
    let hash = match &change.password {
        Some(password) => Some(new_hash(gate, password, &user.name).await?),
        None => None,
    };
    if let Some(display_name) = &change.display_name {
        gate.database().set_display_name(&id, &read_name("user", display_name)?).await?;
        event = event.with("DisplayName", json!(display_name));
    }
    if let Some(hash) = hash {
        gate.database().set_password(&id, &hash).await?;
        event = event.with("Password", json!("changed"));
    }
    if let Some(disabled) = change.disabled {
        gate.database().set_user_disabled(&id, disabled).await?;
        event = event.with("Disabled", json!(disabled));
    }
    if change.unlock {
        gate.database().forget_sign_in_failures(&format!("user:{}", user.name.to_lowercase())).await?;
        event = event.with("Unlocked", json!(true));
    }
    gate.verified().forget_all();
    gate.audit(event);
    let user = gate.database().user(&id).await?.ok_or_else(|| not_found("user", &id))?;
    Ok(Json(describe(gate, &user).await?))
}

async fn remove(State(app): State<App>, Caller(caller): Caller, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    let user = app.gate().database().user(&id).await?.ok_or_else(|| not_found("user", &id))?;
    keep_an_administrator(app.gate(), "", &id).await?;
    app.gate().database().delete_user(&id).await?;
    app.gate().verified().forget_all();
    app.gate().audit(AuditEvent::by("Delete user", &caller, app.now()).about("User", &user.name));
    Ok(StatusCode::NO_CONTENT)
}

async fn change_own_password(
    State(app): State<App>,
    Caller(caller): Caller,
    parts: Parts,
    Payload(body): Payload,
) -> Result<StatusCode, Refusal> {
    let OwnPassword { password, new_password } = read_json(&body)?;
    let address = address(&parts);
    let user = app.gate().database().user(&caller.id).await?.filter(|user| user.password_hash.is_some());
    let user = user.ok_or_else(|| Refusal::bad_request("BadRequest", "only a user with a password changes it"))?;
    // Whoever found an open browser does not know it, and may not guess.
    let user = app.gate().sign_in(&user.name, &password, &address, app.now()).await?;
    let hash = new_hash(app.gate(), &new_password, &user.name).await?;
    app.gate().database().set_password(&user.id, &hash).await?;
    app.gate().verified().forget_all();
    app.gate()
        .audit(AuditEvent::by("Change own password", &caller, app.now()).from(&address).about("User", &user.name));
    Ok(StatusCode::NO_CONTENT)
}

/// Refuses what would leave nobody who can give access. A command on the workspace could still make one; better not to need it.
pub(super) async fn keep_an_administrator(gate: &Gate, without_grant: &str, without_user: &str) -> Result<(), Refusal> {
    let count = |grant: &str, user: &str| {
        let (grant, user) = (grant.to_owned(), user.to_owned());
        async move { gate.database().count_users_with_role(Role::Administrator.name(), &grant, &user).await }
    };
    if count(without_grant, without_user).await? == 0 && count("", "").await? > 0 {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            "LastAdministrator",
            "nobody would be left who can give access\nmake another administrator first",
        ));
    }
    Ok(())
}

/// What of a caller's access somebody is to be given: no more than it has itself, so that no one rises by giving.
pub(super) fn within_own(caller: &Principal, given: &EffectiveAccess) -> Result<(), Refusal> {
    if caller.may(Permission::Administer) || given.is_within(&super::callers::access_of_caller(caller)) {
        return Ok(());
    }
    Err(Refusal::forbidden(format!("`{}` can give no more than it has", caller.name)))
}

async fn new_hash(gate: &Gate, password: &str, name: &str) -> Result<String, Refusal> {
    check_new_password(password, name).map_err(|error| Refusal::bad_request("WeakPassword", error.to_string()))?;
    gate.hash(password).await
}

async fn describe(gate: &Gate, user: &User) -> Result<ShownUser, DatabaseError> {
    let access = gate.access_of(HolderKind::User, &user.id).await?;
    let groups = gate.database().groups_of(&user.id).await?;
    Ok(ShownUser {
        id: user.id.clone(),
        name: user.name.clone(),
        display_name: user.display_name.clone(),
        has_password: user.password_hash.is_some(),
        provider: user.provider.clone(),
        subject: user.subject.clone(),
        disabled: user.disabled,
        created: user.created,
        groups,
        roles: access.roles.iter().map(|role| role.name()).collect(),
    })
}
