//! What all surfaces that ask share.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use access::{PrincipalKind, TableScope};
use api::{Failure, FailureKind};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use tokio::runtime::{Handle, Runtime};

use super::admission::{Lane, LaneLimits};
use super::declared_tables::DeclaredTables;
use super::query_log::QueryLog;
use super::question::Question;
use crate::Error;
use crate::beside::{Beside, ExternalAccess};
use crate::catalog::WorkspaceCatalog;
use crate::service::app::App;
use crate::service::config::Config;
use crate::service::metrics::Metrics;

/// The part of all memory that one query may have while nobody else wants it.
const LARGEST_PART: u64 = 2;

/// Turns, threads, the log of queries, and what lies beside tables. One a service.
pub(crate) struct Queries {
    users: Lane,
    background: Lane,
    log: QueryLog,
    declared: DeclaredTables,
    beside: Mutex<Option<KnownBeside>>,
    threads: Option<Runtime>,
    counts: Counts,
}

/// What is counted of queries, by lane.
#[derive(Debug, Default)]
struct Counts {
    running: Family<LaneLabels, Gauge>,
    waiting: Family<LaneLabels, Gauge>,
    memory: Family<LaneLabels, Gauge>,
    lost: Gauge,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LaneLabels {
    lane: &'static str,
}

/// What lay beside the tables when it was last looked at.
struct KnownBeside {
    files: Vec<(PathBuf, Option<SystemTime>)>,
    beside: Arc<Beside>,
}

impl Queries {
    /// With the bounds of the configuration.
    ///
    /// # Errors
    /// Where threads cannot be started.
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        let queries = &config.queries;
        let (users, background) = queries.shares(config.limits.query_memory.0);
        let lane = |turns: usize, memory: u64| {
            Lane::new(LaneLimits {
                turns,
                memory,
                memory_per_query: memory / LARGEST_PART,
                waiting: queries.waiting,
                waiting_per_caller: queries.waiting_per_caller,
                waiting_time: queries.waiting_time.0,
            })
        };
        // Threads of their own: what computes for seconds must not keep connections waiting.
        let threads = tokio::runtime::Builder::new_multi_thread()
            .thread_name("query")
            .enable_all()
            .build()
            .map_err(|error| Error::new(format!("failed to start threads: {error}")))?;
        Ok(Self {
            users: lane(queries.user_concurrency(config.limits.query_memory.0), users),
            background: lane(queries.background_concurrency, background),
            log: QueryLog::default(),
            declared: DeclaredTables::default(),
            beside: Mutex::default(),
            threads: Some(threads),
            counts: Counts::default(),
        })
    }

    /// Makes tables that were declared before known to the ways in.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub(crate) async fn recall_tables(&self, app: &App) -> Result<(), Error> {
        let declared = self.declared.all(app.database()).await.map_err(|failure| Error::new(failure.message))?;
        for table in declared.iter() {
            app.doors().intake().declare(table);
        }
        Ok(())
    }

    /// Registers what is counted of queries.
    pub(crate) fn register(&self, metrics: &Metrics) {
        let mut registry = metrics.registry();
        registry.register("queries_running", "Queries that run", self.counts.running.clone());
        registry.register("queries_waiting", "Queries that wait for their turn", self.counts.waiting.clone());
        registry.register("queries_memory_bytes", "Memory given to queries and results", self.counts.memory.clone());
        registry.register("query_log_lost", "Rows of LAQueryLogs that could not be written", self.counts.lost.clone());
    }

    /// Brings up to date what is counted, and writes the log of queries.
    pub(crate) async fn tick(&self, app: &App) {
        for (name, lane) in [("users", &self.users), ("background", &self.background)] {
            let (labels, status) = (LaneLabels { lane: name }, lane.status());
            let set = |gauge: &Family<LaneLabels, Gauge>, value: u64| {
                gauge.get_or_create(&labels).set(i64::try_from(value).unwrap_or(i64::MAX));
            };
            set(&self.counts.running, status.running as u64);
            set(&self.counts.waiting, status.waiting as u64);
            set(&self.counts.memory, status.memory);
        }
        self.log.flush(app).await;
        self.counts.lost.set(i64::try_from(self.log.lost()).unwrap_or(i64::MAX));
    }

    /// Where a question waits for its turn: those of the service itself have turns and memory of their own.
    pub(crate) fn lane(&self, question: &Question) -> &Lane {
        if question.caller.kind == PrincipalKind::Service { &self.background } else { &self.users }
    }

    /// Queries of users that run.
    #[cfg(test)]
    pub(crate) fn users_running(&self) -> usize {
        self.users.status().running
    }

    /// What becomes `LAQueryLogs`.
    pub(crate) fn log(&self) -> &QueryLog {
        &self.log
    }

    /// Tables that were made by a command and may have no rows yet.
    pub(crate) fn declared(&self) -> &DeclaredTables {
        &self.declared
    }

    /// The threads that queries run on.
    pub(crate) fn threads(&self) -> Handle {
        match &self.threads {
            Some(threads) => threads.handle().clone(),
            None => Handle::current(),
        }
    }

    /// The tables that exist for a caller, at this moment, and what lies beside them.
    ///
    /// # Errors
    /// Where the workspace's files or the database cannot be read.
    pub(crate) async fn catalog(&self, app: &App, scope: &TableScope) -> Result<WorkspaceCatalog, Failure> {
        let declared = self.declared.all(app.database()).await?;
        let beside = self.beside(app.live().path()).map_err(|error| {
            tracing::error!(%error, "what lies beside the tables cannot be read");
            Failure::new(FailureKind::Internal, error.message)
        })?;
        Ok(WorkspaceCatalog::new(app.snapshot(), beside).with_declared(declared).within(scope.clone()))
    }

    /// Functions, watchlists and the context, read again where a file changed.
    fn beside(&self, folder: &Path) -> Result<Arc<Beside>, Error> {
        let files = stamps(folder)?;
        let mut known = self.beside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.as_ref().filter(|known| known.files == files) {
            return Ok(Arc::clone(&known.beside));
        }
        let beside = Arc::new(Beside::of_workspace(folder, &ExternalAccess::default())?);
        *known = Some(KnownBeside { files, beside: Arc::clone(&beside) });
        Ok(beside)
    }
}

/// The files that are not tables, with the times of their last changes.
fn stamps(folder: &Path) -> Result<Vec<(PathBuf, Option<SystemTime>)>, Error> {
    let files = Beside::files(folder)?;
    Ok(files
        .into_iter()
        .map(|path| {
            let changed = std::fs::metadata(&path).and_then(|data| data.modified()).ok();
            (path, changed)
        })
        .collect())
}

impl Drop for Queries {
    fn drop(&mut self) {
        // A runtime must not wait for its threads where futures run.
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}
