//! What a request to a surface that asks carries.

use api::RequestContext;
use axum::extract::{FromRequestParts, Query};
use http::request::Parts;
use http::{HeaderMap, Uri};

use crate::service::app::App;
use crate::service::connection::Connection;
use crate::service::guard::{Caller, RequestId};
use crate::service::refusal::Refusal;

/// Who asks, and how.
pub(crate) struct Asking {
    /// Who asks.
    pub(crate) caller: access::Principal,
    /// The ids and the time that answers repeat.
    pub(crate) context: RequestContext,
    /// The request's headers.
    pub(crate) headers: HeaderMap,
    /// The request's address.
    pub(crate) uri: Uri,
    /// The address of the service as the client knows it.
    pub(crate) base_url: String,
}

impl Asking {
    /// What the client program calls itself.
    pub(crate) fn client(&self) -> String {
        let header = |name: &str| self.headers.get(name).and_then(|value| value.to_str().ok());
        let named = ["x-ms-app", "x-ms-client-version", "user-agent"].into_iter().find_map(header);
        named.unwrap_or_default().to_owned()
    }

    /// The values of a header.
    pub(crate) fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
    }

    /// A part of the address's query, by its name in any case.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&self.uri).ok()?;
        pairs.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

impl FromRequestParts<App> for Asking {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let Caller(caller) = Caller::from_request_parts(parts, app).await?;
        let RequestId(id) = RequestId::from_request_parts(parts, app).await?;
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_tls = parts.extensions.get::<Connection>().is_some_and(|connection| connection.is_tls);
        let context = RequestContext {
            now: app.now(),
            client_request_id: text("x-ms-client-request-id").to_owned(),
            activity_id: id.to_string(),
            service: text("host").to_owned(),
        };
        let base_url = app.base_url(&parts.headers, is_tls);
        Ok(Self { caller, context, headers: parts.headers.clone(), uri: parts.uri.clone(), base_url })
    }
}
