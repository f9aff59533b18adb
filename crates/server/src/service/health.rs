//! Whether the service lives, and whether it takes work.

use access::Permission;
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use super::app::App;
use super::route::Route;

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/healthz", Permission::Public, healthy).summary("Whether the process answers"),
        Route::get("/readyz", Permission::Public, ready)
            .summary("Whether the service takes work; 503 while it starts or stops"),
    ]
}

async fn healthy() -> Json<serde_json::Value> {
    Json(json!({"status": "ok"}))
}

async fn ready(State(app): State<App>) -> Response {
    if app.is_stopping() {
        let body = Json(json!({"status": "stopping"}));
        return (StatusCode::SERVICE_UNAVAILABLE, body).into_response();
    }
    Json(json!({"status": "ok"})).into_response()
}
