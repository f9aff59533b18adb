//! Queries by workspace and by resource.

use api::log_analytics::{LogAnalyticsRequest, Prefer, error_body, query_body};
use api::timespan::parse_range;
use api::{Chunks, Failure};
use axum::extract::{Path, State};
use axum::response::Response;

use crate::service::app::App;
use crate::service::payload::Payload;
use crate::service::queries::{Asking, Question, Target, Turn, ask, failed, is_workspace, name_in, streamed};
use crate::ticks::to_ticks;

/// A query in a body.
pub(super) async fn post(
    State(app): State<App>,
    Path(workspace): Path<String>,
    asking: Asking,
    Payload(body): Payload,
) -> Response {
    let request = LogAnalyticsRequest::parse(&body).map_err(|error| Failure::bad_request(error.0));
    respond(&app, &asking, &workspace, request).await
}

/// A query in an address.
pub(super) async fn get(State(app): State<App>, Path(workspace): Path<String>, asking: Asking) -> Response {
    respond(&app, &asking, &workspace, request_of_address(&asking)).await
}

/// A query of a resource in a body: `/v1/subscriptions/…/workspaces/NAME/query`.
pub(super) async fn post_resource(
    State(app): State<App>,
    Path(resource): Path<String>,
    asking: Asking,
    Payload(body): Payload,
) -> Response {
    let request = LogAnalyticsRequest::parse(&body).map_err(|error| Failure::bad_request(error.0));
    respond_of_resource(&app, &asking, &resource, request).await
}

/// A query of a resource in an address.
pub(super) async fn get_resource(State(app): State<App>, Path(resource): Path<String>, asking: Asking) -> Response {
    respond_of_resource(&app, &asking, &resource, request_of_address(&asking)).await
}

async fn respond_of_resource(
    app: &App,
    asking: &Asking,
    resource: &str,
    request: Result<LogAnalyticsRequest, Failure>,
) -> Response {
    let Some(resource) = resource.strip_suffix("/query") else {
        let failure = Failure::not_found("Path", asking.uri.path());
        return failed(&failure, error_body(&failure, &asking.context));
    };
    respond(app, asking, &format!("/subscriptions/{resource}"), request).await
}

fn request_of_address(asking: &Asking) -> Result<LogAnalyticsRequest, Failure> {
    LogAnalyticsRequest::of_address(asking.parameter("query"), asking.parameter("timespan"))
        .map_err(|error| Failure::bad_request(error.0))
}

async fn respond(
    app: &App,
    asking: &Asking,
    workspace: &str,
    request: Result<LogAnalyticsRequest, Failure>,
) -> Response {
    let prefer = Prefer::parse(asking.header_values("prefer"));
    match answer(app, asking, workspace, request, &prefer).await {
        Ok((body, turn)) => streamed(body, vec![turn]),
        Err(failure) => failed(&failure, error_body(&failure, &asking.context)),
    }
}

/// The body of an answer and the memory that it holds.
pub(super) async fn answer(
    app: &App,
    asking: &Asking,
    workspace: &str,
    request: Result<LogAnalyticsRequest, Failure>,
    prefer: &Prefer,
) -> Result<(Chunks, Turn), Failure> {
    check_workspace(app, workspace)?;
    let request = request?;
    // All names of the workspace are of the same tables: naming it again adds none.
    request.workspaces.iter().try_for_each(|workspace| check_workspace(app, workspace))?;
    let now = asking.context.now;
    let mut question = Question::new(request.query, asking.caller.clone(), Target::LogAnalytics, now);
    question.client = asking.client();
    question.request_id = asking.context.activity_id.clone();
    question.duration = prefer.wait;
    question.time_range = range(request.timespan.as_deref(), to_ticks(now))?;
    let outcome = ask(app, question).await?;
    Ok((query_body(outcome.answer, prefer), outcome.turn))
}

/// The time range of a request.
pub(crate) fn range(timespan: Option<&str>, now: i64) -> Result<Option<(i64, i64)>, Failure> {
    let range = timespan.map(|text| parse_range(text, now)).transpose();
    range.map_err(|error| Failure::bad_request(error.to_string()))
}

/// Whether there is such a workspace.
pub(super) fn check_workspace(app: &App, workspace: &str) -> Result<(), Failure> {
    match name_in(workspace) {
        Some(name) if is_workspace(app, name) => Ok(()),
        _ => Err(Failure::not_found("Workspace", workspace)),
    }
}
