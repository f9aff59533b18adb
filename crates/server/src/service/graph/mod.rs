//! Microsoft Graph's hunting queries.

mod hunting;
#[cfg(test)]
mod tests;

use access::Permission;

use super::route::Route;
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
    PATHS.map(|path| route(path).surface(Surface::Graph)).to_vec()
}
