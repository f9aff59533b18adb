//! What the engine is told of the tables it may read.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::datasource::empty::EmptyTable;
use datafusion::error::DataFusionError;
use futures::future::BoxFuture;
use kql_functions::Type;
use kql_functions::dynamic::Step;

use crate::external_file::{ExternalError, ExternalRequest};
use crate::stored_function::StoredFunction;

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
    /// Paths into its documents that the provider reads without them: they are cheap to read close to the table.
    pub stored_paths: Vec<Vec<Step>>,
    /// Where its rows come from.
    pub provider: Arc<dyn TableProvider>,
}

impl CatalogColumn {
    /// A column that `*` shows.
    pub fn new(name: &str, ty: Type) -> Self {
        Self { name: name.to_owned(), ty, hidden: false, alias_of: None }
    }

    /// The Arrow type of its stored values.
    pub fn stored_type(&self) -> DataType {
        match self.ty {
            Type::DateTime => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Type::String | Type::Guid | Type::Dynamic => DataType::Utf8,
            ty => ty.arrow(),
        }
    }
}

impl CatalogTable {
    /// A table without rows and without a time column.
    pub fn empty(name: &str, columns: Vec<CatalogColumn>) -> Self {
        let provider = Arc::new(EmptyTable::new(stored_schema(&columns)));
        Self { name: name.to_owned(), columns, time_column: None, stored_paths: Vec::new(), provider }
    }

    /// A table held in memory, one array a column in its stored type.
    ///
    /// # Errors
    /// Where the arrays do not fit the columns.
    pub fn in_memory(name: &str, columns: Vec<CatalogColumn>, arrays: Vec<ArrayRef>) -> Result<Self, DataFusionError> {
        let schema = stored_schema(&columns);
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
        let provider = Arc::new(MemTable::try_new(schema, vec![vec![batch]])?);
        Ok(Self { name: name.to_owned(), columns, time_column: None, stored_paths: Vec::new(), provider })
    }
}

fn stored_schema(columns: &[CatalogColumn]) -> SchemaRef {
    let stored = columns.iter().filter(|column| column.alias_of.is_none());
    let fields: Vec<Field> =
        stored.map(|column| Field::new(&column.name, column.stored_type(), column.ty != Type::String)).collect();
    Arc::new(Schema::new(fields))
}

/// What a query may name beside what it brings along.
pub trait Catalog: Send + Sync {
    /// The table of that exact name.
    fn table(&self, name: &str) -> Option<CatalogTable>;

    /// The names of all tables, for wildcards and suggestions.
    fn table_names(&self) -> Vec<String>;

    /// What there is beside tables; by default nothing.
    fn surroundings(&self) -> &dyn Surroundings {
        &NoSurroundings
    }
}

/// What a query may use that is no stored table: functions, watchlists, external files.
pub trait Surroundings: Send + Sync {
    /// The stored function of that exact name; an error where its text is wrong.
    fn function(&self, name: &str) -> Option<Result<Arc<StoredFunction>, String>>;

    /// The names of all stored functions, for suggestions.
    fn function_names(&self) -> Vec<String>;

    /// The watchlist of that alias as `_GetWatchlist` gives it; an error where it cannot be read.
    fn watchlist(&self, alias: &str) -> Option<Result<CatalogTable, String>>;

    /// The aliases of all watchlists.
    fn watchlist_aliases(&self) -> Vec<String>;

    /// The bytes of an external file, unpacked; several where it is an archive. The only place where a query reaches for
    /// anything that is no table: whoever implements it decides what a query may read.
    fn external<'a>(&'a self, request: &'a ExternalRequest) -> BoxFuture<'a, Result<Vec<Vec<u8>>, ExternalError>>;
}

/// Nothing beside tables.
#[derive(Debug, Clone, Copy)]
struct NoSurroundings;

impl Surroundings for NoSurroundings {
    fn function(&self, _name: &str) -> Option<Result<Arc<StoredFunction>, String>> {
        None
    }

    fn function_names(&self) -> Vec<String> {
        Vec::new()
    }

    fn watchlist(&self, _alias: &str) -> Option<Result<CatalogTable, String>> {
        None
    }

    fn watchlist_aliases(&self) -> Vec<String> {
        Vec::new()
    }

    fn external<'a>(&'a self, request: &'a ExternalRequest) -> BoxFuture<'a, Result<Vec<Vec<u8>>, ExternalError>> {
        let error = ExternalError::refused(&request.uri, "external data is turned off here");
        Box::pin(std::future::ready(Err(error)))
    }
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
