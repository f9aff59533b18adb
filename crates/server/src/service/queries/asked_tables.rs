//! The tables that a query named.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use kql_engine::{Catalog, CatalogTable, Surroundings};

use crate::catalog::WorkspaceCatalog;

/// A catalog that remembers which tables were asked for.
pub(super) struct AskedTables {
    catalog: WorkspaceCatalog,
    asked: Mutex<BTreeSet<String>>,
}

/// Totals of the tables that a query named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct AskedTotals {
    pub(super) rows: u64,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

impl AskedTables {
    pub(super) fn new(catalog: WorkspaceCatalog) -> Self {
        Self { catalog, asked: Mutex::default() }
    }

    /// What the tables hold.
    pub(super) fn totals(&self) -> AskedTotals {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let known = asked.iter().filter_map(|name| self.catalog.snapshot().statistics(name));
        known.fold(AskedTotals::default(), |sum, table| AskedTotals {
            rows: sum.rows + table.rows,
            files: sum.files + table.files,
            bytes: sum.bytes + table.bytes,
        })
    }
}

impl Catalog for AskedTables {
    fn table(&self, name: &str) -> Option<CatalogTable> {
        let table = self.catalog.table(name)?;
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(table.name.clone());
        Some(table)
    }

    fn table_names(&self) -> Vec<String> {
        self.catalog.table_names()
    }

    fn surroundings(&self) -> &dyn Surroundings {
        self.catalog.surroundings()
    }
}
