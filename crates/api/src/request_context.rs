//! What answers say of the request they answer.

use chrono::{DateTime, SecondsFormat, Utc};

/// The ids and the time of a request, which headers and bodies repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestContext {
    /// When it came.
    pub now: DateTime<Utc>,
    /// What the client calls it (`x-ms-client-request-id`); empty where it gave none.
    pub client_request_id: String,
    /// What we call it (`x-ms-request-id`, `x-ms-activity-id`): a GUID.
    pub activity_id: String,
    /// The service's name in errors: its host.
    pub service: String,
}

impl RequestContext {
    /// The time as answers print it.
    pub fn timestamp(&self) -> String {
        self.now.to_rfc3339_opts(SecondsFormat::Micros, true)
    }
}
