//! What the service counts, for Prometheus.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use access::Permission;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use super::app::App;
use super::refusal::Refusal;
use super::route::{Route, RouteSpec};
use super::shapes::Shape;

/// The type of Prometheus' text form that the encoder writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    // Names of tables and volumes are nobody's business: Prometheus sends a token.
    let route = Route::get("/metrics", Permission::Read, metrics).summary("Counters and gauges for Prometheus");
    vec![route.gives_as(StatusCode::OK, "application/openmetrics-text", Shape::Text)]
}

/// All counters. Modules register theirs with [`Metrics::registry`].
pub(crate) struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<RequestLabels, Counter>,
    durations: Family<RouteLabels, Histogram>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    route: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: &'static str,
}

impl Metrics {
    /// None counted yet.
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("vedette");
        let requests = Family::default();
        // From 1 ms to 65 s.
        let durations = Family::new_with_constructor(histogram as fn() -> Histogram);
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_duration_seconds", "Time until the answer began", durations.clone());
        Self { registry: Mutex::new(registry), requests, durations }
    }

    /// Where further metrics are registered.
    pub(crate) fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request.
    pub(crate) fn request(&self, spec: &RouteSpec, status: StatusCode, duration: Duration) {
        let labels = RequestLabels { method: spec.method.to_string(), route: spec.path, status: status.as_u16() };
        self.requests.get_or_create(&labels).inc();
        self.durations.get_or_create(&RouteLabels { route: spec.path }).observe(duration.as_secs_f64());
    }
}

fn histogram() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 17))
}

async fn metrics(State(app): State<App>) -> Result<Response, Refusal> {
    let mut body = String::new();
    text::encode(&mut body, &app.metrics().registry())
        .map_err(|error| Refusal::internal(format!("metrics cannot be written: {error}")))?;
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], body).into_response())
}
