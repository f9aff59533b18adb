//! What a surface asks for.

use std::collections::HashMap;
use std::time::Duration;

use access::Principal;
use chrono::{DateTime, Utc};

/// What a query is asked of, as `LAQueryLogs` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// Kusto's REST API.
    Kusto,
    /// Log Analytics' query API.
    LogAnalytics,
    /// Microsoft Graph's hunting.
    Graph,
}

impl Target {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Target::Kusto => "Kusto",
            Target::LogAnalytics => "Logs",
            Target::Graph => "Graph",
        }
    }
}

/// A query with all that decides its answer.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// KQL.
    pub(crate) text: String,
    /// Who asks.
    pub(crate) caller: Principal,
    /// Through which surface.
    pub(crate) target: Target,
    /// What the client program calls itself; empty where it does not say.
    pub(crate) client: String,
    /// The id of the request.
    pub(crate) request_id: String,
    /// `now()`.
    pub(crate) now: DateTime<Utc>,
    /// `[start, end)` in ticks, which tables show.
    pub(crate) time_range: Option<(i64, i64)>,
    /// Values of `declare query_parameters`, as texts.
    pub(crate) parameters: Vec<(String, String)>,
    /// Time that the client gives it; the service's limit where it says nothing or more.
    pub(crate) duration: Option<Duration>,
    /// Rows of the result; the service's limit where the client says nothing.
    pub(crate) rows: Option<usize>,
    /// Bytes of the result; the service's limit where the client says nothing or more.
    pub(crate) bytes: Option<usize>,
    /// The client wants all rows (`notruncation`), as far as they fit into the service's larger limit.
    pub(crate) wants_all: bool,
    /// Archived rows too, where the query's text does not say otherwise.
    pub(crate) includes_archive: bool,
}

impl Question {
    /// A question without bounds of its client.
    pub(crate) fn new(text: String, caller: Principal, target: Target, now: DateTime<Utc>) -> Self {
        Self {
            text,
            caller,
            target,
            client: String::new(),
            request_id: String::new(),
            now,
            time_range: None,
            parameters: Vec::new(),
            duration: None,
            rows: None,
            bytes: None,
            wants_all: false,
            includes_archive: false,
        }
    }

    /// Parameters by name.
    pub(crate) fn parameters_by_name(&self) -> HashMap<&str, &str> {
        self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}
