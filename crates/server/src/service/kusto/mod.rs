//! Kusto's REST API: queries and management commands.
//!
//! | module | concept |
//! |---|---|
//! | `query` | the routes of queries, versions 1 and 2 |
//! | `management` | the route of commands |
//! | `commands` | what each command does |
//! | `tables` | making and dropping custom tables |
//! | `mappings` | ingestion mappings |
//! | `piped` | a query over what a command gave |

mod commands;
mod management;
mod mappings;
mod piped;
mod query;
mod tables;
#[cfg(test)]
mod tests;

use access::Permission;
use http::{Method, StatusCode};

use super::route::Route;
use super::shapes::{JSON, Shape};
use super::surface::Surface;

/// Most bytes of a request: the longest command, and the JSON around it.
const BODY_BYTES: usize = api::kusto::MAX_COMMAND_BYTES + (1 << 20);

/// What all of these routes take and give: requests in the address or in the body.
fn described(route: Route) -> Route {
    let route = match route.spec.method {
        Method::GET => route
            .asks("csl", true, "KQL, or a command that starts with a dot")
            .asks("db", false, "The database")
            .asks("properties", false, "`Options` and `Parameters` as JSON text"),
        _ => route.takes_as(JSON, Shape::Form("KustoRequest")),
    };
    route.surface(Surface::Kusto).body_bytes(BODY_BYTES).gives_as(StatusCode::OK, JSON, Shape::Object)
}

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    let queries = |path: &'static str, version| {
        let get = Route::get(path, Permission::Read, move |app, asking| query::get(app, asking, version));
        let post =
            Route::post(path, Permission::Read, move |app, asking, body| query::post(app, asking, body, version));
        [get.summary("Runs a query"), post.summary("Runs a query")]
    };
    // Each command has a permission of its own: senders give some too.
    let management = [
        Route::get("/v1/rest/mgmt", Permission::SignedIn, management::get).summary("Runs a management command"),
        Route::post("/v1/rest/mgmt", Permission::SignedIn, management::post).summary("Runs a management command"),
    ];
    let all =
        [queries("/v1/rest/query", query::Version::V1), queries("/v2/rest/query", query::Version::V2), management];
    all.into_iter().flatten().map(described).collect()
}
