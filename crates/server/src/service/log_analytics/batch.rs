//! `$batch`: several queries in one request, answered one after the other in one body.

use api::log_analytics::{BatchItem, batch_body, batch_item_head, error_body, parse_batch};
use api::{Chunks, Failure};
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::HeaderValue;
use http::header::CONTENT_TYPE;

use super::query::answer;
use crate::service::app::App;
use crate::service::payload::Payload;
use crate::service::queries::{Asking, Turn, failed};

/// Queries of a batch that are under way at a time. Each holds its result until the ones before it are written.
const AT_A_TIME: usize = 2;

/// Runs the queries of a batch. Each has its own status; the batch itself succeeds where it is one.
pub(super) async fn post(State(app): State<App>, asking: Asking, Payload(body): Payload) -> Response {
    let items = match parse_batch(&body) {
        Ok(items) => items,
        Err(error) => {
            let failure = Failure::bad_request(error.0);
            return failed(&failure, error_body(&failure, &asking.context));
        }
    };
    let (head, tail) = batch_body();
    let asking = std::sync::Arc::new(asking);
    let answers = stream::iter(items.into_iter().enumerate()).map(move |(at, item)| {
        let (app, asking) = (app.clone(), std::sync::Arc::clone(&asking));
        async move { response(&app, &asking, item, at == 0).await }
    });
    let pieces = answers.buffered(AT_A_TIME).flat_map(|(chunks, turn)| {
        stream::unfold((chunks, turn), |(mut chunks, turn)| async move {
            let piece = chunks.next()?;
            Some((Bytes::from(piece), (chunks, turn)))
        })
    });
    let text = |text: &'static str| stream::iter([Bytes::from_static(text.as_bytes())]);
    let all = text(head).chain(pieces).chain(text(tail)).map(Ok::<_, std::convert::Infallible>);
    let mut response = Response::new(Body::from_stream(all));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// The response of one query.
async fn response(app: &App, asking: &Asking, item: BatchItem, is_first: bool) -> (Chunks, Option<Turn>) {
    let request = item.request.map_err(|error| Failure::bad_request(error.0));
    let mut body = Chunks::of(if is_first { String::new() } else { ",".to_owned() });
    let turn = match answer(app, asking, &item.workspace, request, &item.prefer).await {
        Ok((answer, turn)) => {
            body.push(&batch_item_head(&item.id, 200, None));
            body.append(answer);
            Some(turn)
        }
        Err(failure) => {
            body.push(&batch_item_head(&item.id, failure.status(), failure.retry_after()));
            body.push(&error_body(&failure, &asking.context));
            None
        }
    };
    body.push("}");
    (body, turn)
}
