//! A hunting query.

use api::graph::{HuntingRequest, error_body, hunting_body};
use api::{Chunks, Failure, FailureKind};
use axum::extract::State;
use axum::response::Response;

use crate::service::app::App;
use crate::service::log_analytics::range;
use crate::service::payload::Payload;
use crate::service::queries::{Asking, Question, Target, Turn, ask, failed, streamed};
use crate::ticks::to_ticks;

/// Runs a hunting query.
pub(super) async fn post(State(app): State<App>, asking: Asking, Payload(body): Payload) -> Response {
    match answer(&app, &asking, &body).await {
        Ok((body, turn)) => streamed(body, vec![turn]),
        Err(failure) => failed(&failure, error_body(&failure, &asking.context)),
    }
}

async fn answer(app: &App, asking: &Asking, body: &[u8]) -> Result<(Chunks, Turn), Failure> {
    let request = HuntingRequest::parse(body).map_err(|error| Failure::bad_request(error.0))?;
    let now = asking.context.now;
    let mut question = Question::new(request.query, asking.caller.clone(), Target::Graph, now);
    question.client = asking.client();
    question.request_id = asking.context.activity_id.clone();
    question.time_range = range(request.timespan.as_deref(), to_ticks(now))?;
    let outcome = ask(app, question).await?;
    // The form has no place to say that rows are missing.
    if let Some(cut_off) = outcome.answer.cut_off {
        let unit = if cut_off.is_rows { "rows" } else { "bytes" };
        let message = format!("result has more than {} {unit}\nlimit it with `take` or `summarize`", cut_off.limit);
        return Err(Failure::new(FailureKind::BadRequest, message));
    }
    let version = if asking.uri.path().starts_with("/beta") { "beta" } else { "v1.0" };
    let body = hunting_body(outcome.answer, &format!("{}/{version}", asking.base_url));
    Ok((body, outcome.turn))
}
