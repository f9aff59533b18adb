//! `$batch`: several queries in one request.

use std::collections::HashSet;

use serde_json::{Map, Value as Json};

use crate::body::{BodyError, get, object, text};
use crate::text::quoted;

use super::prefer::Prefer;
use super::request::LogAnalyticsRequest;

/// Most queries of a batch, as in Azure Monitor.
pub const MAX_BATCH_REQUESTS: usize = 100;

/// One query of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchItem {
    /// What the client calls it.
    pub id: String,
    /// The workspace that it asks.
    pub workspace: String,
    /// What the client prefers for this one.
    pub prefer: Prefer,
    /// The query, or what is wrong with it: the others run all the same.
    pub request: Result<LogAnalyticsRequest, BodyError>,
}

/// Reads a batch.
///
/// # Errors
/// Where it is no list of requests with distinct ids.
pub fn parse_batch(body: &[u8]) -> Result<Vec<BatchItem>, BodyError> {
    let body = object(body)?;
    let Some(Json::Array(requests)) = get(&body, "requests") else {
        return Err(BodyError::new("`requests` is not a list"));
    };
    if requests.len() > MAX_BATCH_REQUESTS {
        let count = requests.len();
        return Err(BodyError::new(format!("batch has {count} requests\nit can have {MAX_BATCH_REQUESTS}")));
    }
    let mut ids = HashSet::new();
    let mut items = Vec::with_capacity(requests.len());
    for request in requests {
        let Json::Object(request) = request else {
            return Err(BodyError::new("a request of the batch is not an object"));
        };
        let item = item(request)?;
        if !ids.insert(item.id.clone()) {
            return Err(BodyError::new(format!("batch has several requests with the id `{}`", item.id)));
        }
        items.push(item);
    }
    Ok(items)
}

fn item(request: &Map<String, Json>) -> Result<BatchItem, BodyError> {
    let id = match get(request, "id") {
        Some(Json::String(id)) => id.clone(),
        Some(Json::Number(id)) => id.to_string(),
        _ => return Err(BodyError::new("a request of the batch has no `id`")),
    };
    let headers = get(request, "headers").and_then(Json::as_object);
    let prefer = headers.and_then(|headers| get(headers, "prefer")).and_then(Json::as_str);
    let query = match get(request, "body") {
        Some(Json::Object(body)) => LogAnalyticsRequest::of_object(body),
        _ => Err(BodyError::new("`body` is not an object")),
    };
    let path = text(request, "path")?.unwrap_or_default();
    let query = match path.trim_matches('/') {
        "query" | "" => query,
        other => Err(BodyError::new(format!("path `{other}` cannot be asked for in a batch"))),
    };
    Ok(BatchItem {
        id,
        workspace: text(request, "workspace")?.unwrap_or_default(),
        prefer: Prefer::parse(prefer),
        request: query,
    })
}

/// What stands in front of the body of a response of a batch; `}` closes it.
pub fn batch_item_head(id: &str, status: u16, retry_after: Option<u64>) -> String {
    let headers = retry_after.map_or(String::new(), |seconds| format!("\"Retry-After\":\"{seconds}\""));
    format!("{{\"id\":{},\"status\":{status},\"headers\":{{{headers}}},\"body\":", quoted(id))
}

/// What stands around the responses of a batch, which commas part.
pub fn batch_body() -> (&'static str, &'static str) {
    ("{\"responses\":[", "]}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_is_wrong_costs_only_itself() {
        let body = br#"{"requests":[
            {"id":"1","headers":{"Prefer":"include-statistics=true"},"body":{"query":"T","timespan":null,"workspaces":null},"workspace":"w","path":"/query","method":"POST"},
            {"id":"2","body":{},"workspace":"w","path":"/query","method":"POST"},
            {"id":3,"body":{"query":"T"},"path":"/metadata"}]}"#;
        let items = parse_batch(body).expect("a batch");
        assert_eq!(items[0].request.as_ref().map(|request| request.query.as_str()), Ok("T"));
        assert!(items[0].prefer.include_statistics);
        assert!(items[1].request.is_err() && items[2].request.is_err());
        assert_eq!(items[2].id, "3");
    }

    #[test]
    fn a_batch_needs_a_list_with_distinct_ids() {
        for body in [
            "{}",
            r#"{"requests":{}}"#,
            r#"{"requests":[5]}"#,
            r#"{"requests":[{}]}"#,
            r#"{"requests":[{"id":"1"},{"id":"1"}]}"#,
        ] {
            assert!(parse_batch(body.as_bytes()).is_err(), "{body}");
        }
        let many: Vec<String> = (0..=MAX_BATCH_REQUESTS).map(|id| format!("{{\"id\":\"{id}\"}}")).collect();
        assert!(parse_batch(format!("{{\"requests\":[{}]}}", many.join(",")).as_bytes()).is_err());
    }
}
