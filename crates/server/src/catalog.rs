//! The tables of a workspace, or of none, as the query engine sees them.

use std::sync::Arc;

use access::TableScope;
use kql_engine::{Catalog, CatalogColumn, CatalogTable, Surroundings, TableMap};
use kql_functions::Type;
use kql_functions::dynamic::Step;
use schema::{Column, ColumnType, Table, custom_table};
use storage::{FilterPart, Snapshot, SoughtText, TextTest};

use crate::beside::Beside;
use crate::catalog_scope::{WATCHLISTS_TABLE, WithoutRows};
use crate::document_functions::document_function;

/// A workspace at one moment: all built-in tables, empty ones included, its custom tables, and what lies beside them.
pub(crate) struct WorkspaceCatalog {
    snapshot: Snapshot,
    beside: Arc<Beside>,
    /// In place of it for callers to whom only some tables exist.
    without_rows: Option<WithoutRows>,
    /// Custom tables that exist without rows, with the columns that they have then.
    declared: Arc<Vec<&'static Table>>,
    /// Tables outside of it do not exist here.
    scope: TableScope,
}

impl WorkspaceCatalog {
    /// The catalog over that snapshot.
    pub(crate) fn new(snapshot: Snapshot, beside: impl Into<Arc<Beside>>) -> Self {
        let snapshot = snapshot.with_text_tests(text_test).with_document_functions(document_function);
        let (beside, declared) = (beside.into(), Arc::default());
        Self { snapshot, beside, without_rows: None, declared, scope: TableScope::All }
    }

    /// The same with these custom tables, with or without rows.
    pub(crate) fn with_declared(self, declared: Arc<Vec<&'static Table>>) -> Self {
        Self { declared, ..self }
    }

    /// The same with archived rows.
    pub(crate) fn with_archive(self) -> Self {
        Self { snapshot: self.snapshot.with_archive(), ..self }
    }

    /// The same with these tables only.
    pub(crate) fn within(self, scope: TableScope) -> Self {
        let without_rows = (!scope.has(WATCHLISTS_TABLE)).then(|| WithoutRows(Arc::clone(&self.beside)));
        Self { scope, without_rows, ..self }
    }

    /// The table of that name, as far as it exists for the caller.
    pub(crate) fn describe(&self, name: &str) -> Option<&'static Table> {
        let declared = self.declared.iter().find(|table| table.name == name).copied();
        let table = match (self.snapshot.describe(name), declared) {
            (Some(stored), Some(declared)) => with_columns_of(stored, declared),
            (stored, declared) => stored.or(declared)?,
        };
        self.scope.has(&table.name).then_some(table)
    }

    /// What the catalog reads.
    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }
}

impl Catalog for WorkspaceCatalog {
    fn table(&self, name: &str) -> Option<CatalogTable> {
        let table = self.describe(name)?;
        Some(CatalogTable {
            provider: self.snapshot.provider(table),
            stored_paths: stored_paths(table),
            ..empty_table(table)
        })
    }

    fn table_names(&self) -> Vec<String> {
        let custom = self.snapshot.custom_tables().into_iter().map(|table| table.name.clone());
        let stored = self.snapshot.custom_tables();
        let declared = self.declared.iter().filter(|table| !stored.iter().any(|stored| stored.name == table.name));
        let declared = declared.map(|table| table.name.clone());
        built_in_names().into_iter().chain(custom).chain(declared).filter(|name| self.scope.has(name)).collect()
    }

    fn surroundings(&self) -> &dyn Surroundings {
        match &self.without_rows {
            Some(without_rows) => without_rows,
            None => self.beside.as_ref(),
        }
    }
}

/// A custom table that has rows with the declared columns that no row has had yet.
fn with_columns_of(stored: &'static Table, declared: &'static Table) -> &'static Table {
    let mut columns = stored.custom_columns();
    let more = declared.custom_columns().into_iter().filter(|column| stored.column(&column.name).is_none());
    let before = columns.len();
    columns.extend(more);
    if columns.len() == before { stored } else { custom_table(&stored.name, &columns) }
}

/// Tables without rows, for checking queries.
pub(crate) struct CheckCatalog {
    /// The built-in ones where nothing else is given.
    tables: Option<TableMap>,
    beside: Beside,
}

impl CheckCatalog {
    /// These tables, or the built-in ones.
    pub(crate) fn new(tables: Option<TableMap>, beside: Beside) -> Self {
        Self { tables, beside }
    }
}

impl Catalog for CheckCatalog {
    fn table(&self, name: &str) -> Option<CatalogTable> {
        match &self.tables {
            Some(tables) => tables.table(name),
            None => schema::table(name).map(empty_table),
        }
    }

    fn table_names(&self) -> Vec<String> {
        self.tables.as_ref().map_or_else(built_in_names, TableMap::table_names)
    }

    fn surroundings(&self) -> &dyn Surroundings {
        &self.beside
    }
}

/// The words that a part of a filter looks for, for storage, which does not know KQL's functions.
fn text_test(filter: &FilterPart) -> Option<TextTest> {
    let search = kql_engine::text_search(filter)?;
    let texts = search.sought.texts.into_iter().map(|text| SoughtText {
        text: text.text,
        starts_term: text.starts_term,
        ends_term: text.ends_term,
        is_whole: text.is_whole,
    });
    Some(TextTest { columns: search.columns, texts: texts.collect(), all: search.sought.all })
}

fn built_in_names() -> Vec<String> {
    schema::table_names().map(str::to_owned).collect()
}

fn empty_table(table: &Table) -> CatalogTable {
    let columns = table.columns.iter().map(catalog_column).collect();
    CatalogTable { time_column: Some(table.time_column.clone()), ..CatalogTable::empty(&table.name, columns) }
}

/// The paths that storage may keep as columns.
fn stored_paths(table: &Table) -> Vec<Vec<Step>> {
    table.hot_paths.iter().map(storage::path_of).collect()
}

fn catalog_column(column: &Column) -> CatalogColumn {
    CatalogColumn {
        name: column.name.clone(),
        ty: kql_type(column.ty),
        hidden: column.hidden,
        alias_of: column.alias_of.clone(),
    }
}

fn kql_type(ty: ColumnType) -> Type {
    match ty {
        ColumnType::Bool => Type::Bool,
        ColumnType::Int => Type::Int,
        ColumnType::Long => Type::Long,
        ColumnType::Real => Type::Real,
        ColumnType::Decimal => Type::Decimal,
        ColumnType::String => Type::String,
        ColumnType::Guid => Type::Guid,
        ColumnType::DateTime => Type::DateTime,
        ColumnType::TimeSpan => Type::TimeSpan,
        ColumnType::Dynamic => Type::Dynamic,
    }
}
