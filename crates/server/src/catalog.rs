//! The tables of a workspace as the query engine sees them.

use kql_engine::{Catalog, CatalogColumn, CatalogTable};
use kql_functions::Type;
use schema::{Column, ColumnType};
use storage::Snapshot;

/// A workspace at one moment: all built-in tables, empty ones included.
pub(crate) struct WorkspaceCatalog {
    snapshot: Snapshot,
}

impl WorkspaceCatalog {
    /// The catalog over that snapshot.
    pub(crate) fn new(snapshot: Snapshot) -> Self {
        Self { snapshot }
    }

    /// What the catalog reads.
    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }
}

impl Catalog for WorkspaceCatalog {
    fn table(&self, name: &str) -> Option<CatalogTable> {
        let table = schema::table(name)?;
        Some(CatalogTable {
            name: table.name.clone(),
            columns: table.columns.iter().map(catalog_column).collect(),
            time_column: Some(table.time_column.clone()),
            provider: self.snapshot.table(&table.name)?,
        })
    }

    fn table_names(&self) -> Vec<String> {
        schema::tables().iter().map(|table| table.name.clone()).collect()
    }
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
