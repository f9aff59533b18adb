//! The custom tables that there are, over the calls of a service.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use schema::{CustomColumn, Table, custom_table};

/// The columns of all custom tables as last settled. One place for all bodies that are decoded at the same time, so that a column has one
/// type whoever meets it first.
#[derive(Debug, Default)]
pub(crate) struct CustomRegistry {
    /// By name in lower case.
    tables: Mutex<HashMap<String, &'static Table>>,
}

impl CustomRegistry {
    /// The custom tables that there are already.
    pub fn new(known: &[&'static Table]) -> Self {
        let registry = Self::default();
        for table in known {
            registry.declare(table);
        }
        registry
    }

    /// The table of this name in lower case.
    pub fn table(&self, key: &str) -> Option<&'static Table> {
        self.lock().get(key).copied()
    }

    /// How many tables there are.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Adds a table, or columns to one that there is; columns that it has keep their types. Gives what it is then.
    pub fn declare(&self, table: &Table) -> &'static Table {
        self.settle(&table.name, |columns| merged(columns, table.custom_columns()))
    }

    /// Forgets a table that was dropped.
    pub fn forget(&self, name: &str) {
        self.lock().remove(&name.to_ascii_lowercase());
    }

    /// Settles a table's columns: `add` gets those that it has and gives all that it then has.
    pub fn settle(&self, name: &str, add: impl FnOnce(Vec<CustomColumn>) -> Vec<CustomColumn>) -> &'static Table {
        let mut tables = self.lock();
        let key = name.to_ascii_lowercase();
        let known = tables.get(&key).copied();
        let columns = add(known.map(Table::custom_columns).unwrap_or_default());
        let settled = custom_table(known.map_or(name, |known| &known.name), &columns);
        tables.insert(key, settled);
        settled
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, &'static Table>> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The columns, and those of the others that are new.
fn merged(mut columns: Vec<CustomColumn>, others: Vec<CustomColumn>) -> Vec<CustomColumn> {
    for other in others {
        if !columns.iter().any(|column| column.name.eq_ignore_ascii_case(&other.name)) {
            columns.push(other);
        }
    }
    columns.truncate(schema::MAX_CUSTOM_COLUMNS);
    columns
}

#[cfg(test)]
mod tests {
    use schema::ColumnType;

    use super::*;

    fn table(columns: &[(&str, ColumnType)]) -> &'static Table {
        let columns: Vec<_> =
            columns.iter().map(|(name, ty)| CustomColumn { name: (*name).to_owned(), ty: *ty }).collect();
        custom_table("Registry_CL", &columns)
    }

    #[test]
    fn a_column_keeps_the_type_that_it_got_first() {
        let registry = CustomRegistry::new(&[table(&[("a", ColumnType::Long)])]);
        let declared = registry.declare(table(&[("A", ColumnType::String), ("b", ColumnType::Bool)]));
        assert_eq!(declared, table(&[("a", ColumnType::Long), ("b", ColumnType::Bool)]));
        assert!(registry.table("registry_cl").is_some_and(|known| std::ptr::eq(known, declared)));
        registry.forget("Registry_CL");
        assert_eq!(registry.len(), 0);
    }
}
