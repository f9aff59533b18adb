//! All routes as one router.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::uri::{PathAndQuery, Uri};
use tower::Layer;
use tower::util::{MapRequest, MapRequestLayer};

use super::app::App;
use super::guard::guard;
use super::normalize::normalize_path;
use super::refusal::Refusal;
use super::route::Route;
use super::{doors, gate, graph, health, housekeeping, kusto, log_analytics, metrics, openapi};

/// What the listener runs: the router behind the normalising of paths, which must come before routing.
pub(crate) type HttpService = MapRequest<Router, fn(Request) -> Request>;

/// The service over these routes.
pub(crate) fn http_service(app: &App, routes: Vec<Route>) -> HttpService {
    MapRequestLayer::new(normalize as fn(Request) -> Request).layer(router(app, routes))
}

/// Every route that there is.
pub(crate) fn all_routes() -> Vec<Route> {
    [
        health::routes(),
        metrics::routes(),
        openapi::routes(),
        gate::routes(),
        housekeeping::routes(),
        doors::routes(),
        kusto::routes(),
        log_analytics::routes(),
        graph::routes(),
    ]
    .concat()
}

/// The router over these routes.
fn router(app: &App, routes: Vec<Route>) -> Router {
    let mut router = Router::new();
    for route in routes {
        let state = (app.clone(), Arc::new(route.spec.clone()));
        let guarded = route.handler.layer(middleware::from_fn_with_state(state, guard));
        router = router.route(route.spec.path, guarded);
    }
    router.fallback(no_route).method_not_allowed_fallback(no_method).with_state(app.clone())
}

/// The path of a request, normalised before it is routed.
fn normalize(mut request: Request) -> Request {
    let uri = request.uri();
    let path = normalize_path(uri.path());
    if path != uri.path() {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        let path_and_query = PathAndQuery::try_from(format!("{path}{query}"));
        let mut parts = uri.clone().into_parts();
        if let Ok(path_and_query) = path_and_query {
            parts.path_and_query = Some(path_and_query);
            if let Ok(uri) = Uri::from_parts(parts) {
                *request.uri_mut() = uri;
            }
        }
    }
    request
}

async fn no_route(request: Request) -> Response {
    let message = format!("no route `{} {}`", request.method(), request.uri().path());
    Refusal::not_found("PathNotFoundError", message).into_response()
}

async fn no_method(request: Request) -> Response {
    let message = format!("`{}` has no method `{}`", request.uri().path(), request.method());
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message).into_response()
}
