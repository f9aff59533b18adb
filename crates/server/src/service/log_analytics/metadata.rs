//! Tables and functions for editors.

use api::log_analytics::{MetadataFunction, MetadataTable, error_body, metadata_body};
use axum::extract::{Path, State};
use axum::response::Response;

use super::query::check_workspace;
use crate::service::app::App;
use crate::service::queries::{Asking, failed, functions, json_response, tables};

/// The metadata of the workspace, as far as it exists for the caller.
pub(super) async fn get(State(app): State<App>, Path(workspace): Path<String>, asking: Asking) -> Response {
    let catalog = match check_workspace(&app, &workspace) {
        Ok(()) => app.queries().catalog(&app, &asking.caller.tables).await,
        Err(failure) => Err(failure),
    };
    let catalog = match catalog {
        Ok(catalog) => catalog,
        Err(failure) => return failed(&failure, error_body(&failure, &asking.context)),
    };
    let listed: Vec<MetadataTable> = tables(&catalog)
        .into_iter()
        .map(|table| MetadataTable { name: table.name, time_column: table.time_column, columns: table.columns })
        .collect();
    let known: Vec<MetadataFunction> = functions(&catalog)
        .into_iter()
        .map(|function| MetadataFunction { name: function.name, parameters: function.parameters, body: function.body })
        .collect();
    let (id, name) = (app.workspace_guid(), &app.config().workspace.name);
    let resource =
        format!("/subscriptions/{id}/resourcegroups/vedette/providers/microsoft.operationalinsights/workspaces/{name}");
    json_response(200, metadata_body((&id, name), &resource, &listed, &known))
}
