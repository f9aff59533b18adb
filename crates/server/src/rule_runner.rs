//! What `detections` needs of an engine, over a catalog.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use detections::{QueryRows, RunQuery};
use kql_engine::{Catalog, CatalogTable, QueryError, QueryOptions, Replay, SharedReplay, SharedTables, Surroundings};

use crate::Session;
use crate::catalog::WorkspaceCatalog;
use crate::ticks::to_ticks;

/// Memory for rows of tables that rules share, in bytes: a few days of the columns that rules read of some million events. Rules
/// whose rows do not fit scan the tables themselves.
const SHARED_ROWS_BYTES: usize = 512 << 20;

/// Runs the queries of rules over a workspace as it was when the runner was made. Rows that several rules read, or several windows
/// of a rule, are read once.
pub(crate) struct RuleRunner<'a> {
    session: &'a Session,
    catalog: Arc<WorkspaceCatalog>,
    tables: Mutex<HashMap<String, Result<Vec<String>, String>>>,
    ready: Mutex<HashMap<(String, TimeDelta), Ready>>,
    shared: Option<Arc<SharedTables>>,
}

/// A query, planned as far as it can be.
#[derive(Clone)]
enum Ready {
    /// It reads shared rows.
    Shared(Arc<SharedReplay>),
    /// It scans tables in each window.
    Alone(Replay),
}

impl<'a> RuleRunner<'a> {
    pub(crate) fn new(session: &'a Session, catalog: Arc<WorkspaceCatalog>) -> Self {
        let shared = session.engine().shared_tables(SHARED_ROWS_BYTES).ok();
        Self { session, catalog, tables: Mutex::default(), ready: Mutex::default(), shared }
    }

    /// A runner that scans tables anew for each window of each rule.
    #[cfg(test)]
    pub(crate) fn unshared(session: &'a Session, catalog: Arc<WorkspaceCatalog>) -> Self {
        Self { shared: None, ..Self::new(session, catalog) }
    }

    /// Plans a query whose windows are that long. What is wrong with it is told when it runs.
    pub(crate) fn prepare(&self, query: &str, period: TimeDelta) {
        let _ = self.ready(query, period);
    }

    /// Gives the memory of rows back that no window ending after that time shows.
    pub(crate) fn forget_before(&self, time: DateTime<Utc>) {
        if let Some(shared) = &self.shared {
            shared.forget_before(to_ticks(time));
        }
    }

    /// The query, planned once for windows of that length.
    fn ready(&self, query: &str, period: TimeDelta) -> Result<Ready, String> {
        let key = (query.to_owned(), period);
        if let Some(ready) = self.ready.lock().ok().and_then(|ready| ready.get(&key).cloned()) {
            return Ok(ready);
        }
        let failed = |error: QueryError| message(&error, query);
        let replay = self.session.prepare_replay(&self.catalog, query).map_err(failed)?;
        let made = match &self.shared {
            Some(shared) => {
                let shared = self.session.share_replay(replay, shared, period).map_err(failed)?;
                Ready::Shared(Arc::new(shared))
            }
            None => Ready::Alone(replay),
        };
        if let Ok(mut ready) = self.ready.lock() {
            ready.insert(key, made.clone());
        }
        Ok(made)
    }

    fn read_tables(&self, query: &str) -> Result<Vec<String>, String> {
        let recorder = Recorder { catalog: &self.catalog, seen: Mutex::default() };
        let checked = self.session.engine().check(query, &recorder, &QueryOptions::new(0));
        checked.map_err(|diagnostics| message(&QueryError::Invalid(diagnostics), query))?;
        let seen = recorder.seen.into_inner().unwrap_or_default();
        Ok(seen.into_iter().collect())
    }
}

impl RunQuery for RuleRunner<'_> {
    fn run(&self, query: &str, start: DateTime<Utc>, end: DateTime<Utc>) -> Result<QueryRows, String> {
        let answer = match self.ready(query, end - start)? {
            Ready::Shared(replay) => self.session.run_shared(&self.catalog, &replay, (start, end)),
            Ready::Alone(replay) => self.session.run_replay(&self.catalog, &replay, (start, end)),
        };
        let answer = answer.map_err(|error| message(&error, query))?;
        Ok(QueryRows {
            columns: answer.columns.iter().map(|column| (column.name.clone(), column.ty.name().to_owned())).collect(),
            rows: answer.rows_json().collect(),
        })
    }

    fn tables(&self, query: &str) -> Result<Vec<String>, String> {
        if let Some(known) = self.tables.lock().ok().and_then(|tables| tables.get(query).cloned()) {
            return known;
        }
        let tables = self.read_tables(query);
        if let Ok(mut known) = self.tables.lock() {
            known.insert(query.to_owned(), tables.clone());
        }
        tables
    }
}

fn message(error: &QueryError, query: &str) -> String {
    crate::query::query_error(error, query).to_string()
}

/// Notes which tables a query asks for.
struct Recorder<'a> {
    catalog: &'a WorkspaceCatalog,
    seen: Mutex<BTreeSet<String>>,
}

impl Catalog for Recorder<'_> {
    fn table(&self, name: &str) -> Option<CatalogTable> {
        let table = self.catalog.table(name)?;
        if let Ok(mut seen) = self.seen.lock() {
            seen.insert(table.name.clone());
        }
        Some(table)
    }

    fn table_names(&self) -> Vec<String> {
        self.catalog.table_names()
    }

    fn surroundings(&self) -> &dyn Surroundings {
        self.catalog.surroundings()
    }
}
