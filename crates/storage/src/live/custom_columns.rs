//! The columns of a custom table whose rows come from several senders at once.

use schema::{CUSTOM_SUFFIX, MAX_CUSTOM_COLUMNS, MAX_CUSTOM_TABLES, Table, custom_table};

use super::live_view::View;
use crate::StorageError;

impl View {
    /// The table as it is: a built-in one, or a custom one that has rows.
    pub(crate) fn describe(&self, name: &str) -> Option<&'static Table> {
        let fresh = self.fresh.table(name).map(|fresh| fresh.table);
        fresh.or_else(|| self.versions.custom_table(name))
    }

    fn custom_table_names(&self) -> impl Iterator<Item = &str> {
        let fresh = self.fresh.tables().map(|fresh| fresh.table.name.as_str());
        self.versions.tables.keys().map(String::as_str).chain(fresh).filter(|name| name.ends_with(CUSTOM_SUFFIX))
    }

    /// Whether a custom table of this name can be made, given those made within the same group.
    pub(crate) fn check_new(&self, name: &str, made: &[&'static Table]) -> Result<(), StorageError> {
        let refused = |problem: String| Err(StorageError::CustomTable { table: name.to_owned(), problem });
        let made = || made.iter().map(|table| table.name.as_str());
        if let Some(other) = self.custom_table_names().chain(made()).find(|other| other.eq_ignore_ascii_case(name)) {
            return refused(format!("there is `{other}`, which a file system may not tell from it"));
        }
        let mut known: Vec<&str> = self.custom_table_names().chain(made()).collect();
        known.sort_unstable();
        known.dedup();
        if known.len() >= MAX_CUSTOM_TABLES {
            return refused(format!("the workspace has {MAX_CUSTOM_TABLES} custom tables"));
        }
        Ok(())
    }
}

/// The table with the columns of both. Rows that lack a column of the table are fine; a column of another type, or of a name that differs by
/// case only, is not: Delta does not tell those apart.
pub(crate) fn with_columns_of(known: &'static Table, given: &'static Table) -> Result<&'static Table, StorageError> {
    if std::ptr::eq(known, given) || !known.is_custom() {
        return Ok(known);
    }
    let mut columns = known.custom_columns();
    for column in given.custom_columns() {
        match columns.iter().find(|other| other.name.eq_ignore_ascii_case(&column.name)) {
            Some(other) if *other == column => {}
            Some(other) => {
                let difference =
                    format!("`{}` {:?} instead of `{}` {:?}", column.name, column.ty, other.name, other.ty);
                return Err(StorageError::WrongColumns { table: known.name.clone(), difference });
            }
            None => columns.push(column),
        }
    }
    if columns.len() > MAX_CUSTOM_COLUMNS {
        let difference = format!("{} columns, more than {MAX_CUSTOM_COLUMNS}", columns.len());
        return Err(StorageError::WrongColumns { table: known.name.clone(), difference });
    }
    Ok(custom_table(&known.name, &columns))
}

#[cfg(test)]
mod tests {
    use schema::{ColumnType, CustomColumn};

    use super::*;

    fn table(columns: &[(&str, ColumnType)]) -> &'static Table {
        let columns: Vec<CustomColumn> =
            columns.iter().map(|(name, ty)| CustomColumn { name: (*name).to_owned(), ty: *ty }).collect();
        custom_table("Live_CL", &columns)
    }

    #[test]
    fn columns_of_two_senders_are_put_together_unless_they_differ() {
        let (a, b) = (("A", ColumnType::String), ("B", ColumnType::Long));
        let both = with_columns_of(table(&[a]), table(&[b])).expect("fit");
        assert!(std::ptr::eq(both, table(&[a, b])));
        assert!(std::ptr::eq(with_columns_of(both, table(&[b])).expect("fit"), both));
        for other in [("A", ColumnType::Long), ("a", ColumnType::String)] {
            let refused = with_columns_of(both, table(&[other])).expect_err("differs");
            assert!(refused.to_string().contains("instead of `A`"), "{refused}");
        }
    }
}
