//! Microsoft Graph's hunting queries.

mod hunting;
#[cfg(test)]
mod tests;

use access::Permission;
use http::StatusCode;

use super::route::Route;
use super::shapes::{JSON, Shape};
use super::surface::Surface;

/// Both spellings, in both versions of the API: the SDK writes the namespace, msticpy does not.
const PATHS: [&str; 4] = [
    "/v1.0/security/runHuntingQuery",
    "/v1.0/security/microsoft.graph.security.runHuntingQuery",
    "/beta/security/runHuntingQuery",
    "/beta/security/microsoft.graph.security.runHuntingQuery",
];

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    let route = |path| Route::post(path, Permission::Read, hunting::post).summary("Runs a hunting query");
    let asking = |route: Route| {
        let route = route.surface(Surface::Graph).takes_as(JSON, Shape::Form("HuntingRequest"));
        route.gives_as(StatusCode::OK, JSON, Shape::Object)
    };
    PATHS.map(|path| asking(route(path))).to_vec()
}
