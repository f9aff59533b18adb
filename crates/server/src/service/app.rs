//! What handlers share.

use std::sync::Arc;

use access::Principal;
use chrono::{DateTime, Utc};
use database::Database;
use http::HeaderMap;
use http::header::HOST;
use http::request::Parts;
use kql_engine::Engine;
use storage::{LiveWorkspace, Snapshot};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use super::authenticator::Authenticator;
use super::clock::Clock;
use super::config::Config;
use super::doors::Doors;
use super::gate::Gate;
use super::metrics::Metrics;
use super::queries::Queries;
use super::refusal::Refusal;
use crate::Error;
use crate::engine::engine;

/// Seconds after which a sender should try again where bodies fill the memory given to them.
const RETRY_BODIES: u64 = 2;

/// The service's parts. Cheap to clone.
#[derive(Clone)]
pub(crate) struct App {
    inner: Arc<Inner>,
}

/// What an [`App`] is made of.
pub(crate) struct AppParts {
    pub(crate) config: Config,
    pub(crate) live: LiveWorkspace,
    pub(crate) database: Database,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authenticator: Arc<dyn Authenticator>,
    pub(crate) gate: Gate,
}

struct Inner {
    parts: AppParts,
    engine: Arc<Engine>,
    metrics: Metrics,
    doors: Doors,
    queries: Queries,
    /// A permit a KiB of body.
    bodies: Arc<Semaphore>,
    stop: CancellationToken,
}

impl App {
    /// Puts the parts together.
    pub(crate) fn new(parts: AppParts) -> Result<Self, Error> {
        let engine = engine()?;
        let kibibytes = usize::try_from(parts.config.limits.body_memory.0 >> 10).unwrap_or(usize::MAX);
        let bodies = Arc::new(Semaphore::new(kibibytes.min(Semaphore::MAX_PERMITS)));
        let metrics = Metrics::new();
        let doors = Doors::new(&parts.config, &parts.live.snapshot().custom_tables(), &metrics);
        let queries = Queries::new(&parts.config)?;
        queries.register(&metrics);
        Ok(Self {
            inner: Arc::new(Inner {
                queries,
                parts,
                engine: Arc::new(engine),
                metrics,
                doors,
                bodies,
                stop: CancellationToken::new(),
            }),
        })
    }

    /// The configuration.
    pub(crate) fn config(&self) -> &Config {
        &self.inner.parts.config
    }

    /// The workspace.
    pub(crate) fn live(&self) -> &LiveWorkspace {
        &self.inner.parts.live
    }

    /// Users, tokens, settings and other small state.
    pub(crate) fn database(&self) -> &Database {
        &self.inner.parts.database
    }

    /// What the surfaces that ask share.
    pub(crate) fn queries(&self) -> &Queries {
        &self.inner.queries
    }

    /// The id of the workspace as clients know it: a GUID.
    pub(crate) fn workspace_guid(&self) -> String {
        self.snapshot().workspace_id().trim_start_matches("vedette-").to_owned()
    }

    /// Who may do what.
    pub(crate) fn gate(&self) -> &Gate {
        &self.inner.parts.gate
    }

    /// Cancelled when the service is to stop.
    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.inner.stop
    }

    /// Whether it was told to stop.
    pub(crate) fn is_stopping(&self) -> bool {
        self.inner.stop.is_cancelled()
    }

    /// The query engine.
    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.inner.engine
    }

    /// The ways in.
    pub(crate) fn doors(&self) -> &Doors {
        &self.inner.doors
    }

    /// Counters and gauges.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// Now.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.inner.parts.clock.now()
    }

    /// All tables at this moment.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.inner.parts.live.snapshot()
    }

    /// Who sent a request; `None` where it carries no credentials.
    pub(crate) async fn authenticate(&self, parts: &Parts) -> Result<Option<Principal>, Refusal> {
        self.inner.parts.authenticator.authenticate(self, parts).await
    }

    /// Takes room for a body of up to so many bytes, given back when the value is dropped.
    pub(crate) fn body_room(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let kibibytes = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
        Arc::clone(&self.inner.bodies)
            .try_acquire_many_owned(kibibytes)
            .map_err(|_| Refusal::busy(RETRY_BODIES, "too many bodies at a time; try again"))
    }

    /// The address by which a client reached the service, without a slash at its end.
    pub(crate) fn base_url(&self, headers: &HeaderMap, is_tls: bool) -> String {
        if let Some(url) = &self.config().http.public_url {
            return url.clone();
        }
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        format!("{}://{host}", if is_tls { "https" } else { "http" })
    }
}
