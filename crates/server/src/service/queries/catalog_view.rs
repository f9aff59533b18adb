//! The tables and functions that exist for a caller, as lists of schemas.

use api::WireColumn;
use kql_engine::Catalog;

use crate::catalog::WorkspaceCatalog;

/// A table with its visible columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ViewedTable {
    /// Its name.
    pub(crate) name: String,
    /// The column that time ranges restrict.
    pub(crate) time_column: String,
    /// Visible columns, in order.
    pub(crate) columns: Vec<WireColumn>,
    /// Whether it is a custom table.
    pub(crate) is_custom: bool,
}

/// A stored function as its file has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ViewedFunction {
    /// Its name.
    pub(crate) name: String,
    /// Its parameters as KQL writes them, without parentheses.
    pub(crate) parameters: String,
    /// KQL.
    pub(crate) body: String,
}

/// All tables, by name.
pub(crate) fn tables(catalog: &WorkspaceCatalog) -> Vec<ViewedTable> {
    let mut names = catalog.table_names();
    names.sort();
    names.dedup();
    names.iter().filter_map(|name| table(catalog, name)).collect()
}

/// The table of that name, if it exists for the caller.
pub(crate) fn table(catalog: &WorkspaceCatalog, name: &str) -> Option<ViewedTable> {
    let table = catalog.table(name)?;
    let visible = table.columns.into_iter().filter(|column| !column.hidden && column.alias_of.is_none());
    Some(ViewedTable {
        is_custom: schema::is_custom_table_name(&table.name),
        time_column: table.time_column.unwrap_or_default(),
        columns: visible.map(|column| WireColumn { name: column.name, ty: column.ty }).collect(),
        name: table.name,
    })
}

/// All functions, by name; those whose text is wrong are left out.
pub(crate) fn functions(catalog: &WorkspaceCatalog) -> Vec<ViewedFunction> {
    let surroundings = catalog.surroundings();
    let mut names = surroundings.function_names();
    names.sort();
    let found = names.iter().filter_map(|name| Some((name, surroundings.function(name)?.ok()?)));
    found
        .map(|(name, function)| ViewedFunction {
            name: name.clone(),
            parameters: function.parameters.clone(),
            body: function.body.clone(),
        })
        .collect()
}
