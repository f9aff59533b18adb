//! Whether the service lives, and whether it takes work.

use access::Permission;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::app::App;
use super::route::Route;

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/healthz", Permission::Public, healthy)
            .summary("Whether the process answers")
            .gives::<Health>(StatusCode::OK),
        Route::get("/readyz", Permission::Public, ready)
            .summary("Whether the service takes work; 503 while it starts or stops")
            .gives::<Health>(StatusCode::OK),
    ]
}

/// How it is.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `ok`, or `stopping`.
    status: &'static str,
}

async fn healthy() -> Json<Health> {
    Json(Health { status: "ok" })
}

async fn ready(State(app): State<App>) -> Response {
    if app.is_stopping() {
        let body = Json(Health { status: "stopping" });
        return (StatusCode::SERVICE_UNAVAILABLE, body).into_response();
    }
    Json(Health { status: "ok" }).into_response()
}
