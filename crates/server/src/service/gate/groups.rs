//! Groups and who is in them.

use access::Permission;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::super::app::App;
use super::super::guard::Caller;
use super::super::payload::Payload;
use super::super::refusal::Refusal;
use super::super::route::Route;
use super::AuditEvent;
use super::requests::{BODY_BYTES, not_found, read_json, read_name};

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    let member = "/api/v1/groups/{id}/members/{user}";
    vec![
        Route::get("/api/v1/groups", Permission::Administer, list)
            .summary("All groups, with their members' ids")
            .gives_listed::<ShownGroup>(),
        Route::post("/api/v1/groups", Permission::Administer, create)
            .body_bytes(BODY_BYTES)
            .summary("Makes a group; an OpenID provider's groups of that name are in it")
            .takes::<New>()
            .gives::<ShownGroup>(StatusCode::CREATED),
        Route::delete("/api/v1/groups/{id}", Permission::Administer, remove)
            .summary("Removes a group with its roles")
            .gives_nothing(StatusCode::NO_CONTENT),
        Route::put(member, Permission::Administer, add_member)
            .summary("Puts a user into a group")
            .gives_nothing(StatusCode::NO_CONTENT),
        Route::delete(member, Permission::Administer, remove_member)
            .summary("Takes a user out of a group")
            .gives_nothing(StatusCode::NO_CONTENT),
    ]
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewGroup)]
struct New {
    name: String,
}

/// A group as it is shown.
#[derive(Serialize, ToSchema)]
#[schema(as = Group)]
struct ShownGroup {
    id: String,
    name: String,
    #[schema(value_type = String, format = DateTime)]
    created: DateTime<Utc>,
    /// Ids of the users that are in it.
    members: Vec<String>,
}

async fn list(State(app): State<App>) -> Result<Json<Value>, Refusal> {
    let mut groups = Vec::new();
    for group in app.gate().database().groups().await? {
        let members = app.gate().database().members(&group.id).await?;
        groups.push(ShownGroup { id: group.id, name: group.name, created: group.created, members });
    }
    Ok(Json(json!({"value": groups})))
}

async fn create(State(app): State<App>, Caller(caller): Caller, Payload(body): Payload) -> Result<Response, Refusal> {
    let new: New = read_json(&body)?;
    let group = app.gate().database().create_group(&read_name("group", &new.name)?, app.now()).await?;
    app.gate().audit(AuditEvent::by("Create group", &caller, app.now()).about("Group", &group.name));
    let shown = ShownGroup { id: group.id, name: group.name, created: group.created, members: Vec::new() };
    Ok((StatusCode::CREATED, Json(shown)).into_response())
}

async fn remove(State(app): State<App>, Caller(caller): Caller, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    let group = app.gate().database().group(&id).await?.ok_or_else(|| not_found("group", &id))?;
    // Whoever removes the group of the administrators would remove them all: take the grant back first, which says so.
    let grants = app.gate().database().grants_of(&database::Holder::new(database::HolderKind::Group, &*id)).await?;
    for grant in grants {
        super::users::keep_an_administrator(app.gate(), &grant.id, "").await?;
    }
    app.gate().database().delete_group(&id).await?;
    app.gate().verified().forget_all();
    app.gate().audit(AuditEvent::by("Delete group", &caller, app.now()).about("Group", &group.name));
    Ok(StatusCode::NO_CONTENT)
}

async fn add_member(
    State(app): State<App>,
    Caller(caller): Caller,
    Path((id, user)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let group = app.gate().database().group(&id).await?.ok_or_else(|| not_found("group", &id))?;
    let user = app.gate().database().user(&user).await?.ok_or_else(|| not_found("user", &user))?;
    app.gate().database().add_member(&group.id, &user.id).await?;
    app.gate().verified().forget_all();
    app.gate().audit(
        AuditEvent::by("Add member to group", &caller, app.now())
            .about("Group", &group.name)
            .with("User", json!(user.name)),
    );
    Ok(StatusCode::NO_CONTENT)
}

async fn remove_member(
    State(app): State<App>,
    Caller(caller): Caller,
    Path((id, user)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let group = app.gate().database().group(&id).await?.ok_or_else(|| not_found("group", &id))?;
    if !app.gate().database().remove_member(&group.id, &user).await? {
        return Err(not_found("member", &user));
    }
    app.gate().verified().forget_all();
    app.gate().audit(
        AuditEvent::by("Remove member from group", &caller, app.now())
            .about("Group", &group.name)
            .with("User", json!(user)),
    );
    Ok(StatusCode::NO_CONTENT)
}
