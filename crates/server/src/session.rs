//! A workspace, the query engine and the threads that run both, behind calls that block.

use std::path::Path;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;
use chrono::{DateTime, TimeDelta, Utc};
use detections::Context;
use kql_engine::{Engine, QueryError, QueryOptions, QueryResult, Replay, SharedReplay, SharedTables};
use schema::Table;
use storage::{CommitInfo, Workspace};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::Error;
use crate::beside::{Beside, ExternalAccess};
use crate::catalog::WorkspaceCatalog;
use crate::context::StoredContext;
use crate::engine::engine;
use crate::geo_database::MaxMindDatabase;
use crate::kept_memory::use_large_pages;
use crate::ticks::{ticks_of, to_ticks};

/// An open workspace that can be queried and written.
pub struct Session {
    runtime: Runtime,
    engine: Engine,
    workspace: Workspace,
    external: ExternalAccess,
}

impl Session {
    /// Opens the workspace in that folder; fails where there is none.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::with_runtime(|runtime| runtime.block_on(Workspace::open(path)).map_err(Error::from))
    }

    /// Opens the workspace in that folder, or makes one there.
    pub fn open_or_create(path: &Path) -> Result<Self, Error> {
        Self::with_runtime(|runtime| runtime.block_on(Workspace::open_or_create(path)).map_err(Error::from))
    }

    fn with_runtime(open: impl FnOnce(&Runtime) -> Result<Workspace, Error>) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(kql_engine::processors())
            .enable_all()
            .on_thread_start(use_large_pages)
            .build()
            .map_err(|error| Error::new(format!("failed to start threads: {error}")))?;
        // Beside the opening of the workspace, which takes about as long: a command that asks one question waits for both.
        let engine = runtime.spawn(async { engine() });
        let workspace = open(&runtime)?;
        let engine =
            runtime.block_on(engine).map_err(|error| Error::new(format!("failed to make an engine: {error}")))?;
        Ok(Self { engine: engine?, workspace, runtime, external: ExternalAccess::default() })
    }

    /// The same, with external files that queries may read beside those that the workspace's own settings allow.
    #[must_use]
    pub fn with_external(mut self, access: ExternalAccess) -> Self {
        self.external = access;
        self
    }

    /// The same with the database of places in that file; unchanged where there is none.
    pub fn with_geo_database(mut self, file: Option<&Path>) -> Result<Self, Error> {
        if let Some(file) = file {
            self.engine = self.engine.with_geo_database(Arc::new(MaxMindDatabase::open(file)?));
        }
        Ok(self)
    }

    /// Where the workspace lies.
    pub fn path(&self) -> &Path {
        self.workspace.path()
    }

    pub(crate) fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The workspace as it is now.
    pub(crate) fn catalog(&self) -> Result<Arc<WorkspaceCatalog>, Error> {
        let beside = Beside::of_workspace(self.workspace.path(), &self.external)?;
        self.catalog_with(beside).map(Arc::new)
    }

    /// The same with archived rows.
    pub(crate) fn archived_catalog(&self) -> Result<Arc<WorkspaceCatalog>, Error> {
        let beside = Beside::of_workspace(self.workspace.path(), &self.external)?;
        self.catalog_with(beside).map(WorkspaceCatalog::with_archive).map(Arc::new)
    }

    /// The same with this context in place of the one that the workspace keeps.
    pub(crate) fn catalog_in(&self, context: Context) -> Result<Arc<WorkspaceCatalog>, Error> {
        let mut beside = Beside::of_workspace(self.workspace.path(), &self.external)?;
        beside.context = StoredContext::new(context);
        self.catalog_with(beside).map(Arc::new)
    }

    /// The tables of the workspace as they are now, and these beside them.
    pub(crate) fn catalog_with(&self, beside: Beside) -> Result<WorkspaceCatalog, Error> {
        let snapshot = self.runtime.block_on(self.workspace.snapshot())?;
        Ok(WorkspaceCatalog::new(snapshot, beside))
    }

    /// Adds rows to tables in one atomic step; nothing is written where there are none.
    pub(crate) fn append(&self, batches: Vec<(&'static Table, RecordBatch)>) -> Result<(), Error> {
        if batches.iter().all(|(_, batch)| batch.num_rows() == 0) {
            return Ok(());
        }
        self.runtime.block_on(async {
            let append = self.workspace.begin().await?;
            for (table, batch) in batches {
                append.write(table, batch)?;
            }
            append.commit(CommitInfo::default()).await?;
            Ok(())
        })
    }

    /// Runs a query on a catalog; `range` is the time `[start, end)` that its tables show.
    pub(crate) fn query_on(
        &self,
        catalog: &WorkspaceCatalog,
        text: &str,
        now: DateTime<Utc>,
        range: Option<(DateTime<Utc>, DateTime<Utc>)>,
    ) -> Result<QueryResult, QueryError> {
        let mut options = QueryOptions::new(to_ticks(now));
        options.time_range = range.map(|(start, end)| (to_ticks(start), to_ticks(end)));
        self.runtime.block_on(self.engine.query(text, catalog, &options))
    }

    /// Makes a query ready to be run over many ranges of a catalog.
    pub(crate) fn prepare_replay(&self, catalog: &WorkspaceCatalog, text: &str) -> Result<Replay, QueryError> {
        let options = QueryOptions::new(to_ticks(DateTime::UNIX_EPOCH));
        self.runtime.block_on(self.engine.prepare_replay(text, catalog, &options))
    }

    /// Lets such a query share the rows that it reads with others; its windows are that long.
    pub(crate) fn share_replay(
        &self,
        replay: Replay,
        tables: &Arc<SharedTables>,
        period: TimeDelta,
    ) -> Result<SharedReplay, QueryError> {
        let reach = ticks_of(period);
        let options = QueryOptions::new(to_ticks(DateTime::UNIX_EPOCH));
        self.runtime.block_on(self.engine.share_replay(replay, tables, reach, &options))
    }

    /// Runs a query of [`Session::prepare_replay`]; `now()` is the end of the range.
    pub(crate) fn run_replay(
        &self,
        catalog: &WorkspaceCatalog,
        replay: &Replay,
        range: (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<QueryResult, QueryError> {
        // A rule must not miss what it looks for: a result that is cut off is a failure.
        self.runtime.block_on(self.engine.run_replay(replay, catalog, &window_options(range)))?.complete()
    }

    /// Runs a query of [`Session::share_replay`]; `now()` is the end of the range.
    pub(crate) fn run_shared(
        &self,
        catalog: &WorkspaceCatalog,
        replay: &SharedReplay,
        range: (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<QueryResult, QueryError> {
        self.runtime.block_on(self.engine.run_shared(replay, catalog, &window_options(range)))?.complete()
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }
}

/// A run over that range, at its end.
fn window_options((start, end): (DateTime<Utc>, DateTime<Utc>)) -> QueryOptions {
    let mut options = QueryOptions::new(to_ticks(end));
    options.time_range = Some((to_ticks(start), to_ticks(end)));
    options
}

/// A folder that goes away with the value, for a workspace that nobody keeps.
pub(crate) fn temporary_folder() -> Result<TempDir, Error> {
    tempfile::tempdir().map_err(|error| Error::new(format!("failed to make a temporary folder: {error}")))
}
