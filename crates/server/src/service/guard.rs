//! What happens before and after every handler: who calls, may it, request ids, the form of refusals, metrics.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use access::{Permission, Principal};
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use http::header::{CONNECTION, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode};
use http_body::Body as _;
use tracing::Instrument;
use uuid::Uuid;

use super::accept_encoding;
use super::app::App;
use super::connection::Connection;
use super::refusal::Refusal;
use super::route::{BODY_BYTES, RouteSpec};
use super::surface::Surface;

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
const ACTIVITY_ID: HeaderName = HeaderName::from_static("x-ms-activity-id");
const ELASTIC_PRODUCT: HeaderName = HeaderName::from_static("x-elastic-product");

/// The tenant that Azure's clients take without asking Microsoft's own servers about it.
const TENANT: &str = "adfs";
/// Refusals that come before the body was read to its end.
const LEAVE_BODY: [StatusCode; 5] = [
    StatusCode::UNAUTHORIZED,
    StatusCode::FORBIDDEN,
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::PAYLOAD_TOO_LARGE,
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
];

/// The route that a request is on, among its extensions.
#[derive(Debug, Clone)]
pub(crate) struct RouteOf(pub(crate) Arc<RouteSpec>);

impl RouteOf {
    /// The limit of the body of a request on its route.
    pub(crate) fn body_bytes(extensions: &Extensions) -> usize {
        extensions.get::<Self>().map_or(BODY_BYTES, |route| route.0.body_bytes)
    }
}

/// The id that we gave a request; a GUID. Among its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RequestId(pub(crate) Uuid);

/// Extracts who calls. On routes that anybody may call it is the caller's own business whether to say; there it may be absent.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(crate) Principal);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let caller = parts.extensions.get::<Principal>().cloned();
        caller.map(Caller).ok_or_else(|| Refusal::unauthenticated("nobody is signed in"))
    }
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().copied().ok_or_else(|| Refusal::internal("request without an id"))
    }
}

/// The middleware of one route.
pub(crate) async fn guard(State((app, spec)): State<(App, Arc<RouteSpec>)>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId(Uuid::new_v4());
    let client_id = request.headers().get(CLIENT_REQUEST_ID).cloned();
    let accepts_gzip = accept_encoding::accepts_gzip(request.headers());
    let has_body = !request.body().is_end_stream();
    let authority = authority(&app, &request);
    let span = tracing::info_span!("request", method = %spec.method, route = spec.path, id = %id.0);
    let answered = AssertUnwindSafe(answer(&app, &spec, id, request, next)).catch_unwind().instrument(span).await;
    let response = answered.unwrap_or_else(|_| {
        tracing::error!(route = spec.path, id = %id.0, "a handler panicked");
        Refusal::internal(format!("request `{}` failed here, not by what it says", id.0)).into_response()
    });
    let mut response = in_the_form_of(spec.surface, response);
    set_headers(response.headers_mut(), spec.surface, id, client_id);
    let is_unknown = response.status() == StatusCode::UNAUTHORIZED && spec.surface != Surface::Elastic;
    if let Some(authority) = authority.filter(|_| is_unknown) {
        response.headers_mut().insert(WWW_AUTHENTICATE, authority);
    }
    if has_body && LEAVE_BODY.contains(&response.status()) {
        // The rest of the body is not read: the client should not take this connection for its next request.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    app.metrics().request(&spec, response.status(), started.elapsed());
    if accepts_gzip { accept_encoding::gzip(response) } else { response }
}

/// Where clients get a token, in the words of Azure Resource Manager's challenge.
fn authority(app: &App, request: &Request) -> Option<HeaderValue> {
    let is_tls = request.extensions().get::<Connection>().is_some_and(|connection| connection.is_tls);
    let base = app.base_url(request.headers(), is_tls);
    // The host is the client's own word.
    let is_plain = !base.contains(['"', '\\']);
    let value = format!("Bearer authorization_uri=\"{base}/{TENANT}\"");
    is_plain.then(|| HeaderValue::from_str(&value).ok()).flatten()
}

async fn answer(app: &App, spec: &Arc<RouteSpec>, id: RequestId, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let caller = match app.authenticate(&parts).await {
        Ok(caller) => caller,
        // Whoever may do nothing else may still sign in anew.
        Err(_) if spec.permission == Permission::Public => None,
        Err(refusal) => return refusal.into_response(),
    };
    if let Err(refusal) = authorize(spec, caller.as_ref()) {
        return refusal.into_response();
    }
    if let Some(caller) = caller {
        parts.extensions.insert(caller);
    }
    parts.extensions.insert(RouteOf(Arc::clone(spec)));
    parts.extensions.insert(id);
    next.run(Request::from_parts(parts, body)).await
}

/// Whether the caller may use the route.
pub(crate) fn authorize(spec: &RouteSpec, caller: Option<&Principal>) -> Result<(), Refusal> {
    match (spec.permission, caller) {
        (Permission::Public, _) => Ok(()),
        (_, None) => Err(Refusal::unauthenticated("no credentials, or none that are known here")),
        (permission, Some(caller)) if caller.may(permission) => Ok(()),
        (permission, Some(caller)) => {
            Err(Refusal::forbidden(format!("`{}` has no role that allows this (`{permission:?}`)", caller.name)))
        }
    }
}

fn in_the_form_of(surface: Surface, response: Response) -> Response {
    match response.extensions().get::<Refusal>() {
        Some(refusal) => surface.render(refusal),
        None => response,
    }
}

fn set_headers(headers: &mut HeaderMap, surface: Surface, id: RequestId, client_id: Option<HeaderValue>) {
    let Ok(id) = HeaderValue::from_str(&id.0.to_string()) else { return };
    match surface {
        Surface::Kusto => {
            headers.entry(ACTIVITY_ID).or_insert(id.clone());
        }
        Surface::Elastic => {
            headers.insert(ELASTIC_PRODUCT, HeaderValue::from_static("Elasticsearch"));
        }
        _ => {}
    }
    headers.entry(REQUEST_ID).or_insert(id);
    if let Some(client_id) = client_id {
        headers.insert(CLIENT_REQUEST_ID, client_id);
    }
}
