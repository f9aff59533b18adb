//! What `detections` needs of an engine, over a catalog.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use detections::{QueryRows, RunQuery};
use kql_engine::{Catalog, CatalogTable, QueryError, QueryOptions, Replay, Surroundings};

use crate::Session;
use crate::catalog::WorkspaceCatalog;

/// Runs the queries of rules over a workspace as it was when the runner was made.
pub(crate) struct RuleRunner<'a> {
    session: &'a Session,
    catalog: Arc<WorkspaceCatalog>,
    tables: Mutex<HashMap<String, Result<Vec<String>, String>>>,
    ready: Mutex<HashMap<String, Replay>>,
}

impl<'a> RuleRunner<'a> {
    pub(crate) fn new(session: &'a Session, catalog: Arc<WorkspaceCatalog>) -> Self {
        Self { session, catalog, tables: Mutex::default(), ready: Mutex::default() }
    }

    /// The query, planned as far as it can be; planned once.
    fn ready(&self, query: &str) -> Result<Replay, String> {
        if let Some(ready) = self.ready.lock().ok().and_then(|ready| ready.get(query).cloned()) {
            return Ok(ready);
        }
        let made = self.session.prepare_replay(&self.catalog, query).map_err(|error| message(&error, query))?;
        if let Ok(mut ready) = self.ready.lock() {
            ready.insert(query.to_owned(), made.clone());
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
        let answer = self.session.run_replay(&self.catalog, &self.ready(query)?, (start, end));
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
