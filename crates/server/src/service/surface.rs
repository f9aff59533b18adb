//! Whose clients a route serves, which decides how a refusal is written.

use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::refusal::Refusal;

/// A family of clients that expect errors in one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Surface {
    /// Our own routes: `{"error":{"code","message"}}`.
    Vedette,
    /// Azure Data Explorer: a OneApi error.
    Kusto,
    /// The Log Analytics query API.
    LogAnalytics,
    /// Azure Resource Manager and the Logs Ingestion API.
    Arm,
    /// Elasticsearch's REST API.
    Elastic,
    /// The HTTP Data Collector API: `{"Error","Message"}`.
    DataCollector,
    /// Microsoft Graph.
    Graph,
    /// OAuth token endpoints: `{"error","error_description"}`.
    OAuth,
    /// Blobs and queues of Azure Storage: XML.
    Storage,
    /// Tables of Azure Storage: `{"odata.error"}`.
    StorageTable,
}

impl Surface {
    /// The answer that says so to this surface's clients.
    pub(crate) fn render(self, refusal: &Refusal) -> Response {
        let (body, content_type) = match self {
            Surface::Storage => (storage_error(refusal), "application/xml"),
            _ => (self.body(refusal).to_string(), "application/json; charset=utf-8"),
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = refusal.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if matches!(self, Surface::Storage | Surface::StorageTable)
            && let Ok(code) = HeaderValue::from_str(&refusal.code)
        {
            headers.insert("x-ms-error-code", code);
        }
        if let Some(seconds) = refusal.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if refusal.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, self.challenge());
        }
        response
    }

    fn challenge(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Surface::Elastic => "Basic realm=\"Vedette\", ApiKey",
            _ => "Bearer",
        })
    }

    fn body(self, refusal: &Refusal) -> Value {
        let (code, message) = (refusal.code.as_str(), refusal.message.as_str());
        match self {
            Surface::Kusto => json!({"error": {
                "code": code,
                "message": message,
                "@type": "Kusto.Data.Exceptions.KustoServiceException",
                "@message": message,
                "@context": {},
                "@permanent": refusal.is_permanent(),
            }}),
            Surface::LogAnalytics | Surface::Arm | Surface::Vedette | Surface::Storage => {
                json!({"error": {"code": code, "message": message}})
            }
            Surface::Elastic => {
                let cause = json!({"type": code, "reason": message});
                json!({"error": {"root_cause": [cause], "type": code, "reason": message}, "status": refusal.status.as_u16()})
            }
            Surface::DataCollector => json!({"Error": code, "Message": message}),
            Surface::Graph => json!({"error": {"code": code, "message": message, "innerError": {}}}),
            Surface::OAuth => json!({"error": code, "error_description": message}),
            Surface::StorageTable => {
                json!({"odata.error": {"code": code, "message": {"lang": "en-US", "value": message}}})
            }
        }
    }
}

/// An error of Azure Storage. <https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2>
fn storage_error(refusal: &Refusal) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{}</Code><Message>{}</Message></Error>",
        escape(&refusal.code),
        escape(&refusal.message)
    )
}
