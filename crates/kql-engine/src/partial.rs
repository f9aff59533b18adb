//! Results that were cut off at a limit.

use std::fmt;

use serde_json::{Value as Json, json};

/// Code of Kusto's error when a result is cut off (`E_QUERY_RESULT_SET_TOO_LARGE`, 0x80DA0003), as Log Analytics prints it.
const RESULT_TOO_LARGE: &str = "-2133196797";

/// Why a result has not all of its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partial {
    /// The limit, in `unit`.
    pub limit: u64,
    /// `rows` or `bytes of result`.
    pub unit: &'static str,
}

impl fmt::Display for Partial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "result is cut off at its limit of {} {}", self.limit, self.unit)
    }
}

impl Partial {
    /// The `error` that Log Analytics' query API puts beside the tables of a partial result.
    pub fn to_json(self) -> Json {
        let message = format!("Query result set has exceeded the limit of {} {}", self.limit, self.unit);
        let inner = json!({"code": RESULT_TOO_LARGE, "message": message, "severity": 2, "severityName": "Error"});
        json!({
            "code": "PartialError",
            "message": "There were some errors when processing your query.",
            "details": [{"code": "EngineError", "message": self.to_string(), "innererror": inner}],
        })
    }
}
