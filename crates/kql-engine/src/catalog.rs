//! What the engine is told of the tables it may read.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::catalog::TableProvider;
use kql_functions::Type;

/// A column of a stored table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogColumn {
    /// Its KQL name.
    pub name: String,
    /// Its KQL type. The provider's Arrow type is that of [`Type::arrow`], except that a datetime is
    /// `Timestamp(Microsecond, "UTC")` and that strings may be of any Arrow string type.
    pub ty: Type,
    /// Addressed by name only: absent from `*`, wildcards, `getschema` and results unless projected by name.
    pub hidden: bool,
    /// The stored column it is another name of; such a column is not in the provider's schema.
    pub alias_of: Option<String>,
}

/// A stored table.
#[derive(Debug, Clone)]
pub struct CatalogTable {
    /// Its KQL name.
    pub name: String,
    /// Its columns in the order of the product's schema.
    pub columns: Vec<CatalogColumn>,
    /// The column that [`crate::QueryOptions::time_range`] restricts.
    pub time_column: Option<String>,
    /// Where its rows come from.
    pub provider: Arc<dyn TableProvider>,
}

/// The tables that a query may name.
pub trait Catalog: Send + Sync {
    /// The table of that exact name.
    fn table(&self, name: &str) -> Option<CatalogTable>;

    /// The names of all tables, for wildcards and suggestions.
    fn table_names(&self) -> Vec<String>;
}

/// A catalog held in memory.
#[derive(Debug, Clone, Default)]
pub struct TableMap {
    tables: HashMap<String, CatalogTable>,
}

impl TableMap {
    /// A catalog without tables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a table, in place of one of the same name.
    pub fn insert(&mut self, table: CatalogTable) {
        self.tables.insert(table.name.clone(), table);
    }
}

impl Catalog for TableMap {
    fn table(&self, name: &str) -> Option<CatalogTable> {
        self.tables.get(name).cloned()
    }

    fn table_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.tables.keys().cloned().collect();
        names.sort();
        names
    }
}
