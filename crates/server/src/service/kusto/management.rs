//! Management commands of Kusto.

use access::Permission;
use api::kusto::{Command, KustoRequest, command_body, error_body, is_command, parse_command};
use api::{Failure, FailureKind, ResultSet};
use axum::extract::State;
use axum::response::Response;

use super::commands::run_command;
use super::piped::over;
use super::query::{check_database, request_of_address};
use crate::service::app::App;
use crate::service::payload::Payload;
use crate::service::queries::{Asking, failed, streamed};

/// A command in a body.
pub(super) async fn post(State(app): State<App>, asking: Asking, Payload(body): Payload) -> Response {
    let request = KustoRequest::parse(&body).map_err(|error| Failure::bad_request(error.0));
    respond(&app, &asking, request).await
}

/// A command in an address. It changes nothing: what an address names may be asked for again, by anybody who sees it.
pub(super) async fn get(State(app): State<App>, asking: Asking) -> Response {
    let mut request = request_of_address(&asking);
    if let Ok(request) = &mut request {
        request.options.read_only = true;
    }
    respond(&app, &asking, request).await
}

async fn respond(app: &App, asking: &Asking, request: Result<KustoRequest, Failure>) -> Response {
    let text = request.as_ref().map(|request| request.text.clone()).unwrap_or_default();
    let answer = match request {
        Ok(request) => answer(app, asking, &request).await,
        Err(failure) => Err(failure),
    };
    match answer {
        Ok(table) => streamed(command_body(table), Vec::new()),
        Err(failure) => failed(&failure, error_body(&failure, &text, &asking.context)),
    }
}

async fn answer(app: &App, asking: &Asking, request: &KustoRequest) -> Result<ResultSet, Failure> {
    check_database(app, &request.database)?;
    if !is_command(&request.text) {
        return Err(Failure::bad_request("a management command starts with a dot; queries go to `/v2/rest/query`"));
    }
    run(app, asking, request).await
}

/// Runs a command, and the query that may follow it behind a `|`.
pub(super) async fn run(app: &App, asking: &Asking, request: &KustoRequest) -> Result<ResultSet, Failure> {
    let (command, rest) = parse_command(&request.text)?;
    check_permission(asking, &command)?;
    if command.changes() && request.options.read_only {
        return Err(Failure::bad_request("command changes something, and the request is for reading only"));
    }
    let table = run_command(app, asking, command).await?;
    match rest {
        None => Ok(table),
        Some(query) => over(app, asking, table, &query).await,
    }
}

/// Whether the caller may give the command: senders ask where to put what they send, and nothing else.
fn check_permission(asking: &Asking, command: &Command) -> Result<(), Failure> {
    let needed = match command {
        Command::GetIngestionResources | Command::GetIdentityToken => &[Permission::Ingest][..],
        Command::ShowVersion => &[Permission::Ingest, Permission::Read],
        changing if changing.changes() => &[Permission::Contribute],
        _ => &[Permission::Read],
    };
    if needed.iter().any(|permission| asking.caller.may(*permission)) {
        return Ok(());
    }
    let message = format!("`{}` has no role that allows this command (`{needed:?}`)", asking.caller.name);
    Err(Failure::new(FailureKind::Forbidden, message))
}
