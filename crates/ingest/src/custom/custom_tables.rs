//! The rows of all custom tables of a run, kept until their columns are known.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use schema::{MAX_CUSTOM_TABLES, Table, is_custom_table_name};

use super::custom_registry::CustomRegistry;
use super::pending_table::PendingTable;
use crate::decoder::Reject;
use crate::json::JsonValue;
use crate::limits::CUSTOM_PENDING_BYTES;
use crate::sink::Sink;

/// A row of a custom table.
#[derive(Debug)]
pub(crate) struct CustomRow<'r, 'a> {
    /// Its `TimeGenerated`.
    pub time: DateTime<Utc>,
    /// Its `TenantId`; empty where none is known.
    pub tenant: Cow<'r, str>,
    /// Fields, each a column or part of `_RawExtra`. `TenantId` and `TimeGenerated` among them are left out where they say the same
    /// as the above.
    pub fields: Vec<(&'r str, &'r JsonValue<'a>)>,
    /// How the columns get their types.
    pub types: ColumnTypes,
}

/// How a new column gets its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnTypes {
    /// From the values.
    Guessed,
    /// From the end of its name, as the HTTP Data Collector API writes it: `_s`, `_g` text, `_d` number, `_b` boolean, `_t` time.
    BySuffix,
}

/// The custom tables of a run. Columns get the type that all values of the run have in common; those that the workspace has already
/// keep theirs. Rows wait for that, up to [`CUSTOM_PENDING_BYTES`]; beyond, the largest table's columns are settled by the rows so far.
#[derive(Debug, Default)]
pub(crate) struct CustomTables {
    state: Mutex<State>,
    /// Where columns are settled for all calls of a service; a run of its own has none.
    registry: Option<Arc<CustomRegistry>>,
}

#[derive(Debug, Default)]
struct State {
    /// By name in lower case: file systems do not tell `Foo_CL` from `FOO_CL`.
    tables: BTreeMap<String, PendingTable>,
    bytes: usize,
}

impl CustomTables {
    /// Custom tables of which these are in the workspace.
    pub fn new(known: &[&'static Table]) -> Self {
        let tables = known.iter().map(|table| {
            (table.name.to_ascii_lowercase(), PendingTable::new(table.name.clone(), table.custom_columns()))
        });
        Self { state: Mutex::new(State { tables: tables.collect(), bytes: 0 }), registry: None }
    }

    /// Custom tables whose columns are settled with those of other calls.
    pub fn shared(registry: Arc<CustomRegistry>) -> Self {
        Self { state: Mutex::default(), registry: Some(registry) }
    }

    /// Adds a row that comes from this place. Gives the table's name: another spelling of one known already is that one.
    pub fn add(&self, table: &str, row: &CustomRow, file: &Arc<str>, offset: i64) -> Result<String, Reject> {
        if !is_custom_table_name(table) {
            return Err(Reject::new(format!("`{}` is no name of a custom table", crate::unsupported::shorten(table))));
        }
        let mut state = self.lock();
        let key = table.to_ascii_lowercase();
        if !state.tables.contains_key(&key) {
            let known = self.registry.as_ref().and_then(|registry| registry.table(&key));
            let others = self.registry.as_ref().map_or(state.tables.len(), |registry| registry.len());
            if known.is_none() && others.max(state.tables.len()) >= MAX_CUSTOM_TABLES {
                return Err(Reject::new(format!("more than {MAX_CUSTOM_TABLES} custom tables")));
            }
            let pending = match known {
                Some(known) => PendingTable::new(known.name.clone(), known.custom_columns()),
                None => PendingTable::new(table.to_owned(), Vec::new()),
            };
            state.tables.insert(key.clone(), pending);
        }
        let Some(pending) = state.tables.get_mut(&key) else { return Err(Reject::new("custom table that is gone")) };
        let bytes = pending.add(row, file, offset);
        let name = pending.name().to_owned();
        state.bytes += bytes;
        Ok(name)
    }

    /// Writes the largest tables' rows while too many wait.
    pub fn write_full(&self, sink: &dyn Sink) -> Result<(), String> {
        let mut state = self.lock();
        while state.bytes > CUSTOM_PENDING_BYTES {
            let Some(largest) = state.tables.values_mut().max_by_key(|pending| pending.bytes()) else { break };
            let bytes = largest.bytes();
            largest.write(sink, self.registry.as_deref())?;
            state.bytes -= bytes;
        }
        Ok(())
    }

    /// Writes the rows of all tables.
    pub fn finish(&self, sink: &dyn Sink) -> Result<(), String> {
        let mut state = self.lock();
        state.bytes = 0;
        state.tables.values_mut().try_for_each(|pending| pending.write(sink, self.registry.as_deref()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
