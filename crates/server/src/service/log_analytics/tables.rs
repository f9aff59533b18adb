//! Tables in Azure Resource Manager, which msticpy reads schemas from.

use api::log_analytics::{ArmTable, arm_table, arm_tables_body};
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

use crate::service::app::App;
use crate::service::queries::{Asking, ViewedTable, is_workspace, json_response, table, tables};
use crate::service::refusal::Refusal;

/// The names in the path.
#[derive(Debug, Deserialize)]
pub(super) struct Names {
    subscription: String,
    group: String,
    workspace: String,
    #[serde(default)]
    table: String,
}

impl Names {
    fn resource_id(&self) -> String {
        let Self { subscription, group, workspace, .. } = self;
        format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/{workspace}"
        )
    }
}

/// All tables that exist for the caller, in one page.
pub(super) async fn list(
    State(app): State<App>,
    Path(names): Path<Names>,
    asking: Asking,
) -> Result<Response, Refusal> {
    check(&app, &names, &asking)?;
    let catalog = app.queries().catalog(&app, &asking.caller.tables).await.map_err(refused)?;
    let listed: Vec<ArmTable> = tables(&catalog).into_iter().map(arm_of).collect();
    Ok(json_response(200, arm_tables_body(&names.resource_id(), &listed)))
}

/// One of them.
pub(super) async fn one(State(app): State<App>, Path(names): Path<Names>, asking: Asking) -> Result<Response, Refusal> {
    check(&app, &names, &asking)?;
    let catalog = app.queries().catalog(&app, &asking.caller.tables).await.map_err(refused)?;
    let Some(found) = table(&catalog, &names.table) else {
        return Err(Refusal::not_found("ResourceNotFound", format!("table `{}` was not found", names.table)));
    };
    Ok(json_response(200, arm_table(&names.resource_id(), &arm_of(found)).to_string()))
}

fn check(app: &App, names: &Names, asking: &Asking) -> Result<(), Refusal> {
    if asking.parameter("api-version").is_none() {
        let message = "the address has no `api-version`";
        return Err(Refusal::bad_request("MissingApiVersionParameter", message));
    }
    if !is_workspace(app, &names.workspace) {
        let message = format!("workspace `{}` was not found", names.workspace);
        return Err(Refusal::not_found("ResourceNotFound", message));
    }
    Ok(())
}

fn refused(failure: api::Failure) -> Refusal {
    let status = http::StatusCode::from_u16(failure.status()).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let retry_after = failure.retry_after();
    Refusal { retry_after, ..Refusal::new(status, "InternalServerError", failure.message) }
}

fn arm_of(table: ViewedTable) -> ArmTable {
    ArmTable { name: table.name, is_custom: table.is_custom, columns: table.columns, retention_days: None }
}
