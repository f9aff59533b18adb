//! Log Analytics' query API, and the tables of the workspace in Azure Resource Manager.
//!
//! | module | concept |
//! |---|---|
//! | `query` | queries by workspace and by resource |
//! | `batch` | `$batch` |
//! | `metadata` | tables and functions for editors |
//! | `tables` | tables in Azure Resource Manager |

mod batch;
mod metadata;
mod query;
mod tables;
#[cfg(test)]
mod tests;

use access::Permission;
use http::StatusCode;

use super::route::Route;
use super::shapes::{JSON, Shape};
use super::surface::Surface;

pub(crate) use query::range;

/// Most bytes of a batch: a hundred long queries.
const BATCH_BYTES: usize = 16 << 20;

/// The tables of a workspace, its path in the case of our routes.
const TABLES: &str = "/subscriptions/{subscription}/resourcegroups/{group}/providers/microsoft.operationalinsights/workspaces/{workspace}/tables";
const TABLE: &str = "/subscriptions/{subscription}/resourcegroups/{group}/providers/microsoft.operationalinsights/workspaces/{workspace}/tables/{table}";

/// A route whose query stands in the address.
fn in_address(route: Route) -> Route {
    route.asks("query", true, "KQL").asks("timespan", false, "An ISO 8601 duration or range")
}

/// A route whose query stands in the body.
fn in_body(route: Route) -> Route {
    route.takes_as(JSON, Shape::Form("LogAnalyticsRequest"))
}

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    let read = Permission::Read;
    let queries = [
        in_address(Route::get("/v1/workspaces/{workspace}/query", read, query::get)).summary("Runs a query"),
        in_body(Route::post("/v1/workspaces/{workspace}/query", read, query::post)).summary("Runs a query"),
        in_address(Route::get("/v1/subscriptions/{*resource}", read, query::get_resource))
            .summary("Runs a query of a resource"),
        in_body(Route::post("/v1/subscriptions/{*resource}", read, query::post_resource))
            .summary("Runs a query of a resource"),
        Route::post("/v1/$batch", read, batch::post)
            .summary("Runs several queries")
            .body_bytes(BATCH_BYTES)
            .takes_as(JSON, Shape::Form("LogAnalyticsBatch")),
        Route::get("/v1/workspaces/{workspace}/metadata", read, metadata::get).summary("Tables and functions"),
        Route::post("/v1/workspaces/{workspace}/metadata", read, metadata::get).summary("Tables and functions"),
    ];
    let tables = [
        Route::get(TABLES, read, tables::list).summary("Tables of the workspace"),
        Route::get(TABLE, read, tables::one).summary("A table of the workspace"),
    ];
    let asking = |route: Route| route.surface(Surface::LogAnalytics).gives_as(StatusCode::OK, JSON, Shape::Object);
    let queries = queries.into_iter().map(asking);
    queries.chain(tables.into_iter().map(|route| route.surface(Surface::Arm))).collect()
}
