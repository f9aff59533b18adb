//! Queries of Kusto, versions 1 and 2.

use std::time::Duration;

use api::kusto::{KustoOptions, KustoRequest, error_body, is_command, query_v1_body, query_v2_body};
use api::{Answer, Failure, QueryStatistics};
use axum::extract::State;
use axum::response::Response;
use kql_functions::datetime::TICKS_PER_SECOND;

use super::management;
use crate::service::app::App;
use crate::service::payload::Payload;
use crate::service::queries::{Asking, Question, Target, Turn, ask, failed, is_workspace, streamed};
use crate::ticks::{time_of, to_ticks};

/// The form of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V2,
}

/// A query in a body.
pub(super) async fn post(State(app): State<App>, asking: Asking, Payload(body): Payload, version: Version) -> Response {
    let request = KustoRequest::parse(&body).map_err(|error| Failure::bad_request(error.0));
    respond(&app, &asking, request, version).await
}

/// A query in an address.
pub(super) async fn get(State(app): State<App>, asking: Asking, version: Version) -> Response {
    respond(&app, &asking, request_of_address(&asking), version).await
}

/// What the address of a request asks for.
pub(super) fn request_of_address(asking: &Asking) -> Result<KustoRequest, Failure> {
    let properties = asking.parameter("properties");
    KustoRequest::of_address(asking.parameter("db"), asking.parameter("csl"), properties.as_deref())
        .map_err(|error| Failure::bad_request(error.0))
}

async fn respond(app: &App, asking: &Asking, request: Result<KustoRequest, Failure>, version: Version) -> Response {
    let request = match request {
        Ok(request) => request,
        Err(failure) => return failed(&failure, error_body(&failure, "", &asking.context)),
    };
    let defers = request.options.defer_partial_failures;
    match answer(app, asking, &request).await {
        Ok((answer, turns)) => {
            let body = match version {
                Version::V1 => query_v1_body(answer, &asking.context, defers),
                Version::V2 => query_v2_body(answer, &asking.context, defers),
            };
            streamed(body, turns)
        }
        Err(failure) => failed(&failure, error_body(&failure, &request.text, &asking.context)),
    }
}

async fn answer(app: &App, asking: &Asking, request: &KustoRequest) -> Result<(Answer, Vec<Turn>), Failure> {
    check_database(app, &request.database)?;
    // Grafana sends commands to the address of queries.
    if is_command(&request.text) {
        let table = management::run(app, asking, request).await?;
        return Ok((
            Answer { tables: vec![table], statistics: QueryStatistics::default(), ..Answer::default() },
            Vec::new(),
        ));
    }
    let outcome = ask(app, question(asking, request)?).await?;
    Ok((outcome.answer, vec![outcome.turn]))
}

/// Whether there is such a database.
pub(super) fn check_database(app: &App, name: &str) -> Result<(), Failure> {
    if name.is_empty() || is_workspace(app, name) { Ok(()) } else { Err(Failure::not_found("Database", name)) }
}

fn question(asking: &Asking, request: &KustoRequest) -> Result<Question, Failure> {
    let options = &request.options;
    let now = options.now.and_then(time_of).unwrap_or(asking.context.now);
    let mut question = Question::new(request.text.clone(), asking.caller.clone(), Target::Kusto, now);
    question.client = asking.client();
    question.request_id = asking.context.activity_id.clone();
    question.parameters = request.parameters.clone();
    question.time_range = match options.scope {
        (None, None) => None,
        (start, end) => Some((start.unwrap_or(0), end.unwrap_or_else(|| to_ticks(now)).saturating_add(1))),
    };
    question.duration = duration(options);
    let count = |asked: Option<u64>| asked.map(|asked| usize::try_from(asked).unwrap_or(usize::MAX));
    question.rows = count(options.truncation_records);
    question.bytes = count(options.truncation_bytes);
    question.wants_all = options.no_truncation;
    question.includes_archive = options.includes_archive.unwrap_or_default();
    Ok(question)
}

fn duration(options: &KustoOptions) -> Option<Duration> {
    let asked = options.server_timeout.filter(|_| !options.no_timeout)?;
    let seconds = asked.max(0) / TICKS_PER_SECOND;
    let rest = asked.max(0) % TICKS_PER_SECOND;
    Some(Duration::from_secs(seconds.unsigned_abs()) + Duration::from_nanos(rest.unsigned_abs() * 100))
}
